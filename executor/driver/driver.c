/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <actor/memory.h>
#include <actor/units.h>
#include <assert.h>
#include <errno.h>
#include <proto/copy.h>
#include <proto/ids.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* The driver as its owner sees it: made from the environment, run, called, freed. Its life as an
 * actor is executor.c. */
#define SHUTDOWN_GRACE_MS 5000
#define RETRY_MAX_MS 2000
#define RECOVERY_TIMEOUT_MS (15 * 60 * 1000)

/* A text that is given, or found in the environment; both absent is an error. */
static int required_text(const char *given, const char *variable, const char **ret, struct actor_error *error)
{
        const char *text = given != NULL ? given : getenv(variable);
        if (text == NULL || *text == '\0')
                return actor_error_set(error, -EINVAL,
                                       "%s is not set: an executor is started by an agent, which sets it",
                                       variable);
        *ret = text;
        return 0;
}

static int read_duration(int64_t given_ms, const char *variable, int64_t default_ms, int64_t *ret_ms,
                         struct actor_error *error)
{
        const char *text = getenv(variable);
        int64_t ns = default_ms * 1000000;
        if (given_ms == 0 && text != NULL && *text != '\0') {
                int r = actor_duration_parse(text, &ns, error);
                if (r != 0)
                        return actor_error_prefix(error, r, "%s", variable);
                if (ns < 0)
                        return actor_error_set(error, -EINVAL, "%s is \"%s\": must not be negative", variable,
                                               text);
        }
        *ret_ms = given_ms != 0 ? given_ms : ns / 1000000;
        return 0;
}

static int read_times(const struct troupe_executor_config *config, struct troupe_executor *e,
                      struct actor_error *error)
{
        const char *checkpoint = getenv("MESOS_CHECKPOINT");
        bool recovers = checkpoint != NULL && strcmp(checkpoint, "1") == 0;
        int r = 0;
        if (config->recovery_timeout_ms != 0 || recovers)
                r = read_duration(config->recovery_timeout_ms, "MESOS_RECOVERY_TIMEOUT", RECOVERY_TIMEOUT_MS,
                                  &e->recovery_timeout_ms, error);
        if (r == 0)
                r = read_duration(config->shutdown_grace_ms, "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD",
                                  SHUTDOWN_GRACE_MS, &e->shutdown_grace_ms, error);
        if (r == 0)
                r = read_duration(config->retry_max_ms, "MESOS_SUBSCRIPTION_BACKOFF_MAX", RETRY_MAX_MS,
                                  &e->retry_max_ms, error);
        if (r == 0 && e->retry_max_ms < 1)
                e->retry_max_ms = 1;
        return r;
}

static int read_identity(const struct troupe_executor_config *config, struct troupe_executor *e,
                         struct actor_error *error)
{
        const char *address = NULL, *framework_id = NULL, *executor_id = NULL;
        struct actor_address parsed;
        int r = required_text(config->address, "TROUPE_EXECUTOR_ADDRESS", &address, error);
        if (r == 0)
                r = required_text(config->framework_id, "MESOS_FRAMEWORK_ID", &framework_id, error);
        if (r == 0)
                r = required_text(config->executor_id, "MESOS_EXECUTOR_ID", &executor_id, error);
        if (r == 0 && (r = actor_address_parse(address, &parsed, error)) != 0)
                actor_error_prefix(error, r, "TROUPE_EXECUTOR_ADDRESS");
        if (r != 0)
                return r;
        e->address = actor_strdup(address);
        e->identity = actor_msg_new(&exec_call_type);
        e->identity->framework_id = proto_framework_id(e->identity, framework_id);
        e->identity->executor_id = proto_executor_id(e->identity, executor_id);
        return 0;
}

static int find_node(const struct troupe_executor_config *config, struct troupe_executor *e,
                     struct actor_error *error)
{
        e->node = config->node;
        if (e->node != NULL)
                return 0;
        struct actor_node_config node = {.name = "executor",
                                         .workers = 1,
                                         .blocking_threads = config->blocking_threads,
                                         .types = proto_wire_types,
                                         .log = config->log};
        int r = actor_node_new(&node, &e->node);
        if (r != 0)
                return actor_error_set(error, r, "cannot make a node: %s", strerror(-r));
        e->node_owned = true;
        return 0;
}

int troupe_executor_new(const struct troupe_executor_config *config, struct troupe_executor **ret,
                        struct actor_error *error)
{
        struct troupe_executor *e = actor_zalloc(sizeof *e);
        e->callbacks = config->callbacks;
        e->data = config->data;
        int r = read_identity(config, e, error);
        if (r == 0)
                r = read_times(config, e, error);
        if (r == 0)
                r = find_node(config, e, error);
        if (r != 0) {
                troupe_executor_free(e);
                return r;
        }
        *ret = e;
        return 0;
}

