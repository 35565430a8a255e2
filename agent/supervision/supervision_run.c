/* SPDX-License-Identifier: Apache-2.0 */
/* supervision_run.c — tasks on their way in: judged, matched with an executor, handed over.
 *
 * Tasks of one message that go to the same executor travel as one batch. A batch that reaches an
 * executor in its last moment comes back: command tasks then get a new shared executor; tasks of
 * a custom one are dropped, as their framework chose that very executor. */
#include "supervision/supervision_state.h"

#include "supervision/admission.h"
#include "supervision/executor.h"
#include <actor/log.h>
#include <assert.h>
#include <proto/copy.h>
#include <proto/ids.h>
#include <proto/task_state.h>

#define COMMAND_EXECUTOR_PROGRAM "troupe-executor"

/* ---- executors --------------------------------------------------------------------------------- */

static int spawn(struct supervision *s, struct actor *self, struct executor_entry *entry,
                 const char *switch_to)
{
        const struct executor_config config = {
                .settings = s->settings,
                .supervision = actor_self(self),
                .agent = s->session->agent,
                .framework = entry->framework->info,
                .info = entry->info,
                .container_id = entry->container_id,
                .user = switch_to,
                .command = entry->user != NULL,
        };
        CLEANUP(actor_freep) char *name = actor_asprintf("executor/%s", entry->container_id);
        return actor_spawn(self, &executor_class, name, &config, &entry->actor);
}

/* What a shared command executor is to itself: no framework chose it. */
static struct executor_entry *add_command_executor(struct supervision *s, struct framework_entry *framework,
                                                   const char *user, const char *container_id)
{
        CLEANUP(actor_freep)
        char *program = actor_asprintf("%s/" COMMAND_EXECUTOR_PROGRAM, s->settings->launcher_dir);
        const char *arguments[] = {COMMAND_EXECUTOR_PROGRAM, "--kind=command"};
        V1__CommandInfo command = V1__COMMAND_INFO__INIT;
        command.has_shell = true;
        command.shell = false;
        command.value = program;
        command.arguments = arguments;
        command.n_arguments = 2;
        V1__ExecutorID id = V1__EXECUTOR_ID__INIT;
        id.value = "command";
        V1__ExecutorInfo info = V1__EXECUTOR_INFO__INIT;
        info.executor_id = &id;
        info.framework_id = framework->info->id;
        info.command = &command;
        info.name = "Command executor";
        return books_add_executor(&s->books, framework, &info, user, container_id);
}

/* The executor of a task that is in order, started if need be. NULL with a cause where there is none. */
static struct executor_entry *executor_for(struct supervision *s, struct actor *self,
                                           struct framework_entry *framework, const V1__TaskInfo *task,
                                           struct actor_error *error, V1__TaskStatus__Reason *ret_reason)
{
        const V1__CommandInfo *command = task->executor ? task->executor->command : task->command;
        const char *switch_to;
        *ret_reason = V1__TASK_STATUS__REASON__REASON_CONTAINER_LAUNCH_FAILED;
        if (admission_user(s->settings, framework->info, command, &switch_to, error) != 0)
                return NULL;
        const char *user = switch_to ? switch_to : "";
        struct executor_entry *entry =
                task->executor ? books_find_executor(framework, task->executor->executor_id->value)
                               : books_find_command(framework, user);
        if (entry) {
                *ret_reason = V1__TASK_STATUS__REASON__REASON_TASK_INVALID;
                return task->executor && admission_same_executor(entry->info, task->executor, error) != 0
                               ? NULL
                               : entry;
        }
        uint8_t uuid[UUID_SIZE];
        char container_id[UUID_TEXT_SIZE];
        uuid_make(actor_random(self), actor_random(self), uuid);
        uuid_text(uuid, container_id);
        entry = task->executor ? books_add_executor(&s->books, framework, task->executor, NULL, container_id)
                               : add_command_executor(s, framework, user, container_id);
        int r = spawn(s, self, entry, switch_to);
        if (r == 0) {
                ACTOR_METRIC_ADD(s->settings->metrics->executors_active, 1);
                return entry;
        }
        actor_error_set(error, r, "executor cannot be started: %s", strerror(-r));
        books_remove_executor(&s->books, entry);
        return NULL;
}

