/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_TEXT_H
#define TESTS_LIB_TEXT_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Appends to what tests write down to compare; a text that does not fit fails the test. */
__attribute__((format(printf, 3, 4))) static inline void text_append(char *text, size_t size,
                                                                     const char *format, ...)
{
        size_t used = strlen(text);
        va_list args;
        va_start(args, format);
        int added = vsnprintf(text + used, size - used, format, args);
        va_end(args);
        ck_assert_int_ge(added, 0);
        ck_assert_uint_lt(used + (size_t) added, size);
}

#define TEXT_APPEND(array, ...) text_append((array), sizeof(array), __VA_ARGS__)

#endif
