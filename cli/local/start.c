/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting a local cluster: one actor that lives through four stages, each begun by an event:
 *
 *   MASTER   the master's process has been started ── its address file appears ▶
 *   AGENTS   the agents' have been started ── the master's event stream tells of the last one ▶
 *   READY    the cluster works; detached, this process ends here ── SIGINT or SIGTERM ▶
 *   STOPPED  agents, then master, were told to end
 *
 * A process that ends before READY ends the start, with the last line of its log. */
#include "local.h"

#include "../command.h"
#include "../session.h"
#include "../watch.h"
#include "attributes.h"
#include "pidfile.h"

#include <actor/memory.h>
#include <actor/system.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum stage { STAGE_MASTER, STAGE_AGENTS, STAGE_READY };

struct cluster_actor {
        const struct local_config *config;
        struct actor *self;
        enum stage stage;
        int inotify_fd, signal_fd;
        char *address; /* of the master, once known: host:port */
        char *http;    /* its HTTP port, as text */
        unsigned registered;
        pid_t *pids; /* the master's first */
        size_t pid_count;
        char *keys[3]; /* the flags with which all of them are given their keys; empty values where there are none */
};

struct too_long {
        char unused;
};
static ACTOR_LOCAL_TYPE(too_long_type, struct too_long);

static int finish(struct cluster_actor *c, int status)
{
        actor_node_shutdown(actor_node(c->self), status);
        return 0;
}

static int give_up(struct cluster_actor *c, const char *sentence)
{
        return finish(c, cli_fail(CLI_NO, "local", "%s; see the logs in %s", sentence, c->config->folder));
}

/* ---- processes ----------------------------------------------------------------------------------- */

static int start_process(struct cluster_actor *c, const char *name, const char *const *argv)
{
        struct actor_error error;
        CLEANUP(actor_freep) char *log_path = actor_asprintf("%s/%s.log", c->config->folder, name);
        CLEANUP(actor_freep) char *pids_path = actor_asprintf("%s/pids", c->config->folder);
        CLEANUP(actor_closep) int log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (log_fd < 0)
                return finish(c, cli_fail(CLI_NO, "local", "cannot write %s: %s", log_path, strerror(errno)));
        struct actor_process_config process = {.argv = argv,
                                               .stdin_fd = -1,
                                               .stdout_fd = log_fd,
                                               .stderr_fd = log_fd,
                                               .pass_fd = -1,
                                               .new_session = true,
                                               .kill_with_parent = !c->config->detach};
        pid_t pid;
        if (actor_process_start(c->self, &process, &pid, &error) < 0 ||
            pidfile_add(pids_path, pid, name, &error) < 0)
                return finish(c, cli_fail(CLI_NO, "local", "%s", error.text));
        c->pids = actor_realloc_array(c->pids, c->pid_count + 1, sizeof *c->pids);
        c->pids[c->pid_count++] = pid;
        return 0;
}

static int start_master(struct cluster_actor *c)
{
        const struct local_config *config = c->config;
        CLEANUP(actor_freep) char *program = actor_asprintf("%s/troupe-master", config->programs);
        CLEANUP(actor_freep) char *work = actor_asprintf("--work_dir=%s/master", config->folder);
        CLEANUP(actor_freep) char *port = actor_asprintf("--port=%u", config->port);
        CLEANUP(actor_freep) char *http = actor_asprintf("--http_port=%u", config->http_port);
        CLEANUP(actor_freep) char *address = actor_asprintf("--address_file=%s/address", config->folder);
        const char *argv[] = {program, work, port, http, address, c->keys[0], c->keys[1], c->keys[2], NULL};
        return start_process(c, "master", argv);
}

static int start_agent(struct cluster_actor *c, unsigned number)
{
        const struct local_config *config = c->config;
        char name[32];
        snprintf(name, sizeof name, "agent-%u", number);
        CLEANUP(actor_freep) char *program = actor_asprintf("%s/troupe-agent", config->programs);
        CLEANUP(actor_freep) char *work = actor_asprintf("--work_dir=%s/%s", config->folder, name);
        CLEANUP(actor_freep) char *master = actor_asprintf("--master=%s", c->address);
        CLEANUP(actor_freep) char *hostname = actor_asprintf("--hostname=%s", name);
        CLEANUP(actor_freep) char *resources = actor_asprintf("--resources=%s", config->resources);
        CLEANUP(actor_freep) char *own = local_attributes(config->attributes, number);
        CLEANUP(actor_freep) char *attributes = actor_asprintf("--attributes=%s", own);
        const char *argv[] = {program,         work,      master,     hostname,   "--port=0",
                              "--http_port=0", resources, attributes, c->keys[0], c->keys[1],
                              c->keys[2],      NULL};
        return start_process(c, name, argv);
}

