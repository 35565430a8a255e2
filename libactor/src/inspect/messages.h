/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_MESSAGES_H
#define INSPECT_MESSAGES_H

#include "inspect.pb-c.h"

#include <actor/message.h>

/* What is asked of an inspector and what it answers; every node with wire types knows both. */
extern const struct actor_type inspect_question_type; /* Actor__Inspect__Question */
extern const struct actor_type inspect_answer_type;   /* Actor__Inspect__Answer */

/* A list member made in an answer, still empty: INSPECT_NEW(answer, actor__inspect__event,
 * Actor__Inspect__Event). */
#define INSPECT_NEW(message, prefix, c_type)                                \
        __extension__({                                                     \
                c_type *part_ = actor_msg_alloc((message), sizeof(c_type)); \
                prefix##__init(part_);                                      \
                part_;                                                      \
        })
/* Sets a field that may be absent. */
#define INSPECT_SET(part, field, value)     \
        do {                                \
                (part)->has_##field = true; \
                (part)->field = (value);    \
        } while (0)

#endif
