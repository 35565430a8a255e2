/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_ELEMENTARY_H
#define PROTO_ELEMENTARY_H

#include <proto/types.h>
#include <stdbool.h>

/* The calls and events under their elementary names, each with its exact v1 equivalent:
 *
 *   scheduler  REGISTER, REREGISTER  SUBSCRIBE without an id, with one    UNREGISTER  TEARDOWN
 *              LAUNCH                ACCEPT with a LAUNCH operation       REGISTERED, REREGISTERED SUBSCRIBED
 *   executor   REGISTER, REREGISTER  SUBSCRIBE, with what is unacknowledged
 *              UNREGISTER            Troupe's own call type 100           REGISTERED  SUBSCRIBED
 *
 * Whatever else there is has its v1 name in both worlds. Pure; any thread. */

/* The elementary name; never NULL ("UNKNOWN" where the type is unset or of a later version). */
const char *elementary_call_name(const Sched__Call *call);
const char *elementary_executor_call_name(const Exec__Call *call);
const char *elementary_executor_event_name(const Exec__Event *event);
/* `again`: whoever receives it was registered before. */
const char *elementary_event_name(const Sched__Event *event, bool again);

/* The v1 type that a call of this name has ("LAUNCH" gives ACCEPT; v1 names are themselves): true and
 * *ret, false for a name that is none. */
bool elementary_call_type(const char *name, Sched__Call__Type *ret);

/* New calls; the caller owns the message and may still change it. All arguments are copied. An id that
 * may be NULL says so. */
Sched__Call *elementary_register(const V1__FrameworkInfo *framework);   /* its id is left out */
Sched__Call *elementary_reregister(const V1__FrameworkInfo *framework); /* its id must be set */
Sched__Call *elementary_unregister(const char *framework_id);
Sched__Call *elementary_request(const char *framework_id, V1__Request *const *requests, size_t count);
/* `filters` NULL: the default, 5 seconds. */
Sched__Call *elementary_decline(const char *framework_id, const char *const *offer_ids, size_t count,
                                const V1__Filters *filters);
/* No roles: all. */
Sched__Call *elementary_revive(const char *framework_id, const char *const *roles, size_t count);
Sched__Call *elementary_suppress(const char *framework_id, const char *const *roles, size_t count);
/* On one offer; further ones of the same agent are appended to call->accept->offer_ids. */
Sched__Call *elementary_launch(const char *framework_id, const char *offer_id, V1__TaskInfo *const *tasks,
                               size_t count, const V1__Filters *filters);
/* `agent_id` and `policy` may be NULL. */
Sched__Call *elementary_kill(const char *framework_id, const char *task_id, const char *agent_id,
                             const V1__KillPolicy *policy);
/* For a status that came with a uuid and an agent id. */
Sched__Call *elementary_acknowledge(const char *framework_id, const V1__TaskStatus *status);
/* No tasks: all that the master knows. */
Sched__Call *elementary_reconcile(const char *framework_id, Sched__Call__Reconcile__Task *const *tasks,
                                  size_t count);
Sched__Call *elementary_message(const char *framework_id, const V1__AgentID *agent_id,
                                const V1__ExecutorID *executor_id, const void *data, size_t size);

#endif
