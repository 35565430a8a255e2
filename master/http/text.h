/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_HTTP_TEXT_H
#define MASTER_HTTP_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* A growing text, and JSON written into it piece by piece: a large document is never a tree in
 * memory, only its rows are, one at a time. Pure; zeroed memory is empty. */
struct text {
        char *data; /* `size` bytes, not NUL-terminated */
        size_t size, capacity;
};

void text_done(struct text *text);
void text_add(struct text *text, const char *piece);

/* One JSON value, compact. Takes the reference; NULL is written as null. */
void text_add_json(struct text *text, json_t *value_take);

/* An object whose last members are lists written row by row: text_open_object() writes `members`
 * without the closing brace, text_open_list() one more member "name":[, then rows each after
 * text_next() and text_close_list(), and at last text_close_object(). */
void text_open_object(struct text *text, json_t *members_take);
void text_open_list(struct text *text, const char *name);
void text_next(struct text *text);
void text_close_list(struct text *text);
void text_close_object(struct text *text);

#endif
