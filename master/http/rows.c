/* SPDX-License-Identifier: Apache-2.0 */
#include "http/rows.h"

#include <proto/attributes.h>
#include <proto/json.h>
#include <proto/resources.h>
#include <proto/task_state.h>
#include <stdlib.h>
#include <string.h>

/* ---- small parts -------------------------------------------------------------------------------- */

static void set_text(json_t *object, const char *key, const char *text)
{
        if (text != NULL)
                json_object_set_new(object, key, json_string(text));
}

static void set_message(json_t *object, const char *key, const void *message)
{
        if (message != NULL)
                json_object_set_new(object, key, proto_to_json(message));
}

static void set_time(json_t *object, const char *key, const V1__TimeInfo *time)
{
        if (time != NULL)
                json_object_set_new(object, key, json_real((double) time->nanoseconds / 1e9));
}

static void set_labels(json_t *object, const V1__Labels *labels)
{
        if (labels == NULL)
                return;
        json_t *list = json_array();
        for (size_t i = 0; i < labels->n_labels; i++)
                json_array_append_new(list, proto_to_json(labels->labels[i]));
        json_object_set_new(object, "labels", list);
}

static struct resources *resources_of(V1__Resource *const *list, size_t count)
{
        struct resources *resources = NULL;
        if (resources_from_v1(list, count, &resources, NULL) != 0)
                return resources_new();
        return resources;
}

json_t *row_resources(V1__Resource *const *list, size_t count)
{
        CLEANUP(resources_freep) struct resources *resources = resources_of(list, count);
        return resources_to_legacy_json(resources);
}

static json_t *full_list(V1__Resource *const *list, size_t count)
{
        json_t *array = json_array();
        for (size_t i = 0; i < count; i++)
                json_array_append_new(array, proto_to_json(list[i]));
        return array;
}

/* ---- agents -------------------------------------------------------------------------------------- */

static bool is_reserved_to(void *arg, const V1__Resource *entry)
{
        return entry->n_reservations > 0 &&
               strcmp(entry->reservations[entry->n_reservations - 1]->role, arg) == 0;
}

struct reservations {
        const struct resources *total;
        json_t *by_role;
};

static bool add_reservation(void *arg, const V1__Resource *entry)
{
        struct reservations *reservations = arg;
        if (entry->n_reservations == 0)
                return true;
        const char *role = entry->reservations[entry->n_reservations - 1]->role;
        if (role == NULL || json_object_get(reservations->by_role, role) != NULL)
                return true;
        CLEANUP(resources_freep)
        struct resources *of_role = resources_filter(reservations->total, is_reserved_to, (void *) role);
        json_object_set_new(reservations->by_role, role, resources_to_legacy_json(of_role));
        return true;
}

static json_t *attribute_value(const V1__Attribute *attribute)
{
        if (attribute->scalar != NULL)
                return json_real(attribute->scalar->value);
        if (attribute->text != NULL)
                return json_string(attribute->text->value);
        V1__Attribute *one = (V1__Attribute *) attribute;
        char *text = attributes_print(&one, 1); /* "name:[1-2]" */
        const char *value = strchr(text, ':');
        json_t *json = json_string(value != NULL ? value + 1 : "");
        free(text);
        return json;
}

static void set_agent_resources(json_t *row, const MasterApi__Response__GetAgents__Agent *agent)
{
        CLEANUP(resources_freep)
        struct resources *total = resources_of(agent->total_resources, agent->n_total_resources);
        CLEANUP(resources_freep) struct resources *unreserved = resources_unreserved(total);
        struct reservations reservations = {total, json_object()};
        resources_each(total, add_reservation, &reservations);
        json_object_set_new(row, "resources", resources_to_legacy_json(total));
        json_object_set_new(row, "used_resources",
                            row_resources(agent->allocated_resources, agent->n_allocated_resources));
        json_object_set_new(row, "offered_resources",
                            row_resources(agent->offered_resources, agent->n_offered_resources));
        json_object_set_new(row, "reserved_resources", reservations.by_role);
        json_object_set_new(row, "unreserved_resources", resources_to_legacy_json(unreserved));
        json_object_set_new(row, "used_resources_full",
                            full_list(agent->allocated_resources, agent->n_allocated_resources));
        json_object_set_new(row, "offered_resources_full",
                            full_list(agent->offered_resources, agent->n_offered_resources));
}

json_t *row_agent(const MasterApi__Response__GetAgents__Agent *agent)
{
        const V1__AgentInfo *info = agent->agent_info;
        json_t *row = json_object();
        set_text(row, "id", info->id->value);
        set_text(row, "hostname", info->hostname);
        json_object_set_new(row, "port", json_integer(info->port));
        json_t *attributes = json_object();
        for (size_t i = 0; i < info->n_attributes; i++)
                json_object_set_new(attributes, info->attributes[i]->name,
                                    attribute_value(info->attributes[i]));
        json_object_set_new(row, "attributes", attributes);
        set_message(row, "domain", info->domain);
        set_text(row, "pid", agent->pid);
        set_time(row, "registered_time", agent->registered_time);
        set_time(row, "reregistered_time", agent->reregistered_time);
        set_agent_resources(row, agent);
        json_object_set_new(row, "active", json_boolean(agent->active));
        json_object_set_new(row, "deactivated", json_false());
        set_text(row, "version", agent->version);
        json_t *capabilities = json_array();
        for (size_t i = 0; i < agent->n_capabilities; i++)
                json_array_append_new(capabilities, json_string(proto_enum_name(
                                                            &v1__agent_info__capability__type__descriptor,
                                                            (int) agent->capabilities[i]->type)));
        json_object_set_new(row, "capabilities", capabilities);
        return row;
}

