/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"
#include "command.h"
#include "state_cell.h"

#include <actor/table.h>
#include <proto/json.h>
#include <proto/task_state.h>
#include <string.h>

#define PS_FLAGS(FLAG)                                                                                    \
        CLI_COMMON_FLAGS(FLAG)                                                                            \
        FLAG(all, bool, "false", "", "Also tasks that have ended.")                                       \
        FLAG(framework, string, NULL, "", "Only tasks of this framework (its id).")
CLI_FLAG_SET(ps_flags, PS_FLAGS, "troupe ps", "Lists the tasks: state, agent, framework, age.", NULL)

static const V1__TaskStatus *latest(const V1__Task *task)
{
        return task->n_statuses > 0 ? task->statuses[task->n_statuses - 1] : NULL;
}

static void print_row(struct actor_table *table, const struct cluster *cluster, const V1__Task *task)
{
        const V1__TaskStatus *status = latest(task);
        actor_table_cell(table, task->task_id->value);
        state_cell(table, task_state_name(task->state));
        actor_table_cell(table, cluster_agent_hostname(cluster, task->agent_id->value));
        actor_table_cell(table, cluster_framework_name(cluster, task->framework_id->value));
        actor_table_cellf(table, "%.3g", cluster_scalar(task->resources, task->n_resources, "cpus"));
        actor_table_cellf(table, "%.0f", cluster_scalar(task->resources, task->n_resources, "mem"));
        char age[32];
        actor_table_cell(table, status != NULL && status->has_timestamp ? cluster_age(status->timestamp, age) : "");
        actor_table_cell(table, status != NULL ? status->message : NULL);
}

static void print_rows(struct actor_table *table, const struct cluster *cluster, V1__Task *const *tasks, size_t count,
                       const char *framework)
{
        for (size_t i = 0; i < count; i++)
                if (framework == NULL || strcmp(framework, tasks[i]->framework_id->value) == 0)
                        print_row(table, cluster, tasks[i]);
}

static int print(const struct cluster *cluster, const struct flags *flags)
{
        const MasterApi__Response__GetTasks *tasks = cluster->state->get_tasks;
        if (flags->json)
                return cluster_print_json(tasks);
        static const char *const columns[] = {"TASK", "STATE", "AGENT",   "FRAMEWORK", ">CPUS",
                                              ">MEM", ">AGE",  "MESSAGE", NULL};
        struct actor_table *table = actor_table_new(columns);
        if (tasks != NULL) {
                print_rows(table, cluster, tasks->tasks, tasks->n_tasks, flags->framework);
                print_rows(table, cluster, tasks->unreachable_tasks, tasks->n_unreachable_tasks, flags->framework);
                if (flags->all)
                        print_rows(table, cluster, tasks->completed_tasks, tasks->n_completed_tasks, flags->framework);
        }
        actor_table_print(table, stdout, flags->all ? "no tasks" : "no tasks are running; --all shows those that have ended");
        actor_table_free(table);
        return CLI_OK;
}

int ps_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&ps_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        struct cluster cluster;
        exit = cluster_open(&cluster, "ps", SESSION_OF(&flags));
        if (exit == CLI_OK)
                exit = print(&cluster, &flags);
        cluster_close(&cluster);
        actor_flags_done(&ps_flags, &flags);
        return exit;
}
