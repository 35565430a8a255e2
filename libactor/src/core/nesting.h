/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_NESTING_H
#define CORE_NESTING_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

/* Whether packed bytes nest messages at most `depth_max` deep. protobuf-c unpacks recursively and
 * knows no limit of its own, so this goes first. Bytes that are no message at all may pass: the
 * unpacker refuses them. What no type of the message's can exceed is not looked at (found out once a thread).
 */
bool nesting_is_bounded(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data, size_t size,
                        unsigned depth_max);

#endif
