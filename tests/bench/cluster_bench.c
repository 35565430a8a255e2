/* SPDX-License-Identifier: Apache-2.0
 *
 * A framework that measures the cluster it runs on, through raw calls and events.
 *
 *   cluster_bench MASTER commands N      N tasks of /bin/true; tasks finished per second
 *   cluster_bench MASTER threads N       N tasks on one threads executor, launched at once; tasks finished
 * per second cluster_bench MASTER launch N        N times one task on the idle cluster: median ms, ACCEPT to
 * TASK_RUNNING cluster_bench MASTER first-offer 1   ms from SUBSCRIBE (on a connection that stands) to the
 * first offer cluster_bench MASTER reoffer N       N times: median ms from a task's TASK_FINISHED to the next
 * offer of its agent
 *
 * Prints one number. The environment names the executor: TROUPE_BIN. */
#include <actor/log.h>
#include <actor/memory.h>
#include <actor/node.h>
#include <proto/copy.h>
#include <proto/task_state.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum mode { COMMANDS, THREADS, LAUNCH, FIRST_OFFER, REOFFER, MODE_COUNT };
static const char *const mode_names[MODE_COUNT] = {"commands", "threads", "launch", "first-offer", "reoffer"};

struct bench_config {
        const char *master;
        enum mode mode;
        size_t count;
};

struct bench {
        struct bench_config config;
        struct actor_ref master, session;
        char *framework_id;
        size_t launched, ended, failed;
        int64_t begin_ns; /* of the sample or the run */
        double *samples_ms;
        size_t sample_count;
        bool waiting_for_offer; /* REOFFER: the task has ended, its agent's offer is due */
};

/* What one task takes: many fit, so that the machine and not the book-keeping is the limit. */
#define TASK_CPUS 0.01
#define TASK_MEM 1.0

static Sched__Call *new_call(const struct bench *b, Sched__Call__Type type)
{
        Sched__Call *call = actor_msg_new(&sched_call_type);
        call->has_type = true;
        call->type = type;
        if (b->framework_id != NULL)
                call->framework_id = proto_framework_id(call, b->framework_id);
        return call;
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *) a, y = *(const double *) b;
        return (x > y) - (x < y);
}

static int finish(const struct bench *b, struct actor *self, int64_t now_ns)
{
        if (b->config.mode == COMMANDS || b->config.mode == THREADS) {
                printf("%.1f\n", (double) b->config.count / ((double) (now_ns - b->begin_ns) / 1e9));
        } else {
                qsort(b->samples_ms, b->sample_count, sizeof *b->samples_ms, by_value);
                printf("%.3f\n", b->samples_ms[b->sample_count / 2]);
        }
        actor_send(self, b->session, new_call(b, SCHED__CALL__TYPE__TEARDOWN));
        actor_node_shutdown(actor_node(self), b->failed > 0 ? 1 : 0);
        return 0;
}

static bool add_sample(struct bench *b, int64_t now_ns)
{
        b->samples_ms[b->sample_count++] = (double) (now_ns - b->begin_ns) / 1e6;
        return b->sample_count == b->config.count;
}

/* ---- tasks --------------------------------------------------------------------------------------- */

static V1__Resource *scalar(void *msg, const char *name, double value)
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

static V1__CommandInfo *command(void *msg, const char *path, const char *argument, bool shell)
{
        V1__CommandInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__command_info__init(info);
        info->value = path;
        info->has_shell = true;
        info->shell = shell;
        if (argument != NULL)
                PROTO_APPEND(msg, info->n_arguments, info->arguments, argument);
        return info;
}

static V1__ExecutorInfo *threads_executor(void *msg)
{
        V1__ExecutorInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__executor_info__init(info);
        info->executor_id = proto_executor_id(msg, "threads");
        info->has_type = true;
        info->type = V1__EXECUTOR_INFO__TYPE__CUSTOM;
        info->command = command(
                msg, actor_msg_printf(msg, "exec '%s/troupe-executor' --kind=threads", getenv("TROUPE_BIN")),
                NULL, true);
        PROTO_APPEND(msg, info->n_resources, info->resources, scalar(msg, "cpus", 0.1));
        PROTO_APPEND(msg, info->n_resources, info->resources, scalar(msg, "mem", 32));
        return info;
}

static V1__TaskInfo *new_task(struct bench *b, void *msg, const V1__Offer *offer)
{
        V1__TaskInfo *task = actor_msg_alloc(msg, sizeof *task);
        v1__task_info__init(task);
        task->name = "bench";
        task->task_id = proto_task_id(msg, actor_msg_printf(msg, "t%zu", b->launched++));
        task->agent_id = proto_agent_id(msg, offer->agent_id->value);
        PROTO_APPEND(msg, task->n_resources, task->resources, scalar(msg, "cpus", TASK_CPUS));
        if (b->config.mode == THREADS) {
                static const char noop[] = "{\"function\": \"noop\"}";
                task->executor = threads_executor(msg);
                task->has_data = true;
                task->data.data = actor_msg_memdup(msg, noop, sizeof noop - 1);
                task->data.len = sizeof noop - 1;
        } else {
                PROTO_APPEND(msg, task->n_resources, task->resources, scalar(msg, "mem", TASK_MEM));
                task->command = command(msg, "/bin/true", "true", false);
        }
        return task;
}

