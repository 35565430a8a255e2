/* SPDX-License-Identifier: Apache-2.0 */
/* troupe-master: flags → log → node → rooms → HTTP → wait. No policy here. */
#include "flags.h"
#include "place.h"
#include "wiring.h"
#include <actor/http.h>
#include <actor/inspect.h>
#include <actor/log.h>
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
        struct place place;
};

static int node_start(struct process *p, struct actor_error *error)
{
        enum actor_log_level level = ACTOR_LOG_INFO;
        (void) actor_log_level_parse(p->flags.log_level, &level);
        p->log = actor_log_new(STDERR_FILENO, level, p->flags.log_json);
        const struct actor_curve_files files = {p->flags.curve_key, p->flags.curve_server_key,
                                                p->flags.curve_allow, .listens = true};
        struct actor_curve *curve = NULL;
        int r = actor_curve_load(&files, &curve, error);
        if (r != 0)
                return r;
        const struct actor_node_config config = {
                .name = "master",
                .workers = (unsigned) p->flags.workers,
                .types = proto_wire_types,
                .log = p->log,
                .curve = curve,
        };
        r = actor_node_new(&config, &p->node);
        bool has_keys = curve != NULL;
        actor_curve_free(curve);
        if (r == 0)
                r = actor_inspect_start(p->node);
        if (r != 0)
                return actor_error_set(error, r, "the node did not start: %s", strerror(-r));
        return has_keys ? actor_node_watch_allowed(p->node, p->flags.curve_allow, error) : 0;
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

static int process_start(struct process *p, struct actor_error *error)
{
        int r = node_start(p, error);
        if (r == 0)
                r = place_listen(p->node, &p->flags, &p->place, error);
        if (r == 0)
                r = master_start(p->node, &p->flags, &p->place, &p->master, error);
        if (r == 0)
                r = serve_http(p, error);
        if (r == 0)
                r = place_write(&p->place, actor_http_port(p->http), p->flags.address_file, error);
        if (r != 0)
                return r;
        actor_log_print(p->log, ACTOR_LOG_INFO, "master: listening on master@%s, HTTP on http://%s:%u",
                        p->place.address, p->flags.ip, actor_http_port(p->http));
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
        if (!actor_flags_answer(&master_flag_set, r, TROUPE_VERSION) && r != 0)
                fprintf(stderr, "troupe-master: %s\n", error.text);
        int status = r == 0 ? process_run(&process) : r > 0 ? EXIT_SUCCESS : 2;
        actor_flags_done(&master_flag_set, &process.flags);
        return status;
}
