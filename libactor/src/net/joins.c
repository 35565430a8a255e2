/* SPDX-License-Identifier: Apache-2.0 */
/* joins.c — bodies that arrive in parts. A link keeps at most NET_CUTS_MAX of them, and together no more
 * than the largest message this node accepts (or one): the sender knows both, so more is a broken rule. */
#include "net/cuts.h"

#include <actor/memory.h>
#include <stdlib.h>
#include <string.h>

void join_free(struct join *join)
{
        actor_msg_unref(join->bytes);
        free(join);
}

static void keep_name(struct frame_address *address, char *text)
{
        if (!address->name)
                return;
        memcpy(text, address->name, address->name_size);
        address->name = text;
}

int joins_announced(struct link *link, const struct frame_item *item)
{
        size_t count = 0, bytes = item->cut_size;
        for (struct join *join = link->joins; join; join = join->next, count++) {
                bytes += join->item.cut_size;
                if (join->item.cut == item->cut)
                        return FRAME_E_MALFORMED;
        }
        if (count >= NET_CUTS_MAX || bytes > link->peers->config.message_max)
                return FRAME_E_MALFORMED;
        struct join *join = actor_zalloc(sizeof *join);
        join->item = *item;
        join->item.same_to = join->item.same_from = join->item.same_type = false;
        keep_name(&join->item.to, join->to_name);
        keep_name(&join->item.from, join->from_name);
        join->bytes = body_room(item->cut_size);
        join->item.body = join->bytes->data;
        join->item.body_size = item->cut_size;
        join->next = link->joins;
        link->joins = join;
        return 0;
}

int joins_part(struct link *link, const struct frame_item *part, struct join **ret)
{
        struct join **at = &link->joins;
        while (*at && (*at)->item.cut != part->cut)
                at = &(*at)->next;
        struct join *join = *at;
        *ret = NULL;
        if (!join || part->body_size > join->item.body_size - join->got)
                return FRAME_E_MALFORMED;
        memcpy((uint8_t *) join->bytes->data + join->got, part->body, part->body_size);
        join->got += part->body_size;
        if (join->got == join->item.body_size) {
                *at = join->next;
                *ret = join;
        }
        return 0;
}

void joins_end(struct link *link)
{
        while (link->joins) {
                struct join *join = link->joins;
                link->joins = join->next;
                join_free(join);
        }
}
