/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

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
        fprintf(stderr, "trace %" PRIx64 ": `troupe actors %s --trace %" PRIx64 "` shows it\n", id, session->master, id);
}

int session_open(const char *master, int64_t timeout_ns, struct session **ret, struct actor_error *error)
{
        struct actor_address address;
        char *probe = actor_asprintf("master@%s", master);
        int r = actor_address_parse(probe, &address, error);
        free(probe);
        if (r < 0)
                return actor_error_prefix(error, r, "--master=%s", master);
        struct session *session = actor_zalloc(sizeof *session);
        session->master = actor_strdup(master);
        session->timeout_ms = (timeout_ns + 999999) / 1000000;
        session->log = actor_log_new(STDERR_FILENO, ACTOR_LOG_ERROR, false);
        struct actor_node_config config = {
                .name = "cli", .workers = 1, .blocking_threads = 1, .types = proto_wire_types, .log = session->log};
        r = actor_node_new(&config, &session->node);
        if (r < 0) {
                session_close(session);
                return actor_error_set(error, r, "cannot start: %s", strerror(-r));
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

static int explain(int r, const char *address, int64_t timeout_ms, struct actor_error *error)
{
        switch (-r) {
        case ETIMEDOUT:
                return actor_error_set(error, r, "%s did not answer within %.1f s; is it running there?", address,
                                       (double) timeout_ms / 1000);
        case EHOSTUNREACH:
                return actor_error_set(error, r, "%s cannot be reached; is it running there?", address);
        case ESRCH:
                return actor_error_set(error, r, "%s: no actor of that name there; is this the right port?", address);
        default:
                return actor_error_set(error, r, "%s: %s", address, strerror(-r));
        }
}

static int refuse(const char *address, const void *answer, const struct actor_type *expected, struct actor_error *error)
{
        if (actor_msg_type(answer) != &operator_result_type)
                return actor_error_set(error, -EPROTO, "%s answered with a %s where a %s belongs", address,
                                       actor_msg_type(answer)->name, expected->name);
        const Troupe__OperatorResult *result = answer;
        return actor_error_set(error, SESSION_E_REFUSED, "%s", result->message != NULL ? result->message : "refused");
}

int session_ask(struct session *session, const char *address, void *msg_take, const struct actor_type *expected,
                void **ret, struct actor_error *error)
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
                return explain(r, address, session->timeout_ms, error);
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
