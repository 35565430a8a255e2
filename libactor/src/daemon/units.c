/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/units.h>

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
        const char *name;
        int64_t ns;
} duration_units[] = {
        {"ns", 1},
        {"us", 1000},
        {"ms", 1000000},
        {"secs", 1000000000},
        {"mins", 60 * 1000000000LL},
        {"hrs", 3600 * 1000000000LL},
        {"days", 24 * 3600 * 1000000000LL},
        {"weeks", 7 * 24 * 3600 * 1000000000LL},
};

/* In rising order, so that the index is the power of 1024. */
static const char *const byte_units[] = {"B", "KB", "MB", "GB", "TB"};

static const int64_t *find_duration_unit(const char *name)
{
        for (size_t i = 0; i < COUNT(duration_units); i++)
                if (strcmp(name, duration_units[i].name) == 0)
                        return &duration_units[i].ns;
        return NULL;
}

/* Decimal digits as a number; false on overflow. */
static bool parse_whole(const char *digits, size_t size, uint64_t *ret)
{
        uint64_t value = 0;
        for (size_t i = 0; i < size; i++)
                if (__builtin_mul_overflow(value, 10, &value) ||
                    __builtin_add_overflow(value, (uint64_t) (digits[i] - '0'), &value))
                        return false;
        *ret = value;
        return true;
}

/* "12.5" as a double, whatever the locale. Digits beyond what a double holds are left out. */
static double parse_fraction(const char *text, size_t size)
{
        double value = 0, scale = 1;
        bool after_point = false;
        for (size_t i = 0; i < size && value < 1e15; i++) {
                if (text[i] == '.') {
                        after_point = true;
                        continue;
                }
                value = value * 10 + (text[i] - '0');
                if (after_point)
                        scale *= 10;
        }
        return value / scale;
}

/* Whole numbers are exact; those with a point go through a double and are cut to whole ns, as in the
 * reference. The number must have a digit and at most one point. */
static bool scale_duration(const char *text, size_t size, int64_t unit_ns, int64_t *ret)
{
        const char *point = memchr(text, '.', size);
        if (!point) {
                uint64_t count;
                int64_t exact_ns;
                if (!parse_whole(text, size, &count) || __builtin_mul_overflow(count, unit_ns, &exact_ns))
                        return false;
                *ret = exact_ns;
                return true;
        }
        size_t whole = (size_t) (point - text);
        uint64_t ignored;
        if (!parse_whole(text, whole, &ignored) || ignored >= 1000000000000000u)
                return false;
        double ns = parse_fraction(text, size) * (double) unit_ns;
        if (ns >= 9223372036854775807.0)
                return false;
        *ret = (int64_t) ns;
        return true;
}

static bool is_decimal(const char *text, size_t size)
{
        size_t points = 0;
        for (size_t i = 0; i < size; i++)
                points += text[i] == '.';
        return points <= 1 && size > points;
}

int actor_duration_parse(const char *text, int64_t *ret_ns, struct actor_error *error)
{
        assert(text && ret_ns);
        size_t size = strspn(text, "0123456789.");
        if (!is_decimal(text, size))
                return actor_error_set(
                        error, -EINVAL,
                        "\"%.64s\" is not a duration: expected a number and a unit, like 15secs", text);
        const int64_t *unit_ns = find_duration_unit(text + size);
        if (!unit_ns)
                return actor_error_set(
                        error, -EINVAL,
                        "\"%.64s\" is not a duration: the unit \"%.32s\" is not one of ns, us, ms, secs, "
                        "mins, hrs, days, weeks (like 15secs)",
                        text, text + size);
        if (!scale_duration(text, size, *unit_ns, ret_ns))
                return actor_error_set(error, -EINVAL, "\"%.64s\" is too long a duration: at most 15250weeks",
                                       text);
        return 0;
}

/* The largest unit that is not larger than the value; one below it where only that gives a whole
 * number. So 10 days are "10days" and 61 seconds "61secs", but a day and a second "1.0000115…days". */
void actor_duration_print(int64_t ns, char *ret, size_t size)
{
        assert(ret && size > 0);
        int64_t length = ns == INT64_MIN ? INT64_MAX : ns < 0 ? -ns : ns;
        size_t unit = COUNT(duration_units) - 1;
        while (unit > 0 && length < duration_units[unit].ns)
                unit--;
        if (unit > 0 && length % duration_units[unit].ns != 0 && length % duration_units[unit - 1].ns == 0)
                unit--;
        snprintf(ret, size, "%s%.15g%s", ns < 0 ? "-" : "",
                 (double) length / (double) duration_units[unit].ns, duration_units[unit].name);
}

int actor_bytes_parse(const char *text, uint64_t *ret, struct actor_error *error)
{
        assert(text && ret);
        size_t size = strspn(text, "0123456789");
        if (text[size] == '.')
                return actor_error_set(error, -EINVAL,
                                       "\"%.64s\" is not a size: only whole numbers are allowed, like 1536KB",
                                       text);
        size_t unit = 0;
        while (unit < COUNT(byte_units) && strcasecmp(text + size, byte_units[unit]) != 0)
                unit++;
        if (size == 0 || unit == COUNT(byte_units))
                return actor_error_set(
                        error, -EINVAL,
                        "\"%.64s\" is not a size: expected a whole number and one of B, KB, MB, GB, TB, "
                        "like 64MB",
                        text);
        uint64_t count;
        if (!parse_whole(text, size, &count) ||
            __builtin_mul_overflow(count, (uint64_t) 1 << (10 * unit), &count))
                return actor_error_set(error, -EINVAL,
                                       "\"%.64s\" is too large a size: at most 18446744073709551615B", text);
        *ret = count;
        return 0;
}

void actor_bytes_print(uint64_t bytes, char *ret, size_t size)
{
        assert(ret && size > 0);
        size_t unit = 0;
        while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < COUNT(byte_units)) {
                bytes /= 1024;
                unit++;
        }
        snprintf(ret, size, "%" PRIu64 "%s", bytes, byte_units[unit]);
}
