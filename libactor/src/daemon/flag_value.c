/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flag_value.h"

#include <actor/memory.h>
#include <actor/units.h>

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One value of any type but string, for reading and comparing. */
union value {
        flag_bool as_bool;
        flag_uint as_uint;
        flag_duration as_duration;
        flag_bytes as_bytes;
        flag_double as_double;
};

static int parse_bool(const char *text, flag_bool *ret, struct actor_error *error)
{
        static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (strcasecmp(text, words[i]) == 0) {
                        *ret = i % 2 == 1;
                        return 0;
                }
        return actor_error_set(error, -EINVAL, "\"%.64s\" is neither true nor false", text);
}

static int parse_uint(const char *text, flag_uint *ret, struct actor_error *error)
{
        if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
                return actor_error_set(error, -EINVAL, "\"%.64s\" is not a whole number", text);
        errno = 0;
        unsigned long long value = strtoull(text, NULL, 10);
        if (errno != 0)
                return actor_error_set(error, -EINVAL, "\"%.64s\" is too large a number", text);
        *ret = value;
        return 0;
}

static int parse_double(const char *text, flag_double *ret, struct actor_error *error)
{
        char *end;
        double value = strtod(text, &end);
        if (text[0] == '\0' || text[strspn(text, "0123456789.eE+-")] != '\0' || *end != '\0')
                return actor_error_set(error, -EINVAL, "\"%.64s\" is not a number", text);
        if (!isfinite(value))
                return actor_error_set(error, -EINVAL, "\"%.64s\" is too large a number", text);
        *ret = value;
        return 0;
}

static int parse(enum actor_flag_type type, const char *text, union value *ret, struct actor_error *error)
{
        switch (type) {
        case FLAG_bool:
                return parse_bool(text, &ret->as_bool, error);
        case FLAG_uint:
                return parse_uint(text, &ret->as_uint, error);
        case FLAG_duration:
                return actor_duration_parse(text, &ret->as_duration, error);
        case FLAG_bytes:
                return actor_bytes_parse(text, &ret->as_bytes, error);
        case FLAG_double:
                return parse_double(text, &ret->as_double, error);
        case FLAG_string:
                break;
        }
        return 0;
}

static int compare(enum actor_flag_type type, const union value *a, const union value *b)
{
        switch (type) {
        case FLAG_uint:
                return (a->as_uint > b->as_uint) - (a->as_uint < b->as_uint);
        case FLAG_duration:
                return (a->as_duration > b->as_duration) - (a->as_duration < b->as_duration);
        case FLAG_bytes:
                return (a->as_bytes > b->as_bytes) - (a->as_bytes < b->as_bytes);
        case FLAG_double:
                return (a->as_double > b->as_double) - (a->as_double < b->as_double);
        case FLAG_bool:
        case FLAG_string:
                break;
        }
        return 0;
}

static bool is_listed(const char *list, const char *text)
{
        size_t size = strlen(text);
        while (size > 0) {
                size_t item = strcspn(list, "|");
                if (item == size && memcmp(list, text, size) == 0)
                        return true;
                if (list[item] == '\0')
                        return false;
                list += item + 1;
        }
        return false;
}

/* A bound of a range is written by us: that it reads well is an invariant. */
static bool reaches(enum actor_flag_type type, const union value *value, const char *bound_text, size_t size,
                    int direction)
{
        CLEANUP(actor_freep) char *text = actor_strndup(bound_text, size);
        union value bound = {0};
        int r = parse(type, text, &bound, NULL);
        assert(r == 0);
        (void) r;
        return compare(type, value, &bound) * direction >= 0;
}

static bool is_accepted(const struct actor_flag *flag, const char *text, const union value *value)
{
        const char *accepts = flag->accepts ? flag->accepts : "";
        const char *dots = strstr(accepts, "..");
        if (accepts[0] == '\0' || flag->type == FLAG_bool)
                return true;
        if (flag->type == FLAG_string || strchr(accepts, '|'))
                return is_listed(accepts, text);
        if (strncmp(accepts, ">=", 2) == 0)
                return reaches(flag->type, value, accepts + 2, strlen(accepts + 2), 1);
        assert(dots && "a range is written >=N, N..M or a|b|c");
        return reaches(flag->type, value, accepts, (size_t) (dots - accepts), 1) &&
               reaches(flag->type, value, dots + 2, strlen(dots + 2), -1);
}

static void *field(const struct actor_flag *flag, void *flags)
{
        return (char *) flags + flag->offset;
}

static void store(const struct actor_flag *flag, void *flags, const char *text, const union value *value)
{
        static const size_t sizes[] = {
                [FLAG_bool] = sizeof(flag_bool),         [FLAG_uint] = sizeof(flag_uint),
                [FLAG_duration] = sizeof(flag_duration), [FLAG_bytes] = sizeof(flag_bytes),
                [FLAG_double] = sizeof(flag_double),
        };
        if (flag->type != FLAG_string) {
                memcpy(field(flag, flags), value, sizes[flag->type]);
                return;
        }
        char *copy = actor_strdup(text);
        flag_value_done(flag, flags);
        *(flag_string *) field(flag, flags) = copy;
}

int flag_value_set(const struct actor_flag *flag, void *flags, const char *text, struct actor_error *error)
{
        union value value = {0};
        int r = parse(flag->type, text, &value, error);
        if (r != 0)
                return r;
        if (!is_accepted(flag, text, &value))
                return actor_error_set(error, -EINVAL, "\"%.64s\" is not accepted", text);
        store(flag, flags, text, &value);
        return 0;
}

void flag_value_init(const struct actor_flag *flag, void *flags)
{
        if (flag->type == FLAG_string)
                *(flag_string *) field(flag, flags) = NULL;
}

void flag_value_done(const struct actor_flag *flag, void *flags)
{
        if (flag->type != FLAG_string)
                return;
        flag_string *string = field(flag, flags);
        free((char *) *string);
        *string = NULL;
}

const char *flag_value_placeholder(const struct actor_flag *flag)
{
        static const char *const names[] = {
                [FLAG_bool] = "BOOL",  [FLAG_uint] = "N",        [FLAG_duration] = "DURATION",
                [FLAG_bytes] = "SIZE", [FLAG_double] = "NUMBER", [FLAG_string] = "TEXT",
        };
        if (flag->accepts && strchr(flag->accepts, '|'))
                return flag->accepts;
        return names[flag->type];
}

void actor_flag_value(const struct actor_flag *flag, const void *flags, char *ret, size_t size)
{
        assert(ret && size > 0);
        const void *at = (const char *) flags + flag->offset;
        switch (flag->type) {
        case FLAG_bool:
                snprintf(ret, size, "%s", *(const flag_bool *) at ? "true" : "false");
                return;
        case FLAG_uint:
                snprintf(ret, size, "%" PRIu64, *(const flag_uint *) at);
                return;
        case FLAG_duration:
                actor_duration_print(*(const flag_duration *) at, ret, size);
                return;
        case FLAG_bytes:
                actor_bytes_print(*(const flag_bytes *) at, ret, size);
                return;
        case FLAG_double:
                snprintf(ret, size, "%.15g", *(const flag_double *) at);
                return;
        case FLAG_string:
                snprintf(ret, size, "%s", *(const flag_string *) at ? *(const flag_string *) at : "");
        }
}
