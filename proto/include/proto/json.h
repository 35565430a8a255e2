/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_JSON_H
#define PROTO_JSON_H

#include <actor/error.h>
#include <jansson.h>
#include <proto/types.h>

/* Protobuf messages as JSON, by the rules of the v1 HTTP API: field names as in the .proto, enums by
 * name, bytes as base64, maps as objects, unset optionals with an undeprecated default included,
 * null = unset, unknown keys ignored. Integers are JSON numbers; those above INT64_MAX, which jansson
 * does not have, become reals. Nesting is limited to ACTOR_NESTING_MAX. */

/* A new JSON object (the caller's reference). `msg` is any protobuf-c message. */
json_t *proto_to_json(const void *msg);

/* Fills a new message of `type`. Returns 0 and the message in *ret (actor_msg_unref), or -EINVAL
 * with a sentence that names the path of the offending field ("tasks[2].resources[0].scalar: …"). */
int proto_from_json(const struct actor_type *type, const json_t *json, void **ret, struct actor_error *error);

/* The same for a nested type, into the arena of `msg`. */
int proto_from_json_into(void *msg, const ProtobufCMessageDescriptor *descriptor, const json_t *json,
                         void **ret, struct actor_error *error);

/* The name of an enum value ("TASK_RUNNING"); "UNKNOWN" for a number without one. Never NULL. */
const char *proto_enum_name(const ProtobufCEnumDescriptor *descriptor, int value);

#endif