void troupe_executor_free(struct troupe_executor *e)
{
        if (e == NULL)
                return;
        if (!e->spawned && e->callbacks.ended != NULL)
                e->callbacks.ended(e, e->data);
        if (e->node_owned)
                actor_node_free(e->node);
        free(e->address);
        actor_msg_unref(e->identity);
        proto_free(e->framework);
        proto_free(e->agent_info);
        actor_msg_unref(e->subscribed);
        free(e);
}

int troupe_executor_start(struct troupe_executor *e)
{
        e->spawned = true;
        return actor_node_spawn(e->node, &executor_driver_class, NULL, e, &e->ref);
}

int troupe_executor_run(struct troupe_executor *e)
{
        assert(e->node_owned);
        int r = troupe_executor_start(e);
        return r != 0 ? r : actor_node_wait(e->node);
}

/* ---- calls -------------------------------------------------------------------------------------- */

Exec__Call *executor_driver_call_new(const struct troupe_executor *e, Exec__Call__Type type)
{
        Exec__Call *call = actor_msg_new(&exec_call_type);
        actor_msg_hold(call, e->identity);
        call->framework_id = e->identity->framework_id;
        call->executor_id = e->identity->executor_id;
        call->has_type = true;
        call->type = type;
        return call;
}

static void send_call(struct troupe_executor *e, Exec__Call *call_take)
{
        if (atomic_load(&e->ended))
                actor_msg_unref(call_take);
        else if (executor_driver_in_turn(e))
                executor_driver_forward(e, call_take);
        else
                actor_node_send(e->node, e->ref, call_take);
}

/* Random bits and the time, also outside of a turn, where there is no actor to ask. */
static void stamp(struct troupe_executor *e, void *msg, V1__TaskStatus *status)
{
        uint64_t bits[2];
        struct timespec now;
        if (executor_driver_in_turn(e)) {
                bits[0] = actor_random(e->self);
                bits[1] = actor_random(e->self);
                status->timestamp = (double) actor_wall_ns(e->self) / 1e9;
        } else {
                ssize_t got = getrandom(bits, sizeof bits, 0);
                assert(got == (ssize_t) sizeof bits);
                clock_gettime(CLOCK_REALTIME, &now);
                status->timestamp = (double) now.tv_sec + (double) now.tv_nsec / 1e9;
        }
        status->has_timestamp = true;
        status->has_uuid = true;
        status->uuid.len = UUID_SIZE;
        status->uuid.data = actor_msg_alloc(msg, UUID_SIZE);
        uuid_make(bits[0], bits[1], status->uuid.data);
        status->has_source = true;
        status->source = V1__TASK_STATUS__SOURCE__SOURCE_EXECUTOR;
}

/* `status` lies in the call. */
static void send_status(struct troupe_executor *e, Exec__Call *call_take, V1__TaskStatus *status)
{
        call_take->update = actor_msg_alloc(call_take, sizeof *call_take->update);
        *call_take->update = (Exec__Call__Update) EXEC__CALL__UPDATE__INIT;
        call_take->update->status = status;
        status->executor_id = call_take->executor_id;
        stamp(e, call_take, status);
        send_call(e, call_take);
}

void troupe_executor_send_status_update(struct troupe_executor *e, const V1__TaskStatus *status)
{
        Exec__Call *call = executor_driver_call_new(e, EXEC__CALL__TYPE__UPDATE);
        send_status(e, call, proto_copy(call, status));
}

void troupe_executor_update(struct troupe_executor *e, const char *task_id, V1__TaskState state,
                            const char *message)
{
        Exec__Call *call = executor_driver_call_new(e, EXEC__CALL__TYPE__UPDATE);
        V1__TaskStatus *status = actor_msg_alloc(call, sizeof *status);
        v1__task_status__init(status);
        status->task_id = proto_task_id(call, task_id);
        status->state = state;
        status->message = message != NULL ? actor_msg_strdup(call, message) : NULL;
        send_status(e, call, status);
}

void troupe_executor_send_message(struct troupe_executor *e, const void *data, size_t size)
{
        Exec__Call *call = executor_driver_call_new(e, EXEC__CALL__TYPE__MESSAGE);
        call->message = actor_msg_alloc(call, sizeof *call->message);
        *call->message = (Exec__Call__Message) EXEC__CALL__MESSAGE__INIT;
        call->message->data.len = size;
        call->message->data.data = actor_msg_memdup(call, data, size);
        send_call(e, call);
}

void troupe_executor_stop(struct troupe_executor *e)
{
        if (executor_driver_in_turn(e))
                executor_driver_leave(e);
        else if (!atomic_load(&e->ended))
                actor_node_send(e->node, e->ref, actor_msg_new(&executor_driver_stop_type));
}

struct actor *troupe_executor_self(struct troupe_executor *e)
{
        assert(executor_driver_in_turn(e));
        return e->self;
}

const V1__FrameworkInfo *troupe_executor_framework(const struct troupe_executor *e)
{
        return e->framework;
}

const V1__AgentInfo *troupe_executor_agent(const struct troupe_executor *e)
{
        return e->agent_info;
}

size_t troupe_executor_task_count(const struct troupe_executor *e)
{
        return e->unacknowledged.tasks.count;
}
