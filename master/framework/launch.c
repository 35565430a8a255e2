/* SPDX-License-Identifier: Apache-2.0 */
/* launch.c: from a TaskInfo in an ACCEPT to a task on its way to an agent.
 *
 * What goes to the agent is a shallow copy of what the scheduler sent, with what the master knows
 * filled in (framework id, the resources in one format and allocated to the offer's role); executors, which
 * many tasks may share, stand in the message once. The copies
 * and the task's row lie in the message to the agent, which the register keeps. Each task costs the same,
 * however many there are. */
#include "launch.h"
#include "validation/task_info.h"
#include <actor/log.h>
#include <errno.h>
#include <proto/copy.h>
#include <proto/task_state.h>

/* What a task, or a group, needs of the offers. */
struct needs {
        struct resources *task;     /* one task's; owned */
        struct resources *executor; /* of a new executor; owned; NULL: there already, or a command task */
        struct executor *running;   /* the executor that is there already */
        V1__ExecutorInfo *info;     /* the executor as the agent will get it; in the message's arena */
};

static void needs_done(struct needs *needs)
{
        resources_free(needs->task);
        resources_free(needs->executor);
}

V1__TaskInfo framework_task_of_group(const V1__TaskInfo *task, V1__ExecutorInfo *executor)
{
        V1__TaskInfo known = *task;
        if (known.executor == NULL)
                known.executor = executor;
        return known;
}

void framework_task_refuse(struct framework_session *s, const V1__TaskInfo *task, V1__TaskState state,
                           V1__TaskStatus__Reason reason, const char *message)
{
        struct master_status status = {
                .task_id = task->task_id->value,
                .agent_id = task->agent_id->value,
                .executor_id = task->executor ? task->executor->executor_id->value : task->task_id->value,
                .state = task_state_for(s->info, state),
                .reason = reason,
                .message = message,
                .wall_ns = actor_wall_ns(s->self),
        };
        framework_scheduler_send(s, framework_event_master_update(&status));
}

/* ---- the executor ----------------------------------------------------------------------------------------
 */

/* The executor as the agent will get it. */
static V1__ExecutorInfo *executor_fill(struct launch *l, void *msg, const V1__ExecutorInfo *from,
                                       const struct resources *needed)
{
        V1__ExecutorInfo *info = actor_msg_memdup(msg, from, sizeof *info);
        info->framework_id = l->s->info->id;
        resources_to_v1(needed, msg, &info->n_resources, &info->resources);
        return info;
}

/* Tasks that come together mostly share their executor: it is judged, and told to the agent, once. */
static bool executor_is_shared(const struct launch *l, const void *msg, const V1__ExecutorInfo *from)
{
        return msg == l->run && l->shared_from != NULL && proto_equal(from, l->shared_from);
}

static void executor_share(struct launch *l, const V1__ExecutorInfo *from, const struct needs *needs)
{
        if (needs->info == l->shared)
                return;
        PROTO_APPEND(l->run, l->run->n_executors, l->run->executors, needs->info);
        l->shared_from = from;
        l->shared = needs->info;
        l->shared_running = needs->running;
}

static int executor_judge(struct launch *l, void *msg, const V1__ExecutorInfo *from, struct needs *needs,
                          struct actor_error *error)
{
        if (executor_is_shared(l, msg, from)) {
                needs->info = l->shared;
                needs->running = l->shared_running;
                return 0;
        }
        int r = executor_info_validate(from, l->s->id, error);
        if (r == 0)
                r = launch_resources(from->resources, from->n_resources, l->role, &needs->executor, error);
        if (r != 0)
                return actor_error_prefix(error, r, "Executor");
        needs->info = executor_fill(l, msg, from, needs->executor);
        needs->running = framework_host_executor(l->host, from->executor_id->value);
        if (needs->running == NULL)
                return 0;
        resources_free(needs->executor);
        needs->executor = NULL;
        if (!proto_equal(needs->running->info, needs->info))
                return actor_error_set(
                        error, -EINVAL,
                        "ExecutorInfo is not compatible with the executor '%s' that is already on "
                        "agent %s: they must be equal",
                        from->executor_id->value, l->agent_id);
        return 0;
}

/* ---- the books --------------------------------------------------------------------------------------------
 */

static void charge(struct launch *l, char *token, struct resources *used_take)
{
        resources_subtract(l->left, used_take);
        resources_unallocate(used_take);
        struct allocator_piece piece = {token, l->s->id, l->role, used_take};
        PROTO_APPEND(l->use, l->use->use_count, l->pieces, piece);
        l->use->uses = l->pieces;
}

static int fits(struct launch *l, const struct resources *wanted, struct actor_error *error)
{
        if (resources_contain(l->left, wanted))
                return 0;
        CLEANUP(actor_freep) char *more = resources_print(wanted);
        CLEANUP(actor_freep) char *have = resources_print(l->left);
        return actor_error_set(error, -EINVAL, "Task uses more resources %s than available %s", more, have);
}

