/* SPDX-License-Identifier: Apache-2.0 */
#include "http/text.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void text_done(struct text *text)
{
        free(text->data);
        *text = (struct text){0};
}

static int add_bytes(const char *data, size_t size, void *arg)
{
        struct text *text = arg;
        if (text->size + size > text->capacity) {
                text->capacity = (text->size + size) * 2;
                text->data = actor_realloc_array(text->data, text->capacity, 1);
        }
        memcpy(text->data + text->size, data, size);
        text->size += size;
        return 0;
}

void text_add(struct text *text, const char *piece)
{
        add_bytes(piece, strlen(piece), text);
}

void text_add_json(struct text *text, json_t *value_take)
{
        if (value_take == NULL || json_is_null(value_take))
                text_add(text, "null");
        else
                json_dump_callback(value_take, add_bytes, text, JSON_COMPACT | JSON_ENCODE_ANY);
        json_decref(value_take);
}

void text_open_object(struct text *text, json_t *members_take)
{
        assert(json_is_object(members_take));
        text_add_json(text, members_take);
        text->size--; /* the brace: more members follow */
}

void text_open_list(struct text *text, const char *name)
{
        if (text->data[text->size - 1] != '{')
                text_add(text, ",");
        text_add(text, "\"");
        text_add(text, name);
        text_add(text, "\":[");
}

void text_next(struct text *text)
{
        if (text->data[text->size - 1] != '[')
                text_add(text, ",");
}

void text_close_list(struct text *text)
{
        text_add(text, "]");
}

void text_close_object(struct text *text)
{
        text_add(text, "}");
}
