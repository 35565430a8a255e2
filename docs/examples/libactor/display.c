/* SPDX-License-Identifier: Apache-2.0 */
#include "weather.h"
#include <actor/node.h>
#include <stdio.h>
#include <string.h>

enum { PERIOD_MS = 1000, TIMEOUT_MS = 10000 };

struct tick {
        char unused;
};
static ACTOR_LOCAL_TYPE(tick_type, struct tick);

struct display {
        struct display_config config;
        struct actor_ref thermometer;
        int shown;
};

static int on_mean(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct display *display = state;
        const Weather__Mean *mean = body;
        char line[80];
        if (mean)
                snprintf(line, sizeof line, "the mean is %.1f", mean->degrees);
        else
                snprintf(line, sizeof line, "no answer: %s", strerror(-mail->error));
        display->config.show(line);
        if (++display->shown == display->config.times)
                actor_node_shutdown(actor_node(mail->self), 0);
        else
                actor_after(mail->self, PERIOD_MS, actor_msg_new(&tick_type));
        return 0;
}

static int on_tick(struct display *display, const struct actor_mail *mail, const struct tick *msg)
{
        actor_ask(mail->self, display->thermometer, actor_msg_new(&mean_wanted_type), TIMEOUT_MS, on_mean,
                  NULL);
        return 0;
}

static int display_init(void *state, struct actor *self, const void *config)
{
        struct display *display = state;
        struct actor_error error;
        display->config = *(const struct display_config *) config;
        int r = actor_node_resolve(actor_node(self), display->config.address, &display->thermometer, &error);
        if (r < 0) {
                display->config.show(error.text);
                return r;
        }
        actor_after(self, 0, actor_msg_new(&tick_type));
        return 0;
}

ACTOR_BIND(on_tick, struct display, struct tick)

static const struct actor_handler handlers[] = {
        {&tick_type, on_tick_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

const struct actor_class display_class = {
        .name = "display",
        .state_size = sizeof(struct display),
        .init = display_init,
        .handlers = handlers,
};
