/* SPDX-License-Identifier: Apache-2.0 */
#include "http/render.h"

#include <actor/memory.h>
#include <proto/attributes.h>
#include <proto/json.h>
#include <proto/resources.h>
#include <proto/task_state.h>
#include <string.h>

static json_t *render_resources(V1__Resource *const *list, size_t count)
{
        CLEANUP(resources_freep) struct resources *resources = NULL;
        if (resources_from_v1(list, count, &resources, NULL) != 0)
                return json_object();
        return resources_to_legacy_json(resources);
}

static json_t *render_attributes(const V1__AgentInfo *agent)
{
        json_t *object = json_object();
        for (size_t i = 0; i < agent->n_attributes; i++) {
                const V1__Attribute *attribute = agent->attributes[i];
                json_t *value = attribute->scalar ? json_real(attribute->scalar->value)
                                : attribute->text ? json_string(attribute->text->value)
                                                  : proto_to_json(attribute);
                json_object_set_new(object, attribute->name, value);
        }
        return object;
}

static json_t *render_task(const V1__Task *task)
{
        json_t *statuses = json_array();
        for (size_t i = 0; i < task->n_statuses; i++)
                json_array_append_new(statuses, proto_to_json(task->statuses[i]));
        return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "id", task->task_id->value, "name",
                         task->name, "framework_id", task->framework_id->value, "executor_id",
                         task->executor_id ? task->executor_id->value : "", "state",
                         task_state_name(task->state), "resources",
                         render_resources(task->resources, task->n_resources), "statuses", statuses);
}

static json_t *render_executor(const V1__ExecutorInfo *executor)
{
        return json_pack("{s:s, s:s, s:o}", "id", executor->executor_id->value, "name",
                         executor->name ? executor->name : "", "resources",
                         render_resources(executor->resources, executor->n_resources));
}

static json_t *render_framework(const V1__FrameworkInfo *framework, const struct inventory *inventory)
{
        const char *id = framework->id->value;
        json_t *tasks = json_array(), *executors = json_array();
        for (size_t i = 0; i < inventory->task_count; i++)
                if (strcmp(inventory->tasks[i]->framework_id->value, id) == 0)
                        json_array_append_new(tasks, render_task(inventory->tasks[i]));
        for (size_t i = 0; i < inventory->executor_count; i++)
                if (strcmp(inventory->executors[i]->framework_id->value, id) == 0)
                        json_array_append_new(executors, render_executor(inventory->executors[i]));
        return json_pack("{s:s, s:s, s:s, s:b, s:o, s:o}", "id", id, "name", framework->name, "user",
                         framework->user, "checkpoint", (int) framework->checkpoint, "executors", executors,
                         "tasks", tasks);
}

json_t *agent_render_state(const struct agent_session *session, const struct inventory *inventory)
{
        const V1__AgentInfo *agent = session->agent;
        json_t *frameworks = json_array();
        for (size_t i = 0; i < inventory->framework_count; i++)
                json_array_append_new(frameworks, render_framework(inventory->frameworks[i], inventory));
        return json_pack("{s:s, s:s, s:s, s:b, s:s, s:o, s:o, s:o}", "version", TROUPE_VERSION, "id",
                         session->agent_id ? session->agent_id : "", "hostname", agent->hostname,
                         "registered", (int) session->connected, "master", session->master, "resources",
                         render_resources(agent->resources, agent->n_resources), "attributes",
                         render_attributes(agent), "frameworks", frameworks);
}
