/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/utf8.h"

#include <assert.h>

static bool continues(unsigned char byte)
{
        return (byte & 0xc0) == 0x80;
}

/* The size a lead byte announces; 0 if it is none. */
static size_t announced(unsigned char lead)
{
        if (lead < 0x80)
                return 1;
        if (lead >= 0xc2 && lead < 0xe0)
                return 2;
        if (lead >= 0xe0 && lead < 0xf0)
                return 3;
        if (lead >= 0xf0 && lead < 0xf5)
                return 4;
        return 0;
}

/* Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte. */
static bool second_byte_is_good(unsigned char lead, unsigned char second)
{
        switch (lead) {
        case 0xe0:
                return second >= 0xa0;
        case 0xed:
                return second < 0xa0;
        case 0xf0:
                return second >= 0x90;
        case 0xf4:
                return second < 0x90;
        default:
                return true;
        }
}

size_t utf8_next(const char *text, bool *ret_printable)
{
        const unsigned char *at = (const unsigned char *) text;
        assert(*at);
        size_t size = announced(at[0]);
        for (size_t i = 1; i < size; i++)
                if (!continues(at[i]) || (i == 1 && !second_byte_is_good(at[0], at[1])))
                        size = 0;
        *ret_printable = false;
        if (size == 0)
                return 1;
        *ret_printable = size == 1 ? at[0] >= 0x20 && at[0] != 0x7f : !(at[0] == 0xc2 && at[1] < 0xa0);
        return size;
}