static void charge_executor(struct launch *l, struct needs *needs, const void *msg)
{
        if (needs->info == NULL)
                return;
        if (needs->running == NULL) {
                needs->running = framework_host_executor_add(l->host, needs->info, msg);
                framework_report_executor(l->s, l->host, needs->running, false);
                char *token = actor_msg_printf(l->use, "executor/%s/%s/%s", l->agent_id, l->s->id,
                                               needs->info->executor_id->value);
                if (!resources_is_empty(needs->executor))
                        charge(l, token, TAKE(needs->executor));
        }
}

/* ---- the task's row
 * ----------------------------------------------------------------------------------------- */

static void row_limits(void *msg, V1__Task *row, const V1__TaskInfo *info)
{
        for (size_t i = 0; i < info->n_limits; i++) {
                V1__Task__LimitsEntry *entry = actor_msg_alloc(msg, sizeof *entry);
                v1__task__limits_entry__init(entry);
                entry->key = info->limits[i]->key;
                entry->value = info->limits[i]->value;
                PROTO_APPEND(msg, row->n_limits, row->limits, entry);
        }
}

static const char *user_of(const struct framework_session *s, const V1__TaskInfo *info,
                           const V1__ExecutorInfo *executor)
{
        const V1__CommandInfo *command = info->command ? info->command : executor ? executor->command : NULL;
        return command != NULL && command->user != NULL ? command->user : s->info->user;
}

static V1__Task *row_new(struct launch *l, void *msg, const V1__TaskInfo *info,
                         const V1__ExecutorInfo *executor)
{
        V1__Task *row = actor_msg_alloc(msg, sizeof *row);
        v1__task__init(row);
        row->name = info->name;
        row->task_id = info->task_id;
        row->framework_id = l->s->info->id;
        row->executor_id = executor ? executor->executor_id : NULL;
        row->agent_id = info->agent_id;
        row->state = V1__TASK_STATE__TASK_STAGING;
        row->n_resources = info->n_resources;
        row->resources = info->resources;
        row->labels = info->labels;
        row->discovery = info->discovery;
        row->container = info->container;
        row->user = user_of(l->s, info, executor);
        row->health_check = info->health_check;
        row->kill_policy = info->kill_policy;
        row_limits(msg, row, info);
        return row;
}

/* The task is good: charge it, write it down, and return it as the agent will get it. */
static V1__TaskInfo *commit(struct launch *l, void *msg, const V1__TaskInfo *task, struct needs *needs)
{
        V1__TaskInfo *info = actor_msg_memdup(msg, task, sizeof *info);
        info->executor = NULL; /* the message says it for all that share it */
        resources_to_v1(needs->task, msg, &info->n_resources, &info->resources);
        charge(l, framework_task_token(l->use, l->s->id, task->task_id->value), TAKE(needs->task));
        charge_executor(l, needs, msg);
        V1__Task *row = row_new(l, msg, info, needs->info);
        framework_report_task(l->s, framework_tasks_add(&l->s->tasks, l->host, needs->running, row, msg),
                              false);
        ACTOR_METRIC_ADD(l->s->rooms.metrics->tasks_launched, 1);
        ACTOR_METRIC_ADD(l->s->rooms.metrics->tasks_known, 1);
        return info;
}

/* ---- one task
 * ------------------------------------------------------------------------------------------------- */

static int task_judge(struct launch *l, void *msg, const V1__TaskInfo *task, bool in_group,
                      struct needs *needs, struct actor_error *error)
{
        int r = task_info_validate(task, l->agent_id, in_group, error);
        if (r != 0)
                return r;
        if (framework_tasks_find(&l->s->tasks, task->task_id->value) != NULL)
                return actor_error_set(error, -EINVAL, "Task has duplicate ID: %s", task->task_id->value);
        r = launch_resources(task->resources, task->n_resources, l->role, &needs->task, error);
        if (r != 0)
                return actor_error_prefix(error, r, "Task");
        if (task->executor != NULL)
                r = executor_judge(l, msg, task->executor, needs, error);
        if (r != 0 || needs->executor == NULL)
                return r != 0 ? r : fits(l, needs->task, error);
        CLEANUP(resources_freep) struct resources *wanted = resources_copy(needs->task);
        resources_add(wanted, needs->executor);
        return fits(l, wanted, error);
}

static Troupe__RunTasks *run_of(struct launch *l)
{
        if (l->run == NULL) {
                l->run = actor_msg_new(&run_tasks_type);
                actor_msg_hold(l->run, l->call);
                actor_msg_hold(l->run, l->s->card);
                l->run->framework = (V1__FrameworkInfo *) l->s->info;
        }
        return l->run;
}

