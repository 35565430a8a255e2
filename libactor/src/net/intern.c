/* SPDX-License-Identifier: Apache-2.0 */
#include "net/intern.h"
#include "net/frame.h"

#include <actor/memory.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct intern {
        pthread_mutex_t lock;
        char **texts; /* texts[number - 1] */
        uint32_t count, capacity, count_max;
        uint32_t *cells;     /* open addressing by the text's hash: numbers, 0 = empty */
        uint32_t cell_count; /* a power of two, more than twice the named texts */
        uint32_t named;
};

struct intern *intern_new(uint32_t count_max)
{
        struct intern *intern = actor_zalloc(sizeof *intern);
        pthread_mutex_init(&intern->lock, NULL);
        intern->count_max = count_max;
        intern->cell_count = 64;
        intern->cells = actor_zalloc(intern->cell_count * sizeof *intern->cells);
        return intern;
}

void intern_free(struct intern *intern)
{
        if (!intern)
                return;
        for (uint32_t i = 0; i < intern->count; i++)
                free(intern->texts[i]);
        free(intern->texts);
        free(intern->cells);
        pthread_mutex_destroy(&intern->lock);
        free(intern);
}

/* The cell of a text, or the empty one where it would go. */
static uint32_t *cell_of(struct intern *intern, const char *text)
{
        uint32_t mask = intern->cell_count - 1;
        uint32_t at = (uint32_t) frame_type_hash(text) & mask;
        while (intern->cells[at] != 0 && strcmp(intern->texts[intern->cells[at] - 1], text) != 0)
                at = (at + 1) & mask;
        return &intern->cells[at];
}

static uint32_t append(struct intern *intern, const char *text)
{
        if (intern->count >= intern->count_max)
                return 0;
        ACTOR_ARRAY_RESERVE(intern->texts, intern->count, intern->capacity);
        intern->texts[intern->count] = actor_strdup(text);
        return ++intern->count;
}

static void grow_cells(struct intern *intern)
{
        uint32_t *old = intern->cells, old_count = intern->cell_count;
        intern->cell_count *= 2;
        intern->cells = actor_zalloc(intern->cell_count * sizeof *intern->cells);
        for (uint32_t i = 0; i < old_count; i++)
                if (old[i] != 0)
                        *cell_of(intern, intern->texts[old[i] - 1]) = old[i];
        free(old);
}

uint32_t intern_add(struct intern *intern, const char *text)
{
        pthread_mutex_lock(&intern->lock);
        uint32_t *cell = cell_of(intern, text);
        uint32_t number = *cell;
        if (number == 0) {
                number = *cell = append(intern, text);
                intern->named += number != 0;
                if (intern->named > intern->cell_count / 2)
                        grow_cells(intern);
        }
        pthread_mutex_unlock(&intern->lock);
        return number;
}

uint32_t intern_find(struct intern *intern, const char *text)
{
        pthread_mutex_lock(&intern->lock);
        uint32_t number = *cell_of(intern, text);
        pthread_mutex_unlock(&intern->lock);
        return number;
}

uint32_t intern_add_unnamed(struct intern *intern, const char *text)
{
        pthread_mutex_lock(&intern->lock);
        uint32_t number = append(intern, text);
        pthread_mutex_unlock(&intern->lock);
        return number;
}

const char *intern_text(struct intern *intern, uint32_t number)
{
        pthread_mutex_lock(&intern->lock);
        const char *text = number > 0 && number <= intern->count ? intern->texts[number - 1] : NULL;
        pthread_mutex_unlock(&intern->lock);
        return text;
}

uint32_t intern_count(struct intern *intern)
{
        pthread_mutex_lock(&intern->lock);
        uint32_t count = intern->count;
        pthread_mutex_unlock(&intern->lock);
        return count;
}
