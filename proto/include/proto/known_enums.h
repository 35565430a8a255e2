/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_KNOWN_ENUMS_H
#define PROTO_KNOWN_ENUMS_H

#include <actor/error.h>
#include <proto/types.h>

/* Checks that each enum field of a message, and of those within it, holds a value that the schema knows: the
 * decoder keeps any number. Capabilities of frameworks and agents may be strange: that is how a newer peer
 * says what it can do beyond us. Returns 0, or -EINVAL with a sentence: the field's path behind `what` the
 * message is ("TaskInfo.check.type: …"), the number, what would be right. `msg` is any protobuf-c message
 * that came through the decoder, so its depth is bounded. */
int enums_validate(const void *msg, const char *what, struct actor_error *error);

#endif
