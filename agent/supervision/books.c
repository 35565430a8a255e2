/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/books.h"

#include "arena.h"
#include <assert.h>
#include <proto/copy.h>

/* ---- frameworks -------------------------------------------------------------------------------- */

struct framework_entry *books_find_framework(const struct books *books, const char *framework_id)
{
        struct framework_entry *framework;
        HASH_FIND_STR(books->frameworks, framework_id, framework);
        return framework;
}

struct framework_entry *books_framework(struct books *books, const V1__FrameworkInfo *info)
{
        assert(info->id != NULL);
        struct framework_entry *framework = books_find_framework(books, info->id->value);
        if (framework)
                return framework;
        framework = actor_zalloc(sizeof *framework);
        framework->info = proto_dup(info);
        const char *id = framework->info->id->value;
        HASH_ADD_KEYPTR(hh, books->frameworks, id, strlen(id), framework);
        return framework;
}

void books_update_framework(struct books *books, struct framework_entry *framework,
                            const V1__FrameworkInfo *info)
{
        HASH_DEL(books->frameworks, framework); /* its key lies in the old info */
        V1__FrameworkInfo *previous = framework->info;
        framework->info = proto_dup(info);
        const char *id = framework->info->id->value;
        HASH_ADD_KEYPTR(hh, books->frameworks, id, strlen(id), framework);
        proto_free(previous);
}

static void framework_free(struct books *books, struct framework_entry *framework)
{
        HASH_DEL(books->frameworks, framework);
        proto_free(framework->info);
        actor_freep(&framework);
}

void books_sweep(struct books *books, struct framework_entry *framework)
{
        if (framework->executor_count == 0 && framework->tasks == NULL)
                framework_free(books, framework);
}

/* ---- executors --------------------------------------------------------------------------------- */

static struct executor_entry *find_key(const struct framework_entry *framework, const char *kind,
                                       const char *name)
{
        CLEANUP(actor_freep) char *key = actor_asprintf("%s/%s", kind, name);
        struct executor_entry *executor;
        HASH_FIND(by_key, framework->executors, key, strlen(key), executor);
        return executor;
}

struct executor_entry *books_find_executor(const struct framework_entry *framework, const char *executor_id)
{
        return find_key(framework, "executor", executor_id);
}

struct executor_entry *books_find_command(const struct framework_entry *framework, const char *user)
{
        return find_key(framework, "command", user);
}

struct executor_entry *books_find_container(const struct books *books, const char *container_id)
{
        struct executor_entry *executor;
        HASH_FIND(by_container, books->executors, container_id, strlen(container_id), executor);
        return executor;
}

struct executor_entry *books_add_executor(struct books *books, struct framework_entry *framework,
                                          const V1__ExecutorInfo *info, const char *user,
                                          const char *container_id)
{
        struct executor_entry *executor = actor_zalloc(sizeof *executor);
        executor->framework = framework;
        executor->info = proto_dup(info);
        executor->user = user ? actor_strdup(user) : NULL;
        executor->container_id = actor_strdup(container_id);
        executor->key = user ? actor_asprintf("command/%s", user)
                             : actor_asprintf("executor/%s", info->executor_id->value);
        HASH_ADD_KEYPTR(by_container, books->executors, executor->container_id, strlen(container_id),
                        executor);
        HASH_ADD_KEYPTR(by_key, framework->executors, executor->key, strlen(executor->key), executor);
        framework->executor_count++;
        return executor;
}

void books_close_executor(struct executor_entry *executor)
{
        if (executor->closing)
                return;
        executor->closing = true;
        HASH_DELETE(by_key, executor->framework->executors, executor);
}

void books_remove_executor(struct books *books, struct executor_entry *executor)
{
        books_close_executor(executor);
        HASH_DELETE(by_container, books->executors, executor);
        assert(executor->framework->executor_count > 0);
        executor->framework->executor_count--;
        proto_free(executor->info);
        actor_freep(&executor->user);
        actor_freep(&executor->key);
        actor_freep(&executor->container_id);
        actor_freep(&executor);
}

/* ---- tasks ------------------------------------------------------------------------------------- */

struct task_entry *books_find_task(const struct framework_entry *framework, const char *task_id)
{
        struct task_entry *task;
        HASH_FIND_STR(framework->tasks, task_id, task);
        return task;
}

struct task_entry *books_add_task(struct framework_entry *framework, const V1__TaskInfo *info,
                                  const void *held)
{
        const char *id = info->task_id->value;
        if (books_find_task(framework, id))
                return NULL;
        struct task_entry *task = actor_zalloc(sizeof *task);
        task->info = task->told = info;
        task->held = actor_msg_ref(held);
        task->framework = framework;
        task->state = V1__TASK_STATE__TASK_STAGING;
        HASH_ADD_KEYPTR(hh, framework->tasks, id, strlen(id), task);
        return task;
}

void books_task_status(struct task_entry *task, const Troupe__StatusUpdate *update)
{
        const Troupe__StatusUpdate *previous = task->latest;
        task->latest = actor_msg_ref(update);
        task->state = update->status->state;
        actor_msg_unref(previous);
}

/* What can be said of the task; it lies in the launch, as any task's does. */
static const V1__TaskInfo *task_info_recovered(Troupe__RunTasks *launch, const V1__TaskStatus *status)
{
        V1__TaskInfo *info = ARENA_NEW(launch, V1__TaskInfo, v1__task_info);
        info->name = "";
        info->task_id = status->task_id;
        info->agent_id = status->agent_id;
        if (status->executor_id && strcmp(status->executor_id->value, status->task_id->value) != 0) {
                info->executor = ARENA_NEW(launch, V1__ExecutorInfo, v1__executor_info);
                info->executor->executor_id = status->executor_id;
        }
        return info;
}

struct task_entry *books_recover_task(struct framework_entry *framework, const Troupe__StatusUpdate *update)
{
        struct task_entry *task = books_find_task(framework, update->status->task_id->value);
        if (task == NULL) {
                Troupe__RunTasks *launch = actor_msg_new(&run_tasks_type);
                actor_msg_hold(launch, update);
                task = books_add_task(framework, task_info_recovered(launch, update->status), launch);
                actor_msg_unref(launch);
        }
        books_task_status(task, update);
        return task;
}

void books_remove_task(struct task_entry *task)
{
        HASH_DEL(task->framework->tasks, task);
        actor_msg_unref(task->latest);
        actor_msg_unref(task->held);
        actor_freep(&task);
}

void books_done(struct books *books)
{
        struct executor_entry *executor, *next_executor;
        HASH_ITER(by_container, books->executors, executor, next_executor)
        {
                books_remove_executor(books, executor);
        }
        struct framework_entry *framework, *next_framework;
        HASH_ITER(hh, books->frameworks, framework, next_framework)
        {
                while (framework->tasks)
                        books_remove_task(framework->tasks);
                framework_free(books, framework);
        }
}
