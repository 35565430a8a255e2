/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <proto/values.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 64 /* of a bad text, in its sentence */

void value_clear(struct value *value)
{
        ranges_clear(&value->ranges);
        name_set_clear(&value->set);
        free(value->text);
        *value = (struct value){0};
}

static char *without_spaces(const char *text)
{
        char *copy = actor_strdup(text), *out = copy;
        for (const char *c = copy; *c; c++)
                if (*c != ' ')
                        *out++ = *c;
        *out = '\0';
        return copy;
}

static bool is_balanced(const char *text, char open, char close)
{
        size_t depth = 0;
        for (; *text; text++) {
                if (*text == open)
                        depth++;
                else if (*text == close && depth-- == 0)
                        return false;
        }
        return depth == 0;
}

/* A decimal number, whole or with a 0x prefix hexadecimal, that fits 64 bits; a '+' may open it. */
static bool parse_natural(const char *text, size_t length, uint64_t *ret)
{
        unsigned base = 10;
        if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
                base = 16;
                text += 2;
                length -= 2;
        } else if (length > 1 && *text == '+') {
                text++;
                length--;
        }
        uint64_t number = 0;
        for (size_t i = 0; i < length; i++) {
                char c = (char) tolower((unsigned char) text[i]);
                unsigned digit = c >= '0' && c <= '9' ? (unsigned) (c - '0') : (unsigned) (c - 'a') + 10;
                if ((!isdigit((unsigned char) c) && (c < 'a' || c > 'f')) || digit >= base)
                        return false;
                if (__builtin_mul_overflow(number, (uint64_t) base, &number) ||
                    __builtin_add_overflow(number, (uint64_t) digit, &number))
                        return false;
        }
        *ret = number;
        return length > 0;
}

/* The next token between separators, which are skipped; 0 at the end. */
static size_t next_token(const char **text, const char *separators)
{
        *text += strspn(*text, separators);
        return strcspn(*text, separators);
}

static int parse_ranges(const char *text, struct ranges *ret, struct actor_error *error)
{
        static const char separators[] = "[]-,\n";
        struct ranges ranges = {0};
        const char *token = text;
        size_t length;
        while ((length = next_token(&token, separators)) > 0) {
                uint64_t begin = 0, end = 0;
                bool good = parse_natural(token, length, &begin);
                const char *second = token + length;
                size_t second_length = next_token(&second, separators);
                if (!good || !parse_natural(second, second_length, &end)) {
                        ranges_clear(&ranges);
                        return actor_error_set(
                                error, -EINVAL,
                                "bad range at '%.*s' in '%.*s': expected BEGIN-END, whole numbers from 0 "
                                "to 18446744073709551615, as in [1-2, 5-9]",
                                SHOWN_MAX, token, SHOWN_MAX, text);
                }
                ranges_append(&ranges, begin, end);
                token = second + second_length;
        }
        ranges_normalize(&ranges);
        *ret = ranges;
        return 0;
}

static void parse_set(const char *text, struct name_set *ret)
{
        static const char separators[] = "{},\n";
        size_t length;
        for (; (length = next_token(&text, separators)) > 0; text += length)
                name_set_append(ret, text, length);
}

/* [+-] digits [. digits] [e [+-] digits], at least one digit before e. */
static bool is_decimal(const char *text)
{
        text += *text == '+' || *text == '-';
        size_t whole = strspn(text, "0123456789");
        text += whole;
        size_t fraction = 0;
        if (*text == '.') {
                fraction = strspn(text + 1, "0123456789");
                text += 1 + fraction;
        }
        if (whole + fraction == 0)
                return false;
        if (*text == 'e' || *text == 'E') {
                text++;
                text += *text == '+' || *text == '-';
                size_t exponent = strspn(text, "0123456789");
                if (exponent == 0)
                        return false;
                text += exponent;
        }
        return *text == '\0';
}

/* A number that can be counted is a scalar; one that cannot (negative, infinite) is text like any other. */
static int parse_plain(const char *text, struct value *ret, struct actor_error *error)
{
        double number = is_decimal(text) ? strtod(text, NULL) : (double) NAN;
        switch (fpclassify(number)) {
        case FP_SUBNORMAL:
                return actor_error_set(error, -EINVAL, "'%.*s' is too close to zero to be a number here",
                                       SHOWN_MAX, text);
        case FP_ZERO:
                ret->type = V1__VALUE__TYPE__SCALAR;
                ret->scalar = number;
                return 0;
        case FP_NORMAL:
                if (number < 0)
                        break;
                ret->type = V1__VALUE__TYPE__SCALAR;
                ret->scalar = number;
                return 0;
        default:
                break;
        }
        ret->type = V1__VALUE__TYPE__TEXT;
        ret->text = actor_strdup(text);
        return 0;
}

static int parse_compact(const char *text, struct value *ret, struct actor_error *error)
{
        if (*text == '\0')
                return actor_error_set(error, -EINVAL,
                                       "a value is missing: expected a number, [ranges], {set} or text");
        if (!is_balanced(text, '{', '}') || !is_balanced(text, '[', ']') || !is_balanced(text, '(', ')'))
                return actor_error_set(error, -EINVAL, "brackets do not match in '%.*s'", SHOWN_MAX, text);
        if (*text == '[') {
                ret->type = V1__VALUE__TYPE__RANGES;
                return parse_ranges(text, &ret->ranges, error);
        }
        if (*text == '{' && strchr(text, '[') == NULL) {
                ret->type = V1__VALUE__TYPE__SET;
                parse_set(text, &ret->set);
                return 0;
        }
        const char *bracket = strchr(text, '[');
        if (bracket == NULL)
                bracket = strchr(text, '{');
        if (bracket)
                return actor_error_set(error, -EINVAL,
                                       "unexpected '%c' within '%.*s': ranges and sets open the value",
                                       *bracket, SHOWN_MAX, text);
        return parse_plain(text, ret, error);
}

int value_parse(const char *text, struct value *ret, struct actor_error *error)
{
        assert(text && ret);
        if (strlen(text) > VALUE_TEXT_MAX)
                return actor_error_set(error, -EINVAL, "'%.*s…' has %zu bytes; at most %d are allowed",
                                       SHOWN_MAX, text, strlen(text), VALUE_TEXT_MAX);
        CLEANUP(actor_freep) char *compact = without_spaces(text);
        struct value value = {0};
        int r = parse_compact(compact, &value, error);
        if (r == 0)
                *ret = value;
        return r;
}
