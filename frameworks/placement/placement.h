/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLACEMENT_PLACEMENT_H
#define PLACEMENT_PLACEMENT_H

#include "group.h"

#include <proto/resources.h>
#include <troupe/scheduler.h>

/* Which of the offers at hand a task goes to: the agent with the fewest of our tasks that has room, so
 * that work spreads, of those that its constraints allow. One placement serves one batch of offers; each is answered once, with all the tasks
 * it got, or declined. */
struct placement;

/* What a task needs. */
struct placement_need {
        const struct resources *resources; /* amounts: cpus, mem, disk */
        unsigned ports;                    /* how many, any numbers */
        struct group *group;               /* whose constraints hold for it, and which counts it; NULL: any agent will do */
};

/* Borrows the offers until placement_free(). Offers with resources that cannot be read are declined. */
struct placement *placement_new(struct roster *roster, V1__Offer *const *offers, size_t count);
void placement_free(struct placement *p); /* NULL is fine */

/* A place for one more task. Makes a TaskInfo with agent_id and resources set, whose other fields the
 * caller fills in; `*ret_arena` is the message it lives in. Counts the task on its agent, *ret_agent, and in its
 * group. NULL if there is no room anywhere (shortage.h). */
V1__TaskInfo *placement_add(struct placement *p, const struct placement_need *need, struct roster_agent **ret_agent,
                            void **ret_arena);

/* Answers all offers; what they do not use is not offered again for `refuse_seconds`. In a callback. */
void placement_answer(struct placement *p, struct troupe_scheduler *s, double refuse_seconds);

#endif
