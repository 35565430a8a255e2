/* SPDX-License-Identifier: Apache-2.0 */
/* wiring.c: the only file that knows all doors. Each room is handed the refs it may talk to; a room that
 * comes first is known to those that come later, and the election, which sets the others going, comes last.
 */
#include "wiring.h"
#include "agent/agent.h"
#include "allocator/allocator.h"
#include "allocator/metrics.h"
#include "election/election.h"
#include "framework/framework.h"
#include "http/http.h"
#include "membership/membership.h"
#include "metrics.h"
#include "registrar/metrics.h"
#include "registrar/registrar.h"
#include "state/metrics.h"
#include "state/state.h"
#include <actor/memory.h>
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <proto/ids.h>
#include <unistd.h>

#define NS_PER_MS 1000000
#define HEARTBEAT_MS 15000

_Static_assert(MASTER_ROUTES_MAX == HTTP_ROUTES_MAX, "the door promises as many routes as the room has");

struct master {
        struct actor_ref registrar, allocator, state, membership, election, http;
        struct master_metrics metrics;
        struct allocator_metrics allocator_metrics;
        struct registrar_metrics registrar_metrics;
        struct state_metrics state_metrics;
        struct role_weight *weights;
        size_t weight_count;
        V1__MasterInfo info;
        V1__Address address;
        char id[UUID_TEXT_SIZE];
        char *host, *pid, *hostname;
};

/* ---- who this master is -----------------------------------------------------------------------------------
 */

static void id_make(struct actor_node *node, char ret[UUID_TEXT_SIZE])
{
        uint64_t high = actor_node_random(node), low = actor_node_random(node);
        uint8_t uuid[UUID_SIZE];
        uuid_make(high, low, uuid);
        uuid_text(uuid, ret);
}

static int info_fill(struct master *m, struct actor_node *node, const struct place *place)
{
        const char *colon = strrchr(place->address, ':');
        char *end = NULL;
        long port = colon != NULL ? strtol(colon + 1, &end, 10) : 0;
        if (port <= 0 || port > 65535 || *end != '\0')
                return -EINVAL;
        id_make(node, m->id);
        m->host = actor_strndup(place->address, (size_t) (colon - place->address));
        m->hostname = actor_strdup(place->hostname);
        m->pid = actor_asprintf("master@%s", place->address);
        v1__address__init(&m->address);
        m->address.hostname = m->hostname;
        m->address.ip = m->host;
        m->address.port = (int32_t) port;
        v1__master_info__init(&m->info);
        m->info.id = m->id;
        m->info.port = (uint32_t) m->address.port;
        m->info.pid = m->pid;
        m->info.hostname = m->hostname;
        m->info.version = TROUPE_VERSION;
        m->info.address = &m->address;
        struct in_addr ip;
        if (inet_pton(AF_INET, m->host, &ip) == 1)
                m->info.ip = ip.s_addr;
        return 0;
}

/* ---- the rooms, in the order of their start
 * ------------------------------------------------------------------- */

static char *registry_directory(const struct master_flags *flags)
{
        if (flags->work_dir != NULL)
                return actor_asprintf("%s/registry", flags->work_dir);
        if (geteuid() == 0)
                return actor_strdup("/var/lib/troupe/master/registry");
        const char *home = getenv("HOME");
        return actor_asprintf("%s/.troupe/master/registry", home && home[0] ? home : "/tmp");
}

static int start_registrar(struct actor_node *node, const struct master_flags *flags, struct master *m,
                           struct actor_error *error)
{
        CLEANUP(actor_freep) char *directory = registry_directory(flags);
        const struct registrar_config config = {
                .directory = strcmp(flags->registry, "memory") == 0 ? NULL : directory,
                .metrics = &m->registrar_metrics,
        };
        return registrar_spawn(node, &config, &m->registrar, error);
}

static int start_allocator(struct actor_node *node, const struct master_flags *flags, struct master *m,
                           struct actor_error *error)
{
        const struct allocator_config config = {
                .master_id = m->id,
                .shards = (unsigned) flags->allocator_shards,
                .allocation_interval_ms = flags->allocation_interval / NS_PER_MS,
                .min_allocatable_resources = flags->min_allocatable_resources,
                .metrics = &m->allocator_metrics,
        };
        return allocator_spawn(node, &config, &m->allocator, error);
}

#define TABLE_COUNT 4

