/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_BASE64_H
#define PROTO_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* RFC 4648, with padding. Pure. */

/* malloc'ed text. */
char *base64_encode(const void *data, size_t size);

/* At most this many bytes come out of `length` characters. */
#define BASE64_DECODED_MAX(length) ((length) / 4 * 3 + 3)
/* 0, or -EINVAL where the text is not base64. `ret` has room for BASE64_DECODED_MAX(length). Padding may be
 * left out. */
int base64_decode(const char *text, size_t length, uint8_t *ret, size_t *ret_size);

#endif
