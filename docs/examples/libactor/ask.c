/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/node.h>
#include <stdio.h>
#include <string.h>

struct reading {
        double degrees;
};
struct mean_wanted {
        char unused;
};
struct mean {
        double degrees;
};
static ACTOR_LOCAL_TYPE(reading_type, struct reading);
static ACTOR_LOCAL_TYPE(mean_wanted_type, struct mean_wanted);
static ACTOR_LOCAL_TYPE(mean_type, struct mean);

/* ---- the thermometer: keeps readings, and answers ---- */

struct thermometer {
        double sum;
        int count;
};

static int on_reading(struct thermometer *thermometer, const struct actor_mail *mail,
                      const struct reading *reading)
{
        thermometer->sum += reading->degrees;
        thermometer->count++;
        return 0;
}

static int on_mean_wanted(struct thermometer *thermometer, const struct actor_mail *mail,
                          const struct mean_wanted *msg)
{
        struct mean *mean = actor_msg_new(&mean_type);
        mean->degrees = thermometer->count > 0 ? thermometer->sum / thermometer->count : 0;
        return actor_reply(mail, mean);
}

ACTOR_BIND(on_reading, struct thermometer, struct reading)
ACTOR_BIND(on_mean_wanted, struct thermometer, struct mean_wanted)

static const struct actor_handler thermometer_handlers[] = {
        {&reading_type, on_reading_bound, ACTOR_FROM_LOCAL},
        {&mean_wanted_type, on_mean_wanted_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static const struct actor_class thermometer_class = {
        .name = "thermometer",
        .state_size = sizeof(struct thermometer),
        .handlers = thermometer_handlers,
};

/* ---- the display: tells it three readings, then asks ---- */

static int on_mean(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        const struct mean *mean = body;
        if (mean)
                printf("the mean is %.1f\n", mean->degrees);
        else
                printf("no answer: %s\n", strerror(-mail->error));
        actor_node_shutdown(actor_node(mail->self), 0);
        return 0;
}

static int display_init(void *state, struct actor *self, const void *config)
{
        struct actor_ref thermometer = *(const struct actor_ref *) config;
        for (int degrees = 19; degrees <= 21; degrees++) {
                struct reading *reading = actor_msg_new(&reading_type);
                reading->degrees = degrees;
                actor_send(self, thermometer, reading);
        }
        actor_ask(self, thermometer, actor_msg_new(&mean_wanted_type), 5000, on_mean, NULL);
        return 0; /* nothing waits here: on_mean is called with the answer, or after five seconds */
}

static const struct actor_handler display_handlers[] = {ACTOR_HANDLER_END};

static const struct actor_class display_class = {
        .name = "display",
        .init = display_init,
        .handlers = display_handlers,
};

int main(void)
{
        struct actor_node *node;
        struct actor_ref thermometer, display;
        if (actor_node_new(&(struct actor_node_config){.name = "ask"}, &node) < 0)
                return 1;
        if (actor_node_spawn(node, &thermometer_class, "thermometer", NULL, &thermometer) < 0 ||
            actor_node_spawn(node, &display_class, "display", &thermometer, &display) < 0)
                return 1;
        int status = actor_node_wait(node);
        actor_node_free(node);
        return status;
}
