/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <actor/node.h>
#include <stdio.h>

/* What a counter understands: two messages, one of which is answered. */
struct add {
        int amount;
};
struct get_total {
        char unused;
};
struct total {
        int value;
};
static ACTOR_LOCAL_TYPE(add_type, struct add);
static ACTOR_LOCAL_TYPE(get_total_type, struct get_total);
static ACTOR_LOCAL_TYPE(total_type, struct total);

/* Its private state: no lock, since only one handler of an actor runs at a time. */
struct counter {
        int total;
};

static int on_add(struct counter *counter, const struct actor_mail *mail, const struct add *msg)
{
        counter->total += msg->amount;
        return 0;
}

static int on_get_total(struct counter *counter, const struct actor_mail *mail, const struct get_total *msg)
{
        struct total *answer = actor_msg_new(&total_type);
        answer->value = counter->total;
        return actor_reply(mail, answer);
}

ACTOR_BIND(on_add, struct counter, struct add)
ACTOR_BIND(on_get_total, struct counter, struct get_total)

static const struct actor_handler handlers[] = {
        /* message type     handler              who may send it */
        {&add_type,         on_add_bound,        ACTOR_FROM_LOCAL},
        {&get_total_type,   on_get_total_bound,  ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static const struct actor_class counter_class = {
        .name = "counter",
        .state_size = sizeof(struct counter),
        .handlers = handlers,
};

int main(void)
{
        struct actor_node *node;
        struct actor_ref counter;
        if (actor_node_new(&(struct actor_node_config){.name = "first"}, &node) < 0)
                return 1;
        if (actor_node_spawn(node, &counter_class, "counter", NULL, &counter) < 0)
                return 1;
        for (int i = 1; i <= 100; i++) {
                struct add *msg = actor_msg_new(&add_type);
                msg->amount = i;
                actor_node_send(node, counter, msg); /* given away: not ours any more */
        }
        void *answer;
        if (actor_node_ask(node, counter, actor_msg_new(&get_total_type), 1000, &answer) < 0)
                return 1;
        printf("the total is %d\n", ((struct total *) answer)->value);
        actor_msg_unref(answer);
        actor_node_free(node);
        return 0;
}
