/* SPDX-License-Identifier: Apache-2.0 */
#include "system/system.h"

#include "core/deliver.h"
#include "sim/sim.h"
#include "system/poller.h"
#include "system/pool.h"
#include "system/process.h"
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* system.c: the actors' door to the system. On a real node jobs go to the pool, descriptors and
 * processes to the poller; on a simulated one jobs run in place and processes are the simulation's. */
enum { BLOCKING_THREADS_DEFAULT = 4 };

const struct actor_type actor_fd_ready_type = {.name = "actor_fd_ready",
                                               .size = sizeof(struct actor_fd_ready)};
const struct actor_type actor_process_exited_type = {.name = "actor_process_exited",
                                                     .size = sizeof(struct actor_process_exited)};

void system_init(struct actor_node *node, const struct actor_node_config *config)
{
        node->pool = pool_new(node,
                              config->blocking_threads ? config->blocking_threads : BLOCKING_THREADS_DEFAULT);
        node->poller = poller_new(node);
}

void system_stop(struct actor_node *node)
{
        pool_stop(node->pool);
        poller_stop(node->poller);
}

void system_done(struct actor_node *node)
{
        pool_free(node->pool);
        poller_free(node->poller);
}

/* ---- blocking work ------------------------------------------------------------------------------- */

void actor_run_blocking(struct actor *self, void (*work)(void *body), void *msg_take)
{
        assert(work != NULL && msg_take != NULL);
        struct mail *result = mail_with(MAIL_SYSTEM, cell_ref(self), cell_ref(self), msg_take);
        result->trace_id = trace_of(self);
        if (self->node->sim != NULL) {
                work(msg_take);
                (void) deliver(self->node, self->worker, result);
                return;
        }
        struct bonds *bonds = cell_bonds(self);
        if (bonds->jobs == NULL)
                bonds->jobs = pool_line_new();
        pool_add(self->node->pool, bonds->jobs, work, result);
}

/* ---- descriptors --------------------------------------------------------------------------------- */

int actor_fd_watch(struct actor *self, int fd, short events)
{
        uint64_t watch = 0;
        int r = poller_watch(self->node->poller, cell_ref(self), fd, events, &watch);
        if (r == 0)
                map_put(&cell_bonds(self)->watches, (uint64_t) fd + 1, (void *) (uintptr_t) watch);
        return r;
}

void actor_fd_forget(struct actor *self, int fd)
{
        if (self->bonds != NULL && fd >= 0 && map_take(&self->bonds->watches, (uint64_t) fd + 1) != NULL)
                poller_forget(self->node->poller, fd);
}

bool system_still_wanted(struct actor *a, const struct mail *mail)
{
        uint64_t watch = mail->ask_id; /* of descriptor events alone */
        if (watch == 0)
                return true;
        const struct actor_fd_ready *ready = mail->body;
        uint64_t key = (uint64_t) ready->fd + 1;
        if (a->bonds == NULL || (uint64_t) (uintptr_t) map_get(&a->bonds->watches, key) != watch)
                return false;
        return true;
}

bool system_poll(struct actor_node *const *nodes, size_t count)
{
        bool any = false;
        for (size_t i = 0; i < count; i++)
                any = poller_look(nodes[i]->poller) || any;
        return any;
}

/* ---- processes ----------------------------------------------------------------------------------- */

int actor_process_start(struct actor *self, const struct actor_process_config *config, pid_t *ret,
                        struct actor_error *error)
{
        int pidfd = -1;
        if (config->argv == NULL || config->argv[0] == NULL || config->argv[0][0] == '\0')
                return actor_error_set(error, -EINVAL, "cannot run a process without a program name");
        cell_bonds(self)->has_processes = true;
        if (self->node->sim != NULL)
                return sim_process_start(self->node->sim, self, config, ret, error);
        pid_t pid = 0;
        int r = process_spawn(config, &pid, &pidfd, error);
        if (r != 0)
                return r;
        r = poller_watch_process(self->node->poller, cell_ref(self), pid, pidfd);
        if (r != 0) { /* a process that nobody would reap must not stay */
                (void) kill(pid, SIGKILL);
                (void) waitpid(pid, NULL, 0);
                return actor_error_set(error, r, "cannot watch \"%s\", ended it: %s", config->argv[0],
                                       strerror(-r));
        }
        *ret = pid;
        return 0;
}

int actor_process_adopt(struct actor *self, pid_t pid)
{
        cell_bonds(self)->has_processes = true;
        if (pid <= 0)
                return -ESRCH;
        if (self->node->sim != NULL)
                return sim_process_adopt(self->node->sim, self, pid);
        int pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
        if (pidfd < 0)
                return errno == EINVAL ? -ESRCH : -errno; /* EINVAL: a thread, not a process */
        return poller_watch_process(self->node->poller, cell_ref(self), pid, pidfd);
}

int actor_process_signal(struct actor *self, pid_t pid, int signal, bool group)
{
        if (pid <= 1) /* kill(2) has other ideas about 0 and -1 */
                return -ESRCH;
        if (self->node->sim != NULL)
                return sim_process_signal(self->node->sim, pid, signal, group);
        if (group)
                return kill(-pid, signal) == 0 ? 0 : -errno;
        return poller_signal(self->node->poller, pid, signal);
}

/* ---- for the core -------------------------------------------------------------------------------- */

void system_let_go(struct actor *a)
{
        uint64_t key;
        void *watch;
        if (a->bonds == NULL)
                return;
        while (map_take_any(&a->bonds->watches, &key, &watch))
                poller_forget(a->node->poller, (int) (key - 1));
        if (!a->bonds->has_processes)
                return;
        a->bonds->has_processes = false;
        if (a->node->sim != NULL)
                sim_process_unwatch(a->node->sim, a);
        else
                poller_orphan_processes(a->node->poller, cell_ref(a));
}

static void tell(struct actor_node *node, struct worker *worker, struct mail *mail,
                 const struct actor_type *type, const void *event)
{
        void *body = actor_msg_new(type);
        memcpy(body, event, type->size);
        mail->body = body;
        (void) deliver(node, worker, mail);
}

void system_tell_exited(struct actor_node *node, struct worker *worker, struct actor_ref owner,
                        const struct actor_process_exited *exited)
{
        tell(node, worker, mail_make(MAIL_SYSTEM, ACTOR_NOBODY, owner), &actor_process_exited_type, exited);
}

void system_tell_ready(struct actor_node *node, struct worker *worker, struct actor_ref owner,
                       const struct actor_fd_ready *ready, uint64_t watch)
{
        struct mail *mail = mail_make(MAIL_SYSTEM, ACTOR_NOBODY, owner);
        mail->ask_id = watch;
        tell(node, worker, mail, &actor_fd_ready_type, ready);
}
