/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_STATE_SUMS_H
#define MASTER_STATE_SUMS_H

#include <actor/hash_table.h>
#include "state/snapshot.h"

#include <proto/resources.h>

/* Who holds what, summed over a snapshot: for each agent, framework and role what is allocated
 * (tasks that have not ended, executors) and offered. Made once per answer. Pure. */
struct sum {
        char *id;
        struct resources *allocated, *offered;
        UT_hash_handle hh;
};

struct sums {
        struct sum *agents, *frameworks, *roles;
};

void sums_make(struct sums *sums, const struct snapshot *snapshot);
void sums_done(struct sums *sums);
/* NULL: holds nothing. */
const struct sum *sums_find(struct sum *table, const char *id);

#endif
