/* SPDX-License-Identifier: Apache-2.0 */
#include "weather.h"
#include <actor/node.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const char *line)
{
        puts(line);
        fflush(stdout);
}

static int spawn_thermometer(struct actor_node *node, const char *endpoint)
{
        struct actor_ref thermometer;
        struct actor_error error;
        if (actor_node_listen(node, endpoint, NULL, 0, &error) < 0) {
                fprintf(stderr, "%s\n", error.text);
                return -1;
        }
        return actor_node_spawn(node, &thermometer_class, "thermometer", NULL, &thermometer);
}

static int spawn_display(struct actor_node *node, const char *address, const char *times)
{
        struct actor_ref display;
        struct display_config config = {address, (int) strtol(times, NULL, 10), show};
        return actor_node_spawn(node, &display_class, "display", &config, &display);
}

int main(int argc, char **argv)
{
        struct actor_node *node;
        signal(SIGPIPE, SIG_IGN); /* a peer that is gone is an event, not an end */
        if (actor_node_new(&(struct actor_node_config){.types = weather_types}, &node) < 0)
                return 1;
        int status = 2;
        if (argc == 3 && strcmp(argv[1], "serve") == 0)
                status = spawn_thermometer(node, argv[2]);
        else if (argc == 4 && strcmp(argv[1], "show") == 0)
                status = spawn_display(node, argv[2], argv[3]);
        else
                fprintf(stderr, "usage: %s serve tcp://HOST:PORT | show thermometer@HOST:PORT TIMES\n",
                        argv[0]);
        if (status == 0)
                status = actor_node_wait(node);
        actor_node_free(node);
        return status != 0;
}
