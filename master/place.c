/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <actor/memory.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void settle_address(struct place *place, const char *advertise, const char *bound)
{
        const char *port = strrchr(bound, ':');
        if (advertise == NULL)
                snprintf(place->address, sizeof place->address, "%s", bound);
        else if (strchr(advertise, ':') == NULL)
                snprintf(place->address, sizeof place->address, "%s%s", advertise, port ? port : ":5050");
        else
                snprintf(place->address, sizeof place->address, "%s", advertise);
}

static void settle_hostname(struct place *place, const char *hostname)
{
        if (hostname != NULL)
                snprintf(place->hostname, sizeof place->hostname, "%s", hostname);
        else if (gethostname(place->hostname, sizeof place->hostname - 1) != 0)
                snprintf(place->hostname, sizeof place->hostname, "localhost");
}

int place_listen(struct actor_node *node, const struct master_flags *flags, struct place *ret,
                 struct actor_error *error)
{
        char bound[ACTOR_ENDPOINT_MAX + 1];
        const char *format = strchr(flags->ip, ':') ? "tcp://[%s]:%llu" : "tcp://%s:%llu";
        CLEANUP(actor_freep)
        char *endpoint = actor_asprintf(format, flags->ip, (unsigned long long) flags->port);
        int r = actor_node_listen(node, endpoint, bound, sizeof bound, error);
        if (r != 0)
                return r;
        settle_address(ret, flags->advertise, strncmp(bound, "tcp://", 6) == 0 ? bound + 6 : bound);
        settle_hostname(ret, flags->hostname);
        return 0;
}

int place_write(const struct place *place, uint16_t http_port, const char *path, struct actor_error *error)
{
        if (path == NULL)
                return 0;
        CLEANUP(actor_freep) char *beside = actor_asprintf("%s.new", path);
        FILE *file = fopen(beside, "we");
        if (file == NULL)
                return actor_error_set(error, -errno, "cannot write %s: %s", beside, strerror(errno));
        fprintf(file, "%s %u\n", place->address, http_port);
        if (fclose(file) != 0 || rename(beside, path) != 0)
                return actor_error_set(error, -errno, "cannot write %s: %s", path, strerror(errno));
        return 0;
}
