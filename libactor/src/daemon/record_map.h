/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_RECORD_MAP_H
#define DAEMON_RECORD_MAP_H

#include <stdbool.h>
#include <stddef.h>

/* Byte keys to byte values in key order (shorter first where one begins the other), as a sorted
 * array. Pure; what is put in is copied. */
struct record {
        size_t key_size, value_size;
        unsigned char bytes[]; /* the key, then the value */
};

struct record_map {
        struct record **records; /* in key order */
        size_t count, capacity;
};

/* Index of the first record whose key is not less than `key`; count if there is none. */
size_t record_map_lower_bound(const struct record_map *map, const void *key, size_t key_size);
bool record_has_prefix(const struct record *record, const void *prefix, size_t prefix_size);
/* Adds or replaces. */
void record_map_put(struct record_map *map, const void *key, size_t key_size, const void *value,
                    size_t value_size);
/* An absent key is no error. */
void record_map_erase(struct record_map *map, const void *key, size_t key_size);
/* `ret` is overwritten. */
void record_map_copy(const struct record_map *map, struct record_map *ret);
void record_map_done(struct record_map *map);

#endif
