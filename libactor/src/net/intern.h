/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_INTERN_H
#define NET_INTERN_H

#include <stdint.h>

/* A table of texts, each with a number from 1 on that stays for the table's life: how endpoints become
 * peer indices and names become slots. All functions: any thread; those that only look take no lock, but for
 * intern_find(). */
struct intern;

struct intern *intern_new(uint32_t count_max);
void intern_free(struct intern *intern);

/* The number of a text, given on first mention. 0 if the table is full. */
uint32_t intern_add(struct intern *intern, const char *text);
/* The number of a text, 0 if it has none. */
uint32_t intern_find(struct intern *intern, const char *text);
/* A number of its own for a text that need not be unique and cannot be found by it. 0 if full. */
uint32_t intern_add_unnamed(struct intern *intern, const char *text);
/* The text of a number, NULL if it was never given. Borrowed for the table's life. */
const char *intern_text(struct intern *intern, uint32_t number);
uint32_t intern_count(struct intern *intern);

#endif
