/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_MAP_H
#define CORE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A small map from numbers to pointers, for what an actor keeps about others: open addressing with
 * linear probing and backward shift, so that removal leaves nothing behind. Zeroed is empty and owns
 * no memory. Key 0 is not allowed. Not thread-safe. Its order depends on the keys alone, never on
 * memory addresses, so that a simulation that walks it stays reproducible. */
struct map {
        struct map_entry {
                uint64_t key;
                void *value;
        } * entries;
        uint32_t count, capacity; /* capacity: a power of two, or 0 */
};

void map_put(struct map *map, uint64_t key, void *value);
/* NULL where the key is unknown. take also removes it. */
void *map_get(const struct map *map, uint64_t key);
void *map_take(struct map *map, uint64_t key);
/* Any one entry, removed; false when the map is empty. */
bool map_take_any(struct map *map, uint64_t *key, void **value);
void map_done(struct map *map);

#endif
