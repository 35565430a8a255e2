/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_RIG_H
#define AGENT_RIG_H

/* An agent's rooms on a simulated node, between a master and an executor that the test plays: two
 * probes on nodes of their own, which keep all they receive and send what the test orders. */

#include "containerizer/containerizer.h"
#include "fetcher/fetcher.h"
#include "files/files.h"
#include "identity.h"
#include "meta/meta.h"
#include "registration/registration.h"
#include "supervision/supervision.h"
#include "updates/updates.h"
#include <actor/memory.h>
#include <actor/sim.h>
#include <actor/store.h>
#include <check.h>
#include <proto/copy.h>
#include <proto/task_state.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RIG_UNUSED __attribute__((unused))

/* ---- probes ------------------------------------------------------------------------------------ */

struct probe {
        bool registers;    /* answer RegisterAgent and ReregisterAgent */
        bool acknowledges; /* answer every StatusUpdate */
        double ping_timeout_seconds;
        size_t count, capacity;
        struct kept {
                const void *msg;
                struct actor_ref from;
                int64_t at_ms;
        } * kept;
};

struct probe_order {
        const char *address; /* NULL: `to` */
        struct actor_ref to;
        const void *msg; /* held */
};
static ACTOR_LOCAL_TYPE(probe_order_type, struct probe_order);

struct probe_state {
        struct probe *probe;
};

static int probe_on_order(void *state, const struct actor_mail *mail, const void *body)
{
        const struct probe_order *order = body;
        struct actor_ref to = order->to;
        if (order->address)
                ck_assert_int_eq(actor_node_resolve(actor_node(mail->self), order->address, &to, NULL), 0);
        actor_send(mail->self, to, actor_msg_ref(order->msg));
        return 0;
}

static void probe_answer(struct probe *probe, const struct actor_mail *mail, const void *body)
{
        const struct actor_type *type = actor_msg_type(body);
        if (probe->registers && (type == &register_agent_type || type == &reregister_agent_type)) {
                Troupe__AgentRegistered *answer = actor_msg_new(&agent_registered_type);
                answer->agent_id = proto_agent_id(answer, "A1");
                answer->master_id = "M1";
                answer->has_total_ping_timeout_seconds = probe->ping_timeout_seconds > 0;
                answer->total_ping_timeout_seconds = probe->ping_timeout_seconds;
                actor_send(mail->self, mail->from, answer);
        }
        if (probe->acknowledges && type == &status_update_type) {
                const Troupe__StatusUpdate *update = body;
                Troupe__StatusUpdateAcknowledgement *answer =
                        actor_msg_new(&status_update_acknowledgement_type);
                actor_msg_hold(answer, update);
                answer->framework_id = update->framework_id;
                answer->task_id = update->status->task_id;
                answer->uuid = update->status->uuid;
                actor_send(mail->self, mail->from, answer);
        }
}

static int probe_on_other(void *state, const struct actor_mail *mail, const void *body)
{
        struct probe *probe = ((struct probe_state *) state)->probe;
        ACTOR_ARRAY_RESERVE(probe->kept, probe->count, probe->capacity);
        probe->kept[probe->count++] = (struct kept){actor_msg_ref(body), mail->from, mail->now_ns / 1000000};
        probe_answer(probe, mail, body);
        return 0;
}

