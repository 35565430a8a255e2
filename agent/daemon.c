/* SPDX-License-Identifier: Apache-2.0 */
/* daemon.c — takes what an agent needs of its machine: the work directory with its records, ports, signals.
 *
 * The store is opened before anything else: it is what keeps a second agent out of the work directory. */
#include "daemon.h"

#include "layout.h"
#include "options.h"
#include <actor/http.h>
#include <actor/inspect.h>
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <proto/types.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define META_FORMAT "troupe-agent"
#define META_VERSION 1
#define META_MAP_BYTES (256u << 20)
#define WORKERS_MAX 4

struct agent_daemon {
        const struct agent_flags *flags;
        struct actor_log *log;
        struct actor_node *node;
        struct actor_http *http;
        struct actor_store *store;
        struct agent *agent;
        char *work_dir, *socket, *endpoint;
        int signal_fd;
};

static int make_directories(const char *path, struct actor_error *error)
{
        CLEANUP(actor_freep) char *part = actor_strdup(path);
        for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
                if (slash)
                        *slash = '\0';
                if (mkdir(part, 0755) != 0 && errno != EEXIST)
                        return actor_error_set(error, -errno, "--work_dir: cannot make \"%s\": %s", part,
                                               strerror(errno));
                if (slash == NULL)
                        return 0;
                *slash = '/';
        }
}

static int take_work_dir(struct agent_daemon *a, struct actor_error *error)
{
        CLEANUP(actor_freep) char *path = NULL;
        const char *home = getenv("HOME");
        if (a->flags->work_dir && *a->flags->work_dir)
                path = actor_strdup(a->flags->work_dir);
        else if (geteuid() == 0 || home == NULL)
                path = actor_strdup("/var/lib/troupe/agent");
        else
                path = actor_asprintf("%s/.troupe/agent", home);
        int r = make_directories(path, error);
        if (r != 0)
                return r;
        char real[PATH_MAX];
        if (realpath(path, real) == NULL)
                return actor_error_set(error, -errno, "--work_dir=%s: %s", path, strerror(errno));
        a->work_dir = actor_strdup(real);

        CLEANUP(actor_freep) char *meta = actor_asprintf("%s/meta", a->work_dir);
        r = actor_store_open_lmdb(meta, META_FORMAT, META_VERSION, META_MAP_BYTES, &a->store, error);
        return r == 0 ? 0 : actor_error_prefix(error, r, "--work_dir=%s", a->work_dir);
}

/* ---- the node ---------------------------------------------------------------------------------- */

static int listen_all(struct agent_daemon *a, struct actor_error *error)
{
        char bound[ACTOR_ENDPOINT_MAX + 1];
        CLEANUP(actor_freep)
        char *tcp = actor_asprintf("tcp://%s:%u", a->flags->ip, (unsigned) a->flags->port);
        int r = actor_node_listen(a->node, tcp, bound, sizeof bound, error);
        if (r != 0)
                return actor_error_prefix(error, r, "--port=%u", (unsigned) a->flags->port);
        const char *port = strrchr(bound, ':');
        assert(port != NULL);
        const char *host = a->flags->advertise && *a->flags->advertise ? a->flags->advertise : a->flags->ip;
        a->endpoint = actor_asprintf("%s%s", host, port);

        CLEANUP(actor_freep) char *ipc = actor_asprintf("ipc://%s", a->socket);
        return actor_node_listen(a->node, ipc, NULL, 0, error);
}

static int make_node(struct agent_daemon *a, const struct actor_curve *curve, struct actor_error *error)
{
        unsigned cores = (unsigned) get_nprocs();
        const struct actor_node_config config = {
                .name = "agent",
                .workers = a->flags->workers     ? (unsigned) a->flags->workers
                           : cores < WORKERS_MAX ? cores
                                                 : WORKERS_MAX,
                .types = proto_wire_types,
                .log = a->log,
                .curve = curve,
        };
        int r = actor_node_new(&config, &a->node);
        if (r == 0)
                r = actor_inspect_start(a->node);
        return r == 0 ? 0 : actor_error_set(error, r, "the runtime cannot start: %s", strerror(-r));
}

static int make_guarded_node(struct agent_daemon *a, struct actor_error *error)
{
        const struct actor_curve_files files = {a->flags->curve_key, a->flags->curve_server_key,
                                                a->flags->curve_allow, .listens = true};
        struct actor_curve *curve = NULL;
        int r = actor_curve_load(&files, &curve, error);
        if (r == 0)
                r = make_node(a, curve, error);
        if (r == 0 && curve)
                r = actor_node_watch_allowed(a->node, a->flags->curve_allow, error);
        actor_curve_free(curve);
        return r == 0 ? listen_all(a, error) : r;
}

