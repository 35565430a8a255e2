/* SPDX-License-Identifier: Apache-2.0 */
#include "value_message.h"

#include <string.h>

V1__Value__Scalar *value_scalar_message(void *msg, double value)
{
        V1__Value__Scalar *scalar = actor_msg_alloc(msg, sizeof *scalar);
        v1__value__scalar__init(scalar);
        scalar->value = value;
        return scalar;
}

V1__Value__Ranges *value_ranges_message(void *msg, const struct ranges *ranges)
{
        V1__Value__Ranges *message = actor_msg_alloc(msg, sizeof *message);
        v1__value__ranges__init(message);
        if (ranges->count == 0)
                return message;
        message->n_range = ranges->count;
        message->range = actor_msg_alloc(msg, ranges->count * sizeof *message->range);
        V1__Value__Range *list = actor_msg_alloc(msg, ranges->count * sizeof *list);
        for (size_t i = 0; i < ranges->count; i++) {
                v1__value__range__init(&list[i]);
                list[i].begin = ranges->list[i].begin;
                list[i].end = ranges->list[i].end;
                message->range[i] = &list[i];
        }
        return message;
}

V1__Value__Set *value_set_message(void *msg, const struct name_set *set)
{
        V1__Value__Set *message = actor_msg_alloc(msg, sizeof *message);
        v1__value__set__init(message);
        if (set->count == 0)
                return message;
        message->n_item = set->count;
        message->item = actor_msg_alloc(msg, set->count * sizeof *message->item);
        for (size_t i = 0; i < set->count; i++)
                message->item[i] = actor_msg_strdup(msg, set->items[i]);
        return message;
}

V1__Value__Text *value_text_message(void *msg, const char *text)
{
        V1__Value__Text *message = actor_msg_alloc(msg, sizeof *message);
        v1__value__text__init(message);
        message->value = actor_msg_strdup(msg, text);
        return message;
}

struct ranges value_ranges_from_message(const V1__Value__Ranges *message)
{
        struct ranges ranges = {0};
        for (size_t i = 0; i < message->n_range; i++)
                ranges_append(&ranges, message->range[i]->begin, message->range[i]->end);
        return ranges;
}

struct name_set value_set_from_message(const V1__Value__Set *message)
{
        struct name_set set = {0};
        for (size_t i = 0; i < message->n_item; i++)
                name_set_append(&set, message->item[i], strlen(message->item[i]));
        return set;
}
