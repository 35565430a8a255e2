/* SPDX-License-Identifier: Apache-2.0 */
/* wiring.c — makes the rooms and hands each the addresses it may talk to.
 *
 * The gateway ("agent") comes first, because everyone speaks to the master through it, and begins its
 * work last, when registration_begin tells it of the others. The node, the store and the work directory
 * are given (daemon.c, or a simulation). */
#include "wiring.h"

#include "containerizer/containerizer.h"
#include "fetcher/fetcher.h"
#include "files/files.h"
#include "http/http.h"
#include "identity.h"
#include "meta/meta.h"
#include "options.h"
#include "registration/registration.h"
#include "resources/detect.h"
#include "signals/signals.h"
#include "supervision/supervision.h"
#include "updates/updates.h"
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <proto/attributes.h>
#include <proto/copy.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STOP_MARGIN_MS 10000 /* over the grace period, until executors are left behind */

struct agent {
        const struct agent_flags *flags;
        struct agent_place place; /* its texts are copies */
        struct identity identity;
        struct agent_metrics metrics;
        struct supervision_settings settings;
        V1__AgentInfo *info; /* a message of its own (proto_dup) */
        const char **masters, **executor_environment;
        char *work_dir, *hostname, *launcher_dir, *own_user, *endpoint, *executor_endpoint;
        struct {
                struct actor_ref gateway, meta, updates, containerizer, fetcher, supervision, files, http,
                        signals;
        } rooms;
};

/* ---- what the flags leave open ----------------------------------------------------------------- */

static char *own_directory(void)
{
        char path[PATH_MAX];
        ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
        if (size <= 0)
                return actor_strdup(".");
        path[size] = '\0';
        *strrchr(path, '/') = '\0';
        return actor_strdup(*path ? path : "/");
}

static char *own_user(void)
{
        struct passwd *entry = getpwuid(geteuid());
        return entry ? actor_strdup(entry->pw_name) : actor_asprintf("%u", (unsigned) geteuid());
}

static char *own_hostname(void)
{
        char name[HOST_NAME_MAX + 1];
        return gethostname(name, sizeof name) == 0 ? actor_strdup(name) : actor_strdup("localhost");
}

static void take_names(struct agent *a)
{
        const struct agent_flags *f = a->flags;
        a->hostname = f->hostname && *f->hostname ? actor_strdup(f->hostname) : own_hostname();
        a->launcher_dir =
                f->launcher_dir && *f->launcher_dir ? actor_strdup(f->launcher_dir) : own_directory();
        a->own_user = own_user();
}

/* The agent as it presents itself; with its old id if its records say it is the same. */
static int take_info(struct agent *a, struct actor_error *error)
{
        struct machine machine;
        CLEANUP(resources_freep) struct resources *resources = NULL;
        machine_measure(a->work_dir, &machine);
        int r = agent_resources(a->flags->resources, &machine, &resources, error);
        if (r != 0)
                return actor_error_prefix(error, r, "--resources");

        Troupe__RegisterAgent *arena = actor_msg_new(&register_agent_type);
        V1__AgentInfo info = V1__AGENT_INFO__INIT;
        info.hostname = a->hostname;
        info.has_port = true;
        info.port = (int32_t) strtol(strrchr(a->endpoint, ':') + 1, NULL, 10); /* the port just bound */
        resources_to_v1(resources, arena, &info.n_resources, &info.resources);
        const char *attributes = a->flags->attributes ? a->flags->attributes : "";
        r = attributes_parse(attributes, arena, &info.n_attributes, &info.attributes, error);
        if (r == 0) {
                const char *id = identity_id_for(&a->identity, &info);
                info.id = id ? proto_agent_id(arena, id) : NULL;
                a->info = proto_dup(&info);
        } else {
                actor_error_prefix(error, r, "--attributes");
        }
        actor_msg_unref(arena);
        return r;
}

static int take_records(struct agent *a, struct actor_error *error)
{
        size_t broken;
        int r = identity_read(a->place.store, &a->identity, &broken, error);
        if (r != 0)
                return actor_error_prefix(error, r, "--work_dir=%s", a->work_dir);
        if (broken > 0)
                actor_log_print(a->place.log, ACTOR_LOG_WARN,
                                "agent: %zu records in \"%s/meta\" cannot be read: left out", broken,
                                a->work_dir);
        return 0;
}

/* ---- the rooms --------------------------------------------------------------------------------- */

#define NS_PER_MS 1000000

static void take_settings(struct agent *a)
{
        const struct agent_flags *f = a->flags;
        a->settings = (struct supervision_settings){
                .work_dir = a->work_dir,
                .launcher_dir = a->launcher_dir,
                .hostname = a->hostname,
                .agent_endpoint = a->endpoint,
                .executor_endpoint = a->executor_endpoint,
                .executor_environment = a->executor_environment,
                .own_user = a->own_user,
                .switch_user = f->switch_user,
                .is_root = geteuid() == 0,
                .registration_timeout_ms = f->executor_registration_timeout / NS_PER_MS,
                .shutdown_grace_ms = f->executor_shutdown_grace_period / NS_PER_MS,
                .recovery_timeout_ms = f->recovery_timeout / NS_PER_MS,
                .command_idle_ms = f->command_executor_idle_timeout / NS_PER_MS,
                .metrics = &a->metrics,
                .gateway = a->rooms.gateway,
                .updates = a->rooms.updates,
                .containerizer = a->rooms.containerizer,
                .fetcher = a->rooms.fetcher,
                .meta = a->rooms.meta,
        };
}

