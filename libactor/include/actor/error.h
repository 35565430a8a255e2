/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_ERROR_H
#define ACTOR_ERROR_H

#include <actor/api.h>
#include <stdarg.h>

ACTOR_API_BEGIN

/* The one convention for returns, without exception:
 *
 *   0     done
 *   < 0   -errno: this call chain cannot go on; pass it up unchanged, nobody matches on it
 *   > 0   ROOM_E_*: an answer the direct caller must handle; it never travels further
 *
 * A function that judges outside input also takes a `struct actor_error *`, where it leaves one
 * sentence for a person: what was wrong, where, and what would be right. */
struct actor_error {
        char text[512];
};

#define ACTOR_MUST_CHECK __attribute__((warn_unused_result))
#define ACTOR_PRINTF(format_index, args_index) __attribute__((format(printf, format_index, args_index)))

/* Writes the sentence (cut at the buffer's end) and returns `code`, so that a parser can write
 * `return actor_error_set(error, -EINVAL, "…")`. `error` may be NULL. */
int actor_error_set(struct actor_error *error, int code, const char *format, ...) ACTOR_PRINTF(3, 4);

/* Puts "context: " before a sentence that is already there. `error` may be NULL. Returns `code`. */
int actor_error_prefix(struct actor_error *error, int code, const char *format, ...) ACTOR_PRINTF(3, 4);

ACTOR_API_END

#endif
