/* SPDX-License-Identifier: Apache-2.0 */
#include "attributes.h"

#include <actor/memory.h>
#include <proto/attributes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The list of agent `number`, and its size. */
static const char *find_list(const char *text, unsigned number, size_t *ret_size)
{
        unsigned lists = 1;
        for (const char *bar = text; (bar = strchr(bar, '|')) != NULL; bar++)
                lists++;
        for (unsigned skip = (number - 1) % lists; skip > 0; skip--)
                text = strchr(text, '|') + 1;
        *ret_size = strcspn(text, "|");
        return text;
}

char *local_attributes(const char *text, unsigned number)
{
        char *ret = NULL;
        size_t used = 0, size = 0;
        const char *list = text != NULL ? find_list(text, number, &size) : "";
        FILE *stream = open_memstream(&ret, &used);
        for (size_t i = 0; i < size; i++) {
                if (list[i] == '%' && i + 1 < size && list[i + 1] == 'n') {
                        fprintf(stream, "%u", number);
                        i++;
                } else {
                        fputc(list[i], stream);
                }
        }
        fclose(stream);
        return ret;
}

int local_attributes_check(const char *text, unsigned agents, struct actor_error *error)
{
        int r = 0;
        for (unsigned i = 1; r == 0 && i <= agents; i++) {
                CLEANUP(actor_freep) char *attributes = local_attributes(text, i);
                void *arena = actor_msg_new(&sched_event_type);
                V1__Attribute **list;
                size_t count;
                r = attributes_parse(attributes, arena, &count, &list, error);
                actor_msg_unref(arena);
                if (r != 0)
                        r = actor_error_prefix(error, r, "--attributes, agent %u", i);
        }
        return r;
}
