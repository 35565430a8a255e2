/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include <actor/memory.h>
#include <actor/node.h>

int watch_subscribe(struct actor *self, const char *master)
{
        CLEANUP(actor_freep) char *address = actor_asprintf("state@%s", master);
        struct actor_ref state;
        int r = actor_node_resolve(actor_node(self), address, &state, NULL);
        if (r < 0)
                return r;
        MasterApi__Call *call = actor_msg_new(&master_call_type);
        call->has_type = true;
        call->type = MASTER_API__CALL__TYPE__SUBSCRIBE;
        actor_monitor(self, state);
        return actor_send(self, state, call);
}
