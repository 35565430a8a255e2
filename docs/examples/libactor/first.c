/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/node.h>
#include <stdio.h>

/* A message: what a thermometer is told. */
struct reading {
        double degrees;
};
static ACTOR_LOCAL_TYPE(reading_type, struct reading);

/* An actor's state: nobody else sees it, and only one handler runs at a time, so it needs no lock. */
struct thermometer {
        double sum;
        int count;
};

/* A handler: what the actor does about one type of message. */
static int on_reading(struct thermometer *thermometer, const struct actor_mail *mail,
                      const struct reading *reading)
{
        thermometer->sum += reading->degrees;
        thermometer->count++;
        printf("%.1f degrees, mean %.1f\n", reading->degrees, thermometer->sum / thermometer->count);
        return 0;
}
ACTOR_BIND(on_reading, struct thermometer, struct reading)

/* The table of what it understands, from whom; and its class. */
static const struct actor_handler handlers[] = {
        {&reading_type, on_reading_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static const struct actor_class thermometer_class = {
        .name = "thermometer",
        .state_size = sizeof(struct thermometer),
        .handlers = handlers,
};

int main(void)
{
        struct actor_node *node;
        struct actor_ref thermometer;
        if (actor_node_new(&(struct actor_node_config){.name = "first"}, &node) < 0)
                return 1;
        if (actor_node_spawn(node, &thermometer_class, "thermometer", NULL, &thermometer) < 0)
                return 1;
        for (int degrees = 19; degrees <= 21; degrees++) {
                struct reading *reading = actor_msg_new(&reading_type);
                reading->degrees = degrees;
                actor_node_send(node, thermometer, reading); /* given away: not ours any more */
        }
        actor_node_free(node); /* ends the actor after what it was sent */
        return 0;
}
