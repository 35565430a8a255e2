/* SPDX-License-Identifier: Apache-2.0 */
#include "chat.h"

ACTOR_PROTO_TYPE(chat_join_type, "chat.Join", Chat__Join, chat__join__descriptor);
ACTOR_PROTO_TYPE(chat_welcome_type, "chat.Welcome", Chat__Welcome, chat__welcome__descriptor);
ACTOR_PROTO_TYPE(chat_refused_type, "chat.Refused", Chat__Refused, chat__refused__descriptor);
ACTOR_PROTO_TYPE(chat_say_type, "chat.Say", Chat__Say, chat__say__descriptor);
ACTOR_PROTO_TYPE(chat_said_type, "chat.Said", Chat__Said, chat__said__descriptor);
ACTOR_PROTO_TYPE(chat_leave_type, "chat.Leave", Chat__Leave, chat__leave__descriptor);
ACTOR_PROTO_TYPE(chat_goodbye_type, "chat.Goodbye", Chat__Goodbye, chat__goodbye__descriptor);
ACTOR_PROTO_TYPE(chat_came_type, "chat.Came", Chat__Came, chat__came__descriptor);
ACTOR_PROTO_TYPE(chat_left_type, "chat.Left", Chat__Left, chat__left__descriptor);

const struct actor_type *const chat_types[] = {
        &chat_join_type,  &chat_welcome_type, &chat_refused_type, &chat_say_type,  &chat_said_type,
        &chat_leave_type, &chat_goodbye_type, &chat_came_type,    &chat_left_type, NULL,
};
