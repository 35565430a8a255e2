/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_UTF8_H
#define DAEMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The size of the character that `text` (NUL-terminated, not at its end) begins with: 1–4.
 * *ret_printable is false for control characters (C0, DEL, C1) and for bytes that are not
 * well-formed UTF-8, which count one each. Pure. */
size_t utf8_next(const char *text, bool *ret_printable);

#endif
