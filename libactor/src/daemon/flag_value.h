/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_FLAG_VALUE_H
#define DAEMON_FLAG_VALUE_H

#include <actor/flags.h>

/* Reads `text` as a value of the flag's type, checks it against what the flag accepts and stores it
 * in the flags struct, where a string replaces and frees the former one. Returns 0, or -EINVAL with a
 * sentence about the value alone; the struct is then unchanged. */
int flag_value_set(const struct actor_flag *flag, void *flags, const char *text, struct actor_error *error);

/* Makes a string NULL without looking at what was there / frees it and makes it NULL. */
void flag_value_init(const struct actor_flag *flag, void *flags);
void flag_value_done(const struct actor_flag *flag, void *flags);

/* What people write for a value of the flag: "N", "DURATION", or the list it accepts. */
const char *flag_value_placeholder(const struct actor_flag *flag);

#endif
