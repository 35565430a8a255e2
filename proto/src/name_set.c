/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <proto/values.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void name_set_clear(struct name_set *set)
{
        for (size_t i = 0; i < set->count; i++)
                free(set->items[i]);
        free(set->items);
        *set = (struct name_set){0};
}

void name_set_append(struct name_set *set, const char *item, size_t length)
{
        ACTOR_ARRAY_RESERVE(set->items, set->count, set->capacity);
        set->items[set->count++] = actor_strndup(item, length);
}

struct name_set name_set_copy(const struct name_set *set)
{
        struct name_set copy = {0};
        for (size_t i = 0; i < set->count; i++)
                name_set_append(&copy, set->items[i], strlen(set->items[i]));
        return copy;
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* The items in order of name, for look-ups in sets of any size; free() it. NULL for an empty set. */
static char **index_of(const struct name_set *set)
{
        if (set->count == 0)
                return NULL;
        char **index = actor_memdup(set->items, set->count * sizeof *index);
        qsort(index, set->count, sizeof *index, compare_names);
        return index;
}

static bool index_has(char **index, size_t count, char *item)
{
        return count > 0 && bsearch(&item, index, count, sizeof *index, compare_names) != NULL;
}

static bool appended(const struct name_set *set, size_t from, const char *item)
{
        for (size_t i = from; i < set->count; i++)
                if (strcmp(set->items[i], item) == 0)
                        return true;
        return false;
}

void name_set_add(struct name_set *set, const struct name_set *more)
{
        char **index = index_of(set);
        size_t count = set->count;
        bool has_twice = name_set_duplicate(more) != NULL;
        for (size_t i = 0; i < more->count; i++)
                if (!index_has(index, count, more->items[i]) &&
                    !(has_twice && appended(set, count, more->items[i])))
                        name_set_append(set, more->items[i], strlen(more->items[i]));
        free(index);
}

void name_set_subtract(struct name_set *set, const struct name_set *less)
{
        char **index = index_of(less);
        size_t kept = 0;
        for (size_t i = 0; i < set->count; i++) {
                if (index_has(index, less->count, set->items[i]))
                        free(set->items[i]);
                else
                        set->items[kept++] = set->items[i];
        }
        set->count = kept;
        free(index);
}

bool name_set_contains(const struct name_set *set, const struct name_set *part)
{
        if (part->count > set->count)
                return false;
        char **index = index_of(set);
        bool all = true;
        for (size_t i = 0; all && i < part->count; i++)
                all = index_has(index, set->count, part->items[i]);
        free(index);
        return all;
}

bool name_set_equal(const struct name_set *a, const struct name_set *b)
{
        if (a->count != b->count)
                return false;
        for (size_t i = 0; i < a->count; i++)
                if (strcmp(a->items[i], b->items[i]) != 0)
                        return false;
        return true;
}

const char *name_set_duplicate(const struct name_set *set)
{
        char **index = index_of(set);
        const char *found = NULL;
        for (size_t i = 1; !found && i < set->count; i++)
                if (strcmp(index[i - 1], index[i]) == 0)
                        found = index[i];
        free(index);
        return found;
}

char *name_set_print(const struct name_set *set)
{
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);
        fputc('{', stream);
        for (size_t i = 0; i < set->count; i++)
                fprintf(stream, "%s%s", i > 0 ? ", " : "", set->items[i]);
        fputc('}', stream);
        fclose(stream);
        return text;
}