static int on_exited(struct cluster_actor *c, const struct actor_mail *mail, const struct actor_process_exited *exited)
{
        if (c->stage == STAGE_READY)
                fprintf(stderr, "troupe local: process %d has ended\n", (int) exited->pid);
        return c->stage == STAGE_READY ? 0 : give_up(c, "a process ended before the cluster was up");
}
ACTOR_BIND(on_exited, struct cluster_actor, struct actor_process_exited)

/* ---- the stages ---------------------------------------------------------------------------------- */

/* The address file is written beside and renamed, so that it is whole when it appears. */
static bool read_address(struct cluster_actor *c)
{
        CLEANUP(actor_freep) char *path = actor_asprintf("%s/address", c->config->folder);
        char address[256], http[32] = "";
        FILE *file = fopen(path, "re");
        if (file == NULL)
                return false;
        int fields = fscanf(file, "%255s %31s", address, http);
        fclose(file);
        if (fields < 1)
                return false;
        c->address = actor_strdup(address);
        c->http = actor_strdup(http);
        return true;
}

static int begin_agents(struct cluster_actor *c)
{
        c->stage = STAGE_AGENTS;
        int r = watch_subscribe(c->self, c->address);
        for (unsigned i = 1; r == 0 && i <= c->config->agents; i++)
                r = start_agent(c, i);
        return r;
}

static int on_signal(struct cluster_actor *c)
{
        struct signalfd_siginfo info;
        if (read(c->signal_fd, &info, sizeof info) == sizeof info && c->stage == STAGE_READY)
                fprintf(stderr, "stopping\n");
        return finish(c, c->stage == STAGE_READY ? CLI_OK : CLI_NO);
}

static int on_ready_fd(struct cluster_actor *c, const struct actor_mail *mail, const struct actor_fd_ready *ready)
{
        char events[4096];
        if (ready->fd == c->signal_fd)
                return on_signal(c);
        while (read(c->inotify_fd, events, sizeof events) > 0)
                continue;
        if (c->stage == STAGE_MASTER && read_address(c))
                return begin_agents(c);
        return c->stage == STAGE_MASTER ? actor_fd_watch(mail->self, c->inotify_fd, POLLIN) : 0;
}
ACTOR_BIND(on_ready_fd, struct cluster_actor, struct actor_fd_ready)

static int cluster_is_up(struct cluster_actor *c)
{
        c->stage = STAGE_READY;
        printf("master   %s", c->address);
        if (*c->http != '\0')
                printf("   http://127.0.0.1:%s/state", c->http);
        printf("\nagents   %u, logs and sandboxes in %s\n", c->config->agents, c->config->folder);
        if (!c->config->detach)
                printf("stop     Ctrl-C\n");
        fflush(stdout);
        return c->config->detach ? finish(c, CLI_OK) : 0;
}

static int on_event(struct cluster_actor *c, const struct actor_mail *mail, const MasterApi__Event *event)
{
        if (c->stage != STAGE_AGENTS)
                return 0;
        if (event->subscribed != NULL && event->subscribed->get_state != NULL &&
            event->subscribed->get_state->get_agents != NULL) {
                const MasterApi__Response__GetAgents *agents = event->subscribed->get_state->get_agents;
                for (size_t i = 0; i < agents->n_agents; i++)
                        c->registered += agents->agents[i]->active;
        } else if (event->agent_added != NULL) {
                c->registered++;
        }
        return c->registered >= c->config->agents ? cluster_is_up(c) : 0;
}
ACTOR_BIND(on_event, struct cluster_actor, MasterApi__Event)

static int on_down(struct cluster_actor *c, const struct actor_mail *mail, const struct actor_down *down)
{
        return c->stage == STAGE_READY ? 0 : give_up(c, "the master is gone again");
}
ACTOR_BIND(on_down, struct cluster_actor, struct actor_down)

static int on_too_long(struct cluster_actor *c, const struct actor_mail *mail, const struct too_long *msg)
{
        return c->stage == STAGE_READY ? 0 : give_up(c, "the cluster is not up in time");
}
ACTOR_BIND(on_too_long, struct cluster_actor, struct too_long)

