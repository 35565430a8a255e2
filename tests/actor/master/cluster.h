/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ACTOR_MASTER_CLUSTER_H
#define TESTS_ACTOR_MASTER_CLUSTER_H

/* A master's real sessions, allocator and registrar on a simulated node; schedulers and agents are puppets
 * on nodes of their own, which write down what they hear and say what the test tells them to. */
#include "check_main.h"
#include "agent/agent.h"
#include "allocator/allocator.h"
#include "allocator/messages.h"
#include "election/election.h"
#include "framework/framework.h"
#include "membership/membership.h"
#include "metrics.h"
#include "registrar/registrar.h"
#include "state/messages.h"
#include <actor/log.h>
#include <actor/memory.h>
#include <actor/sim.h>
#include <proto/copy.h>
#include <proto/task_state.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PING_MS 15000
#define PINGS_MAX 5
#define MASTER "tcp://m:5050"

/* ---- puppets --------------------------------------------------------------------------------------- */

#define KEPT_MAX 64

struct puppet {
        struct actor_sim *sim;
        struct actor_node *node;
        struct actor_ref ref, session; /* session: whom SUBSCRIBED or AgentRegistered came from */
        struct actor *self;
        char text[1 << 19]; /* what it heard */
        size_t size;
        bool mute; /* does not answer pings */
        unsigned pings;
        char id[256];       /* the framework's or agent's, once it knows */
        char master_id[64]; /* the start of the id */
        V1__Offer *offers[KEPT_MAX];
        size_t offer_count;
        const void *kept[KEPT_MAX * 4]; /* messages that the above lie in */
        size_t kept_count;
        char executor_id[64]; /* that the last update named; "" none */
};

struct puppet_word {
        struct actor_ref to;
        const void *say; /* held */
};
static ACTOR_LOCAL_TYPE(puppet_word_type, struct puppet_word);

static void hear(struct puppet *p, const char *format, ...) ACTOR_PRINTF(2, 3);
static void hear(struct puppet *p, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        p->size += (size_t) vsnprintf(p->text + p->size, sizeof p->text - p->size, format, args);
        va_end(args);
        ck_assert_uint_lt(p->size, sizeof p->text);
}

static void keep(struct puppet *p, const void *msg)
{
        ck_assert_uint_lt(p->kept_count, KEPT_MAX * 4);
        p->kept[p->kept_count++] = actor_msg_ref(msg);
}

static void hear_offers(struct puppet *p, const Sched__Event *event)
{
        keep(p, event);
        for (size_t i = 0; i < event->offers->n_offers; i++) {
                ck_assert_uint_lt(p->offer_count, KEPT_MAX);
                p->offers[p->offer_count++] = event->offers->offers[i];
        }
        hear(p, "OFFERS %zu\n", event->offers->n_offers);
}

static void hear_update(struct puppet *p, const V1__TaskStatus *status)
{
        snprintf(p->executor_id, sizeof p->executor_id, "%s",
                 status->executor_id ? status->executor_id->value : "");
        hear(p, "UPDATE %s %s%s", status->task_id->value, task_state_name(status->state),
             status->has_uuid ? " uuid" : "");
        if (status->has_reason) {
                const ProtobufCEnumValue *reason = protobuf_c_enum_descriptor_get_value(
                        &v1__task_status__reason__descriptor, (int) status->reason);
                hear(p, " %s", reason->name + strlen("REASON_"));
        }
        hear(p, "\n");
}

