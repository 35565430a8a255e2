/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_VALUE_MESSAGE_H
#define PROTO_VALUE_MESSAGE_H

#include <proto/values.h>

/* Values to and from their v1 messages. The messages are built in the arena of `msg`. */

V1__Value__Scalar *value_scalar_message(void *msg, double value);
V1__Value__Ranges *value_ranges_message(void *msg, const struct ranges *ranges);
V1__Value__Set *value_set_message(void *msg, const struct name_set *set);
V1__Value__Text *value_text_message(void *msg, const char *text);

struct ranges value_ranges_from_message(const V1__Value__Ranges *message);
struct name_set value_set_from_message(const V1__Value__Set *message);

#endif
