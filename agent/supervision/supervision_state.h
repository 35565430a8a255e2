/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_SUPERVISION_SUPERVISION_STATE_H
#define AGENT_SUPERVISION_SUPERVISION_STATE_H

#include "registration/messages.h"
#include "supervision/books.h"
#include "supervision/messages.h"
#include "supervision/statuses.h"
#include "supervision/supervision.h"

/* The state of the actor "executors", shared by supervision.c (executors, ends), supervision_run.c
 * (tasks on their way in). Private to them. */
struct supervision {
        const struct supervision_settings *settings;
        struct books books;
        const struct agent_session *session; /* a reference of ours; NULL before the first */
        bool stopping, stop_all;
};

/* The id of this agent; "" before it has one. */
const char *supervision_agent_id(const struct supervision *s);

/* Ends a task the agent itself gives a status to, and notes it. */
void supervision_end_task(struct supervision *s, struct actor *self, struct task_entry *task,
                          const struct status_cause *cause);
/* The same for a task that is not in the books. */
void supervision_answer(struct supervision *s, struct actor *self, const V1__FrameworkInfo *framework,
                        const char *task_id, const struct status_cause *cause);

int supervision_on_run(struct supervision *s, const struct actor_mail *mail, const Troupe__RunTasks *msg);
int supervision_on_run_group(struct supervision *s, const struct actor_mail *mail,
                             const Troupe__RunTaskGroup *msg);
/* A batch that its executor could not take. */
int supervision_on_returned(struct supervision *s, const struct actor_mail *mail,
                            const struct task_batch *msg);
int supervision_on_undelivered(struct supervision *s, const struct actor_mail *mail,
                               const struct actor_undelivered *msg);

#endif
