/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/suggest.h>

#include <stddef.h>
#include <string.h>

#define WORD_MAX 64

static unsigned least(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

/* Edit distance where two neighbours swapped count one (optimal string alignment), by rows: the row
 * before, and the one before that for the swaps. */
static unsigned distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
        unsigned rows[3][WORD_MAX + 1];
        unsigned *above2 = rows[0], *above = rows[1], *row = rows[2];
        for (size_t j = 0; j <= b_size; j++)
                above[j] = (unsigned) j;
        for (size_t i = 1; i <= a_size; i++) {
                row[0] = (unsigned) i;
                for (size_t j = 1; j <= b_size; j++) {
                        row[j] =
                                least(above[j - 1] + (a[i - 1] != b[j - 1]), least(above[j], row[j - 1]) + 1);
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                                row[j] = least(row[j], above2[j - 2] + 1);
                }
                unsigned *spare = above2;
                above2 = above;
                above = row;
                row = spare;
        }
        return above[b_size];
}

const char *actor_suggest(const char *word, const char *const *candidates)
{
        size_t size = strlen(word);
        if (size == 0 || size > WORD_MAX)
                return NULL;
        const char *nearest = NULL;
        unsigned fewest = 2 + (unsigned) size / 4; /* as many edits as this are too many */
        if (fewest > size)
                fewest = (unsigned) size;
        for (; *candidates; candidates++) {
                size_t candidate_size = strlen(*candidates);
                if (candidate_size > WORD_MAX)
                        continue;
                unsigned edits = distance(word, size, *candidates, candidate_size);
                if (edits < fewest) {
                        fewest = edits;
                        nearest = *candidates;
                }
        }
        return nearest;
}
