/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <actor/curve.h>
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <proto/copy.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The driver as its owner sees it: made, started, stopped, waited for, freed. Its life as an actor is
 * scheduler.c. */

#define RETRY_MIN_MS 100
#define RETRY_MAX_MS 30000
#define ANSWER_TIMEOUT_MS \
        20000 /* longer than the transport keeps what it cannot deliver: never two at once */
#define JOIN_TIMEOUT_MS (INT64_C(1) << 40)

const char *troupe_scheduler_default_master(const char *given)
{
        if (given == NULL || *given == '\0')
                given = getenv("TROUPE_MASTER");
        return given != NULL && *given != '\0' ? given : "127.0.0.1:5050";
}

/* A copy of `info` in which the user and the hostname are set. */
static V1__FrameworkInfo *complete_framework(const V1__FrameworkInfo *info)
{
        char hostname[256] = "localhost", buffer[4096], number[16];
        V1__FrameworkInfo draft = *info;
        struct passwd entry, *found = NULL;
        if (draft.user == NULL || *draft.user == '\0') {
                snprintf(number, sizeof number, "%u", (unsigned) geteuid());
                bool known =
                        getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found) == 0 && found != NULL;
                draft.user = known ? entry.pw_name : number;
        }
        if (draft.hostname == NULL || *draft.hostname == '\0') {
                (void) gethostname(hostname, sizeof hostname - 1);
                draft.hostname = hostname;
        }
        return proto_dup(&draft);
}

static int check_config(const struct troupe_scheduler_config *config, const char *master,
                        struct actor_error *error)
{
        struct actor_address parsed;
        int r = actor_address_parse(master, &parsed, error);
        if (r != 0)
                return actor_error_prefix(error, r, "master address");
        const V1__FrameworkInfo *framework = config->framework;
        if (framework == NULL || framework->name == NULL || *framework->name == '\0')
                return actor_error_set(error, -EINVAL, "the framework has no name: set FrameworkInfo.name");
        if (framework->id != NULL && strlen(framework->id->value) > 255)
                return actor_error_set(error, -EINVAL, "the framework id is longer than 255 bytes");
        return 0;
}

static int own_node(struct troupe_scheduler *s, const struct troupe_scheduler_config *given,
                    struct actor_error *error)
{
        const struct actor_curve_files files = {
                .key = given->curve_key ? given->curve_key : getenv("TROUPE_CURVE_KEY"),
                .server_key = given->curve_server_key ? given->curve_server_key
                                                      : getenv("TROUPE_CURVE_SERVER_KEY")};
        struct actor_curve *curve = NULL;
        int r = actor_curve_load(&files, &curve, error);
        if (r != 0)
                return r;
        struct actor_node_config config = {.name = "scheduler",
                                           .workers = 1,
                                           .types = proto_wire_types,
                                           .log = given->log,
                                           .curve = curve};
        r = actor_node_new(&config, &s->node);
        actor_curve_free(curve);
        if (r != 0)
                return actor_error_set(error, r, "cannot make a node: %s", strerror(-r));
        s->node_owned = true;
        return 0;
}

int troupe_scheduler_new(const struct troupe_scheduler_config *config, struct troupe_scheduler **ret,
                         struct actor_error *error)
{
        CLEANUP(actor_freep)
        char *master = actor_asprintf("master@%s", troupe_scheduler_default_master(config->master));
        int r = check_config(config, master, error);
        if (r != 0)
                return r;
        struct troupe_scheduler *s = actor_zalloc(sizeof *s);
        s->callbacks = config->callbacks;
        s->data = config->data;
        s->manual_acknowledgements = config->manual_acknowledgements;
        s->retry_min_ms = config->retry_min_ms > 0 ? config->retry_min_ms : RETRY_MIN_MS;
        s->retry_max_ms = config->retry_max_ms > 0 ? config->retry_max_ms : RETRY_MAX_MS;
        if (s->retry_max_ms < s->retry_min_ms)
                s->retry_max_ms = s->retry_min_ms;
        s->answer_timeout_ms = config->answer_timeout_ms > 0 ? config->answer_timeout_ms : ANSWER_TIMEOUT_MS;
        s->master = TAKE(master);
        s->framework = complete_framework(config->framework);
        if (s->framework->id != NULL)
                snprintf(s->framework_id, sizeof s->framework_id, "%s", s->framework->id->value);
        atomic_init(&s->status, TROUPE_SCHEDULER_NOT_STARTED);
        s->node = config->node;
        if (s->node == NULL && (r = own_node(s, config, error)) != 0) {
                troupe_scheduler_free(s);
                return r;
        }
        *ret = s;
        return 0;
}