static int spawn_gateway(struct agent *a)
{
        const struct registration_config config = {
                .masters = a->masters,
                .agent = a->info,
                .metrics = &a->metrics,
                .backoff_factor_ms = a->flags->registration_backoff_factor / NS_PER_MS,
                .stop_timeout_ms = a->flags->executor_shutdown_grace_period / NS_PER_MS + STOP_MARGIN_MS,
        };
        return actor_node_spawn(a->place.node, &registration_class, "agent", &config, &a->rooms.gateway);
}

static int spawn_updates(struct agent *a)
{
        const struct updates_config config = {
                .gateway = a->rooms.gateway,
                .meta = a->rooms.meta,
                .metrics = &a->metrics,
                .supervision = "executors",
                .recovered = a->identity.updates,
                .recovered_count = a->identity.update_count,
        };
        return actor_node_spawn(a->place.node, &updates_class, "updates", &config, &a->rooms.updates);
}

static int spawn_rooms(struct agent *a)
{
        const struct meta_config meta = {.store = a->place.store};
        int r = spawn_gateway(a);
        if (r == 0)
                r = actor_node_spawn(a->place.node, &meta_class, "meta", &meta, &a->rooms.meta);
        if (r == 0)
                r = spawn_updates(a);
        if (r == 0)
                r = actor_node_spawn(a->place.node, &containerizer_posix_class, "containerizer", NULL,
                                     &a->rooms.containerizer);
        if (r == 0)
                r = actor_node_spawn(a->place.node, &fetcher_class, "fetcher", NULL, &a->rooms.fetcher);
        take_settings(a);
        const struct supervision_config supervision = {.settings = &a->settings,
                                                       .recovered = a->identity.updates,
                                                       .recovered_count = a->identity.update_count};
        if (r == 0)
                r = actor_node_spawn(a->place.node, &supervision_class, "executors", &supervision,
                                     &a->rooms.supervision);
        const struct files_config files = {.work_dir = a->work_dir};
        if (r == 0)
                r = actor_node_spawn(a->place.node, &files_class, "files", &files, &a->rooms.files);
        const struct http_config http = {.supervision = a->rooms.supervision, .metrics = &a->metrics};
        if (r == 0)
                r = actor_node_spawn(a->place.node, &agent_http_class, "http", &http, &a->rooms.http);
        const struct signals_config signals = {.gateway = a->rooms.gateway, .fd = a->place.signal_fd};
        if (r == 0 && a->place.signal_fd >= 0)
                r = actor_node_spawn(a->place.node, &signals_class, "signals", &signals, &a->rooms.signals);
        return r;
}

void agent_begin(struct agent *a)
{
        struct registration_begin *msg = actor_msg_new(&registration_begin_type);
        msg->updates = a->rooms.updates;
        msg->supervision = a->rooms.supervision;
        msg->meta = a->rooms.meta;
        msg->observers[msg->observer_count++] = a->rooms.files;
        msg->observers[msg->observer_count++] = a->rooms.http;
        actor_node_send(a->place.node, a->rooms.gateway, msg);
}

static void take_place(struct agent *a, const struct agent_place *place)
{
        a->place = *place;
        a->work_dir = actor_strdup(place->work_dir);
        a->endpoint = actor_strdup(place->endpoint);
        a->executor_endpoint = actor_strdup(place->executor_endpoint);
        a->place.work_dir = a->work_dir;
        a->place.endpoint = a->endpoint;
        a->place.executor_endpoint = a->executor_endpoint;
}

static int start(struct agent *a, struct actor_error *error)
{
        int r = options_masters(a->flags->master, &a->masters, error);
        if (r == 0)
                r = options_environment(a->flags->executor_environment, environ, &a->executor_environment,
                                        error);
        if (r == 0)
                r = take_records(a, error);
        if (r != 0)
                return r;
        take_names(a);
        r = take_info(a, error);
        if (r != 0)
                return r;
        r = spawn_rooms(a);
        return r == 0 ? 0 : actor_error_set(error, r, "a room cannot start: %s", strerror(-r));
}

int agent_start(const struct agent_flags *flags, const struct agent_place *place, struct agent **ret,
                struct actor_error *error)
{
        struct agent *a = actor_zalloc(sizeof *a);
        a->flags = flags;
        take_place(a, place);
        *ret = a; /* rooms that have started point into it: it goes after the node, also on error */
        return start(a, error);
}

const char *agent_hostname(const struct agent *agent)
{
        return agent->hostname;
}

size_t agent_routes(const struct agent *agent, struct actor_http_route ret[AGENT_ROUTES_MAX])
{
        static const char *const paths[] = {"/state", "/metrics", "/version", "/health"};
        size_t count = sizeof paths / sizeof *paths;
        assert(count <= AGENT_ROUTES_MAX);
        for (size_t i = 0; i < count; i++)
                ret[i] = (struct actor_http_route){"GET", paths[i], agent->rooms.http};
        return count;
}

void agent_free(struct agent *a)
{
        if (a == NULL)
                return;
        identity_done(&a->identity);
        proto_free(a->info);
        actor_freep(&a->masters);
        actor_freep(&a->executor_environment);
        actor_freep(&a->work_dir);
        actor_freep(&a->hostname);
        actor_freep(&a->launcher_dir);
        actor_freep(&a->own_user);
        actor_freep(&a->endpoint);
        actor_freep(&a->executor_endpoint);
        actor_freep(&a);
}

/* ---- flags ------------------------------------------------------------------------------------- */

static const struct actor_flag flag_table[] = {
#define FLAG(field, type, def, accepts, help) \
        {#field, offsetof(struct agent_flags, field), FLAG_##type, def, accepts, help},
#include "flags.def"
        ACTOR_FLAG_END};

const struct actor_flag_set agent_flag_set = {
        .program = "troupe-agent",
        .purpose = "Offers this machine to a Troupe master and runs what frameworks launch here.",
        .env_prefix = "TROUPE_",
        .flags = flag_table,
};
