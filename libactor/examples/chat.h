/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_H
#define CHAT_H

#include <actor/message.h>
#include "chat.pb-c.h"

/* The wire types of chat.proto; both programs give them to their node. */
extern const struct actor_type chat_join_type, chat_welcome_type, chat_refused_type, chat_say_type,
        chat_said_type;
extern const struct actor_type chat_leave_type, chat_goodbye_type, chat_came_type, chat_left_type;
extern const struct actor_type *const chat_types[]; /* NULL-terminated */

#endif
