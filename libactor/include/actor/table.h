/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_TABLE_H
#define ACTOR_TABLE_H

#include <actor/api.h>
#include <stdbool.h>
#include <stdio.h>

ACTOR_API_BEGIN

/* A table for people: columns as wide as their widest cell, numbers to the right, colour only where
 * the stream is a terminal. Cells are copied. One thread. */
struct actor_table;

/* `columns` is a NULL-terminated list of headings, borrowed; one that begins with '>' is set to the right. */
struct actor_table *actor_table_new(const char *const *columns);
void actor_table_free(struct actor_table *table); /* NULL is fine */

/* The next cell of the current row; rows begin and end by themselves. Nothing (NULL or "") is shown as '-',
 * control characters as '?'. */
void actor_table_cell(struct actor_table *table, const char *text);
/* The same, printed as printf(3) does; cut to 511 bytes. */
void actor_table_cellf(struct actor_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `colour` is the number of an SGR control sequence ("31" is red), a literal, or NULL. */
void actor_table_cell_coloured(struct actor_table *table, const char *text, const char *colour);

/* Prints all rows, or `empty` on a line of its own if there are none. */
void actor_table_print(const struct actor_table *table, FILE *out, const char *empty);

ACTOR_API_END

#endif
