/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_STATUSES_H
#define AGENT_SUPERVISION_STATUSES_H

#include "updates/messages.h"
#include <actor/actor.h>
#include <proto/types.h>

/* Whose status it is. */
struct status_subject {
        const V1__FrameworkInfo *framework; /* id set; may lack all else */
        const char *agent_id, *executor_id, *task_id;
        const char *container_id; /* NULL: none */
        bool precise;             /* the framework is not known here: the master says it in its terms */
};

/* Why the agent itself ends a task. */
struct status_cause {
        V1__TaskState state; /* the precise one: shown as the framework can take it */
        V1__TaskStatus__Reason reason;
        const char *message;
};

/* A status the agent makes, with a fresh uuid. The caller owns the message. */
struct update_new *status_from_agent(struct actor *self, const struct status_subject *subject,
                                     const struct status_cause *cause);

/* The status of an executor's UPDATE (whose message `call` is held), completed with what the agent
 * knows. The caller owns the message. */
struct update_new *status_from_executor(struct actor *self, const struct status_subject *subject,
                                        const Exec__Call *call, const V1__TaskStatus *status);

/* Judges an UPDATE's status: uuid of 16 bytes, a state an executor may send, source and executor id
 * consistent. Pure. -EINVAL with a sentence. */
int status_validate(const V1__TaskStatus *status, const char *executor_id, struct actor_error *error);

/* "exited with status 3", "was killed by signal 9", … as of waitpid(2). */
void status_describe_exit(bool known, int status, char *ret, size_t size);

#endif
