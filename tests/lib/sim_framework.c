/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_framework.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <check.h>
#include <proto/copy.h>
#include <proto/resources.h>
#include <proto/task_state.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASK_RESOURCES "cpus:0.5;mem:64"
#define TASKS_AN_OFFER 2

struct sim_task *sim_framework_find(struct sim_framework *f, const char *task_id)
{
        for (size_t i = 0; i < f->task_count; i++)
                if (strcmp(f->tasks[i].id, task_id) == 0)
                        return &f->tasks[i];
        return NULL;
}

/* ---- offers --------------------------------------------------------------------------------------- */

static void hold(struct sim_framework *f, const V1__Offer *offer)
{
        ACTOR_ARRAY_RESERVE(f->held, f->held_count, f->held_capacity);
        snprintf(f->held[f->held_count++], sizeof *f->held, "%s", offer->id->value);
}

static void release(struct sim_framework *f, const char *offer_id)
{
        for (size_t i = 0; i < f->held_count; i++)
                if (strcmp(f->held[i], offer_id) == 0) {
                        memmove(f->held[i], f->held[--f->held_count], sizeof *f->held);
                        return;
                }
}

static V1__TaskInfo *task_info(struct sim_task *t, void *arena, const V1__Offer *offer,
                               const struct resources *taken)
{
        V1__TaskInfo *info = actor_msg_alloc(arena, sizeof *info);
        V1__CommandInfo *command = actor_msg_alloc(arena, sizeof *command);
        *info = (V1__TaskInfo) V1__TASK_INFO__INIT;
        *command = (V1__CommandInfo) V1__COMMAND_INFO__INIT;
        command->value = actor_msg_printf(arena, "%lld", (long long) t->runs_ms);
        info->name = actor_msg_strdup(arena, t->id);
        info->task_id = proto_task_id(arena, t->id);
        info->agent_id = offer->agent_id;
        info->command = command;
        resources_to_v1(taken, arena, &info->n_resources, &info->resources);
        snprintf(t->agent_id, sizeof t->agent_id, "%s", offer->agent_id->value);
        return info;
}

static void use(struct sim_framework *f, const V1__Offer *offer, const V1__Filters *filters)
{
        CLEANUP(resources_freep) struct resources *left = NULL, *wanted = NULL;
        ck_assert_int_eq(resources_from_v1(offer->resources, offer->n_resources, &left, NULL), 0);
        ck_assert_int_eq(resources_parse(TASK_RESOURCES, NULL, &wanted, NULL), 0);
        Sched__Call *arena = actor_msg_new(&sched_call_type);
        V1__TaskInfo *infos[TASKS_AN_OFFER];
        size_t count = 0;
        while (count < TASKS_AN_OFFER && f->launched < f->task_count) {
                CLEANUP(resources_freep) struct resources *taken = resources_find(left, wanted, "*");
                if (taken == NULL)
                        break;
                infos[count++] = task_info(&f->tasks[f->launched++], arena, offer, taken);
                resources_subtract(left, taken);
        }
        if (count > 0)
                troupe_scheduler_launch_tasks(f->driver, offer->id, infos, count, filters);
        else
                troupe_scheduler_decline_offer(f->driver, offer->id, filters);
        actor_msg_unref(arena);
}

static void on_offers(struct troupe_scheduler *s, void *data, V1__Offer *const *offers, size_t count)
{
        struct sim_framework *f = data;
        V1__Filters filters = V1__FILTERS__INIT;
        filters.has_refuse_seconds = true;
        filters.refuse_seconds = 1;
        for (size_t i = 0; i < count; i++) {
                f->offers++;
                if (f->config.hesitates && sim_cluster_dice(f->cluster, 4) == 0)
                        hold(f, offers[i]);
                else
                        use(f, offers[i], &filters);
        }
}

static void on_rescinded(struct troupe_scheduler *s, void *data, const V1__OfferID *offer_id)
{
        release(data, offer_id->value);
}

void sim_framework_let_go(struct sim_framework *f)
{
        f->config.hesitates = false;
        for (; f->held_count > 0; f->held_count--) {
                V1__OfferID id = V1__OFFER_ID__INIT;
                id.value = f->held[f->held_count - 1];
                troupe_scheduler_decline_offer(f->driver, &id, NULL);
        }
}

/* ---- tasks ---------------------------------------------------------------------------------------- */

static void on_update(struct troupe_scheduler *s, void *data, const V1__TaskStatus *status)
{
        struct sim_framework *f = data;
        struct sim_task *t = sim_framework_find(f, status->task_id->value);
        if (t == NULL || t->state == status->state)
                return;
        actor_log_debug(troupe_scheduler_self(s), "framework: task %s %s: %s", t->id,
                        task_state_name(status->state), status->message ? status->message : "");
        if (task_state_is_terminal(status->state))
                t->terminals++;
        if (task_state_is_terminal(t->state))
                return;
        t->state = status->state;
        t->changed_ms = sim_cluster_now_ms(f->cluster);
}

static bool is_out(const struct sim_framework *f, const struct sim_task *t)
{
        return t < f->tasks + f->launched && !task_state_is_terminal(t->state);
}

