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
/* Also without '.' and ' ': nested ids are joined by dots. */
int container_id_validate(const char *id, struct actor_error *error);

/* "*", or components joined by '/': none of them empty, ".", "..", "*", opened by '-', or holding
 * white space or DEL. At most ROLE_LENGTH_MAX bytes. */
#define ROLE_LENGTH_MAX 4096
int role_validate(const char *role, struct actor_error *error);
/* Whether `role` lies below `ancestor` in the tree: "a/b/c" below "a" and "a/b", "ab" not below "a". */
bool role_is_strict_subrole(const char *role, const char *ancestor);
/* How many of the first `length` bytes of `role` name its parent: for "a/b/c" 3, then 1, then 0 (top). */
size_t role_parent_length(const char *role, size_t length);
/* "a,b/c" as a NULL-terminated array (role_list_free); empty items are skipped, each role is validated. */
int role_list_parse(const char *text, char ***ret, struct actor_error *error);
void role_list_free(char **roles); /* NULL is fine */

/* A random (version 4) UUID: 16 raw bytes, and its text form. `random` gives 64 bits at a time (an actor's
 * dice). */
#define UUID_SIZE 16
#define UUID_TEXT_SIZE 37
void uuid_make(uint64_t high, uint64_t low, uint8_t ret[UUID_SIZE]);
void uuid_text(const uint8_t uuid[UUID_SIZE], char ret[UUID_TEXT_SIZE]);
/* 16 bytes whose version nibble is 1–5. */
bool uuid_is_valid(const void *data, size_t size);

#endif