static int puppet_on_event(struct puppet **state, const struct actor_mail *mail, const Sched__Event *event)
{
        struct puppet *p = *state;
        switch (event->type) {
        case SCHED__EVENT__TYPE__SUBSCRIBED:
                p->session = mail->from;
                snprintf(p->id, sizeof p->id, "%s", event->subscribed->framework_id->value);
                snprintf(p->master_id, sizeof p->master_id, "%s", event->subscribed->master_info->id);
                hear(p, "SUBSCRIBED\n");
                break;
        case SCHED__EVENT__TYPE__OFFERS:
                hear_offers(p, event);
                break;
        case SCHED__EVENT__TYPE__RESCIND:
                hear(p, "RESCIND\n");
                break;
        case SCHED__EVENT__TYPE__UPDATE:
                hear_update(p, event->update->status);
                break;
        case SCHED__EVENT__TYPE__MESSAGE:
                hear(p, "MESSAGE %.*s\n", (int) event->message->data.len, (char *) event->message->data.data);
                break;
        case SCHED__EVENT__TYPE__FAILURE:
                hear(p, "FAILURE %s\n",
                     event->failure->executor_id ? event->failure->executor_id->value : "agent");
                break;
        case SCHED__EVENT__TYPE__ERROR:
                hear(p, "ERROR %s\n", event->error->message);
                break;
        default: /* heartbeats */
                break;
        }
        return 0;
}

static int puppet_on_ping(struct puppet **state, const struct actor_mail *mail, const Troupe__Ping *ping)
{
        struct puppet *p = *state;
        p->pings++;
        if (!ping->connected)
                hear(p, "Ping disconnected\n");
        else if (!p->mute)
                actor_send(p->self, mail->from, actor_msg_new(&pong_type));
        return 0;
}

static int puppet_on_registered(struct puppet **state, const struct actor_mail *mail,
                                const Troupe__AgentRegistered *msg)
{
        struct puppet *p = *state;
        p->session = mail->from;
        snprintf(p->id, sizeof p->id, "%s", msg->agent_id->value);
        hear(p, "AgentRegistered%s", msg->reregistered ? " again" : "");
        for (size_t i = 0; i < msg->n_reconcile; i++)
                for (size_t j = 0; j < msg->reconcile[i]->n_task_ids; j++)
                        hear(p, " ?%s", msg->reconcile[i]->task_ids[j]->value);
        if (msg->n_ended_frameworks > 0)
                hear(p, ", %zu frameworks to end", msg->n_ended_frameworks);
        hear(p, "\n");
        return 0;
}

static int puppet_on_run(struct puppet **state, const struct actor_mail *mail, const Troupe__RunTasks *msg)
{
        struct puppet *p = *state;
        keep(p, msg);
        hear(p, "RunTasks");
        for (size_t i = 0; i < msg->n_tasks; i++)
                hear(p, " %s", msg->tasks[i]->task_id->value);
        hear(p, "\n");
        return 0;
}

static int puppet_on_group(struct puppet **state, const struct actor_mail *mail,
                           const Troupe__RunTaskGroup *msg)
{
        hear(*state, "RunTaskGroup %zu\n", msg->task_group->n_tasks);
        return 0;
}

static int puppet_on_kill(struct puppet **state, const struct actor_mail *mail, const Troupe__KillTask *msg)
{
        hear(*state, "KillTask %s\n", msg->task_id->value);
        return 0;
}

static int puppet_on_ack(struct puppet **state, const struct actor_mail *mail,
                         const Troupe__StatusUpdateAcknowledgement *msg)
{
        hear(*state, "Acknowledgement %s\n", msg->task_id->value);
        return 0;
}

static int puppet_on_refused(struct puppet **state, const struct actor_mail *mail,
                             const Troupe__AgentRefused *msg)
{
        hear(*state, "AgentRefused %s\n", msg->message);
        return 0;
}

static int puppet_on_result(struct puppet **state, const struct actor_mail *mail,
                            const Troupe__OperatorResult *msg)
{
        hear(*state, "OperatorResult %s %s\n", msg->done ? "yes" : "no", msg->message ? msg->message : "");
        return 0;
}

/* What has no row is named only. */
static int puppet_on_other(void *state, const struct actor_mail *mail, const void *body)
{
        const char *name = actor_msg_type(body)->name;
        const char *dot = strrchr(name, '.');
        hear(*(struct puppet **) state, "%s\n", dot ? dot + 1 : name);
        return 0;
}

static int puppet_on_word(struct puppet **state, const struct actor_mail *mail,
                          const struct puppet_word *word)
{
        actor_send((*state)->self, word->to, actor_msg_ref(word->say));
        return 0;
}

