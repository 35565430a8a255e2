/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WEATHER_H
#define WEATHER_H

#include <actor/actor.h>
#include "weather.pb-c.h"

/* What travels between nodes: each node's config names these types. A type is one object, so it is defined once. */
extern const struct actor_type mean_wanted_type, mean_type;
extern const struct actor_type *const weather_types[];

/* Answers MeanWanted with Mean. */
extern const struct actor_class thermometer_class;

/* Asks a thermometer every second, and shows what it hears. */
struct display_config {
        const char *address;            /* "thermometer@host:port" */
        int times;                      /* then it ends its node; 0: it goes on */
        void (*show)(const char *line);
};
extern const struct actor_class display_class;

#endif
