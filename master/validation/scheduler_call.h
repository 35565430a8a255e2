/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_VALIDATION_SCHEDULER_CALL_H
#define MASTER_VALIDATION_SCHEDULER_CALL_H

#include <actor/error.h>
#include <proto/types.h>

/* A scheduler's call as it came in: its type is known, the payload of that type is there, ids that must
 * agree do, uuids are uuids. Pure; any thread. 0, or -EINVAL with a sentence. */
int scheduler_call_validate(const Sched__Call *call, struct actor_error *error);

/* Filters.refuse_seconds in nanoseconds: 5 s where unset, negative or not a number; at most 365 days. */
int64_t filters_refuse_ns(const V1__Filters *filters);

#endif