void framework_launch_task(struct launch *l, const V1__TaskInfo *task)
{
        struct actor_error error;
        struct needs needs = {0};
        Troupe__RunTasks *run = run_of(l);
        if (task_judge(l, run, task, false, &needs, &error) != 0) {
                ACTOR_METRIC_ADD(l->s->rooms.metrics->tasks_invalid, 1);
                framework_task_refuse(l->s, task, V1__TASK_STATE__TASK_ERROR,
                                      V1__TASK_STATUS__REASON__REASON_TASK_INVALID, error.text);
        } else {
                V1__TaskInfo *info = commit(l, run, task, &needs);
                if (task->executor != NULL)
                        executor_share(l, task->executor, &needs);
                PROTO_APPEND(run, run->n_executor_of, run->executor_of,
                             task->executor != NULL ? (uint32_t) run->n_executors : 0);
                PROTO_APPEND(run, run->n_tasks, run->tasks, info);
        }
        needs_done(&needs);
}

/* ---- a group
 * -------------------------------------------------------------------------------------------------- */

static int group_tasks_judge(struct launch *l, void *msg, const V1__TaskGroupInfo *group, struct needs *each,
                             struct resources *total, struct actor_error *error)
{
        for (size_t i = 0; i < group->n_tasks; i++) {
                int r = task_judge(l, msg, group->tasks[i], true, &each[i], error);
                if (r != 0)
                        return actor_error_prefix(error, r, "Task '%s' of the group",
                                                  group->tasks[i]->task_id->value);
                resources_add(total, each[i].task);
        }
        return fits(l, total, error);
}

static int group_judge(struct launch *l, void *msg, const V1__Offer__Operation__LaunchGroup *operation,
                       struct needs *shared, struct needs *each, struct actor_error *error)
{
        int r = task_group_validate(operation->executor, operation->task_group, error);
        if (r == 0)
                r = executor_judge(l, msg, operation->executor, shared, error);
        if (r != 0)
                return r;
        CLEANUP(resources_freep) struct resources *total = resources_new();
        if (shared->executor != NULL)
                resources_add(total, shared->executor);
        return group_tasks_judge(l, msg, operation->task_group, each, total, error);
}

static void group_refuse(struct framework_session *s, const V1__Offer__Operation__LaunchGroup *operation,
                         const char *why)
{
        const V1__TaskGroupInfo *group = operation->task_group;
        for (size_t i = 0; i < group->n_tasks; i++) {
                V1__TaskInfo task = framework_task_of_group(group->tasks[i], operation->executor);
                framework_task_refuse(s, &task, V1__TASK_STATE__TASK_ERROR,
                                      V1__TASK_STATUS__REASON__REASON_TASK_GROUP_INVALID, why);
        }
        ACTOR_METRIC_ADD(s->rooms.metrics->tasks_invalid, (int64_t) group->n_tasks);
}

/* The message with the tasks in it; on its way the host's session hears of it as of any launch. */
static void group_send(struct launch *l, Troupe__RunTaskGroup *msg, const V1__TaskGroupInfo *group,
                       struct needs *shared, struct needs *each)
{
        charge_executor(l, shared, msg);
        msg->framework = (V1__FrameworkInfo *) l->s->info;
        msg->executor = shared->info;
        msg->task_group = actor_msg_alloc(msg, sizeof *msg->task_group);
        v1__task_group_info__init(msg->task_group);
        for (size_t i = 0; i < group->n_tasks; i++) {
                each[i].running = shared->running;
                each[i].info = shared->info;
                V1__TaskInfo *info = commit(l, msg, group->tasks[i], &each[i]);
                PROTO_APPEND(msg, msg->task_group->n_tasks, msg->task_group->tasks, info);
        }
        actor_send_returnable(l->s->self, l->host->session, actor_msg_ref(msg));
}

void framework_launch_group(struct launch *l, const V1__Offer__Operation__LaunchGroup *operation)
{
        struct actor_error error;
        const V1__TaskGroupInfo *group = operation->task_group;
        struct needs shared = {0}, *each = actor_zalloc((group->n_tasks + 1) * sizeof *each);
        Troupe__RunTaskGroup *msg = actor_msg_new(&run_task_group_type);
        actor_msg_hold(msg, l->call);
        actor_msg_hold(msg, l->s->card);
        if (group_judge(l, msg, operation, &shared, each, &error) != 0)
                group_refuse(l->s, operation, error.text);
        else
                group_send(l, msg, group, &shared, each);
        actor_msg_unref(msg);
        for (size_t i = 0; i < group->n_tasks; i++)
                needs_done(&each[i]);
        needs_done(&shared);
        free(each);
}

void framework_launch_send(struct launch *l)
{
        if (l->run != NULL && l->run->n_tasks > 0)
                actor_send_returnable(l->s->self, l->host->session, TAKE(l->run));
        actor_msg_unref(l->run);
}
