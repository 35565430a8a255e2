/* SPDX-License-Identifier: Apache-2.0 */
/* troupe-master: flags → log → node → rooms → HTTP → wait. No policy here. */
#include "flags.h"
#include "wiring.h"
#include <actor/http.h>
#include <actor/log.h>
#include <actor/memory.h>
#include <errno.h>
#include <proto/types.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a signal ends; a handler is given nothing but the signal's number. */
static struct actor_node *node_to_end;

static void on_signal(int signal_number)
{
        (void) signal_number;
        actor_node_shutdown(node_to_end, 0);
}

static void end_on_signals(struct actor_node *node)
{
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
        node_to_end = node;
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGINT, &action, NULL);
}

struct process {
        struct master_flags flags;
        struct actor_log *log;
        struct actor_node *node;
        struct master *master;
        struct actor_http *http;
        char address[ACTOR_ENDPOINT_MAX + 8]; /* host:port */
        char hostname[256];
};

static int node_start(struct process *p, struct actor_error *error)
{
        enum actor_log_level level = ACTOR_LOG_INFO;
        (void) actor_log_level_parse(p->flags.log_level, &level);
        p->log = actor_log_new(STDERR_FILENO, level, p->flags.log_json);
        const struct actor_node_config config = {
                .name = "master",
                .workers = (unsigned) p->flags.workers,
                .types = proto_wire_types,
                .log = p->log,
        };
        int r = actor_node_new(&config, &p->node);
        return r != 0 ? actor_error_set(error, r, "the node did not start: %s", strerror(-r)) : 0;
}

/* Listens, and settles under which address others reach this master. */
static int listen_for_peers(struct process *p, struct actor_error *error)
{
        char bound[ACTOR_ENDPOINT_MAX + 1];
        const char *format = strchr(p->flags.ip, ':') ? "tcp://[%s]:%llu" : "tcp://%s:%llu";
        CLEANUP(actor_freep)
        char *endpoint = actor_asprintf(format, p->flags.ip, (unsigned long long) p->flags.port);
        int r = actor_node_listen(p->node, endpoint, bound, sizeof bound, error);
        if (r != 0)
                return r;
        const char *place = strncmp(bound, "tcp://", 6) == 0 ? bound + 6 : bound;
        const char *port = strrchr(place, ':');
        if (p->flags.advertise == NULL)
                snprintf(p->address, sizeof p->address, "%s", place);
        else if (strchr(p->flags.advertise, ':') == NULL)
                snprintf(p->address, sizeof p->address, "%s%s", p->flags.advertise, port ? port : ":5050");
        else
                snprintf(p->address, sizeof p->address, "%s", p->flags.advertise);
        return 0;
}

static int serve_http(struct process *p, struct actor_error *error)
{
        struct actor_http_route routes[MASTER_ROUTES_MAX];
        const struct actor_http_config config = {
                .host = p->flags.ip,
                .port = (uint16_t) p->flags.http_port,
                .routes = routes,
                .route_count = master_routes(p->master, routes),
        };
        return actor_http_start(p->node, &config, &p->http, error);
}

/* Written beside and renamed, so that a reader never sees half a line. */
static int address_write(const struct process *p, struct actor_error *error)
{
        if (p->flags.address_file == NULL)
                return 0;
        CLEANUP(actor_freep) char *beside = actor_asprintf("%s.new", p->flags.address_file);
        FILE *file = fopen(beside, "we");
        if (file == NULL)
                return actor_error_set(error, -errno, "cannot write %s: %s", beside, strerror(errno));
        fprintf(file, "%s %u\n", p->address, actor_http_port(p->http));
        if (fclose(file) != 0 || rename(beside, p->flags.address_file) != 0)
                return actor_error_set(error, -errno, "cannot write %s: %s", p->flags.address_file,
                                       strerror(errno));
        return 0;
}

static int process_start(struct process *p, struct actor_error *error)
{
        if (p->flags.hostname != NULL)
                snprintf(p->hostname, sizeof p->hostname, "%s", p->flags.hostname);
        else if (gethostname(p->hostname, sizeof p->hostname - 1) != 0)
                snprintf(p->hostname, sizeof p->hostname, "localhost");
        int r = node_start(p, error);
        if (r == 0)
                r = listen_for_peers(p, error);
        if (r != 0)
                return r;
        const struct master_place place = {.address = p->address, .hostname = p->hostname};
        r = master_start(p->node, &p->flags, &place, &p->master, error);
        if (r == 0)
                r = serve_http(p, error);
        if (r == 0)
                r = address_write(p, error);
        if (r != 0)
                return r;
        actor_log_print(p->log, ACTOR_LOG_INFO, "master: listening on master@%s, HTTP on http://%s:%u",
                        p->address, p->flags.ip, actor_http_port(p->http));
        end_on_signals(p->node);
        return 0;
}

static int process_run(struct process *p)
{
        struct actor_error error = {""};
        int r = process_start(p, &error);
        if (r != 0)
                actor_log_print(p->log, ACTOR_LOG_ERROR, "master: cannot start: %s", error.text);
        else
                r = actor_node_wait(p->node);
        actor_http_stop(p->http);
        actor_node_free(p->node);
        master_free(p->master);
        actor_log_free(p->log);
        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
        struct process process = {.flags = {0}};
        struct actor_error error;
        int rest, r = actor_flags_parse(&master_flag_set, argc, argv, &process.flags, &rest, &error);
        if (r == FLAGS_E_HELP)
                actor_flags_print_help(&master_flag_set, stdout);
        else if (r == FLAGS_E_VERSION)
                printf("troupe-master %s\n", TROUPE_VERSION);
        else if (r != 0)
                fprintf(stderr, "troupe-master: %s\n", error.text);
        int status = r == 0 ? process_run(&process) : r > 0 ? EXIT_SUCCESS : 2;
        actor_flags_done(&master_flag_set, &process.flags);
        return status;
}
