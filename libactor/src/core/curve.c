/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <actor/curve.h>
#include <errno.h>

/* curve.c: who is behind a ref, and who may connect. The network knows. */

static bool nothing(char *ret, size_t size)
{
        if (size > 0)
                ret[0] = '\0';
        return false;
}

int actor_node_allow(struct actor_node *node, const struct actor_certificates *allowed)
{
        return node->net != NULL ? net_allow(node->net, allowed) : -EINVAL;
}

bool actor_node_principal(struct actor_node *node, struct actor_ref ref, char *ret, size_t size)
{
        return node->net != NULL ? net_principal(node->net, ref, ret, size) : nothing(ret, size);
}

bool actor_node_trouble(struct actor_node *node, struct actor_ref ref, char *ret, size_t size)
{
        return node->net != NULL ? net_trouble(node->net, ref, ret, size) : nothing(ret, size);
}