ACTOR_BIND(puppet_on_event, struct puppet *, Sched__Event)
ACTOR_BIND(puppet_on_ping, struct puppet *, Troupe__Ping)
ACTOR_BIND(puppet_on_registered, struct puppet *, Troupe__AgentRegistered)
ACTOR_BIND(puppet_on_run, struct puppet *, Troupe__RunTasks)
ACTOR_BIND(puppet_on_group, struct puppet *, Troupe__RunTaskGroup)
ACTOR_BIND(puppet_on_kill, struct puppet *, Troupe__KillTask)
ACTOR_BIND(puppet_on_ack, struct puppet *, Troupe__StatusUpdateAcknowledgement)
ACTOR_BIND(puppet_on_refused, struct puppet *, Troupe__AgentRefused)
ACTOR_BIND(puppet_on_result, struct puppet *, Troupe__OperatorResult)
ACTOR_BIND(puppet_on_word, struct puppet *, struct puppet_word)

static const struct actor_handler puppet_handlers[] = {
        {&sched_event_type, puppet_on_event_bound, ACTOR_FROM_ANY},
        {&ping_type, puppet_on_ping_bound, ACTOR_FROM_ANY},
        {&agent_registered_type, puppet_on_registered_bound, ACTOR_FROM_ANY},
        {&run_tasks_type, puppet_on_run_bound, ACTOR_FROM_ANY},
        {&run_task_group_type, puppet_on_group_bound, ACTOR_FROM_ANY},
        {&kill_task_type, puppet_on_kill_bound, ACTOR_FROM_ANY},
        {&status_update_acknowledgement_type, puppet_on_ack_bound, ACTOR_FROM_ANY},
        {&agent_refused_type, puppet_on_refused_bound, ACTOR_FROM_ANY},
        {&operator_result_type, puppet_on_result_bound, ACTOR_FROM_ANY},
        {&puppet_word_type, puppet_on_word_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};

static int puppet_init(void *state, struct actor *self, const void *config)
{
        struct puppet *p = (struct puppet *) config;
        *(struct puppet **) state = p;
        p->self = self;
        return 0;
}

static const struct actor_class puppet_class = {
        .name = "puppet",
        .state_size = sizeof(struct puppet *),
        .init = puppet_init,
        .handlers = puppet_handlers,
        .handle_other = puppet_on_other,
};

/* Fails with what was heard if it is not `expected`, and forgets it. */
#define expect(puppet, expected)                              \
        do {                                                  \
                ck_assert_str_eq((puppet)->text, (expected)); \
                (puppet)->size = 0;                           \
                (puppet)->text[0] = '\0';                     \
        } while (0)

/* ---- the cluster ------------------------------------------------------------------------------------- */

struct cluster {
        struct actor_sim *sim;
        struct actor_log *log;
        struct actor_node *master;
        struct actor_disk *disk;
        struct actor_ref membership;
        struct puppet *puppets[16]; /* puppets[0] stands for the read model */
        size_t puppet_count;
        struct master_metrics metrics;
        V1__MasterInfo info;
        unsigned masters; /* so far */
        char id[64];
};

static void quiet(void *arg, enum actor_log_level level, const char *line)
{
        if (getenv("TEST_VERBOSE") != NULL)
                fprintf(stderr, "%s\n", line);
}

static struct puppet *puppet_add(struct cluster *c, struct actor_node *node, const char *endpoint,
                                 const char *name)
{
        struct puppet *p = actor_zalloc(sizeof *p);
        const struct actor_node_config config = {.name = name, .types = proto_wire_types, .log = c->log};
        p->sim = c->sim;
        p->node = node ? node : actor_sim_node(c->sim, endpoint, &config);
        ck_assert_int_eq(actor_node_spawn(p->node, &puppet_class, name, p, &p->ref), 0);
        c->puppets[c->puppet_count++] = p;
        return p;
}

static void master_begin(struct cluster *c)
{
        const struct actor_node_config config = {.name = "master", .types = proto_wire_types, .log = c->log};
        struct actor_ref registrar, allocator, election;
        struct actor_error error;
        c->master = actor_sim_node(c->sim, MASTER, &config);
        snprintf(c->id, sizeof c->id, "master%u", ++c->masters);
        v1__master_info__init(&c->info);
        c->info.id = c->id;
        c->info.port = 5050;
        const struct registrar_config registrar_config = {.disk = c->disk};
        ck_assert_int_eq(registrar_spawn(c->master, &registrar_config, &registrar, &error), 0);
        const struct allocator_config allocator_config = {.master_id = c->id, .allocation_interval_ms = 1000};
        ck_assert_int_eq(allocator_spawn(c->master, &allocator_config, &allocator, &error), 0);
        struct puppet *state = puppet_add(c, c->master, NULL, "state");
        const struct membership_config membership_config = {
                .framework_class = &framework_class,
                .agent_class = &agent_class,
                .allocator = allocator,
                .registrar = registrar,
                .state = state->ref,
                .master = &c->info,
                .metrics = &c->metrics,
                .agent_ping_timeout_ms = PING_MS,
                .agent_pings_missed_max = PINGS_MAX,
                .agent_reregister_timeout_ms = 600000,
                .heartbeat_ms = 15000,
                .unreachable_tasks_max = 1000,
        };
        ck_assert_int_eq(membership_spawn(c->master, &membership_config, &c->membership), 0);
        const struct election_config election_config = {
                .address = "master@m:5050", .listeners = &c->membership, .listener_count = 1};
        ck_assert_int_eq(election_standalone_spawn(c->master, &election_config, &election), 0);
        actor_sim_settle(c->sim);
}

static struct cluster *cluster_new(void)
{
        struct cluster *c = actor_zalloc(sizeof *c);
        c->sim = actor_sim_new(7);
        c->log = actor_log_new_function(quiet, NULL, ACTOR_LOG_DEBUG);
        c->disk = actor_disk_new();
        master_begin(c);
        return c;
}

static void cluster_free(struct cluster *c)
{
        actor_sim_free(c->sim);
        for (size_t i = 0; i < c->puppet_count; i++) {
                for (size_t j = 0; j < c->puppets[i]->kept_count; j++)
                        actor_msg_unref(c->puppets[i]->kept[j]);
                free(c->puppets[i]);
        }
        actor_disk_free(c->disk);
        actor_log_free(c->log);
        free(c);
}
DEFINE_FREEP(struct cluster, cluster_free)

/* Makes a puppet send a message, and lets the cluster come to rest. */
static void say_to(struct puppet *p, struct actor_ref to, void *msg_take)
{
        struct puppet_word *word = actor_msg_new(&puppet_word_type);
        actor_msg_hold(word, msg_take);
        word->to = to;
        word->say = msg_take;
        ck_assert_int_eq(actor_node_send(p->node, p->ref, word), 0);
        actor_msg_unref(msg_take);
        actor_sim_settle(p->sim);
}

static void say_to_master(struct puppet *p, void *msg_take)
{
        struct actor_ref master;
        ck_assert_int_eq(actor_node_resolve(p->node, "master@m:5050", &master, NULL), 0);
        say_to(p, master, msg_take);
}

static inline void say(struct puppet *p, void *msg_take)
{
        say_to(p, p->session, msg_take);
}

/* ---- what schedulers say ------------------------------------------------------------------------------ */

#define PART(msg, init, field) \
        ((msg)->field = actor_msg_alloc((msg), sizeof *(msg)->field), init((msg)->field))

static Sched__Call *call_new(const struct puppet *p, Sched__Call__Type type)
{
        Sched__Call *call = actor_msg_new(&sched_call_type);
        call->has_type = true;
        call->type = type;
        if (p->id[0] != '\0')
                call->framework_id = proto_framework_id(call, p->id);
        return call;
}

static V1__FrameworkInfo *info_new(void *msg, const struct puppet *p, double failover_timeout,
                                   bool checkpoint)
{
        V1__FrameworkInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__framework_info__init(info);
        info->user = "nobody";
        info->name = "test";
        info->has_failover_timeout = true;
        info->failover_timeout = failover_timeout;
        info->has_checkpoint = true;
        info->checkpoint = checkpoint;
        if (p->id[0] != '\0')
                info->id = proto_framework_id(msg, p->id);
        return info;
}

static inline Sched__Call *call_subscribe(const struct puppet *p, double failover_timeout, bool checkpoint)
{
        Sched__Call *call = call_new(p, SCHED__CALL__TYPE__SUBSCRIBE);
        PART(call, sched__call__subscribe__init, subscribe);
        call->subscribe->framework_info = info_new(call, p, failover_timeout, checkpoint);
        return call;
}

static inline V1__Resource *scalar(void *msg, const char *name, double value)
{
        V1__Resource *resource = actor_msg_alloc(msg, sizeof *resource);
        v1__resource__init(resource);
        resource->name = name;
        resource->type = V1__VALUE__TYPE__SCALAR;
        resource->scalar = actor_msg_alloc(msg, sizeof *resource->scalar);
        v1__value__scalar__init(resource->scalar);
        resource->scalar->value = value;
        return resource;
}

static inline V1__TaskInfo *task_new(void *msg, const char *id, const char *agent_id, double cpus)
{
        V1__TaskInfo *task = actor_msg_alloc(msg, sizeof *task);
        v1__task_info__init(task);
        task->name = "a task";
        task->task_id = proto_task_id(msg, id);
        task->agent_id = proto_agent_id(msg, agent_id);
        PROTO_APPEND(msg, task->n_resources, task->resources, scalar(msg, "cpus", cpus));
        task->command = actor_msg_alloc(msg, sizeof *task->command);
        v1__command_info__init(task->command);
        task->command->value = "true";
        return task;
}

static inline V1__ExecutorInfo *executor_new(void *msg, const char *id, double cpus)
{
        V1__ExecutorInfo *executor = actor_msg_alloc(msg, sizeof *executor);
        v1__executor_info__init(executor);
        executor->executor_id = proto_executor_id(msg, id);
        PROTO_APPEND(msg, executor->n_resources, executor->resources, scalar(msg, "cpus", cpus));
        executor->command = actor_msg_alloc(msg, sizeof *executor->command);
        v1__command_info__init(executor->command);
        executor->command->value = "executor";
        return executor;
}

/* An ACCEPT of one offer with one LAUNCH, to which tasks are added. */
static inline Sched__Call *call_accept_new(const struct puppet *p, const char *offer_id)
{
        Sched__Call *call = call_new(p, SCHED__CALL__TYPE__ACCEPT);
        PART(call, sched__call__accept__init, accept);
        PROTO_APPEND(call, call->accept->n_offer_ids, call->accept->offer_ids,
                     proto_offer_id(call, offer_id));
        V1__Offer__Operation *operation = actor_msg_alloc(call, sizeof *operation);
        v1__offer__operation__init(operation);
        operation->has_type = true;
        operation->type = V1__OFFER__OPERATION__TYPE__LAUNCH;
        operation->launch = actor_msg_alloc(call, sizeof *operation->launch);
        v1__offer__operation__launch__init(operation->launch);
        PROTO_APPEND(call, call->accept->n_operations, call->accept->operations, operation);
        call->accept->filters = actor_msg_alloc(call, sizeof *call->accept->filters);
        v1__filters__init(call->accept->filters);
        call->accept->filters->has_refuse_seconds = true;
        call->accept->filters->refuse_seconds = 3600;
        return call;
}

static inline V1__TaskInfo *accept_task(Sched__Call *call, V1__TaskInfo *task)
{
        V1__Offer__Operation__Launch *launch = call->accept->operations[0]->launch;
        PROTO_APPEND(call, launch->n_task_infos, launch->task_infos, task);
        return task;
}

/* The offer heard last. */
static inline V1__Offer *last_offer(const struct puppet *p)
{
        ck_assert_uint_gt(p->offer_count, 0);
        return p->offers[p->offer_count - 1];
}

static inline void launch(struct puppet *p, const char *task_id, double cpus)
{
        const V1__Offer *offer = last_offer(p);
        Sched__Call *call = call_accept_new(p, offer->id->value);
        accept_task(call, task_new(call, task_id, offer->agent_id->value, cpus));
        say(p, call);
}

static inline void subscribe(struct puppet *p, double failover_timeout, bool checkpoint)
{
        say_to_master(p, call_subscribe(p, failover_timeout, checkpoint));
}

static inline void acknowledge(struct puppet *p, const struct puppet *agent, const char *task_id, char seed)
{
        Sched__Call *call = call_new(p, SCHED__CALL__TYPE__ACKNOWLEDGE);
        PART(call, sched__call__acknowledge__init, acknowledge);
        call->acknowledge->agent_id = proto_agent_id(call, agent->id);
        call->acknowledge->task_id = proto_task_id(call, task_id);
        uint8_t uuid[16];
        memset(uuid, seed, sizeof uuid);
        uuid[6] = 0x40;
        call->acknowledge->uuid.data = actor_msg_memdup(call, uuid, sizeof uuid);
        call->acknowledge->uuid.len = sizeof uuid;
        say(p, call);
}

/* ---- what agents say ------------------------------------------------------------------------------------
 */

static inline V1__AgentInfo *agent_info_new(void *msg, const char *hostname, double cpus, double mem)
{
        V1__AgentInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__agent_info__init(info);
        info->hostname = hostname;
        PROTO_APPEND(msg, info->n_resources, info->resources, scalar(msg, "cpus", cpus));
        PROTO_APPEND(msg, info->n_resources, info->resources, scalar(msg, "mem", mem));
        return info;
}

static inline void register_agent(struct puppet *p, double cpus)
{
        Troupe__RegisterAgent *msg = actor_msg_new(&register_agent_type);
        msg->agent = agent_info_new(msg, "host", cpus, 1024);
        say_to_master(p, msg);
}

/* With the task of `scheduler` named, running, or none. */
static inline void reregister_agent(struct puppet *p, double cpus, const struct puppet *scheduler,
                                    const char *task_id, bool checkpoint)
{
        Troupe__ReregisterAgent *msg = actor_msg_new(&reregister_agent_type);
        msg->agent = agent_info_new(msg, "host", cpus, 1024);
        msg->agent->id = proto_agent_id(msg, p->id);
        if (scheduler != NULL)
                PROTO_APPEND(msg, msg->n_frameworks, msg->frameworks,
                             info_new(msg, scheduler, 60, checkpoint));
        if (task_id != NULL) {
                V1__Task *task = actor_msg_alloc(msg, sizeof *task);
                v1__task__init(task);
                task->name = "a task";
                task->task_id = proto_task_id(msg, task_id);
                task->framework_id = proto_framework_id(msg, scheduler->id);
                task->agent_id = proto_agent_id(msg, p->id);
                task->state = V1__TASK_STATE__TASK_RUNNING;
                PROTO_APPEND(msg, task->n_resources, task->resources, scalar(msg, "cpus", 1));
                PROTO_APPEND(msg, msg->n_tasks, msg->tasks, task);
        }
        say_to_master(p, msg);
}

static inline void status_update(struct puppet *agent, const struct puppet *scheduler, const char *task_id,
                                 V1__TaskState state, char seed)
{
        Troupe__StatusUpdate *msg = actor_msg_new(&status_update_type);
        msg->framework_id = proto_framework_id(msg, scheduler->id);
        msg->status = actor_msg_alloc(msg, sizeof *msg->status);
        v1__task_status__init(msg->status);
        msg->status->task_id = proto_task_id(msg, task_id);
        msg->status->agent_id = proto_agent_id(msg, agent->id);
        msg->status->state = state;
        uint8_t uuid[16];
        memset(uuid, seed, sizeof uuid);
        uuid[6] = 0x40;
        msg->status->has_uuid = true;
        msg->status->uuid.data = actor_msg_memdup(msg, uuid, sizeof uuid);
        msg->status->uuid.len = sizeof uuid;
        say(agent, msg);
}

#endif
