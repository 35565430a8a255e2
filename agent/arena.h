/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_ARENA_H
#define AGENT_ARENA_H

#include <actor/message.h>

/* A protobuf-c struct in the arena of `msg`, initialised: ARENA_NEW(msg, V1__TaskID, v1__task_id). */
#define ARENA_NEW(msg, type, prefix)                               \
        __extension__({                                            \
                type *new_ = actor_msg_alloc((msg), sizeof *new_); \
                prefix##__init(new_);                              \
                new_;                                              \
        })

#endif
