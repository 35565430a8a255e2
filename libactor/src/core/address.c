/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

/* An endpoint as it stands in an address: "host:port", "ipc:/path". */
static const char *endpoint_in_address(const char *endpoint, char *ret, size_t size)
{
        if (strncmp(endpoint, "tcp://", 6) == 0)
                return endpoint + 6;
        if (strncmp(endpoint, "ipc://", 6) != 0)
                return endpoint;
        (void) snprintf(ret, size, "ipc:%s", endpoint + 6);
        return ret;
}

static void describe_remote(struct actor_node *node, struct actor_ref ref, char *ret, size_t size)
{
        const char *name =
                ref.generation == 0 && node->net != NULL ? net_slot_name(node->net, ref.slot) : NULL;
        const char *endpoint = node->net != NULL ? net_peer_endpoint(node->net, ref.peer) : NULL;
        char text[ACTOR_ENDPOINT_MAX + 1];
        endpoint = endpoint != NULL ? endpoint_in_address(endpoint, text, sizeof text) : "?";
        if (name != NULL)
                (void) snprintf(ret, size, "%s@%s", name, endpoint);
        else
                (void) snprintf(ret, size, "#%u@%s", ref.slot, endpoint);
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
        char text[ACTOR_ENDPOINT_MAX + 1];
        const char *endpoint =
                node->net != NULL ? endpoint_in_address(net_endpoint(node->net), text, sizeof text) : "";
        names_of(node, ref, name);
        if (name[0] != '\0')
                (void) snprintf(ret, size, "%s%s%s", name, endpoint[0] ? "@" : "", endpoint);
        else
                (void) snprintf(ret, size, "#%u%s%s", ref.slot, endpoint[0] ? "@" : "", endpoint);
}
