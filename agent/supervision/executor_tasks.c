/* SPDX-License-Identifier: Apache-2.0 */
/* executor_tasks.c — tasks of one executor: from the batch to the acknowledged end.
 *
 * A task of a custom executor is ready at once. A command task first gets a sandbox of its own (made
 * for a whole batch in one blocking job) and its URIs; only then the shared command executor hears of it. */
#include "supervision/executor_state.h"

#include "containerizer/messages.h"
#include "fetcher/messages.h"
#include "layout.h"
#include "supervision/events.h"
#include <actor/log.h>
#include <assert.h>
#include <errno.h>
#include <proto/ids.h>

#define PREPARE_TIMEOUT_MS (5 * 60 * 1000)

/* Command tasks are their own executors to the world. */
static const char *shown_executor_id(const struct executor *e, const struct task *task)
{
        return e->config.command ? task->info->task_id->value : e->info->executor_id->value;
}

struct status_subject executor_subject(const struct executor *e, const struct task *task)
{
        return (struct status_subject){
                .framework = e->framework,
                .agent_id = e->agent_id,
                .executor_id = shown_executor_id(e, task),
                .task_id = task->info->task_id->value,
                .container_id = e->config.command ? task->container_id : e->container_id,
        };
}

void executor_publish(struct executor *e, struct actor *self, struct update_new *update_take)
{
        if (!e->silent) {
                actor_send(self, e->settings->updates, actor_msg_ref(update_take));
                actor_send(self, e->config.supervision, actor_msg_ref(update_take));
        }
        actor_msg_unref(update_take);
}

void executor_end_task(struct executor *e, struct actor *self, struct task *task,
                       const struct status_cause *cause)
{
        if (task->stage == TASK_ENDED)
                return;
        const struct status_subject subject = executor_subject(e, task);
        task_end(&e->tasks, task, cause->state);
        executor_publish(e, self, status_from_agent(self, &subject, cause));
        executor_check_idle(e, self);
}

void executor_end_tasks(struct executor *e, struct actor *self)
{
        executor_set_cause(e, V1__TASK_STATE__TASK_FAILED,
                           V1__TASK_STATUS__REASON__REASON_EXECUTOR_TERMINATED, "Executor terminated");
        struct task *task, *next;
        HASH_ITER(by_number, e->tasks.by_number, task, next)
        {
                executor_end_task(e, self, task, &e->cause);
        }
}

static void launch_failed(struct executor *e, struct actor *self, struct task *task, const char *why)
{
        const struct status_cause cause = {V1__TASK_STATE__TASK_FAILED,
                                           V1__TASK_STATUS__REASON__REASON_CONTAINER_LAUNCH_FAILED, why};
        actor_log_warn(self, "executor %s: task \"%s\" cannot be launched: %s", e->container_id,
                       task->info->task_id->value, why);
        executor_end_task(e, self, task, &cause);
}

/* ---- launching --------------------------------------------------------------------------------- */

static char *task_directory(const struct executor *e, const struct task *task)
{
        const struct layout_sandbox sandbox = {
                .agent_id = e->agent_id,
                .framework_id = e->framework_id,
                .executor_id = task->info->task_id->value,
                .container_id = task->container_id,
        };
        return layout_sandbox_path(e->settings->work_dir, &sandbox);
}

static Exec__Event *launch_event(const struct executor *e, const struct task *task)
{
        if (!e->config.command)
                return event_launch(task->held, task->info);
        CLEANUP(actor_freep) char *directory = task_directory(e, task);
        const struct environment_facts facts = {
                .settings = e->settings,
                .framework = e->framework,
                .agent_id = e->agent_id,
                .executor_id = task->info->task_id->value,
                .container_id = task->container_id,
                .directory = directory,
        };
        return event_launch_command(task->held, task->info, &facts,
                                    e->user ? e->user : e->settings->own_user);
}

void executor_launch_task(struct executor *e, struct actor *self, struct task *task)
{
        assert(task->stage == TASK_PREPARING || task->stage == TASK_QUEUED || task->stage == TASK_LAUNCHED);
        if (e->state != EXECUTOR_RUNNING) {
                task->stage = TASK_QUEUED;
                return;
        }
        task->stage = TASK_LAUNCHED;
        executor_send(e, self, launch_event(e, task));
}

void executor_launch_queued(struct executor *e, struct actor *self)
{
        struct task *task, *next;
        HASH_ITER(by_number, e->tasks.by_number, task, next)
        {
                if (task->stage == TASK_QUEUED)
                        executor_launch_task(e, self, task);
        }
}

/* ---- preparing command tasks ------------------------------------------------------------------- */

static int on_fetched(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct executor *e = state;
        const struct fetch_result *result = body;
        struct task *task = task_find_number(&e->tasks, (uintptr_t) arg);
        if (task == NULL || task->stage != TASK_PREPARING)
                return 0;
        if (result && result->error == NULL)
                executor_launch_task(e, mail->self, task);
        else
                launch_failed(e, mail->self, task, result ? result->error : strerror(-mail->error));
        return 0;
}