void sim_framework_reconcile(struct sim_framework *f)
{
        Sched__Call *arena = actor_msg_new(&sched_call_type);
        Sched__Call__Reconcile__Task **list = NULL;
        size_t count = 0;
        for (struct sim_task *t = f->tasks; t < f->tasks + f->task_count; t++) {
                if (!is_out(f, t))
                        continue;
                Sched__Call__Reconcile__Task *task = actor_msg_alloc(arena, sizeof *task);
                *task = (Sched__Call__Reconcile__Task) SCHED__CALL__RECONCILE__TASK__INIT;
                task->task_id = proto_task_id(arena, t->id);
                task->agent_id = proto_agent_id(arena, t->agent_id);
                PROTO_APPEND(arena, count, list, task);
        }
        if (count > 0)
                troupe_scheduler_reconcile(f->driver, list, count);
        actor_msg_unref(arena);
}

void sim_framework_kill_all(struct sim_framework *f)
{
        for (struct sim_task *t = f->tasks; t < f->tasks + f->task_count; t++) {
                V1__TaskID id = V1__TASK_ID__INIT;
                id.value = t->id;
                if (is_out(f, t))
                        troupe_scheduler_kill_task(f->driver, &id, NULL, NULL);
        }
}

void sim_framework_add(struct sim_framework *f, unsigned count, int64_t runs_ms)
{
        for (unsigned i = 0; i < count; i++) {
                ACTOR_ARRAY_RESERVE(f->tasks, f->task_count, f->task_capacity);
                struct sim_task *t = &f->tasks[f->task_count];
                *t = (struct sim_task){.runs_ms = runs_ms, .state = V1__TASK_STATE__TASK_STAGING};
                snprintf(t->id, sizeof t->id, "%s-%zu", f->config.name, f->task_count++);
        }
}

size_t sim_framework_count(const struct sim_framework *f, V1__TaskState state)
{
        size_t count = 0;
        for (size_t i = 0; i < f->task_count; i++)
                count += f->tasks[i].state == state;
        return count;
}

bool sim_framework_all_ended(void *framework)
{
        const struct sim_framework *f = framework;
        for (size_t i = 0; i < f->task_count; i++)
                if (!task_state_is_terminal(f->tasks[i].state))
                        return false;
        return true;
}

bool sim_framework_all_running(void *framework)
{
        const struct sim_framework *f = framework;
        return sim_framework_count(f, V1__TASK_STATE__TASK_RUNNING) == f->task_count;
}

/* ---- the session ---------------------------------------------------------------------------------- */

static void on_registered(struct troupe_scheduler *s, void *data, const V1__FrameworkID *id,
                          const V1__MasterInfo *master)
{
        struct sim_framework *f = data;
        snprintf(f->id, sizeof f->id, "%s", id->value);
        f->registrations++;
        if (f->config.quiet)
                troupe_scheduler_suppress(s, NULL, 0);
}

static void on_reregistered(struct troupe_scheduler *s, void *data, const V1__MasterInfo *master)
{
        struct sim_framework *f = data;
        f->registrations++;
        sim_framework_reconcile(f);
}

static void on_disconnected(struct troupe_scheduler *s, void *data)
{
        ((struct sim_framework *) data)->held_count = 0;
}

static void on_agent_lost(struct troupe_scheduler *s, void *data, const V1__AgentID *agent_id)
{
        ((struct sim_framework *) data)->agents_lost++;
}

static void on_ended(struct troupe_scheduler *s, void *data, enum troupe_scheduler_status status)
{
        ((struct sim_framework *) data)->ended = true;
}

static void make_driver(struct sim_framework *f)
{
        V1__FrameworkInfo info = V1__FRAMEWORK_INFO__INIT;
        V1__FrameworkID id = V1__FRAMEWORK_ID__INIT;
        V1__FrameworkInfo__Capability aware = V1__FRAMEWORK_INFO__CAPABILITY__INIT,
                                      *capabilities[] = {&aware};
        aware.has_type = true;
        aware.type = V1__FRAMEWORK_INFO__CAPABILITY__TYPE__PARTITION_AWARE;
        info.name = f->config.name;
        info.user = "nobody";
        info.hostname = f->config.name;
        info.has_checkpoint = true;
        info.checkpoint = f->config.checkpoint;
        info.has_failover_timeout = true;
        info.failover_timeout = f->config.failover_timeout_s;
        info.capabilities = capabilities;
        info.n_capabilities = f->config.partition_aware ? 1 : 0;
        id.value = f->config.id;
        info.id = f->config.id != NULL ? &id : NULL;
        const struct troupe_scheduler_config config = {
                .master = &SIM_MASTER[strlen("tcp://")],
                .framework = &info,
                .callbacks = {.registered = on_registered,
                              .reregistered = on_reregistered,
                              .disconnected = on_disconnected,
                              .resource_offers = on_offers,
                              .offer_rescinded = on_rescinded,
                              .status_update = on_update,
                              .agent_lost = on_agent_lost,
                              .ended = on_ended},
                .data = f,
                .node = f->node,
        };
        struct actor_error error = {""};
        int r = troupe_scheduler_new(&config, &f->driver, &error);
        ck_assert_msg(r == 0, "%s", error.text);
        troupe_scheduler_start(f->driver);
}

struct sim_framework *sim_framework_new(struct sim_cluster *c, const struct sim_framework_config *config)
{
        struct sim_framework *f = actor_zalloc(sizeof *f);
        f->cluster = c;
        f->config = *config;
        snprintf(f->endpoint, sizeof f->endpoint, "tcp://%s:1", config->name);
        f->node = sim_cluster_node(c, config->name, f->endpoint);
        make_driver(f);
        return f;
}

void sim_framework_free(struct sim_framework *f)
{
        actor_sim_crash(sim_cluster_sim(f->cluster), f->node);
        troupe_scheduler_free(f->driver);
        free(f->tasks);
        free(f->held);
        free(f);
}
