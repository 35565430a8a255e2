/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stdio.h>

/* A table for people: columns as wide as their widest cell, numbers to the right, colour only where
 * the stream is a terminal. Cells are copied. One thread. */
struct table;

/* `columns` is a NULL-terminated list of headings; one that begins with '>' is set to the right. */
struct table *table_new(const char *const *columns);
void table_free(struct table *table); /* NULL is fine */

/* The next cell of the current row; rows begin and end by themselves. Control characters are shown as '?'. */
void table_cell(struct table *table, const char *text);
void table_cellf(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A task state, coloured by what it means. */
void table_state(struct table *table, const char *state);

/* Prints all rows, or `empty` on a line of its own if there are none. */
void table_print(const struct table *table, FILE *out, const char *empty);

#endif
