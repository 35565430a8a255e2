/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_WISHES_H
#define MASTER_ALLOCATOR_WISHES_H

#include <proto/resources.h>

/* What a framework asked for with REQUEST: quantities, an agent, or both. A hint that sizes and
 * orders its next offers, each wish until an offer meets it. Pure; embedded; zeroed memory is none. */
struct wish {
        struct resources *wanted; /* empty: all there is */
        char *agent_id;           /* NULL: any */
        char *role;               /* NULL: any of the framework's */
};

struct wishes {
        struct wish *list;
        size_t count;
};

#define WISHES_MAX 1024 /* of one REQUEST; the rest is ignored, as a hint may be */

/* Replaces all wishes. Returns how many requests were ignored (malformed resources, or too many). */
size_t wishes_set(struct wishes *wishes, V1__Request *const *requests, size_t count);
void wishes_done(struct wishes *wishes);

/* Whether any wish is for that role. */
bool wishes_for_role(const struct wishes *wishes, const char *role);

/* The first wish that `available` of the agent can meet, in the role: returns its index and the part
 * that meets it in *ret (the caller frees), or -1. */
int wishes_pick(const struct wishes *wishes, const char *agent_id, const char *role,
                const struct resources *available, struct resources **ret);
/* The wish was met: forgets it. */
void wishes_met(struct wishes *wishes, int index);

#endif