/* ---- frameworks ----------------------------------------------------------------------------------- */

static void set_roles(json_t *row, const V1__FrameworkInfo *info)
{
        if (!framework_has_capability(info, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__MULTI_ROLE) &&
            info->n_roles == 0) {
                set_text(row, "role", info->role);
                return;
        }
        json_t *roles = json_array();
        for (size_t i = 0; i < info->n_roles; i++)
                json_array_append_new(roles, json_string(info->roles[i]));
        json_object_set_new(row, "roles", roles);
}

static json_t *framework_capabilities(const V1__FrameworkInfo *info)
{
        json_t *capabilities = json_array();
        for (size_t i = 0; i < info->n_capabilities; i++)
                json_array_append_new(capabilities, json_string(proto_enum_name(
                                                            &v1__framework_info__capability__type__descriptor,
                                                            (int) info->capabilities[i]->type)));
        return capabilities;
}

static void set_framework_resources(json_t *row,
                                    const MasterApi__Response__GetFrameworks__Framework *framework)
{
        CLEANUP(resources_freep)
        struct resources *used =
                resources_of(framework->allocated_resources, framework->n_allocated_resources);
        CLEANUP(resources_freep)
        struct resources *offered =
                resources_of(framework->offered_resources, framework->n_offered_resources);
        json_object_set_new(row, "used_resources", resources_to_legacy_json(used));
        json_object_set_new(row, "offered_resources", resources_to_legacy_json(offered));
        resources_add(used, offered);
        json_object_set_new(row, "resources", resources_to_legacy_json(used));
}

json_t *row_framework(const MasterApi__Response__GetFrameworks__Framework *framework)
{
        const V1__FrameworkInfo *info = framework->framework_info;
        json_t *row = json_object();
        set_text(row, "id", info->id->value);
        set_text(row, "name", info->name);
        set_framework_resources(row, framework);
        json_object_set_new(row, "capabilities", framework_capabilities(info));
        set_text(row, "hostname", info->hostname != NULL ? info->hostname : "");
        set_text(row, "webui_url", info->webui_url != NULL ? info->webui_url : "");
        json_object_set_new(row, "active", json_boolean(framework->active));
        json_object_set_new(row, "connected", json_boolean(framework->connected));
        json_object_set_new(row, "recovered", json_boolean(framework->recovered));
        set_text(row, "user", info->user);
        json_object_set_new(row, "failover_timeout", json_real(info->failover_timeout));
        json_object_set_new(row, "checkpoint", json_boolean(info->checkpoint));
        set_time(row, "registered_time", framework->registered_time);
        set_time(row, "reregistered_time", framework->reregistered_time);
        set_time(row, "unregistered_time", framework->unregistered_time);
        set_text(row, "principal", info->principal);
        set_roles(row, info);
        set_labels(row, info->labels);
        return row;
}

/* ---- tasks, executors, offers ----------------------------------------------------------------------- */

static json_t *status_of(const V1__TaskStatus *status)
{
        json_t *row = json_object();
        set_text(row, "state", task_state_name(status->state));
        if (status->has_timestamp)
                json_object_set_new(row, "timestamp", json_real(status->timestamp));
        set_labels(row, status->labels);
        set_message(row, "container_status", status->container_status);
        if (status->has_healthy)
                json_object_set_new(row, "healthy", json_boolean(status->healthy));
        return row;
}

json_t *row_task(const V1__Task *task)
{
        json_t *row = json_object();
        set_text(row, "id", task->task_id->value);
        set_text(row, "name", task->name);
        set_text(row, "framework_id", task->framework_id->value);
        set_text(row, "executor_id", task->executor_id != NULL ? task->executor_id->value : "");
        set_text(row, "slave_id", task->agent_id->value);
        set_text(row, "state", task_state_name(task->state));
        json_object_set_new(row, "resources", row_resources(task->resources, task->n_resources));
        if (task->n_resources > 0 && task->resources[0]->allocation_info != NULL)
                set_text(row, "role", task->resources[0]->allocation_info->role);
        json_t *statuses = json_array();
        for (size_t i = 0; i < task->n_statuses; i++)
                json_array_append_new(statuses, status_of(task->statuses[i]));
        json_object_set_new(row, "statuses", statuses);
        set_labels(row, task->labels);
        set_message(row, "discovery", task->discovery);
        set_message(row, "container", task->container);
        set_message(row, "health_check", task->health_check);
        set_text(row, "user", task->user);
        return row;
}

json_t *row_executor(const MasterApi__Response__GetExecutors__Executor *executor)
{
        const V1__ExecutorInfo *info = executor->executor_info;
        json_t *row = json_object();
        set_text(row, "executor_id", info->executor_id->value);
        set_text(row, "name", info->name != NULL ? info->name : "");
        set_text(row, "source", info->source != NULL ? info->source : "");
        set_text(row, "framework_id", info->framework_id != NULL ? info->framework_id->value : "");
        set_text(row, "slave_id", executor->agent_id->value);
        set_message(row, "command", info->command);
        json_object_set_new(row, "resources", row_resources(info->resources, info->n_resources));
        set_labels(row, info->labels);
        return row;
}

json_t *row_offer(const V1__Offer *offer)
{
        json_t *row = json_object();
        set_text(row, "id", offer->id->value);
        set_text(row, "framework_id", offer->framework_id->value);
        set_text(row, "slave_id", offer->agent_id->value);
        set_message(row, "allocation_info", offer->allocation_info);
        json_object_set_new(row, "resources", row_resources(offer->resources, offer->n_resources));
        return row;
}