void troupe_scheduler_free(struct troupe_scheduler *s)
{
        if (s == NULL)
                return;
        if (troupe_scheduler_status(s) == TROUPE_SCHEDULER_RUNNING) {
                troupe_scheduler_stop(s, true);
                troupe_scheduler_join(s);
        }
        if (s->node_owned)
                actor_node_free(s->node);
        free(s->joiners);
        free(s->master);
        proto_free(s->framework);
        free(s);
}

enum troupe_scheduler_status troupe_scheduler_start(struct troupe_scheduler *s)
{
        int expected = TROUPE_SCHEDULER_NOT_STARTED;
        if (!atomic_compare_exchange_strong(&s->status, &expected, TROUPE_SCHEDULER_RUNNING))
                return expected;
        int r = actor_node_spawn(s->node, &scheduler_class, NULL, s, &s->ref);
        if (r != 0)
                atomic_store(&s->status, TROUPE_SCHEDULER_ABORTED);
        return troupe_scheduler_status(s);
}

static enum troupe_scheduler_status control(struct troupe_scheduler *s, enum scheduler_command command)
{
        enum troupe_scheduler_status status = troupe_scheduler_status(s);
        if (status != TROUPE_SCHEDULER_RUNNING)
                return status;
        if (scheduler_in_turn(s)) {
                scheduler_end(s, command);
                return troupe_scheduler_status(s);
        }
        struct scheduler_control *message = actor_msg_new(&scheduler_control_type);
        message->command = command;
        actor_node_send(s->node, s->ref, message);
        return command == SCHEDULER_ABORT ? TROUPE_SCHEDULER_ABORTED : TROUPE_SCHEDULER_STOPPED;
}

enum troupe_scheduler_status troupe_scheduler_stop(struct troupe_scheduler *s, bool failover)
{
        return control(s, failover ? SCHEDULER_STOP_FAILOVER : SCHEDULER_STOP);
}

enum troupe_scheduler_status troupe_scheduler_abort(struct troupe_scheduler *s)
{
        return control(s, SCHEDULER_ABORT);
}

enum troupe_scheduler_status troupe_scheduler_join(struct troupe_scheduler *s)
{
        assert(!scheduler_in_turn(s));
        if (s->node_owned && troupe_scheduler_status(s) != TROUPE_SCHEDULER_NOT_STARTED)
                actor_node_wait(s->node);
        int r = 0;
        while (troupe_scheduler_status(s) == TROUPE_SCHEDULER_RUNNING && (r == 0 || r == -ETIMEDOUT)) {
                void *joined = NULL;
                r = actor_node_ask(s->node, s->ref, actor_msg_new(&scheduler_join_type), JOIN_TIMEOUT_MS,
                                   &joined);
                if (r == 0)
                        actor_msg_unref(joined);
        }
        return troupe_scheduler_status(s);
}

enum troupe_scheduler_status troupe_scheduler_run(struct troupe_scheduler *s)
{
        enum troupe_scheduler_status status = troupe_scheduler_start(s);
        return status == TROUPE_SCHEDULER_RUNNING ? troupe_scheduler_join(s) : status;
}

enum troupe_scheduler_status troupe_scheduler_status(const struct troupe_scheduler *s)
{
        return (enum troupe_scheduler_status) atomic_load(&s->status);
}

struct actor *troupe_scheduler_self(struct troupe_scheduler *s)
{
        assert(scheduler_in_turn(s));
        return s->self;
}

struct actor_ref troupe_scheduler_ref(const struct troupe_scheduler *s)
{
        return s->ref;
}

const char *troupe_scheduler_framework_id(const struct troupe_scheduler *s)
{
        return s->framework_id;
}