static size_t tasks_that_fit(const V1__Offer *offer)
{
        for (size_t i = 0; i < offer->n_resources; i++)
                if (strcmp(offer->resources[i]->name, "cpus") == 0 && offer->resources[i]->scalar != NULL)
                        return (size_t) (offer->resources[i]->scalar->value / TASK_CPUS);
        return 0;
}

static void accept_offer(struct bench *b, struct actor *self, const V1__Offer *offer, size_t count)
{
        Sched__Call *call = new_call(b, SCHED__CALL__TYPE__ACCEPT);
        call->accept = actor_msg_alloc(call, sizeof *call->accept);
        sched__call__accept__init(call->accept);
        PROTO_APPEND(call, call->accept->n_offer_ids, call->accept->offer_ids,
                     proto_offer_id(call, offer->id->value));
        call->accept->filters = actor_msg_alloc(call, sizeof *call->accept->filters);
        v1__filters__init(call->accept->filters);
        call->accept->filters->has_refuse_seconds = true;
        call->accept->filters->refuse_seconds = 0;
        V1__Offer__Operation *operation = actor_msg_alloc(call, sizeof *operation);
        v1__offer__operation__init(operation);
        operation->has_type = true;
        operation->type = V1__OFFER__OPERATION__TYPE__LAUNCH;
        operation->launch = actor_msg_alloc(call, sizeof *operation->launch);
        v1__offer__operation__launch__init(operation->launch);
        for (size_t i = 0; i < count; i++)
                PROTO_APPEND(call, operation->launch->n_task_infos, operation->launch->task_infos,
                             new_task(b, call, offer));
        PROTO_APPEND(call, call->accept->n_operations, call->accept->operations, operation);
        actor_send(self, b->session, call);
}

static void decline_offer(struct bench *b, struct actor *self, const V1__Offer *offer, double refuse_seconds)
{
        Sched__Call *call = new_call(b, SCHED__CALL__TYPE__DECLINE);
        call->decline = actor_msg_alloc(call, sizeof *call->decline);
        sched__call__decline__init(call->decline);
        PROTO_APPEND(call, call->decline->n_offer_ids, call->decline->offer_ids,
                     proto_offer_id(call, offer->id->value));
        call->decline->filters = actor_msg_alloc(call, sizeof *call->decline->filters);
        v1__filters__init(call->decline->filters);
        call->decline->filters->has_refuse_seconds = true;
        call->decline->filters->refuse_seconds = refuse_seconds;
        actor_send(self, b->session, call);
}

/* ---- events -------------------------------------------------------------------------------------- */

static size_t wanted(const struct bench *b, const V1__Offer *offer)
{
        size_t left = b->config.count - b->launched, fit = tasks_that_fit(offer);
        switch (b->config.mode) {
        case COMMANDS:
                return left < fit ? left : fit;
        case THREADS: /* all on one executor, so all on the first agent that can take them */
                return b->launched == 0 && fit > left ? left : 0;
        default:
                return b->launched == b->ended && left > 0 ? 1 : 0;
        }
}

static int on_offer(struct bench *b, const struct actor_mail *mail, const V1__Offer *offer)
{
        if (b->config.mode == FIRST_OFFER)
                return b->sample_count == 0 && add_sample(b, mail->now_ns)
                               ? finish(b, mail->self, mail->now_ns)
                               : 0;
        if (b->waiting_for_offer) {
                b->waiting_for_offer = false;
                if (add_sample(b, mail->now_ns))
                        return finish(b, mail->self, mail->now_ns);
        }
        size_t count = wanted(b, offer);
        if (count == 0) {
                decline_offer(b, mail->self, offer, b->config.mode == LAUNCH ? 0.001 : 3600);
                return 0;
        }
        if (b->launched == 0 || b->config.mode == LAUNCH)
                b->begin_ns = actor_now_ns(mail->self);
        accept_offer(b, mail->self, offer, count);
        return 0;
}

static void acknowledge(struct bench *b, struct actor *self, const V1__TaskStatus *status)
{
        Sched__Call *call = new_call(b, SCHED__CALL__TYPE__ACKNOWLEDGE);
        call->acknowledge = actor_msg_alloc(call, sizeof *call->acknowledge);
        sched__call__acknowledge__init(call->acknowledge);
        call->acknowledge->agent_id = proto_agent_id(call, status->agent_id->value);
        call->acknowledge->task_id = proto_task_id(call, status->task_id->value);
        call->acknowledge->uuid.data = actor_msg_memdup(call, status->uuid.data, status->uuid.len);
        call->acknowledge->uuid.len = status->uuid.len;
        actor_send(self, b->session, call);
}

