/* SPDX-License-Identifier: Apache-2.0 */
#include "system/system.h"

#include "sim/sim.h"
#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>

/* system.c: the actors' door to the system. On a real node jobs go to the pool, descriptors and
 * processes to the poller; on a simulated one jobs run in place and processes are the simulation's. */
enum { BLOCKING_THREADS_DEFAULT = 4 };

const struct actor_type actor_process_exited_type = {.name = "actor_process_exited",
                                                     .size = sizeof(struct actor_process_exited)};

void system_init(struct actor_node *node, const struct actor_node_config *config)
{
        node->pool = pool_new(node,
                              config->blocking_threads ? config->blocking_threads : BLOCKING_THREADS_DEFAULT);
}

void system_stop(struct actor_node *node)
{
        pool_stop(node->pool);
}

void system_done(struct actor_node *node)
{
        pool_free(node->pool);
}

void actor_run_blocking(struct actor *self, void (*work)(void *body), void *msg_take)
{
        assert(work != NULL && msg_take != NULL);
        struct mail *result = mail_make(MAIL_SYSTEM, cell_ref(self), cell_ref(self));
        result->body = msg_take;
        result->trace_id = self->trace_id;
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

void system_let_go(struct actor *a)
{
        (void) a;
}

bool system_still_wanted(struct actor *a, const struct mail *mail)
{
        (void) a;
        (void) mail;
        return true;
}

bool system_poll(struct actor_node *const *nodes, size_t count)
{
        (void) nodes;
        (void) count;
        return false;
}

void system_tell_exited(struct actor_node *node, struct worker *worker, struct actor_ref owner,
                        const struct actor_process_exited *exited)
{
        struct actor_process_exited *body = actor_msg_new(&actor_process_exited_type);
        struct mail *mail = mail_make(MAIL_SYSTEM, ACTOR_NOBODY, owner);
        *body = *exited;
        mail->body = body;
        (void) deliver(node, worker, mail);
}