/* ---- batches ----------------------------------------------------------------------------------- */

/* Tasks gathered for one executor, and sent when the next goes elsewhere. */
struct gathering {
        const V1__ExecutorInfo *info; /* that all of them share; NULL: each its own */
        struct executor_entry *executor;
        struct task_batch *batch; /* ours until sent; NULL: none */
};

static void gathering_send(struct gathering *g, struct actor *self)
{
        if (g->batch)
                actor_send_returnable(self, g->executor->actor, TAKE(g->batch));
}

static void gathering_add(struct gathering *g, struct actor *self, struct executor_entry *executor,
                          const struct task_entry *task, size_t most)
{
        if (g->batch && g->executor != executor)
                gathering_send(g, self);
        if (g->batch == NULL) {
                g->info = task->info->executor;
                g->executor = executor;
                g->batch = actor_msg_new(&task_batch_type);
                g->batch->framework_id = actor_msg_strdup(g->batch, task->framework->info->id->value);
                g->batch->tasks = actor_msg_alloc(g->batch, most * sizeof *g->batch->tasks);
                actor_msg_hold(g->batch, task->held);
        }
        g->batch->tasks[g->batch->count++] = task->told;
}

static void place(struct supervision *s, struct actor *self, struct gathering *g, struct task_entry *task,
                  size_t most)
{
        struct actor_error error;
        V1__TaskStatus__Reason reason;
        bool judged = g->batch && task->info->executor && task->info->executor == g->info;
        struct executor_entry *executor =
                judged ? g->executor : executor_for(s, self, task->framework, task->info, &error, &reason);
        if (executor) {
                task->executor = executor->actor;
                gathering_add(g, self, executor, task, most);
                return;
        }
        bool invalid = reason == V1__TASK_STATUS__REASON__REASON_TASK_INVALID;
        const struct status_cause cause = {invalid ? V1__TASK_STATE__TASK_ERROR : V1__TASK_STATE__TASK_FAILED,
                                           reason, error.text};
        supervision_end_task(s, self, task, &cause);
}

static struct task_entry *admit(struct supervision *s, struct actor *self, struct framework_entry *framework,
                                const V1__TaskInfo *info, const Troupe__RunTasks *msg)
{
        struct actor_error error;
        if (admission_task(info, &error) != 0) {
                const struct status_cause cause = {V1__TASK_STATE__TASK_ERROR,
                                                   V1__TASK_STATUS__REASON__REASON_TASK_INVALID, error.text};
                supervision_answer(s, self, framework->info, info->task_id->value, &cause);
                return NULL;
        }
        struct task_entry *task = books_add_task(framework, info, msg);
        if (task == NULL) /* whatever we answered would be taken for the first one's end */
                actor_log_warn(self, "executors: task \"%s\" of framework %s is here already: ignored",
                               info->task_id->value, framework->info->id->value);
        return task;
}

/* `whole` is the message spelled out. */
static void run_all(struct supervision *s, struct actor *self, struct framework_entry *framework,
                    const Troupe__RunTasks *msg, const Troupe__RunTasks *whole)
{
        struct gathering gathering = {0};
        for (size_t i = 0; i < whole->n_tasks; i++) {
                struct task_entry *task = admit(s, self, framework, whole->tasks[i], whole);
                if (task == NULL)
                        continue;
                task->told = msg->tasks[i];
                place(s, self, &gathering, task, msg->n_tasks);
        }
        gathering_send(&gathering, self);
}

/* ---- executors that tasks share ----------------------------------------------------------------- */

/* The message with each task whole: itself, or a shallow copy. One reference, the caller's. */
static const Troupe__RunTasks *spelled_out(const Troupe__RunTasks *msg)
{
        if (msg->n_executors == 0)
                return actor_msg_ref(msg);
        Troupe__RunTasks *whole = actor_msg_new(&run_tasks_type);
        actor_msg_hold(whole, msg);
        whole->framework = msg->framework;
        whole->n_tasks = msg->n_tasks;
        whole->tasks = actor_msg_alloc(whole, msg->n_tasks * sizeof *whole->tasks);
        for (size_t i = 0; i < msg->n_tasks; i++) {
                size_t which = i < msg->n_executor_of ? msg->executor_of[i] : 0;
                whole->tasks[i] = msg->tasks[i];
                if (which == 0 || which > msg->n_executors)
                        continue; /* admission judges what the task itself says */
                whole->tasks[i] = actor_msg_memdup(whole, msg->tasks[i], sizeof **msg->tasks);
                whole->tasks[i]->executor = msg->executors[which - 1];
        }
        return whole;
}

