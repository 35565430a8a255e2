/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <actor/node.h>
#include <proto/types.h>

/* A command's view of the cluster: a node of its own that listens nowhere and asks the master's (and
 * agents') actors. One thread. */
struct session;

/* The answer the caller must handle. */
enum { SESSION_E_REFUSED = 1 /* the other side said no: its sentence is in *error */ };

/* From now on everything that sessions say is part of a trace of theirs, whose number is told on standard
 * error. */
void session_trace(void);

/* What a command's flags say of it; borrowed for the call. */
struct session_config {
        const char *master; /* "host:port" */
        int64_t timeout_ns;
        const char *curve_key, *curve_server_key; /* NULL: none */
};
/* From a command's flags, which begin with CLI_COMMON_FLAGS. */
#define SESSION_OF(flags)                                                                      \
        (&(const struct session_config){(flags)->master, (flags)->timeout, (flags)->curve_key, \
                                        (flags)->curve_server_key})

/* Makes the node. Returns 0, or -errno with a sentence for a bad address or a bad key file. */
int session_open(const struct session_config *config, struct session **ret, struct actor_error *error);
void session_close(struct session *session); /* NULL is fine */

struct actor_node *session_node(struct session *session);
int64_t session_timeout_ms(const struct session *session);
const char *session_master(const struct session *session);

/* Asks an actor "NAME@host:port"; takes msg; 0 and the answer in *ret (actor_msg_unref), which is of
 * type `expected`. SESSION_E_REFUSED where it answered with an OperatorResult that says no; < 0 with a
 * sentence that names the address and what happened. */
int session_ask(struct session *session, const char *address, void *msg_take,
                const struct actor_type *expected, void **ret, struct actor_error *error);

/* The read model's answer to one of the master's GET_* calls: MasterApi__Response. */
int session_get(struct session *session, MasterApi__Call__Type what, void **ret, struct actor_error *error);

#endif
