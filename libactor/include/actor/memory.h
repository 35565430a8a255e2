/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_MEMORY_H
#define ACTOR_MEMORY_H

#include <actor/api.h>
#include <stddef.h>

ACTOR_API_BEGIN

/* Allocation that does not fail: when the system refuses, the process says so and aborts. A daemon
 * that cannot store a message cannot keep its promises either; it is restarted by its supervisor
 * and recovers from its durable records. Hence sizes that come from outside are checked against a
 * declared limit *before* they reach these functions. See docs/adr/0002-out-of-memory.md. */

/* As malloc(3), and zalloc zeroed; freed with free(3). */
void *actor_malloc(size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1)));
void *actor_zalloc(size_t size) __attribute__((malloc, returns_nonnull, alloc_size(1)));
/* Grows or shrinks an array; the product is checked for overflow. A count of 0 frees and returns NULL. */
void *actor_realloc_array(void *memory, size_t count, size_t element_size);
/* Copies and texts of their own, freed with free(3): strdup, strndup and asprintf as in libc, memdup of bytes. */
char *actor_strdup(const char *text) __attribute__((malloc, returns_nonnull));
char *actor_strndup(const char *text, size_t size) __attribute__((malloc, returns_nonnull));
void *actor_memdup(const void *data, size_t size);
char *actor_asprintf(const char *format, ...) __attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

/* Makes room for `count + 1` elements in a growing array (doubling); `*capacity` counts elements. */
#define ACTOR_ARRAY_RESERVE(array, count, capacity)                                                       \
        do {                                                                                               \
                if ((count) >= (capacity)) {                                                               \
                        (capacity) = (capacity) ? (capacity) * 2 : 8;                                      \
                        (array) = actor_realloc_array((array), (capacity), sizeof *(array));               \
                }                                                                                          \
        } while (0)

/* Scope-bound ownership: `CLEANUP(thing_freep) struct thing *t = NULL;` frees t when the scope ends,
 * and TAKE(t) hands it on. DEFINE_FREEP makes thing_freep from thing_free. GNU C; not for use in
 * headers that C++ includes. */
#define CLEANUP(function) __attribute__((cleanup(function)))
#define TAKE(pointer) __extension__({ __typeof__(pointer) taken_ = (pointer); (pointer) = NULL; taken_; })
#define DEFINE_FREEP(type, function)                                                                       \
        static inline __attribute__((unused)) void function##p(type **pointer)                             \
        {                                                                                                  \
                function(*pointer);                                                                        \
        }

/* free() for CLEANUP: `CLEANUP(actor_freep) char *text = …`. Takes the address of a pointer. */
void actor_freep(void *pointer_to_pointer);
/* close() for CLEANUP of an int descriptor; negative ones are ignored. */
void actor_closep(const int *fd);

ACTOR_API_END

#endif