static int on_update(struct bench *b, const struct actor_mail *mail, const V1__TaskStatus *status)
{
        if (status->has_uuid && status->uuid.len > 0)
                acknowledge(b, mail->self, status);
        if (b->config.mode == LAUNCH && status->state == V1__TASK_STATE__TASK_RUNNING &&
            add_sample(b, mail->now_ns))
                return finish(b, mail->self, mail->now_ns);
        if (!task_state_is_terminal(status->state))
                return 0;
        b->ended++;
        if (status->state != V1__TASK_STATE__TASK_FINISHED && b->failed++ < 5)
                fprintf(stderr, "cluster_bench: %s %s: %s\n", status->task_id->value,
                        task_state_name(status->state), status->message != NULL ? status->message : "");
        if (b->config.mode == REOFFER) {
                b->waiting_for_offer = true;
                b->begin_ns = mail->now_ns;
        }
        bool all = b->config.mode == COMMANDS || b->config.mode == THREADS;
        return all && b->ended == b->config.count ? finish(b, mail->self, mail->now_ns) : 0;
}

static int on_event(struct bench *b, const struct actor_mail *mail, const Sched__Event *event)
{
        int r = 0;
        if (event->subscribed != NULL) {
                b->session = mail->from;
                b->framework_id = actor_strdup(event->subscribed->framework_id->value);
        }
        for (size_t i = 0; r == 0 && event->offers != NULL && i < event->offers->n_offers; i++)
                r = on_offer(b, mail, event->offers->offers[i]);
        if (r == 0 && event->update != NULL)
                r = on_update(b, mail, event->update->status);
        if (event->error != NULL) {
                fprintf(stderr, "cluster_bench: %s\n", event->error->message);
                actor_node_shutdown(actor_node(mail->self), 1);
        }
        return r;
}
ACTOR_BIND(on_event, struct bench, Sched__Event)

static void subscribe(struct bench *b, struct actor *self)
{
        Sched__Call *call = new_call(b, SCHED__CALL__TYPE__SUBSCRIBE);
        call->subscribe = actor_msg_alloc(call, sizeof *call->subscribe);
        sched__call__subscribe__init(call->subscribe);
        V1__FrameworkInfo *info = call->subscribe->framework_info = actor_msg_alloc(call, sizeof *info);
        v1__framework_info__init(info);
        info->user = "root";
        info->name = "bench";
        b->begin_ns = actor_now_ns(self);
        actor_send(self, b->master, call);
}

/* The connection stands now: what is measured from here on is the cluster's own doing. */
static int on_connected(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        if (body == NULL)
                return mail->error;
        subscribe(state, mail->self);
        return 0;
}

static const struct actor_handler handlers[] = {
        {&sched_event_type, on_event_bound, ACTOR_FROM_REMOTE},
        ACTOR_HANDLER_END,
};

static int bench_init(void *state, struct actor *self, const void *config)
{
        struct bench *b = state;
        b->config = *(const struct bench_config *) config;
        b->samples_ms = actor_zalloc((b->config.count + 1) * sizeof *b->samples_ms);
        CLEANUP(actor_freep) char *master = actor_asprintf("master@%s", b->config.master);
        CLEANUP(actor_freep) char *state_address = actor_asprintf("state@%s", b->config.master);
        struct actor_ref read_model;
        int r = actor_node_resolve(actor_node(self), master, &b->master, NULL);
        if (r == 0)
                r = actor_node_resolve(actor_node(self), state_address, &read_model, NULL);
        if (r < 0)
                return r;
        MasterApi__Call *call = actor_msg_new(&master_call_type);
        call->has_type = true;
        call->type = MASTER_API__CALL__TYPE__GET_VERSION;
        actor_ask(self, read_model, call, 30000, on_connected, NULL);
        return 0;
}

static void bench_fini(void *state)
{
        struct bench *b = state;
        free(b->samples_ms);
        free(b->framework_id);
}

static const struct actor_class bench_class = {.name = "bench",
                                               .state_size = sizeof(struct bench),
                                               .init = bench_init,
                                               .fini = bench_fini,
                                               .handlers = handlers};

static int usage(void)
{
        fputs("usage: cluster_bench MASTER commands|threads|launch|first-offer|reoffer COUNT\n", stderr);
        return 2;
}

int main(int argc, char **argv)
{
        if (argc != 4)
                return usage();
        struct bench_config config = {
                .master = argv[1], .mode = MODE_COUNT, .count = strtoul(argv[3], NULL, 10)};
        for (int i = 0; i < MODE_COUNT; i++)
                if (strcmp(argv[2], mode_names[i]) == 0)
                        config.mode = (enum mode) i;
        if (config.mode == MODE_COUNT || config.count == 0)
                return usage();
        struct actor_log *log = actor_log_new(STDERR_FILENO, ACTOR_LOG_WARN, false);
        struct actor_node_config node_config = {
                .name = "bench", .workers = 1, .types = proto_wire_types, .log = log};
        struct actor_node *node;
        struct actor_ref ref;
        if (actor_node_new(&node_config, &node) < 0 ||
            actor_node_spawn(node, &bench_class, "bench", &config, &ref) < 0)
                return 1;
        int status = actor_node_wait(node);
        actor_node_free(node);
        actor_log_free(log);
        return status;
}
