/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_STATE_CHANGES_H
#define MASTER_STATE_CHANGES_H

#include "state/snapshot.h"

#include <proto/types.h>

/* What subscribers are told of an event: asked before the model takes it in, since "added" or
 * "updated" depends on what was there. Each returns a new message that holds the event and refers to it,
 * or NULL where v1 has no word for the change. Pure. */
MasterApi__Event *change_of_agent(const struct model *model, const struct state_agent *event);
MasterApi__Event *change_of_framework(const struct model *model, const struct state_framework *event);
MasterApi__Event *change_of_task(const struct model *model, const struct state_task *event);

/* The first event of a stream: `state` is an answer to GET_STATE, which the event holds. */
MasterApi__Event *change_subscribed(const MasterApi__Response *state) __attribute__((returns_nonnull));

#endif
