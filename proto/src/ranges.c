/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <inttypes.h>
#include <proto/values.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ranges_clear(struct ranges *ranges)
{
        free(ranges->list);
        *ranges = (struct ranges){0};
}

void ranges_append(struct ranges *ranges, uint64_t begin, uint64_t end)
{
        ACTOR_ARRAY_RESERVE(ranges->list, ranges->count, ranges->capacity);
        ranges->list[ranges->count++] = (struct value_range){begin, end};
}

struct ranges ranges_copy(const struct ranges *ranges)
{
        if (ranges->count == 0)
                return (struct ranges){0};
        return (struct ranges){.list = actor_memdup(ranges->list, ranges->count * sizeof *ranges->list),
                               .count = ranges->count,
                               .capacity = ranges->count};
}

static int compare_ranges(const void *a, const void *b)
{
        const struct value_range *x = a, *y = b;
        if (x->begin != y->begin)
                return x->begin < y->begin ? -1 : 1;
        return x->end == y->end ? 0 : x->end < y->end ? -1 : 1;
}

/* Whether `next` begins within or just behind `before`. */
static bool joins(const struct value_range *before, const struct value_range *next)
{
        return before->end == UINT64_MAX || next->begin <= before->end + 1;
}

static bool is_ascending(const struct ranges *ranges)
{
        for (size_t i = 1; i < ranges->count; i++)
                if (compare_ranges(&ranges->list[i - 1], &ranges->list[i]) > 0)
                        return false;
        return true;
}

static bool is_normal(const struct ranges *ranges)
{
        for (size_t i = 1; i < ranges->count; i++)
                if (ranges->list[i].begin <= ranges->list[i - 1].begin ||
                    joins(&ranges->list[i - 1], &ranges->list[i]))
                        return false;
        return true;
}

static void sort_ranges(struct ranges *ranges)
{
        if (!is_ascending(ranges))
                qsort(ranges->list, ranges->count, sizeof *ranges->list, compare_ranges);
}

void ranges_normalize(struct ranges *ranges)
{
        if (ranges->count < 2)
                return;
        sort_ranges(ranges);
        size_t last = 0;
        for (size_t i = 1; i < ranges->count; i++) {
                struct value_range *current = &ranges->list[last], *next = &ranges->list[i];
                if (next->begin != current->begin && !joins(current, next))
                        ranges->list[++last] = *next;
                else if (next->end > current->end)
                        current->end = next->end;
        }
        ranges->count = last + 1;
}

void ranges_add(struct ranges *ranges, const struct ranges *more)
{
        for (size_t i = 0; i < more->count; i++)
                ranges_append(ranges, more->list[i].begin, more->list[i].end);
        ranges_normalize(ranges);
}

/* Takes `less` from `piece`, which may be cut at its left; true while a right part of it is left over. */
static bool cut_piece(struct ranges *result, struct value_range *piece, const struct value_range *less)
{
        if (piece->begin < less->begin)
                ranges_append(result, piece->begin, less->begin - 1);
        if (piece->end <= less->end)
                return false;
        piece->begin = less->end + 1;
        return true;
}

static void subtract_sorted(struct ranges *ranges, const struct ranges *less)
{
        struct ranges result = {0};
        size_t k = 0;
        for (size_t i = 0; i < ranges->count; i++) {
                struct value_range piece = ranges->list[i];
                bool left = true;
                while (k < less->count && less->list[k].end < piece.begin)
                        k++;
                for (size_t j = k; left && j < less->count && less->list[j].begin <= piece.end; j++)
                        left = cut_piece(&result, &piece, &less->list[j]);
                if (left)
                        ranges_append(&result, piece.begin, piece.end);
        }
        ranges_clear(ranges);
        *ranges = result;
}

void ranges_subtract(struct ranges *ranges, const struct ranges *less)
{
        if (ranges->count == 0 || less->count == 0)
                return;
        sort_ranges(ranges);
        struct ranges normal = ranges_copy(less);
        ranges_normalize(&normal);
        subtract_sorted(ranges, &normal);
        ranges_clear(&normal);
}

/* Both normal: each of `part` lies within one of `ranges`. */
static bool contain_normal(const struct ranges *ranges, const struct ranges *part)
{
        size_t k = 0;
        for (size_t i = 0; i < part->count; i++) {
                while (k < ranges->count && ranges->list[k].end < part->list[i].begin)
                        k++;
                if (k == ranges->count || ranges->list[k].begin > part->list[i].begin ||
                    ranges->list[k].end < part->list[i].end)
                        return false;
        }
        return true;
}

static bool equal_normal(const struct ranges *a, const struct ranges *b)
{
        return a->count == b->count &&
               (a->count == 0 || memcmp(a->list, b->list, a->count * sizeof *a->list) == 0);
}

static bool compare_normalized(const struct ranges *a, const struct ranges *b,
                               bool (*test)(const struct ranges *, const struct ranges *))
{
        if (is_normal(a) && is_normal(b))
                return test(a, b);
        struct ranges x = ranges_copy(a), y = ranges_copy(b);
        ranges_normalize(&x);
        ranges_normalize(&y);
        bool result = test(&x, &y);
        ranges_clear(&x);
        ranges_clear(&y);
        return result;
}

bool ranges_contain(const struct ranges *ranges, const struct ranges *part)
{
        return compare_normalized(ranges, part, contain_normal);
}

bool ranges_equal(const struct ranges *a, const struct ranges *b)
{
        return compare_normalized(a, b, equal_normal);
}

uint64_t ranges_size(const struct ranges *ranges)
{
        uint64_t size = 0;
        for (size_t i = 0; i < ranges->count; i++) {
                uint64_t more = ranges->list[i].end - ranges->list[i].begin;
                if (more == UINT64_MAX || size > UINT64_MAX - more - 1)
                        return UINT64_MAX;
                size += more + 1;
        }
        return size;
}

char *ranges_print(const struct ranges *ranges)
{
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);
        fputc('[', stream);
        for (size_t i = 0; i < ranges->count; i++)
                fprintf(stream, "%s%" PRIu64 "-%" PRIu64, i > 0 ? ", " : "", ranges->list[i].begin,
                        ranges->list[i].end);
        fputc(']', stream);
        fclose(stream);
        return text;
}
