/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"

#include "command.h"

#include <proto/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int cluster_open(struct cluster *ret, const char *command, const struct session_config *config)
{
        *ret = (struct cluster){NULL, NULL, NULL};
        struct actor_error error;
        if (session_open(config, &ret->session, &error) < 0)
                return cli_fail(CLI_USAGE, command, "%s", error.text);
        if (session_get(ret->session, MASTER_API__CALL__TYPE__GET_STATE, &ret->answer, &error) != 0)
                return cli_fail(CLI_UNREACHABLE, command, "%s", error.text);
        ret->state = ((const MasterApi__Response *) ret->answer)->get_state;
        if (ret->state == NULL)
                return cli_fail(CLI_UNREACHABLE, command, "the answer of %s bears no state", config->master);
        return CLI_OK;
}

void cluster_close(struct cluster *cluster)
{
        actor_msg_unref(cluster->answer);
        session_close(cluster->session);
}

const char *cluster_agent_hostname(const struct cluster *cluster, const char *agent_id)
{
        const MasterApi__Response__GetAgents *agents = cluster->state->get_agents;
        for (size_t i = 0; agents != NULL && i < agents->n_agents; i++) {
                const V1__AgentInfo *info = agents->agents[i]->agent_info;
                if (info->id != NULL && strcmp(info->id->value, agent_id) == 0)
                        return info->hostname;
        }
        return agent_id;
}

static const char *name_in(MasterApi__Response__GetFrameworks__Framework *const *list, size_t count, const char *id)
{
        for (size_t i = 0; i < count; i++) {
                const V1__FrameworkInfo *info = list[i]->framework_info;
                if (info->id != NULL && strcmp(info->id->value, id) == 0)
                        return info->name;
        }
        return NULL;
}

const char *cluster_framework_name(const struct cluster *cluster, const char *framework_id)
{
        const MasterApi__Response__GetFrameworks *frameworks = cluster->state->get_frameworks;
        if (frameworks == NULL)
                return framework_id;
        const char *name = name_in(frameworks->frameworks, frameworks->n_frameworks, framework_id);
        if (name == NULL)
                name = name_in(frameworks->completed_frameworks, frameworks->n_completed_frameworks, framework_id);
        return name != NULL ? name : framework_id;
}

double cluster_scalar(V1__Resource *const *resources, size_t count, const char *name)
{
        double sum = 0;
        for (size_t i = 0; i < count; i++)
                if (resources[i]->scalar != NULL && strcmp(resources[i]->name, name) == 0)
                        sum += resources[i]->scalar->value;
        return sum;
}

const char *cluster_age(double since, char ret[static 32])
{
        double seconds = difftime(time(NULL), (time_t) since);
        if (seconds < 0)
                seconds = 0;
        if (seconds < 120)
                snprintf(ret, 32, "%.0fs", seconds);
        else if (seconds < 7200)
                snprintf(ret, 32, "%.0fm", seconds / 60);
        else if (seconds < 172800)
                snprintf(ret, 32, "%.0fh", seconds / 3600);
        else
                snprintf(ret, 32, "%.0fd", seconds / 86400);
        return ret;
}

int cluster_print_json(const void *message)
{
        json_t *json = message != NULL ? proto_to_json(message) : json_object();
        json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(json);
        return CLI_OK;
}