static void fetch(struct executor *e, struct actor *self, struct task *task)
{
        CLEANUP(actor_freep) char *directory = task_directory(e, task);
        struct fetch_request *request = actor_msg_new(&fetch_request_type);
        actor_msg_hold(request, task->held);
        request->count = task->info->command->n_uris;
        request->uris = task->info->command->uris;
        request->directory = actor_msg_strdup(request, directory);
        request->user = e->user ? actor_msg_strdup(request, e->user) : NULL;
        actor_ask(self, e->settings->fetcher, request, FETCH_TIMEOUT_MS, on_fetched,
                  (void *) (uintptr_t) task->number);
}

static void fail_prepared(struct executor *e, struct actor *self, const char *why)
{
        struct task *task, *next;
        HASH_ITER(by_number, e->tasks.by_number, task, next)
        {
                if (task->stage == TASK_PREPARING)
                        launch_failed(e, self, task, why);
        }
}

static int on_prepared(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct executor *e = state;
        const struct container_prepared *prepared = body;
        if (prepared == NULL) {
                fail_prepared(e, mail->self, strerror(-mail->error));
                return 0;
        }
        for (size_t i = 0; i < prepared->count; i++) {
                struct task *task = task_find_number(&e->tasks, prepared->sandboxes[i].key);
                if (task == NULL || task->stage != TASK_PREPARING) /* killed meanwhile */
                        continue;
                if (prepared->errors[i])
                        launch_failed(e, mail->self, task, prepared->errors[i]);
                else if (task->info->command->n_uris > 0)
                        fetch(e, mail->self, task);
                else
                        executor_launch_task(e, mail->self, task);
        }
        return 0;
}

static void add_sandbox(struct executor *e, struct actor *self, struct task *task,
                        struct container_prepare *prepare, struct container_sandbox *sandbox)
{
        uint8_t uuid[UUID_SIZE];
        uuid_make(actor_random(self), actor_random(self), uuid);
        uuid_text(uuid, task->container_id);
        CLEANUP(actor_freep) char *directory = task_directory(e, task);
        sandbox->key = task->number;
        sandbox->directory = actor_msg_strdup(prepare, directory);
        sandbox->user = e->user ? actor_msg_strdup(prepare, e->user) : NULL;
}

static void batch_prepare(struct executor *e, struct actor *self, const struct task_batch *batch)
{
        struct container_prepare *prepare = actor_msg_new(&container_prepare_type);
        struct container_sandbox *sandboxes = actor_msg_alloc(prepare, batch->count * sizeof *sandboxes);
        for (size_t i = 0; i < batch->count; i++) {
                struct task *task = task_add(&e->tasks, batch->tasks[i], batch);
                if (task == NULL)
                        continue;
                add_sandbox(e, self, task, prepare, &sandboxes[prepare->count++]);
        }
        prepare->sandboxes = sandboxes;
        actor_ask(self, e->settings->containerizer, prepare, PREPARE_TIMEOUT_MS, on_prepared, NULL);
        executor_check_idle(e, self);
}

int executor_on_batch(struct executor *e, const struct actor_mail *mail, const struct task_batch *msg)
{
        if (e->state == EXECUTOR_TERMINATING || e->state == EXECUTOR_TERMINATED) {
                actor_send(mail->self, e->config.supervision, actor_msg_ref(msg));
                return 0;
        }
        if (e->config.command) {
                batch_prepare(e, mail->self, msg);
                return 0;
        }
        for (size_t i = 0; i < msg->count; i++) {
                struct task *task = task_add(&e->tasks, msg->tasks[i], msg);
                if (task)
                        executor_launch_task(e, mail->self, task);
        }
        return 0;
}

/* ---- ending ------------------------------------------------------------------------------------ */

int executor_on_kill(struct executor *e, const struct actor_mail *mail, const Troupe__KillTask *msg)
{
        struct task *task = task_find(&e->tasks, msg->task_id->value);
        if (task == NULL || task->stage == TASK_ENDED)
                return 0; /* its last status is on its way */
        if (task->stage == TASK_LAUNCHED) {
                executor_send(e, mail->self, event_kill(msg->task_id->value, msg, msg->kill_policy));
                return 0;
        }
        const struct status_cause cause = {V1__TASK_STATE__TASK_KILLED,
                                           V1__TASK_STATUS__REASON__REASON_TASK_KILLED_DURING_LAUNCH,
                                           "Task was killed before its executor had it"};
        executor_end_task(e, mail->self, task, &cause);
        /* An executor that was only to be started for tasks which are all gone is not needed. */
        if (e->state == EXECUTOR_REGISTERING && e->tasks.live == 0 && !e->config.command)
                executor_begin_stop(e, mail->self);
        return 0;
}

int executor_on_acknowledged(struct executor *e, const struct actor_mail *mail,
                             const struct update_acknowledged *msg)
{
        const V1__TaskStatus *status = msg->update->status;
        if (e->state == EXECUTOR_RUNNING || e->state == EXECUTOR_TERMINATING)
                executor_send(e, mail->self, event_acknowledged(status->task_id->value, status->uuid));
        struct task *task = task_find(&e->tasks, status->task_id->value);
        if (task && msg->terminal && task->stage == TASK_ENDED)
                task_forget(&e->tasks, task);
        return 0;
}
