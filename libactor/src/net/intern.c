/* SPDX-License-Identifier: Apache-2.0 */
#include "net/intern.h"
#include "net/frame.h"

#include <actor/memory.h>
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024, CHUNKS_MAX = 1024 };

struct intern {
        pthread_mutex_t lock;                          /* of writing */
        _Atomic(_Atomic(char *) *) chunks[CHUNKS_MAX]; /* of texts, by number - 1 */
        _Atomic uint32_t count;
        uint32_t count_max;
        uint32_t *cells;     /* open addressing by the text's hash: numbers, 0 = empty */
        uint32_t cell_count; /* a power of two, more than twice the named texts */
        uint32_t named;
};

struct intern *intern_new(uint32_t count_max)
{
        struct intern *intern = actor_zalloc(sizeof *intern);
        pthread_mutex_init(&intern->lock, NULL);
        assert(count_max <= (uint32_t) CHUNK * CHUNKS_MAX);
        intern->count_max = count_max;
        intern->cell_count = 64;
        intern->cells = actor_zalloc(intern->cell_count * sizeof *intern->cells);
        return intern;
}

/* Of a number that was given: whoever has it has seen the count that was stored after the text. */
static char *text_of(struct intern *intern, uint32_t number)
{
        uint32_t index = number - 1;
        _Atomic(char *) *chunk = atomic_load_explicit(&intern->chunks[index / CHUNK], memory_order_relaxed);
        return atomic_load_explicit(&chunk[index % CHUNK], memory_order_relaxed);
}

void intern_free(struct intern *intern)
{
        if (!intern)
                return;
        for (uint32_t i = 1; i <= atomic_load(&intern->count); i++)
                free(text_of(intern, i));
        for (uint32_t i = 0; i < CHUNKS_MAX; i++)
                free(atomic_load(&intern->chunks[i]));
        free(intern->cells);
        pthread_mutex_destroy(&intern->lock);
        free(intern);
}

/* The cell of a text, or the empty one where it would go. */
static uint32_t *cell_of(struct intern *intern, const char *text)
{
        uint32_t mask = intern->cell_count - 1;
        uint32_t at = (uint32_t) frame_type_hash(text) & mask;
        while (intern->cells[at] != 0 && strcmp(text_of(intern, intern->cells[at]), text) != 0)
                at = (at + 1) & mask;
        return &intern->cells[at];
}

static uint32_t append(struct intern *intern, const char *text)
{
        uint32_t count = atomic_load_explicit(&intern->count, memory_order_relaxed);
        if (count >= intern->count_max)
                return 0;
        _Atomic(char *) *chunk = atomic_load_explicit(&intern->chunks[count / CHUNK], memory_order_relaxed);
        if (!chunk) {
                chunk = actor_zalloc(CHUNK * sizeof *chunk);
                atomic_store_explicit(&intern->chunks[count / CHUNK], chunk, memory_order_relaxed);
        }
        atomic_store_explicit(&chunk[count % CHUNK], actor_strdup(text), memory_order_relaxed);
        atomic_store_explicit(&intern->count, count + 1, memory_order_release);
        return count + 1;
}

static void grow_cells(struct intern *intern)
{
        uint32_t *old = intern->cells, old_count = intern->cell_count;
        intern->cell_count *= 2;
        intern->cells = actor_zalloc(intern->cell_count * sizeof *intern->cells);
        for (uint32_t i = 0; i < old_count; i++)
                if (old[i] != 0)
                        *cell_of(intern, text_of(intern, old[i])) = old[i];
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
        return number > 0 && number <= intern_count(intern) ? text_of(intern, number) : NULL;
}

uint32_t intern_count(struct intern *intern)
{
        return atomic_load_explicit(&intern->count, memory_order_acquire);
}
