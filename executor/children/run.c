/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include "children.h"

#include <actor/memory.h>
#include <stdlib.h>

/* The callbacks that the command and the processes executor share; they differ in how a task is planned. */
struct children_executor {
        struct children children;
        child_plan_fn plan;
};

static void prepare(struct children_executor *x, struct troupe_executor *e)
{
        if (x->children.driver == NULL)
                children_init(&x->children, e);
}

static void on_registered(struct troupe_executor *e, void *data, const Exec__Event__Subscribed *subscribed)
{
        struct children_executor *x = data;
        prepare(x, e);
        children_set_hostname(&x->children, subscribed->agent_info->hostname);
}

static void on_launch_task(struct troupe_executor *e, void *data, const V1__TaskInfo *task)
{
        struct children_executor *x = data;
        struct actor_error error;
        struct child_plan *plan = NULL;
        if (x->plan(task, &x->children.context, &plan, &error) != 0)
                children_refuse(&x->children, task->task_id->value, error.text);
        else
                children_start(&x->children, plan);
}

static void on_kill_task(struct troupe_executor *e, void *data, const V1__TaskID *task_id,
                         const V1__KillPolicy *policy)
{
        struct children_executor *x = data;
        children_kill(&x->children, task_id->value, policy);
}

static void on_shutdown(struct troupe_executor *e, void *data)
{
        struct children_executor *x = data;
        prepare(x, e);
        children_stop(&x->children);
}

static int on_other(struct troupe_executor *e, void *data, const struct actor_mail *mail, const void *body)
{
        struct children_executor *x = data;
        children_handle(&x->children, mail, body);
        return 0;
}

static void on_ended(struct troupe_executor *e, void *data)
{
        struct children_executor *x = data;
        children_done(&x->children);
        free(x);
}

void children_executor(child_plan_fn plan, struct troupe_executor_config *config)
{
        struct children_executor *x = actor_zalloc(sizeof *x);
        x->plan = plan;
        getrlimit(RLIMIT_NOFILE, &x->children.context.descriptors);
        config->data = x;
        config->callbacks = (struct troupe_executor_callbacks){
                .registered = on_registered,
                .launch_task = on_launch_task,
                .kill_task = on_kill_task,
                .shutdown = on_shutdown,
                .other = on_other,
                .ended = on_ended,
        };
}