/* ---- the machine's side of it ------------------------------------------------------------------ */

static int start_http(struct agent_daemon *a, struct actor_error *error)
{
        if (!a->flags->http)
                return 0;
        struct actor_http_route routes[AGENT_ROUTES_MAX];
        const struct actor_http_config config = {
                .host = a->flags->ip,
                .port = (uint16_t) a->flags->http_port,
                .connections_max = 64,
                .routes = routes,
                .route_count = agent_routes(a->agent, routes),
        };
        int r = actor_http_start(a->node, &config, &a->http, error);
        return r == 0 ? 0 : actor_error_prefix(error, r, "--http_port=%u", (unsigned) a->flags->http_port);
}

/* Written beside and renamed, so that it is whole when it appears. */
static int write_address_file(struct agent_daemon *a, struct actor_error *error)
{
        const char *path = a->flags->address_file;
        if (path == NULL || *path == '\0')
                return 0;
        CLEANUP(actor_freep) char *aside = actor_asprintf("%s.new", path);
        FILE *file = fopen(aside, "we");
        bool written =
                file && fprintf(file, "%s %u\n", a->endpoint, a->http ? actor_http_port(a->http) : 0) > 0;
        if (file && fclose(file) != 0)
                written = false;
        if (!written || rename(aside, path) != 0)
                return actor_error_set(error, -errno, "--address_file=%s: %s", path, strerror(errno));
        return 0;
}

static int take_signals(struct agent_daemon *a, struct actor_error *error)
{
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        a->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        return a->signal_fd >= 0 ? 0 : actor_error_set(error, -errno, "signalfd: %s", strerror(errno));
}

static int start_agent(struct agent_daemon *a, struct actor_error *error)
{
        CLEANUP(actor_freep) char *executor_endpoint = actor_asprintf("ipc:%s", a->socket);
        const struct agent_place place = {
                .node = a->node,
                .store = a->store,
                .log = a->log,
                .work_dir = a->work_dir,
                .endpoint = a->endpoint,
                .executor_endpoint = executor_endpoint,
                .signal_fd = a->signal_fd,
        };
        return agent_start(a->flags, &place, &a->agent, error);
}

/* What the flags name is checked before the machine is touched. */
static int check_flags(const struct agent_flags *flags, struct actor_error *error)
{
        CLEANUP(actor_freep) const char **masters = NULL;
        CLEANUP(actor_freep) const char **environment = NULL;
        int r = options_masters(flags->master, &masters, error);
        if (r == 0)
                r = options_environment(flags->executor_environment, environ, &environment, error);
        return r;
}

static int start(struct agent_daemon *a, struct actor_error *error)
{
        int r = check_flags(a->flags, error);
        if (r == 0)
                r = take_work_dir(a, error);
        if (r != 0)
                return r;
        a->socket = layout_socket(a->work_dir);
        r = take_signals(a, error);
        if (r == 0)
                r = make_guarded_node(a, error);
        if (r == 0)
                r = start_agent(a, error);
        if (r == 0)
                r = start_http(a, error);
        if (r == 0)
                r = write_address_file(a, error);
        if (r != 0)
                return r;
        actor_log_print(a->log, ACTOR_LOG_INFO, "agent: \"%s\" listens on %s, works in \"%s\"",
                        agent_hostname(a->agent), a->endpoint, a->work_dir);
        agent_begin(a->agent);
        return 0;
}

int agent_daemon_new(const struct agent_flags *flags, struct actor_log *log, struct agent_daemon **ret,
                     struct actor_error *error)
{
        struct agent_daemon *a = actor_zalloc(sizeof *a);
        a->flags = flags;
        a->log = log;
        a->signal_fd = -1;
        int r = start(a, error);
        if (r != 0) {
                agent_daemon_free(a);
                return r;
        }
        *ret = a;
        return 0;
}

int agent_daemon_wait(struct agent_daemon *daemon)
{
        return actor_node_wait(daemon->node);
}

void agent_daemon_free(struct agent_daemon *a)
{
        if (a == NULL)
                return;
        actor_http_stop(a->http);
        actor_node_free(a->node);
        agent_free(a->agent);
        actor_store_close(a->store);
        actor_closep(&a->signal_fd);
        actor_freep(&a->work_dir);
        actor_freep(&a->socket);
        actor_freep(&a->endpoint);
        actor_freep(&a);
}
