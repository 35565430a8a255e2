/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BATCH_REPORT_H
#define BATCH_REPORT_H

#include "console/console.h"
#include "placement/roster.h"
#include "plan.h"

/* The result of a job: what ran where, for how long, and how it ended. */
struct report_row {
        struct roster_agent *agent; /* of the last attempt; NULL: never begun */
        V1__TaskState state;
        int64_t begun_ns, ended_ns;
};

/* A table among the results, or among the news with `aside`; with json one object {"job", "tasks": […]}. */
void report_print(struct console *console, const struct job *job, const struct plan *plan,
                  const struct report_row *rows, bool aside);

#endif
