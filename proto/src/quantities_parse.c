/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <errno.h>
#include <proto/quantities.h>
#include <proto/values.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 64 /* of a bad text, in its sentence */

/* Takes one "name:amount" into what is being parsed. */
typedef int (*pair_handler)(void *arg, const char *name, int64_t milli, struct actor_error *error);

static int parse_amount(const char *text, int64_t *ret_milli, struct actor_error *error)
{
        struct value value = {0};
        int r = value_parse(text, &value, error);
        if (r < 0)
                return r;
        if (value.type != V1__VALUE__TYPE__SCALAR)
                r = actor_error_set(error, -EINVAL, "'%.*s' is not a number from 0 up", SHOWN_MAX, text);
        else if (!scalar_is_representable(value.scalar))
                r = actor_error_set(error, -EINVAL, "'%.*s' is too large; at most 9.2e15", SHOWN_MAX, text);
        else
                *ret_milli = scalar_to_milli(value.scalar);
        value_clear(&value);
        return r;
}

static char *trimmed(char *text)
{
        text += strspn(text, " \t\n\r");
        size_t length = strlen(text);
        while (length > 0 && strchr(" \t\n\r", text[length - 1]))
                text[--length] = '\0';
        return text;
}

static int parse_pair(char *pair, pair_handler handler, void *arg, struct actor_error *error)
{
        char *rest = NULL;
        char *name = strtok_r(pair, ":", &rest);
        char *amount = name ? strtok_r(NULL, ":", &rest) : NULL;
        if (amount == NULL || strtok_r(NULL, ":", &rest) != NULL || *trimmed(name) == '\0')
                return actor_error_set(error, -EINVAL, "expected NAME:NUMBER, with one ':'");
        int64_t milli = 0;
        int r = parse_amount(amount, &milli, error);
        return r < 0 ? r : handler(arg, trimmed(name), milli, error);
}

static int parse_pairs(const char *text, pair_handler handler, void *arg, struct actor_error *error)
{
        if (strlen(text) > VALUE_TEXT_MAX)
                return actor_error_set(error, -EINVAL, "'%.*s…' has %zu bytes; at most %d are allowed",
                                       SHOWN_MAX, text, strlen(text), VALUE_TEXT_MAX);
        CLEANUP(actor_freep) char *copy = actor_strdup(text);
        char *rest = NULL;
        for (char *pair = strtok_r(copy, ";", &rest); pair; pair = strtok_r(NULL, ";", &rest)) {
                CLEANUP(actor_freep) char *shown = actor_strndup(pair, SHOWN_MAX);
                int r = parse_pair(pair, handler, arg, error);
                if (r < 0)
                        return actor_error_prefix(error, r, "'%s'", shown);
        }
        return 0;
}

static int take_quantity(void *arg, const char *name, int64_t milli, struct actor_error *error)
{
        quantities_add_one(arg, name, milli);
        return 0;
}

static int take_limit(void *arg, const char *name, int64_t milli, struct actor_error *error)
{
        int64_t before;
        if (limits_get(arg, name, &before))
                return actor_error_set(error, -EINVAL, "'%.*s' is given twice", SHOWN_MAX, name);
        limits_set(arg, name, milli);
        return 0;
}

int quantities_parse(const char *text, struct quantities *ret, struct actor_error *error)
{
        struct quantities q = {0};
        int r = parse_pairs(text, take_quantity, &q, error);
        if (r == 0)
                *ret = q;
        else
                quantities_clear(&q);
        return r;
}

int limits_parse(const char *text, struct limits *ret, struct actor_error *error)
{
        struct limits limits = {{0}};
        int r = parse_pairs(text, take_limit, &limits, error);
        if (r == 0)
                *ret = limits;
        else
                limits_clear(&limits);
        return r;
}
