/* SPDX-License-Identifier: Apache-2.0 */
#include "election/messages.h"

ACTOR_LOCAL_TYPE(election_changed_type, struct election_changed);
