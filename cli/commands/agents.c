/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"
#include "command.h"

#include <actor/table.h>

#define AGENTS_FLAGS(FLAG) CLI_COMMON_FLAGS(FLAG)
CLI_FLAG_SET(agents_flags, AGENTS_FLAGS, "troupe agents",
             "Lists the agents: address, resources, how much of them is in use.", NULL)

static void print_share(struct actor_table *table, const MasterApi__Response__GetAgents__Agent *agent, const char *name)
{
        actor_table_cellf(table, "%.6g/%.6g", cluster_scalar(agent->allocated_resources, agent->n_allocated_resources, name),
                    cluster_scalar(agent->total_resources, agent->n_total_resources, name));
}

static void print_row(struct actor_table *table, const MasterApi__Response__GetAgents__Agent *agent)
{
        actor_table_cell(table, agent->agent_info->id != NULL ? agent->agent_info->id->value : NULL);
        actor_table_cell(table, agent->agent_info->hostname);
        actor_table_cell(table, agent->pid);
        actor_table_cell(table, agent->active ? "yes" : "no");
        print_share(table, agent, "cpus");
        print_share(table, agent, "mem");
        print_share(table, agent, "disk");
        actor_table_cell(table, agent->version);
}

static int print(const struct cluster *cluster, const struct flags *flags)
{
        const MasterApi__Response__GetAgents *agents = cluster->state->get_agents;
        if (flags->json)
                return cluster_print_json(agents);
        static const char *const columns[] = {"AGENT", "HOST",  "ADDRESS", "ACTIVE", ">CPUS",
                                              ">MEM",  ">DISK", "VERSION", NULL};
        struct actor_table *table = actor_table_new(columns);
        for (size_t i = 0; agents != NULL && i < agents->n_agents; i++)
                print_row(table, agents->agents[i]);
        actor_table_print(table, stdout, "no agents are registered");
        actor_table_free(table);
        return CLI_OK;
}

int agents_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&agents_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        struct cluster cluster;
        exit = cluster_open(&cluster, "agents", SESSION_OF(&flags));
        if (exit == CLI_OK)
                exit = print(&cluster, &flags);
        cluster_close(&cluster);
        actor_flags_done(&agents_flags, &flags);
        return exit;
}