static const struct actor_handler probe_handlers[] = {
        {&probe_order_type, probe_on_order, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};

static int probe_init(void *state, struct actor *self, const void *config)
{
        ((struct probe_state *) state)->probe = (struct probe *) config;
        return 0;
}

static const struct actor_class probe_class = {
        .name = "probe",
        .state_size = sizeof(struct probe_state),
        .init = probe_init,
        .handlers = probe_handlers,
        .handle_other = probe_on_other,
};

static void probe_forget(struct probe *probe)
{
        for (size_t i = 0; i < probe->count; i++)
                actor_msg_unref(probe->kept[i].msg);
        probe->count = 0;
}

/* How many of a type were kept, and the n-th of them (0 is the first). */
RIG_UNUSED static size_t probe_count(const struct probe *probe, const struct actor_type *type)
{
        size_t count = 0;
        for (size_t i = 0; i < probe->count; i++)
                count += actor_msg_type(probe->kept[i].msg) == type;
        return count;
}

RIG_UNUSED static const struct kept *probe_kept(const struct probe *probe, const struct actor_type *type,
                                                size_t n)
{
        for (size_t i = 0; i < probe->count; i++)
                if (actor_msg_type(probe->kept[i].msg) == type && n-- == 0)
                        return &probe->kept[i];
        ck_abort_msg("the probe has no such message of type %s", type->name);
        return NULL;
}

RIG_UNUSED static const void *probe_msg(const struct probe *probe, const struct actor_type *type, size_t n)
{
        return probe_kept(probe, type, n)->msg;
}

/* ---- the rig ----------------------------------------------------------------------------------- */

struct rig {
        struct actor_sim *sim;
        struct actor_node *master_node, *agent_node, *executor_node;
        struct actor_ref master, executor;
        struct actor_ref gateway, meta, updates, containerizer, fetcher, supervision, files;
        struct probe master_probe, executor_probe;
        struct actor_disk *disk;
        struct actor_store *store;
        struct identity identity; /* read from the records when the agent was started again */
        struct agent_metrics metrics;
        struct supervision_settings settings;
        char work_dir[64];
        /* What the last simulated executor process was started with. */
        unsigned starts;
        char address[512]; /* TROUPE_EXECUTOR_ADDRESS */
        char executor_id[256];
        struct actor_sim_fate fate;
};

static const char *const rig_masters[] = {"master:5050", NULL};
static const char *const rig_environment[] = {"PATH=/usr/bin:/bin", NULL};

static struct actor_sim_fate rig_program(const struct actor_process_config *config, void *arg)
{
        struct rig *rig = arg;
        rig->starts++;
        for (const char *const *v = config->environment; *v; v++) {
                if (strncmp(*v, "TROUPE_EXECUTOR_ADDRESS=", 24) == 0)
                        snprintf(rig->address, sizeof rig->address, "%s", *v + 24);
                if (strncmp(*v, "MESOS_EXECUTOR_ID=", 18) == 0)
                        snprintf(rig->executor_id, sizeof rig->executor_id, "%s", *v + 18);
        }
        return rig->fate;
}

static struct actor_node *rig_node(struct rig *rig, const char *endpoint, const char *name)
{
        const struct actor_node_config config = {.name = name, .types = proto_wire_types};
        return actor_sim_node(rig->sim, endpoint, &config);
}

static void rig_spawn(struct actor_node *node, const struct actor_class *class, const char *name,
                      const void *config, struct actor_ref *ret)
{
        ck_assert_int_eq(actor_node_spawn(node, class, name, config, ret), 0);
}

static void rig_settings(struct rig *rig)
{
        rig->settings = (struct supervision_settings){
                .work_dir = rig->work_dir,
                .launcher_dir = "/launcher",
                .hostname = "host1",
                .agent_endpoint = "agent:5051",
                .executor_endpoint = "agent:5051",
                .executor_environment = rig_environment,
                .own_user = "somebody",
                .switch_user = true,
                .registration_timeout_ms = 60000,
                .shutdown_grace_ms = 5000,
                .recovery_timeout_ms = 900000,
                .command_idle_ms = 30000,
                .metrics = &rig->metrics,
                .gateway = rig->gateway,
                .updates = rig->updates,
                .containerizer = rig->containerizer,
                .fetcher = rig->fetcher,
                .meta = rig->meta,
        };
}

static void rig_rooms(struct rig *rig)
{
        V1__AgentInfo info = V1__AGENT_INFO__INIT;
        info.hostname = "host1";
        info.id = rig->identity.agent ? rig->identity.agent->id : NULL;
        const struct registration_config registration = {.masters = rig_masters,
                                                         .agent = &info,
                                                         .metrics = &rig->metrics,
                                                         .backoff_factor_ms = 1000,
                                                         .stop_timeout_ms = 15000};
        rig_spawn(rig->agent_node, &registration_class, "agent", &registration, &rig->gateway);
        const struct meta_config meta = {.store = rig->store};
        rig_spawn(rig->agent_node, &meta_class, "meta", &meta, &rig->meta);
        const struct updates_config updates = {.gateway = rig->gateway,
                                               .meta = rig->meta,
                                               .metrics = &rig->metrics,
                                               .supervision = "executors",
                                               .recovered = rig->identity.updates,
                                               .recovered_count = rig->identity.update_count};
        rig_spawn(rig->agent_node, &updates_class, "updates", &updates, &rig->updates);
        rig_spawn(rig->agent_node, &containerizer_posix_class, "containerizer", NULL, &rig->containerizer);
        rig_spawn(rig->agent_node, &fetcher_class, "fetcher", NULL, &rig->fetcher);
        rig_settings(rig);
        const struct supervision_config supervision = {.settings = &rig->settings,
                                                       .recovered = rig->identity.updates,
                                                       .recovered_count = rig->identity.update_count};
        rig_spawn(rig->agent_node, &supervision_class, "executors", &supervision, &rig->supervision);
        const struct files_config files = {.work_dir = rig->work_dir};
        rig_spawn(rig->agent_node, &files_class, "files", &files, &rig->files);
}

static void rig_begin(struct rig *rig)
{
        struct registration_begin *begin = actor_msg_new(&registration_begin_type);
        begin->updates = rig->updates;
        begin->supervision = rig->supervision;
        begin->meta = rig->meta;
        begin->observers[begin->observer_count++] = rig->files;
        ck_assert_int_eq(actor_node_send(rig->agent_node, rig->gateway, begin), 0);
        actor_sim_settle(rig->sim);
}

/* An agent that has begun to register; with `registers` the master has said yes. */
static struct rig *rig_new(bool registers)
{
        struct rig *rig = actor_zalloc(sizeof *rig);
        rig->sim = actor_sim_new(1);
        rig->fate.runs_ms = -1;
        snprintf(rig->work_dir, sizeof rig->work_dir, "/tmp/troupe-rig-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(rig->work_dir));
        rig->master_node = rig_node(rig, "tcp://master:5050", "master");
        rig->agent_node = rig_node(rig, "tcp://agent:5051", "agent");
        rig->executor_node = rig_node(rig, "tcp://executor:1", "executor");
        rig->disk = actor_disk_new();
        ck_assert_int_eq(actor_store_open_memory(rig->disk, "troupe-agent", 1, &rig->store, NULL), 0);
        actor_sim_program(rig->sim, "/launcher/troupe-executor", rig_program, rig);
        actor_sim_program(rig->sim, "/bin/sh", rig_program, rig);
        rig->master_probe.registers = registers;
        rig_spawn(rig->master_node, &probe_class, "master", &rig->master_probe, &rig->master);
        rig_spawn(rig->executor_node, &probe_class, "executor", &rig->executor_probe, &rig->executor);
        rig_rooms(rig);
        rig_begin(rig);
        return rig;
}

/* The agent's process is killed and started again, with its records and no executors. */
RIG_UNUSED static void rig_restart(struct rig *rig)
{
        size_t broken;
        actor_sim_crash(rig->sim, rig->agent_node);
        actor_store_close(rig->store);
        ck_assert_int_eq(actor_store_open_memory(rig->disk, "troupe-agent", 1, &rig->store, NULL), 0);
        identity_done(&rig->identity);
        ck_assert_int_eq(identity_read(rig->store, &rig->identity, &broken, NULL), 0);
        ck_assert_uint_eq(broken, 0);
        rig->metrics = (struct agent_metrics){0};
        probe_forget(&rig->master_probe);
        rig->agent_node = rig_node(rig, "tcp://agent:5051", "agent");
        rig_rooms(rig);
        rig_begin(rig);
}

static void rig_free(struct rig *rig)
{
        actor_sim_free(rig->sim);
        identity_done(&rig->identity);
        probe_forget(&rig->master_probe);
        probe_forget(&rig->executor_probe);
        actor_freep(&rig->master_probe.kept);
        actor_freep(&rig->executor_probe.kept);
        actor_store_close(rig->store);
        actor_disk_free(rig->disk);
        CLEANUP(actor_freep) char *command = actor_asprintf("rm -rf %s", rig->work_dir);
        ck_assert_int_eq(system(command), 0);
        actor_freep(&rig);
}
DEFINE_FREEP(struct rig, rig_free)

/* ---- speaking ---------------------------------------------------------------------------------- */

static void rig_order(struct rig *rig, struct actor_node *node, struct actor_ref probe, const char *address,
                      void *msg_take)
{
        struct probe_order *order = actor_msg_new(&probe_order_type);
        actor_msg_hold(order, msg_take);
        order->msg = msg_take;
        order->address = actor_msg_strdup(order, address);
        actor_msg_unref(msg_take);
        ck_assert_int_eq(actor_node_send(node, probe, order), 0);
        actor_sim_settle(rig->sim);
}

/* From the master's session to the agent. */
RIG_UNUSED static void rig_master_says(struct rig *rig, void *msg_take)
{
        rig_order(rig, rig->master_node, rig->master, "agent@agent:5051", msg_take);
}

/* From the executor's process to its actor at the agent. */
RIG_UNUSED static void rig_executor_says(struct rig *rig, Exec__Call *call_take)
{
        call_take->framework_id = proto_framework_id(call_take, "F1");
        call_take->executor_id = proto_executor_id(call_take, rig->executor_id);
        call_take->has_type = true;
        rig_order(rig, rig->executor_node, rig->executor, rig->address, call_take);
}

RIG_UNUSED static void rig_subscribe(struct rig *rig)
{
        Exec__Call *call = actor_msg_new(&exec_call_type);
        call->type = EXEC__CALL__TYPE__SUBSCRIBE;
        call->subscribe = actor_msg_alloc(call, sizeof *call->subscribe);
        exec__call__subscribe__init(call->subscribe);
        rig_executor_says(rig, call);
}

/* `mark` makes the uuid. */
RIG_UNUSED static void rig_update(struct rig *rig, const char *task_id, V1__TaskState state, uint8_t mark)
{
        Exec__Call *call = actor_msg_new(&exec_call_type);
        call->type = EXEC__CALL__TYPE__UPDATE;
        call->update = actor_msg_alloc(call, sizeof *call->update);
        exec__call__update__init(call->update);
        V1__TaskStatus *status = actor_msg_alloc(call, sizeof *status);
        v1__task_status__init(status);
        status->task_id = proto_task_id(call, task_id);
        status->state = state;
        status->has_uuid = true;
        status->uuid.len = 16;
        status->uuid.data = actor_msg_alloc(call, 16);
        memset(status->uuid.data, mark, 16);
        status->uuid.data[6] = 0x40 | (mark & 0x0f);
        call->update->status = status;
        rig_executor_says(rig, call);
}

static V1__FrameworkInfo *rig_framework(void *msg)
{
        V1__FrameworkInfo *framework = actor_msg_alloc(msg, sizeof *framework);
        v1__framework_info__init(framework);
        framework->id = proto_framework_id(msg, "F1");
        framework->name = "test";
        framework->user = "somebody";
        return framework;
}

/* A task: of the custom executor `executor_id`, or where that is NULL a command. */
static V1__TaskInfo *rig_task(void *msg, const char *task_id, const char *executor_id)
{
        V1__TaskInfo *task = actor_msg_alloc(msg, sizeof *task);
        v1__task_info__init(task);
        task->name = "test";
        task->task_id = proto_task_id(msg, task_id);
        task->agent_id = proto_agent_id(msg, "A1");
        V1__CommandInfo *command = actor_msg_alloc(msg, sizeof *command);
        v1__command_info__init(command);
        command->value = "true";
        if (executor_id == NULL) {
                task->command = command;
                return task;
        }
        task->executor = actor_msg_alloc(msg, sizeof *task->executor);
        v1__executor_info__init(task->executor);
        task->executor->executor_id = proto_executor_id(msg, executor_id);
        task->executor->command = command;
        return task;
}

RIG_UNUSED static Troupe__RunTasks *rig_run_message(void)
{
        Troupe__RunTasks *run = actor_msg_new(&run_tasks_type);
        run->framework = rig_framework(run);
        return run;
}

RIG_UNUSED static void rig_run(struct rig *rig, const char *task_id, const char *executor_id)
{
        Troupe__RunTasks *run = rig_run_message();
        V1__TaskInfo *task = rig_task(run, task_id, executor_id);
        PROTO_APPEND(run, run->n_tasks, run->tasks, task);
        rig_master_says(rig, run);
}

RIG_UNUSED static void rig_kill(struct rig *rig, const char *task_id)
{
        Troupe__KillTask *kill = actor_msg_new(&kill_task_type);
        kill->framework_id = proto_framework_id(kill, "F1");
        kill->task_id = proto_task_id(kill, task_id);
        rig_master_says(rig, kill);
}

/* The n-th status the master has got. */
RIG_UNUSED static const V1__TaskStatus *rig_status(const struct rig *rig, size_t n)
{
        return ((const Troupe__StatusUpdate *) probe_msg(&rig->master_probe, &status_update_type, n))->status;
}

RIG_UNUSED static size_t rig_statuses(const struct rig *rig)
{
        return probe_count(&rig->master_probe, &status_update_type);
}

/* How many events of a type the executor has got, and the n-th of them. */
RIG_UNUSED static const Exec__Event *rig_event(const struct rig *rig, Exec__Event__Type type, size_t n)
{
        for (size_t i = 0; i < rig->executor_probe.count; i++) {
                const Exec__Event *event = rig->executor_probe.kept[i].msg;
                if (actor_msg_type(event) == &exec_event_type && event->type == type && n-- == 0)
                        return event;
        }
        return NULL;
}

RIG_UNUSED static size_t rig_events(const struct rig *rig, Exec__Event__Type type)
{
        size_t n = 0;
        while (rig_event(rig, type, n))
                n++;
        return n;
}

#endif
