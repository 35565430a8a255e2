/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"
#include "command.h"

#include <actor/table.h>
#include <string.h>

#define FRAMEWORKS_FLAGS(FLAG)                                                                            \
        CLI_COMMON_FLAGS(FLAG)                                                                            \
        FLAG(all, bool, "false", "", "Also frameworks that have ended.")
CLI_FLAG_SET(frameworks_flags, FRAMEWORKS_FLAGS, "troupe frameworks", "Lists the frameworks and what they run.", NULL)

static size_t count_tasks(const struct cluster *cluster, const char *framework_id)
{
        const MasterApi__Response__GetTasks *tasks = cluster->state->get_tasks;
        size_t count = 0;
        for (size_t i = 0; tasks != NULL && i < tasks->n_tasks; i++)
                count += strcmp(tasks->tasks[i]->framework_id->value, framework_id) == 0;
        return count;
}

static void print_roles(struct actor_table *table, const V1__FrameworkInfo *info)
{
        if (info->n_roles == 0) {
                actor_table_cell(table, info->role);
                return;
        }
        char text[256] = "";
        size_t used = 0;
        for (size_t i = 0; i < info->n_roles && used < sizeof text; i++)
                used += (size_t) snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? "," : "", info->roles[i]);
        actor_table_cell(table, text);
}

static void print_row(struct actor_table *table, const struct cluster *cluster,
                      const MasterApi__Response__GetFrameworks__Framework *framework, const char *status)
{
        const V1__FrameworkInfo *info = framework->framework_info;
        const char *id = info->id != NULL ? info->id->value : "";
        char age[32];
        actor_table_cell(table, id);
        actor_table_cell(table, info->name);
        actor_table_cell(table, info->user);
        print_roles(table, info);
        actor_table_cell(table, status);
        actor_table_cellf(table, "%zu", count_tasks(cluster, id));
        actor_table_cellf(table, "%zu", framework->n_offers);
        actor_table_cell(table, framework->registered_time != NULL
                                  ? cluster_age((double) framework->registered_time->nanoseconds / 1e9, age)
                                  : NULL);
}

static const char *status_of(const MasterApi__Response__GetFrameworks__Framework *framework)
{
        if (!framework->connected)
                return "disconnected";
        return framework->active ? "active" : "inactive";
}

static int print(const struct cluster *cluster, const struct flags *flags)
{
        const MasterApi__Response__GetFrameworks *frameworks = cluster->state->get_frameworks;
        if (flags->json)
                return cluster_print_json(frameworks);
        static const char *const columns[] = {"FRAMEWORK", "NAME",    "USER", "ROLES", "STATUS",
                                              ">TASKS",    ">OFFERS", ">AGE", NULL};
        struct actor_table *table = actor_table_new(columns);
        for (size_t i = 0; frameworks != NULL && i < frameworks->n_frameworks; i++)
                print_row(table, cluster, frameworks->frameworks[i], status_of(frameworks->frameworks[i]));
        for (size_t i = 0; frameworks != NULL && flags->all && i < frameworks->n_completed_frameworks; i++)
                print_row(table, cluster, frameworks->completed_frameworks[i], "completed");
        actor_table_print(table, stdout, "no frameworks are registered");
        actor_table_free(table);
        return CLI_OK;
}

int frameworks_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&frameworks_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        struct cluster cluster;
        exit = cluster_open(&cluster, "frameworks", SESSION_OF(&flags));
        if (exit == CLI_OK)
                exit = print(&cluster, &flags);
        cluster_close(&cluster);
        actor_flags_done(&frameworks_flags, &flags);
        return exit;
}
