/* SPDX-License-Identifier: Apache-2.0 */
#include "election/election.h"
#include "election/messages.h"

#include <errno.h>

/* There is nobody to vote against. All it does, it does in init. */
struct standalone {
        char unused;
};

static int standalone_init(void *state, struct actor *self, const void *arg)
{
        const struct election_config *config = arg;
        struct election_changed *msg = actor_msg_new(&election_changed_type);
        msg->leading = true;
        msg->epoch = 1;
        msg->leader = actor_msg_strdup(msg, config->address);
        for (size_t i = 0; i < config->listener_count; i++)
                actor_send(self, config->listeners[i], actor_msg_ref(msg));
        actor_msg_unref(msg);
        return 0;
}

static const struct actor_handler handlers[] = {ACTOR_HANDLER_END};

static const struct actor_class standalone_class = {
        .name = "election_standalone",
        .state_size = sizeof(struct standalone),
        .init = standalone_init,
        .handlers = handlers,
};

int election_standalone_spawn(struct actor_node *node, const struct election_config *config,
                              struct actor_ref *ret)
{
        if (config->address == NULL || config->listener_count < 1 ||
            config->listener_count > ELECTION_LISTENERS_MAX)
                return -EINVAL;
        return actor_node_spawn(node, &standalone_class, "election", config, ret);
}
