/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/node.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct measure {
        char unused;
};
struct reading {
        int degrees;
};
static ACTOR_LOCAL_TYPE(measure_type, struct measure);
static ACTOR_LOCAL_TYPE(reading_type, struct reading);

/* ---- a sensor: measures every millisecond; its third measurement fails ---- */

struct sensor {
        int measured;
};

static int sensor_init(void *state, struct actor *self, const void *config)
{
        actor_every(self, 1, actor_msg_new(&measure_type));
        return 0;
}

static int on_measure(struct sensor *sensor, const struct actor_mail *mail, const struct measure *msg)
{
        if (++sensor->measured == 3)
                return -EIO; /* "I cannot go on": the class says what that means */
        struct reading *reading = actor_msg_new(&reading_type);
        reading->degrees = 18 + sensor->measured;
        return actor_send(mail->self, actor_parent(mail->self), reading);
}

ACTOR_BIND(on_measure, struct sensor, struct measure)

static const struct actor_handler sensor_handlers[] = {
        {&measure_type, on_measure_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

/* Two kinds of sensor: one is restarted with a fresh state, one stays down. */
static const struct actor_class good_sensor_class = {
        .name = "good sensor",
        .state_size = sizeof(struct sensor),
        .init = sensor_init,
        .handlers = sensor_handlers,
        .restart = ACTOR_RESTART,
};
static const struct actor_class old_sensor_class = {
        .name = "old sensor",
        .state_size = sizeof(struct sensor),
        .init = sensor_init,
        .handlers = sensor_handlers,
        .restart = ACTOR_STOP,
};

/* ---- the station: their parent, and so their supervisor ---- */

struct station {
        struct actor_ref good, old;
        int from_good, from_old;
        bool old_is_down, is_finished;
};

static int station_init(void *state, struct actor *self, const void *config)
{
        struct station *station = state;
        int r = actor_spawn(self, &good_sensor_class, "good", NULL, &station->good);
        if (r == 0)
                r = actor_spawn(self, &old_sensor_class, "old", NULL, &station->old);
        if (r == 0)
                actor_monitor(self, station->old);
        return r;
}

static int finish_when_seen_enough(struct station *station, struct actor *self)
{
        if (station->from_good >= 5 && station->old_is_down && !station->is_finished) {
                station->is_finished = true;
                printf("the good sensor measured on, the old one %d times\n", station->from_old);
                actor_node_shutdown(actor_node(self), 0);
        }
        return 0;
}

static int on_reading(struct station *station, const struct actor_mail *mail, const struct reading *reading)
{
        if (actor_ref_equal(mail->from, station->good))
                station->from_good++; /* the same ref, however often it was restarted */
        else
                station->from_old++;
        return finish_when_seen_enough(station, mail->self);
}

static int on_down(struct station *station, const struct actor_mail *mail, const struct actor_down *down)
{
        printf("the old sensor is down: %s\n", strerror(-down->error));
        station->old_is_down = true;
        return finish_when_seen_enough(station, mail->self);
}

ACTOR_BIND(on_reading, struct station, struct reading)
ACTOR_BIND(on_down, struct station, struct actor_down)

static const struct actor_handler station_handlers[] = {
        {&reading_type, on_reading_bound, ACTOR_FROM_LOCAL},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

static const struct actor_class station_class = {
        .name = "station",
        .state_size = sizeof(struct station),
        .init = station_init,
        .handlers = station_handlers,
};

int main(void)
{
        struct actor_node *node;
        struct actor_ref station;
        if (actor_node_new(&(struct actor_node_config){.name = "station"}, &node) < 0)
                return 1;
        if (actor_node_spawn(node, &station_class, "station", NULL, &station) < 0)
                return 1;
        int status = actor_node_wait(node);
        actor_node_free(node);
        return status;
}
