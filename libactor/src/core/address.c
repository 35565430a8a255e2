/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <errno.h>
#include <stdio.h>

/* address.c: between refs and what people write. */

int actor_node_listen(struct actor_node *node, const char *endpoint, char *bound, size_t bound_size,
                      struct actor_error *error)
{
        if (node->net == NULL)
                return actor_error_set(error, -EINVAL,
                                       "node \"%s\" has no wire types and cannot listen on \"%s\"",
                                       node->name, endpoint);
        return net_listen(node->net, endpoint, bound, bound_size, error);
}

int actor_node_resolve(struct actor_node *node, const char *address, struct actor_ref *ret,
                       struct actor_error *error)
{
        struct actor_address parsed;
        int r = actor_address_parse(address, &parsed, error);
        if (r != 0)
                return r;
        if (parsed.endpoint[0] == '\0') {
                if (node_find(node, parsed.name, ret))
                        return 0;
                return actor_error_set(error, -ESRCH, "no actor is named \"%s\" in this node", parsed.name);
        }
        if (node->net == NULL)
                return actor_error_set(error, -EINVAL,
                                       "node \"%s\" has no wire types and cannot reach \"%s\"", node->name,
                                       address);
        *ret = (struct actor_ref){.peer = net_peer(node->net, parsed.endpoint),
                                  .slot = net_name(node->net, parsed.name)};
        return 0;
}

static void describe_remote(struct actor_node *node, struct actor_ref ref, char *ret, size_t size)
{
        const char *name =
                ref.generation == 0 && node->net != NULL ? net_slot_name(node->net, ref.slot) : NULL;
        const char *endpoint = node->net != NULL ? net_peer_endpoint(node->net, ref.peer) : NULL;
        if (name != NULL)
                (void) snprintf(ret, size, "%s@%s", name, endpoint ? endpoint : "?");
        else
                (void) snprintf(ret, size, "#%u@%s", ref.slot, endpoint ? endpoint : "?");
}

void actor_node_describe(struct actor_node *node, struct actor_ref ref, char *ret, size_t size)
{
        if (size == 0)
                return;
        if (actor_ref_is_remote(ref)) {
                describe_remote(node, ref, ret, size);
                return;
        }
        if (actor_ref_is_nobody(ref)) {
                (void) snprintf(ret, size, "nobody");
                return;
        }
        char name[ACTOR_NAME_MAX + 1];
        const char *endpoint = node->net != NULL ? net_endpoint(node->net) : "";
        names_of(node, ref, name);
        if (name[0] != '\0')
                (void) snprintf(ret, size, "%s%s%s", name, endpoint[0] ? "@" : "", endpoint);
        else
                (void) snprintf(ret, size, "#%u%s%s", ref.slot, endpoint[0] ? "@" : "", endpoint);
}
