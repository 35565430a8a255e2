/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <actor/curve.h>
#include <actor/inspect.h>
#include <actor/log.h>
#include <actor/memory.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct session {
        struct actor_node *node;
        struct actor_log *log;
        char *master;
        int64_t timeout_ms;
};

static bool traced;

void session_trace(void)
{
        traced = true;
}

static void begin_trace(const struct session *session)
{
        uint64_t id = actor_node_trace(session->node);
        fprintf(stderr, "trace %" PRIx64 ": `troupe actors %s --trace %" PRIx64 "` shows it\n", id,
                session->master, id);
}

static int check_master(const char *master, struct actor_error *error)
{
        struct actor_address address;
        CLEANUP(actor_freep) char *probe = actor_asprintf("master@%s", master);
        int r = actor_address_parse(probe, &address, error);
        return r == 0 ? 0 : actor_error_prefix(error, r, "--master=%s", master);
}

static int make_node(struct session *session, const struct session_config *config, struct actor_error *error)
{
        const struct actor_curve_files files = {.key = config->curve_key,
                                                .server_key = config->curve_server_key};
        struct actor_curve *curve = NULL;
        int r = actor_curve_load(&files, &curve, error);
        if (r < 0)
                return r;
        struct actor_node_config node = {.name = "cli",
                                         .workers = 1,
                                         .blocking_threads = 1,
                                         .types = proto_wire_types,
                                         .log = session->log,
                                         .curve = curve};
        r = actor_node_new(&node, &session->node);
        actor_curve_free(curve);
        return r == 0 ? 0 : actor_error_set(error, r, "cannot start: %s", strerror(-r));
}

int session_open(const struct session_config *config, struct session **ret, struct actor_error *error)
{
        int r = check_master(config->master, error);
        if (r < 0)
                return r;
        struct session *session = actor_zalloc(sizeof *session);
        session->master = actor_strdup(config->master);
        session->timeout_ms = (config->timeout_ns + 999999) / 1000000;
        session->log = actor_log_new(STDERR_FILENO, ACTOR_LOG_ERROR, false);
        r = make_node(session, config, error);
        if (r < 0) {
                session_close(session);
                return r;
        }
        if (traced)
                begin_trace(session);
        *ret = session;
        return 0;
}

void session_close(struct session *session)
{
        if (session == NULL)
                return;
        actor_node_free(session->node);
        actor_log_free(session->log);
        free(session->master);
        free(session);
}

struct actor_node *session_node(struct session *session)
{
        return session->node;
}

int64_t session_timeout_ms(const struct session *session)
{
        return session->timeout_ms;
}

const char *session_master(const struct session *session)
{
        return session->master;
}

/* Why there was no answer, as far as the connection's own story does not tell it. */
static int explain(int r, const char *address, int64_t timeout_ms, struct actor_error *error)
{
        switch (-r) {
        case ETIMEDOUT:
                return actor_error_set(error, r, "%s did not answer within %.1f s; is it running there?",
                                       address, (double) timeout_ms / 1000);
        case EHOSTUNREACH:
                return actor_error_set(error, r, "%s cannot be reached; is it running there?", address);
        case ESRCH:
                return actor_error_set(error, r, "%s: no actor of that name there; is this the right port?",
                                       address);
        default:
                return actor_error_set(error, r, "%s: %s", address, strerror(-r));
        }
}

static int explain_trouble(struct session *session, struct actor_ref to, int r, const char *address,
                           struct actor_error *error)
{
        char trouble[256];
        if ((r == -EHOSTUNREACH || r == -ETIMEDOUT) &&
            actor_node_trouble(session->node, to, trouble, sizeof trouble))
                return actor_error_set(error, r, "%s cannot be reached: %s (--curve_key, --curve_server_key)",
                                       address, trouble);
        return explain(r, address, session->timeout_ms, error);
}

static int refuse(const char *address, const void *answer, const struct actor_type *expected,
                  struct actor_error *error)
{
        if (actor_msg_type(answer) != &operator_result_type)
                return actor_error_set(error, -EPROTO, "%s answered with a %s where a %s belongs", address,
                                       actor_msg_type(answer)->name, expected->name);
        const Troupe__OperatorResult *result = answer;
        return actor_error_set(error, SESSION_E_REFUSED, "%s",
                               result->message != NULL ? result->message : "refused");
}

int session_ask(struct session *session, const char *address, void *msg_take,
                const struct actor_type *expected, void **ret, struct actor_error *error)
{
        struct actor_ref to;
        int r = actor_node_resolve(session->node, address, &to, error);
        if (r < 0) {
                actor_msg_unref(msg_take);
                return r;
        }
        void *answer = NULL;
        r = actor_node_ask(session->node, to, msg_take, session->timeout_ms, &answer);
        if (r < 0)
                return explain_trouble(session, to, r, address, error);
        if (actor_msg_type(answer) == expected) {
                *ret = answer;
                return 0;
        }
        r = refuse(address, answer, expected, error);
        actor_msg_unref(answer);
        return r;
}

int session_get(struct session *session, MasterApi__Call__Type what, void **ret, struct actor_error *error)
{
        MasterApi__Call *call = actor_msg_new(&master_call_type);
        call->has_type = true;
        call->type = what;
        CLEANUP(actor_freep) char *address = actor_asprintf("state@%s", session->master);
        return session_ask(session, address, call, &master_response_type, ret, error);
}