static void tables_fill(const struct master *m, struct actor_metric_table ret[TABLE_COUNT])
{
        ret[0] = (struct actor_metric_table){master_metric_table, master_metric_count, &m->metrics};
        ret[1] = (struct actor_metric_table){allocator_metric_table, allocator_metric_count,
                                             &m->allocator_metrics};
        ret[2] = (struct actor_metric_table){registrar_metric_table, registrar_metric_count,
                                             &m->registrar_metrics};
        ret[3] = (struct actor_metric_table){state_metric_table, state_metric_count, &m->state_metrics};
}

static int start_state(struct actor_node *node, const struct master_flags *flags, struct master *m)
{
        struct actor_metric_table tables[TABLE_COUNT];
        tables_fill(m, tables);
        const struct state_config config = {
                .master = &m->info,
                .completed_frameworks_max = (unsigned) flags->max_completed_frameworks,
                .completed_tasks_max = (unsigned) flags->max_completed_tasks_per_framework,
                .flags = &master_flag_set,
                .flag_values = flags,
                .metrics = &m->state_metrics,
                .tables = tables,
                .table_count = TABLE_COUNT,
        };
        return state_spawn(node, &config, &m->state);
}

static int start_membership(struct actor_node *node, const struct master_flags *flags, struct master *m)
{
        const struct membership_config config = {
                .framework_class = &framework_class,
                .agent_class = &agent_class,
                .allocator = m->allocator,
                .registrar = m->registrar,
                .state = m->state,
                .master = &m->info,
                .metrics = &m->metrics,
                .agent_ping_timeout_ms = flags->agent_ping_timeout / NS_PER_MS,
                .agent_pings_missed_max = (unsigned) flags->max_agent_ping_timeouts,
                .agent_reregister_timeout_ms = flags->agent_reregister_timeout / NS_PER_MS,
                .offer_timeout_ms = flags->offer_timeout / NS_PER_MS,
                .heartbeat_ms = HEARTBEAT_MS,
                .unreachable_tasks_max = (unsigned) flags->max_unreachable_tasks_per_framework,
                .weights = m->weights,
                .weight_count = m->weight_count,
        };
        return membership_spawn(node, &config, &m->membership);
}

static int start_election(struct actor_node *node, struct master *m)
{
        const struct actor_ref listeners[] = {m->membership, m->state};
        const struct election_config config = {
                .address = m->pid,
                .listeners = listeners,
                .listener_count = sizeof listeners / sizeof *listeners,
        };
        return election_standalone_spawn(node, &config, &m->election);
}

static int start_http(struct actor_node *node, struct master *m)
{
        struct actor_metric_table tables[TABLE_COUNT];
        tables_fill(m, tables);
        const struct http_config config = {
                .state = m->state,
                .tables = tables,
                .table_count = TABLE_COUNT,
        };
        return http_spawn(node, &config, &m->http);
}

static int start_rooms(struct actor_node *node, const struct master_flags *flags, struct master *m,
                       struct actor_error *error)
{
        int r = weights_parse(flags->weights, &m->weights, &m->weight_count, error);
        if (r != 0)
                return actor_error_prefix(error, r, "flag weights");
        r = start_registrar(node, flags, m, error);
        if (r == 0)
                r = start_allocator(node, flags, m, error);
        if (r != 0)
                return r;
        r = start_state(node, flags, m);
        if (r == 0)
                r = start_membership(node, flags, m);
        if (r == 0)
                r = start_http(node, m);
        if (r == 0)
                r = start_election(node, m);
        return r != 0 ? actor_error_set(error, r, "a room of the master did not start: %s", strerror(-r)) : 0;
}

int master_start(struct actor_node *node, const struct master_flags *flags, const struct place *place,
                 struct master **ret, struct actor_error *error)
{
        struct master *m = actor_zalloc(sizeof *m);
        int r = info_fill(m, node, place);
        if (r != 0)
                actor_error_set(error, r, "\"%s\" is not an address of the form host:port", place->address);
        else
                r = start_rooms(node, flags, m, error);
        *ret = m; /* rooms that have started point into it: it goes after the node, also on error */
        return r;
}

void master_free(struct master *m)
{
        if (m == NULL)
                return;
        weights_free(m->weights, m->weight_count);
        free(m->host);
        free(m->pid);
        free(m->hostname);
        free(m);
}

size_t master_routes(const struct master *master, struct actor_http_route ret[MASTER_ROUTES_MAX])
{
        return http_routes(master->http, ret);
}
