/* SPDX-License-Identifier: Apache-2.0 */
#include "constraint.h"

#include <actor/memory.h>
#include <ctype.h>
#include <errno.h>
#include <proto/values.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX 200 /* of a bad text, in its sentence */

/* What follows an operator. */
enum operand { OPERAND_NONE, OPERAND_VALUE, OPERAND_PATTERN, OPERAND_NUMBER, OPERAND_NUMBER_OR_NONE };

static const struct form {
        const char *name;
        enum operand operand;
        const char *text; /* how it is written */
} forms[] = {
        [CONSTRAINT_UNIQUE] = {"UNIQUE", OPERAND_NONE, "UNIQUE"},
        [CONSTRAINT_CLUSTER] = {"CLUSTER", OPERAND_VALUE, "CLUSTER:VALUE"},
        [CONSTRAINT_GROUP_BY] = {"GROUP_BY", OPERAND_NUMBER_OR_NONE, "GROUP_BY or GROUP_BY:NUMBER"},
        [CONSTRAINT_LIKE] = {"LIKE", OPERAND_PATTERN, "LIKE:PATTERN"},
        [CONSTRAINT_UNLIKE] = {"UNLIKE", OPERAND_PATTERN, "UNLIKE:PATTERN"},
        [CONSTRAINT_MAX_PER] = {"MAX_PER", OPERAND_NUMBER, "MAX_PER:NUMBER"},
};
#define FORM_COUNT (sizeof forms / sizeof *forms)

/* ---- the operand ---------------------------------------------------------------------------------- */

static int read_number(const char *text, unsigned *ret, struct actor_error *error)
{
        char *end = NULL;
        unsigned long number = isdigit((unsigned char) *text) ? strtoul(text, &end, 10) : 0;
        if (number < 1 || number > CONSTRAINT_NUMBER_MAX || *end != '\0')
                return actor_error_set(error, -EINVAL,
                                       "NUMBER must be a whole number from 1 to %d, not \"%.*s\"",
                                       CONSTRAINT_NUMBER_MAX, SHOWN_MAX, text);
        *ret = (unsigned) number;
        return 0;
}

/* An agent's 4.0 is printed as 4: what is to equal it is, too. Text stays as it is, spaces and all. */
static char *canonical(const char *text)
{
        struct value value = {0};
        char number[SCALAR_TEXT_SIZE], *ret = NULL;
        if (value_parse(text, &value, NULL) != 0)
                return actor_strdup(text);
        if (value.type == V1__VALUE__TYPE__SCALAR) {
                scalar_print(scalar_to_milli(value.scalar), number);
                ret = actor_strdup(number);
        } else if (value.type == V1__VALUE__TYPE__RANGES) {
                ranges_normalize(&value.ranges);
                ret = ranges_print(&value.ranges);
        } else if (value.type == V1__VALUE__TYPE__SET) {
                ret = name_set_print(&value.set);
        } else {
                ret = actor_strdup(text);
        }
        value_clear(&value);
        return ret;
}

static int read_operand(const struct form *form, const char *text, struct constraint *constraint,
                        struct actor_error *error)
{
        bool given = text != NULL;
        bool wanted = form->operand != OPERAND_NONE && form->operand != OPERAND_NUMBER_OR_NONE;
        if ((wanted && !given) || (given && *text == '\0') || (given && form->operand == OPERAND_NONE))
                return actor_error_set(error, -EINVAL, "write FIELD:%s", form->text);
        if (!given)
                return 0;
        if (form->operand == OPERAND_PATTERN)
                return pattern_new(text, &constraint->pattern, error);
        if (form->operand == OPERAND_VALUE) {
                constraint->value = canonical(text);
                return 0;
        }
        return read_number(text, &constraint->number, error);
}

/* ---- the whole ------------------------------------------------------------------------------------ */

static bool has_control_character(const char *text)
{
        for (; *text != '\0'; text++)
                if (iscntrl((unsigned char) *text))
                        return true;
        return false;
}

static int read_parts(const char *field, const char *name, const char *operand, struct constraint *constraint,
                      struct actor_error *error)
{
        if (*field == '\0')
                return actor_error_set(error, -EINVAL,
                                       "FIELD is empty: it is hostname, region, zone or an attribute");
        for (size_t i = 0; i < FORM_COUNT; i++) {
                if (strcasecmp(forms[i].name, name) != 0)
                        continue;
                constraint->op = (enum constraint_operator) i;
                constraint->field = actor_strdup(field);
                return read_operand(&forms[i], operand, constraint, error);
        }
        return actor_error_set(
                error, -EINVAL,
                "there is no operator \"%.*s\", but UNIQUE, CLUSTER, GROUP_BY, LIKE, UNLIKE and MAX_PER",
                SHOWN_MAX, name);
}

int constraint_parse(const char *text, struct constraint *ret, struct actor_error *error)
{
        struct constraint constraint = {0};
        if (has_control_character(text) || strlen(text) > PATTERN_SIZE_MAX + 500)
                return actor_error_set(error, -EINVAL,
                                       "a constraint has at most %d bytes and no control characters",
                                       PATTERN_SIZE_MAX + 500);
        if (strchr(text, ':') == NULL)
                return actor_error_set(error, -EINVAL,
                                       "\"%.*s\": expected FIELD:OPERATOR[:VALUE], e.g. hostname:UNIQUE",
                                       SHOWN_MAX, text);
        CLEANUP(actor_freep) char *field = actor_strdup(text);
        char *name = strchr(field, ':');
        *name++ = '\0';
        char *operand = strchr(name, ':');
        if (operand != NULL)
                *operand++ = '\0';
        int r = read_parts(field, name, operand, &constraint, error);
        if (r != 0) {
                constraint_clear(&constraint);
                return actor_error_prefix(error, r, "\"%.*s\"", SHOWN_MAX, text);
        }
        constraint.text = actor_strdup(text);
        *ret = constraint;
        return 0;
}

void constraint_clear(struct constraint *constraint)
{
        free(constraint->text);
        free(constraint->field);
        free(constraint->value);
        pattern_free(constraint->pattern);
        *constraint = (struct constraint){0};
}