static const struct actor_handler handlers[] = {
        {&actor_process_exited_type, on_exited_bound, ACTOR_FROM_SYSTEM},
        {&actor_fd_ready_type, on_ready_fd_bound, ACTOR_FROM_SYSTEM},
        {&master_event_type, on_event_bound, ACTOR_FROM_REMOTE},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        {&too_long_type, on_too_long_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static void keep_keys(struct cluster_actor *c)
{
        const struct local_config *config = c->config;
        c->keys[0] = actor_asprintf("--curve_key=%s", config->curve_key ? config->curve_key : "");
        c->keys[1] = actor_asprintf("--curve_server_key=%s", config->curve_server_key ? config->curve_server_key : "");
        c->keys[2] = actor_asprintf("--curve_allow=%s", config->curve_allow ? config->curve_allow : "");
}

static int cluster_init(void *state, struct actor *self, const void *config)
{
        struct cluster_actor *c = state;
        c->config = config;
        c->self = self;
        c->signal_fd = c->inotify_fd = -1;
        keep_keys(c);
        sigset_t stop;
        sigemptyset(&stop);
        sigaddset(&stop, SIGINT);
        sigaddset(&stop, SIGTERM);
        c->signal_fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
        c->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (c->signal_fd < 0 || c->inotify_fd < 0 ||
            inotify_add_watch(c->inotify_fd, c->config->folder, IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
                return -errno;
        actor_after(self, c->config->timeout_ms, actor_msg_new(&too_long_type));
        int r = actor_fd_watch(self, c->signal_fd, POLLIN);
        if (r == 0)
                r = actor_fd_watch(self, c->inotify_fd, POLLIN);
        return r == 0 ? start_master(c) : r;
}

static void cluster_fini(void *state)
{
        struct cluster_actor *c = state;
        actor_closep(&c->signal_fd);
        actor_closep(&c->inotify_fd);
        free(c->address);
        free(c->http);
        free(c->pids);
        for (size_t i = 0; i < sizeof c->keys / sizeof *c->keys; i++)
                free(c->keys[i]);
}

static const struct actor_class cluster_class = {.name = "local",
                                                 .state_size = sizeof(struct cluster_actor),
                                                 .init = cluster_init,
                                                 .fini = cluster_fini,
                                                 .handlers = handlers};

/* ---- the door ------------------------------------------------------------------------------------ */

static int prepare_folder(const struct local_config *config)
{
        CLEANUP(actor_freep) char *pids = actor_asprintf("%s/pids", config->folder);
        CLEANUP(actor_freep) char *address = actor_asprintf("%s/address", config->folder);
        struct local_process running;
        if (mkdir(config->folder, 0755) < 0 && errno != EEXIST)
                return cli_fail(CLI_USAGE, "local", "cannot make %s: %s", config->folder, strerror(errno));
        if (pidfile_read(pids, &running, 1) > 0)
                return cli_fail(CLI_NO, "local",
                                "a cluster already runs from %s (%s has pid %d); `troupe local --stop` ends it",
                                config->folder, running.name, (int) running.pid);
        (void) unlink(pids);
        (void) unlink(address);
        return CLI_OK;
}

int local_start(const struct local_config *config)
{
        struct actor_error error;
        if (local_attributes_check(config->attributes, config->agents, &error) != 0)
                return cli_fail(CLI_USAGE, "local", "%s", error.text);
        int exit = prepare_folder(config);
        if (exit != CLI_OK)
                return exit;
        /* Blocked before the node's threads exist, so that signalfd sees the signals. */
        sigset_t stop;
        sigemptyset(&stop);
        sigaddset(&stop, SIGINT);
        sigaddset(&stop, SIGTERM);
        sigprocmask(SIG_BLOCK, &stop, NULL);
        struct session *session;
        const struct session_config of_session = {"127.0.0.1:5050", config->timeout_ms * 1000000, config->curve_key,
                                                  config->curve_server_key};
        if (session_open(&of_session, &session, &error) < 0)
                return cli_fail(CLI_USAGE, "local", "%s", error.text);
        struct actor_ref ref;
        int r = actor_node_spawn(session_node(session), &cluster_class, "local", config, &ref);
        exit = r < 0 ? cli_fail(CLI_NO, "local", "cannot start: %s", strerror(-r))
                     : actor_node_wait(session_node(session));
        bool keep = exit == CLI_OK && config->detach;
        if (!keep && local_stop(config->folder, 15000, &error) < 0)
                cli_fail(CLI_NO, "local", "%s", error.text);
        session_close(session);
        return exit;
}
