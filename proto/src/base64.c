/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *data, size_t size)
{
        const uint8_t *bytes = data;
        char *text = actor_malloc((size + 2) / 3 * 4 + 1), *out = text;
        for (size_t i = 0; i < size; i += 3) {
                size_t left = size - i;
                uint32_t group = (uint32_t) bytes[i] << 16;
                if (left > 1)
                        group |= (uint32_t) bytes[i + 1] << 8;
                if (left > 2)
                        group |= bytes[i + 2];
                *out++ = digits[group >> 18];
                *out++ = digits[group >> 12 & 63];
                *out++ = left > 1 ? digits[group >> 6 & 63] : '=';
                *out++ = left > 2 ? digits[group & 63] : '=';
        }
        *out = '\0';
        return text;
}

static int digit_value(char c)
{
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (c >= '0' && c <= '9')
                return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int base64_decode(const char *text, size_t length, uint8_t *ret, size_t *ret_size)
{
        assert(ret && ret_size);
        for (int i = 0; i < 2 && length > 0 && text[length - 1] == '='; i++)
                length--;
        if (length % 4 == 1)
                return -EINVAL;
        uint32_t group = 0;
        unsigned bits = 0;
        size_t size = 0;
        for (size_t i = 0; i < length; i++) {
                int value = digit_value(text[i]);
                if (value < 0)
                        return -EINVAL;
                group = group << 6 | (uint32_t) value;
                bits += 6;
                if (bits >= 8) {
                        bits -= 8;
                        ret[size++] = (uint8_t) (group >> bits);
                }
        }
        *ret_size = size;
        return 0;
}
