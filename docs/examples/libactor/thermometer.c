/* SPDX-License-Identifier: Apache-2.0 */
#include "weather.h"

ACTOR_PROTO_TYPE(mean_wanted_type, "weather.MeanWanted", Weather__MeanWanted,
                 weather__mean_wanted__descriptor);
ACTOR_PROTO_TYPE(mean_type, "weather.Mean", Weather__Mean, weather__mean__descriptor);
const struct actor_type *const weather_types[] = {&mean_wanted_type, &mean_type, NULL};

static int on_mean_wanted(void *state, const struct actor_mail *mail, const Weather__MeanWanted *msg)
{
        Weather__Mean *mean = actor_msg_new(&mean_type);
        mean->degrees = 20;
        return actor_reply(mail, mean);
}

ACTOR_BIND(on_mean_wanted, void, Weather__MeanWanted)

static const struct actor_handler handlers[] = {
        {&mean_wanted_type, on_mean_wanted_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_REMOTE},
        ACTOR_HANDLER_END,
};

const struct actor_class thermometer_class = {.name = "thermometer", .handlers = handlers};