static void refuse_all(struct supervision *s, struct actor *self, const V1__FrameworkInfo *framework,
                       V1__TaskInfo *const *tasks, size_t count, const struct status_cause *cause)
{
        for (size_t i = 0; i < count; i++)
                supervision_answer(s, self, framework, tasks[i]->task_id->value, cause);
}

int supervision_on_run(struct supervision *s, const struct actor_mail *mail, const Troupe__RunTasks *msg)
{
        struct actor_error error;
        if (admission_framework(msg->framework, &error) != 0) {
                actor_log_warn(mail->self, "executors: %zu tasks dropped: %s", msg->n_tasks, error.text);
                return 0;
        }
        struct framework_entry *framework = books_framework(&s->books, msg->framework);
        ACTOR_METRIC_ADD(s->settings->metrics->tasks_received, (int64_t) msg->n_tasks);
        if (framework->gone || s->stopping) {
                const struct status_cause cause = {
                        V1__TASK_STATE__TASK_DROPPED,
                        framework->gone ? V1__TASK_STATUS__REASON__REASON_INVALID_FRAMEWORKID
                                        : V1__TASK_STATUS__REASON__REASON_AGENT_DISCONNECTED,
                        framework->gone ? "Framework is being removed from this agent"
                                        : "Agent is shutting down"};
                refuse_all(s, mail->self, msg->framework, msg->tasks, msg->n_tasks, &cause);
                return 0;
        }
        const Troupe__RunTasks *whole = spelled_out(msg);
        run_all(s, mail->self, framework, msg, whole);
        actor_msg_unref(whole);
        return 0;
}

int supervision_on_run_group(struct supervision *s, const struct actor_mail *mail,
                             const Troupe__RunTaskGroup *msg)
{
        static const struct status_cause cause = {
                V1__TASK_STATE__TASK_ERROR, V1__TASK_STATUS__REASON__REASON_TASK_GROUP_INVALID,
                "This agent has no default executor: task groups cannot run here"};
        struct actor_error error;
        if (admission_framework(msg->framework, &error) == 0)
                refuse_all(s, mail->self, msg->framework, msg->task_group->tasks, msg->task_group->n_tasks,
                           &cause);
        return 0;
}

/* ---- batches that came back -------------------------------------------------------------------- */

static void batch_returned(struct supervision *s, struct actor *self, const struct task_batch *batch)
{
        static const struct status_cause dropped = {V1__TASK_STATE__TASK_DROPPED,
                                                    V1__TASK_STATUS__REASON__REASON_EXECUTOR_TERMINATED,
                                                    "Executor was ending when the task came"};
        struct gathering gathering = {0};
        for (size_t i = 0; i < batch->count; i++) {
                struct framework_entry *framework = books_find_framework(&s->books, batch->framework_id);
                struct task_entry *task =
                        framework ? books_find_task(framework, batch->tasks[i]->task_id->value) : NULL;
                if (task == NULL || task_state_is_terminal(task->state))
                        continue;
                if (task->info->executor || framework->gone || s->stopping)
                        supervision_end_task(s, self, task, &dropped);
                else
                        place(s, self, &gathering, task, batch->count);
        }
        gathering_send(&gathering, self);
}

/* The closing executor is out of the books already: it said so before it sent the batch back. */
int supervision_on_returned(struct supervision *s, const struct actor_mail *mail,
                            const struct task_batch *msg)
{
        batch_returned(s, mail->self, msg);
        return 0;
}

/* Its end (executor_ended) may still be on the way: close it by its address. */
int supervision_on_undelivered(struct supervision *s, const struct actor_mail *mail,
                               const struct actor_undelivered *msg)
{
        if (actor_msg_type(msg->msg) != &task_batch_type)
                return 0;
        for (struct executor_entry *e = s->books.executors; e; e = e->by_container.next)
                if (actor_ref_equal(e->actor, msg->to))
                        books_close_executor(e);
        batch_returned(s, mail->self, msg->msg);
        return 0;
}
