/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_UNITS_H
#define ACTOR_UNITS_H

#include <actor/error.h>
#include <stddef.h>
#include <stdint.h>

ACTOR_API_BEGIN

/* Durations and sizes (bytes) as text, to parse and to print. Durations: a decimal number and one of ns us ms secs mins hrs days
 * weeks, kept as nanoseconds; printed with the largest unit that gives an exact short value (the
 * reference's form, tests/conformance/durations_and_bytes.json). Sizes: a whole number and one of B
 * KB MB GB TB (powers of 1024). Pure; any thread. -EINVAL with a sentence otherwise, *ret untouched. */
int actor_duration_parse(const char *text, int64_t *ret_ns, struct actor_error *error);
void actor_duration_print(int64_t ns, char *ret, size_t size);
int actor_bytes_parse(const char *text, uint64_t *ret, struct actor_error *error);
void actor_bytes_print(uint64_t bytes, char *ret, size_t size);

ACTOR_API_END

#endif
