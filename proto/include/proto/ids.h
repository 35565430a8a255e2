/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_IDS_H
#define PROTO_IDS_H

#include <actor/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ids and roles: the doors where names from outside are judged. Pure. 0, or -EINVAL with a sentence. */

/* Non-empty, at most 255 bytes, not "." or "..", no control characters, '/' or '\'. `what` ("task id")
 * opens the sentence. */
int id_validate(const char *what, const char *id, struct actor_error *error);
int container_id_validate(const char *id, struct actor_error *error);

int role_validate(const char *role, struct actor_error *error);
/* "a", "a/b" for "a/b/c" ... */
bool role_is_strict_subrole(const char *role, const char *ancestor);

/* A random (version 4) UUID: 16 raw bytes, and its text form. `random` gives 64 bits at a time (an actor's
 * dice). */
#define UUID_SIZE 16
#define UUID_TEXT_SIZE 37
void uuid_make(uint64_t high, uint64_t low, uint8_t ret[UUID_SIZE]);
void uuid_text(const uint8_t uuid[UUID_SIZE], char ret[UUID_TEXT_SIZE]);
/* 16 bytes whose version nibble is 1–5. */
bool uuid_is_valid(const void *data, size_t size);

#endif
