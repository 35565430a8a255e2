/* SPDX-License-Identifier: Apache-2.0 */
/* answers.c — master.Response messages out of a snapshot.
 *
 * A response points into the snapshot's rows (infos, tasks, offers) and holds the snapshot, so that an answer
 * about 100,000 tasks costs 100,000 pointers; only what is computed (sums, times) is made in its arena. */
#include "state/answers.h"
#include "state/sums.h"

#include <proto/copy.h>
#include <proto/task_state.h>
#include <string.h>

struct answer {
        MasterApi__Response *msg;
        const struct snapshot *snapshot;
        const struct answer_facts *facts;
        struct sums *sums; /* NULL for answers that need none */
};

static V1__TimeInfo *time_of(void *msg, int64_t wall_ns)
{
        if (wall_ns == 0)
                return NULL;
        V1__TimeInfo *time = proto_new(msg, &v1__time_info__descriptor);
        time->nanoseconds = wall_ns;
        return time;
}

/* Room for a whole table at once: arrays of answers are as long as their tables. */
static void *array_for(const struct answer *a, const struct row_set *set)
{
        return actor_msg_alloc(a->msg, (set->count + 1) * sizeof(void *));
}

/* ---- agents --------------------------------------------------------------------------------------- */

MasterApi__Response__GetAgents__Agent *answer_agent(void *msg, const struct state_agent *row)
{
        MasterApi__Response__GetAgents__Agent *agent =
                proto_new(msg, &master_api__response__get_agents__agent__descriptor);
        agent->agent_info = (V1__AgentInfo *) row->info;
        agent->active = row->active;
        agent->version = row->version != NULL ? row->version : "";
        agent->pid = row->address;
        agent->registered_time = time_of(msg, row->registered_ns);
        agent->reregistered_time = time_of(msg, row->reregistered_ns);
        if (row->total != NULL)
                resources_to_v1(row->total, msg, &agent->n_total_resources, &agent->total_resources);
        agent->capabilities = (V1__AgentInfo__Capability **) row->capabilities;
        agent->n_capabilities = row->capability_count;
        return agent;
}

static MasterApi__Response__GetAgents__Agent *agent_of(const struct answer *a, const struct state_agent *row)
{
        MasterApi__Response__GetAgents__Agent *agent = answer_agent(a->msg, row);
        const struct sum *sum = sums_find(a->sums->agents, row->info->id->value);
        if (sum != NULL) {
                resources_to_v1(sum->allocated, a->msg, &agent->n_allocated_resources,
                                &agent->allocated_resources);
                resources_to_v1(sum->offered, a->msg, &agent->n_offered_resources, &agent->offered_resources);
        }
        return agent;
}

static MasterApi__Response__GetAgents *agents_of(const struct answer *a)
{
        MasterApi__Response__GetAgents *agents =
                proto_new(a->msg, &master_api__response__get_agents__descriptor);
        agents->agents = array_for(a, &a->snapshot->agents);
        const struct state_agent *row;
        ROWS_EACH(&a->snapshot->agents, cursor, row)
        {
                agents->agents[agents->n_agents++] = agent_of(a, row);
        }
        return agents;
}

/* ---- frameworks ----------------------------------------------------------------------------------- */

/* Frameworks by id, to hang their offers on. */
struct framework_entry {
        const char *id;
        MasterApi__Response__GetFrameworks__Framework *framework;
        UT_hash_handle hh;
};

MasterApi__Response__GetFrameworks__Framework *answer_framework(void *msg, const struct state_framework *row)
{
        MasterApi__Response__GetFrameworks__Framework *framework =
                proto_new(msg, &master_api__response__get_frameworks__framework__descriptor);
        framework->framework_info = (V1__FrameworkInfo *) row->info;
        framework->active = row->active;
        framework->connected = row->connected;
        framework->recovered = row->recovered;
        framework->registered_time = time_of(msg, row->registered_ns);
        framework->reregistered_time = time_of(msg, row->reregistered_ns);
        framework->unregistered_time = time_of(msg, row->unregistered_ns);
        return framework;
}

static MasterApi__Response__GetFrameworks__Framework *framework_of(const struct answer *a,
                                                                   const struct state_framework *row)
{
        MasterApi__Response__GetFrameworks__Framework *framework = answer_framework(a->msg, row);
        const struct sum *sum = sums_find(a->sums->frameworks, row->info->id->value);
        if (sum != NULL) {
                resources_to_v1(sum->allocated, a->msg, &framework->n_allocated_resources,
                                &framework->allocated_resources);
                resources_to_v1(sum->offered, a->msg, &framework->n_offered_resources,
                                &framework->offered_resources);
        }
        return framework;
}

static void hang_offers(const struct answer *a, struct framework_entry *index)
{
        const struct state_offer *row;
        ROWS_EACH(&a->snapshot->offers, cursor, row)
        {
                struct framework_entry *entry = NULL;
                HASH_FIND_STR(index, row->offer->framework_id->value, entry);
                if (entry != NULL)
                        PROTO_APPEND(a->msg, entry->framework->n_offers, entry->framework->offers,
                                     (V1__Offer *) row->offer);
        }
}

static MasterApi__Response__GetFrameworks *frameworks_of(const struct answer *a)
{
        MasterApi__Response__GetFrameworks *frameworks =
                proto_new(a->msg, &master_api__response__get_frameworks__descriptor);
        frameworks->frameworks = array_for(a, &a->snapshot->frameworks);
        frameworks->completed_frameworks = array_for(a, &a->snapshot->completed_frameworks);
        struct framework_entry *index = NULL, *entry, *next;
        const struct state_framework *row;
        ROWS_EACH(&a->snapshot->frameworks, cursor, row)
        {
                entry = actor_zalloc(sizeof *entry);
                entry->id = row->info->id->value;
                entry->framework = framework_of(a, row);
                HASH_ADD_KEYPTR(hh, index, entry->id, strlen(entry->id), entry);
                frameworks->frameworks[frameworks->n_frameworks++] = entry->framework;
        }
        ROWS_EACH(&a->snapshot->completed_frameworks, cursor, row)
        {
                frameworks->completed_frameworks[frameworks->n_completed_frameworks++] = framework_of(a, row);
        }
        hang_offers(a, index);
        HASH_ITER(hh, index, entry, next)
        {
                HASH_DEL(index, entry);
                free(entry);
        }
        return frameworks;
}

/* ---- tasks and executors --------------------------------------------------------------------------- */

static MasterApi__Response__GetTasks *tasks_of(const struct answer *a)
{
        MasterApi__Response__GetTasks *tasks =
                proto_new(a->msg, &master_api__response__get_tasks__descriptor);
        tasks->tasks = array_for(a, &a->snapshot->tasks);
        tasks->unreachable_tasks = array_for(a, &a->snapshot->tasks);
        tasks->completed_tasks = array_for(a, &a->snapshot->completed_tasks);
        const struct state_task *row;
        ROWS_EACH(&a->snapshot->tasks, cursor, row)
        {
                if (row->unreachable)
                        tasks->unreachable_tasks[tasks->n_unreachable_tasks++] = (V1__Task *) row->task;
                else
                        tasks->tasks[tasks->n_tasks++] = (V1__Task *) row->task;
        }
        ROWS_EACH(&a->snapshot->completed_tasks, cursor, row)
        {
                tasks->completed_tasks[tasks->n_completed_tasks++] = (V1__Task *) row->task;
        }
        return tasks;
}

static MasterApi__Response__GetExecutors *executors_of(const struct answer *a)
{
        MasterApi__Response__GetExecutors *executors =
                proto_new(a->msg, &master_api__response__get_executors__descriptor);
        executors->executors = array_for(a, &a->snapshot->executors);
        const struct state_executor *row;
        ROWS_EACH(&a->snapshot->executors, cursor, row)
        {
                MasterApi__Response__GetExecutors__Executor *executor =
                        proto_new(a->msg, &master_api__response__get_executors__executor__descriptor);
                executor->executor_info = (V1__ExecutorInfo *) row->executor;
                executor->agent_id = proto_agent_id(a->msg, row->agent_id);
                executors->executors[executors->n_executors++] = executor;
        }
        return executors;
}

/* ---- roles and weights ------------------------------------------------------------------------------ */

struct role_entry {
        const char *name;
        V1__Role *role;
        UT_hash_handle hh;
};

static V1__Role *role_for(const struct answer *a, struct role_entry **index,
                          MasterApi__Response__GetRoles *roles, const char *name)
{
        struct role_entry *entry = NULL;
        HASH_FIND_STR(*index, name, entry);
        if (entry != NULL)
                return entry->role;
        entry = actor_zalloc(sizeof *entry);
        entry->name = name;
        entry->role = proto_new(a->msg, &v1__role__descriptor);
        entry->role->name = name;
        entry->role->weight = 1.0;
        const struct sum *sum = sums_find(a->sums->roles, name);
        if (sum != NULL) {
                CLEANUP(resources_freep) struct resources *held = resources_copy(sum->allocated);
                resources_add(held, sum->offered);
                resources_to_v1(held, a->msg, &entry->role->n_resources, &entry->role->resources);
        }
        HASH_ADD_KEYPTR(hh, *index, entry->name, strlen(entry->name), entry);
        PROTO_APPEND(a->msg, roles->n_roles, roles->roles, entry->role);
        return entry->role;
}

static void add_framework_roles(const struct answer *a, struct role_entry **index,
                                MasterApi__Response__GetRoles *roles, const V1__FrameworkInfo *info)
{
        bool single = info->n_roles == 0 &&
                      !framework_has_capability(info, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__MULTI_ROLE);
        const char *const *names = single ? &info->role : (const char *const *) info->roles;
        for (size_t i = 0; i < (single ? 1 : info->n_roles); i++) {
                V1__Role *role = role_for(a, index, roles, names[i]);
                PROTO_APPEND(a->msg, role->n_frameworks, role->frameworks, info->id);
        }
}

static MasterApi__Response__GetRoles *roles_of(const struct answer *a)
{
        MasterApi__Response__GetRoles *roles =
                proto_new(a->msg, &master_api__response__get_roles__descriptor);
        struct role_entry *index = NULL, *entry, *next;
        const struct state_weight *weight;
        ROWS_EACH(&a->snapshot->weights, cursor, weight)
        {
                role_for(a, &index, roles, weight->role)->weight = weight->weight;
        }
        const struct state_framework *framework;
        ROWS_EACH(&a->snapshot->frameworks, cursor, framework)
        {
                add_framework_roles(a, &index, roles, framework->info);
        }
        HASH_ITER(hh, index, entry, next)
        {
                HASH_DEL(index, entry);
                free(entry);
        }
        return roles;
}

static MasterApi__Response__GetWeights *weights_of(const struct answer *a)
{
        MasterApi__Response__GetWeights *weights =
                proto_new(a->msg, &master_api__response__get_weights__descriptor);
        const struct state_weight *row;
        ROWS_EACH(&a->snapshot->weights, cursor, row)
        {
                V1__WeightInfo *weight = proto_new(a->msg, &v1__weight_info__descriptor);
                weight->role = row->role;
                weight->weight = row->weight;
                PROTO_APPEND(a->msg, weights->n_weight_infos, weights->weight_infos, weight);
        }
        return weights;
}

/* ---- the master itself ------------------------------------------------------------------------------- */

static MasterApi__Response__GetMaster *master_of(const struct answer *a)
{
        MasterApi__Response__GetMaster *master =
                proto_new(a->msg, &master_api__response__get_master__descriptor);
        master->master_info = proto_copy(a->msg, a->facts->master);
        master->has_start_time = true;
        master->start_time = (double) a->facts->started_ns / 1e9;
        master->has_elected_time = a->facts->elected_ns != 0;
        master->elected_time = (double) a->facts->elected_ns / 1e9;
        return master;
}

static MasterApi__Response__GetFlags *flags_of(const struct answer *a)
{
        MasterApi__Response__GetFlags *flags =
                proto_new(a->msg, &master_api__response__get_flags__descriptor);
        const struct actor_flag *flag = a->facts->flags != NULL ? a->facts->flags->flags : NULL;
        for (; flag != NULL && flag->name != NULL; flag++) {
                char value[1024];
                actor_flag_value(flag, a->facts->flag_values, value, sizeof value);
                V1__Flag *row = proto_new(a->msg, &v1__flag__descriptor);
                row->name = flag->name;
                row->value = actor_msg_strdup(a->msg, value);
                PROTO_APPEND(a->msg, flags->n_flags, flags->flags, row);
        }
        return flags;
}

static MasterApi__Response__GetVersion *version_of(const struct answer *a)
{
        MasterApi__Response__GetVersion *version =
                proto_new(a->msg, &master_api__response__get_version__descriptor);
        version->version_info = proto_new(a->msg, &v1__version_info__descriptor);
        version->version_info->version = TROUPE_VERSION;
        return version;
}

/* A room's table, as its values are at this moment. */
static void add_metrics(const struct answer *a, MasterApi__Response__GetMetrics *metrics,
                        const struct actor_metric_table *table)
{
        for (size_t i = 0; i < table->count; i++) {
                const void *at = (const char *) table->values + table->metrics[i].offset;
                V1__Metric *metric = proto_new(a->msg, &v1__metric__descriptor);
                metric->name = table->metrics[i].name;
                metric->has_value = true;
                metric->value =
                        (double) atomic_load_explicit((const actor_metric_value *) at, memory_order_relaxed);
                PROTO_APPEND(a->msg, metrics->n_metrics, metrics->metrics, metric);
        }
}

static MasterApi__Response__GetMetrics *metrics_of(const struct answer *a)
{
        MasterApi__Response__GetMetrics *metrics =
                proto_new(a->msg, &master_api__response__get_metrics__descriptor);
        for (size_t i = 0; i < a->facts->table_count; i++)
                add_metrics(a, metrics, &a->facts->tables[i]);
        return metrics;
}

/* ---- which answer ------------------------------------------------------------------------------------- */

static void answer_state(const struct answer *a)
{
        MasterApi__Response__GetState *state =
                proto_new(a->msg, &master_api__response__get_state__descriptor);
        state->get_tasks = tasks_of(a);
        state->get_executors = executors_of(a);
        state->get_frameworks = frameworks_of(a);
        state->get_agents = agents_of(a);
        a->msg->get_state = state;
}

static void answer_agents(const struct answer *a)
{
        a->msg->get_agents = agents_of(a);
}

static void answer_frameworks(const struct answer *a)
{
        a->msg->get_frameworks = frameworks_of(a);
}

static void answer_executors(const struct answer *a)
{
        a->msg->get_executors = executors_of(a);
}

static void answer_tasks(const struct answer *a)
{
        a->msg->get_tasks = tasks_of(a);
}

static void answer_operations(const struct answer *a)
{
        a->msg->get_operations = proto_new(a->msg, &master_api__response__get_operations__descriptor);
}

static void answer_roles(const struct answer *a)
{
        a->msg->get_roles = roles_of(a);
}

static void answer_weights(const struct answer *a)
{
        a->msg->get_weights = weights_of(a);
}

static void answer_master(const struct answer *a)
{
        a->msg->get_master = master_of(a);
}

static void answer_flags(const struct answer *a)
{
        a->msg->get_flags = flags_of(a);
}

static void answer_version(const struct answer *a)
{
        a->msg->get_version = version_of(a);
}

static void answer_metrics(const struct answer *a)
{
        a->msg->get_metrics = metrics_of(a);
}

static void answer_health(const struct answer *a)
{
        a->msg->get_health = proto_new(a->msg, &master_api__response__get_health__descriptor);
        a->msg->get_health->healthy = true;
}

static const struct question {
        MasterApi__Call__Type call;
        MasterApi__Response__Type response;
        bool needs_sums;
        void (*answer)(const struct answer *a);
} questions[] = {
#define QUESTION(name, needs_sums, answer)                                                             \
        {                                                                                              \
                MASTER_API__CALL__TYPE__##name, MASTER_API__RESPONSE__TYPE__##name, needs_sums, answer \
        }
        QUESTION(GET_HEALTH, false, answer_health),       QUESTION(GET_FLAGS, false, answer_flags),
        QUESTION(GET_VERSION, false, answer_version),     QUESTION(GET_STATE, true, answer_state),
        QUESTION(GET_AGENTS, true, answer_agents),        QUESTION(GET_FRAMEWORKS, true, answer_frameworks),
        QUESTION(GET_EXECUTORS, false, answer_executors), QUESTION(GET_OPERATIONS, false, answer_operations),
        QUESTION(GET_TASKS, false, answer_tasks),         QUESTION(GET_ROLES, true, answer_roles),
        QUESTION(GET_WEIGHTS, false, answer_weights),     QUESTION(GET_MASTER, false, answer_master),
        QUESTION(GET_METRICS, false, answer_metrics),
#undef QUESTION
};

MasterApi__Response *answer_make(const struct snapshot *snapshot, const struct answer_facts *facts,
                                 MasterApi__Call__Type type)
{
        MasterApi__Response *msg = actor_msg_new(&master_response_type);
        actor_msg_hold(msg, snapshot);
        for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
                const struct question *question = &questions[i];
                if (question->call != type)
                        continue;
                struct sums sums = {0};
                if (question->needs_sums)
                        sums_make(&sums, snapshot);
                msg->has_type = true;
                msg->type = question->response;
                question->answer(&(struct answer){msg, snapshot, facts, &sums});
                sums_done(&sums);
                return msg;
        }
        msg->has_type = true;
        msg->type = MASTER_API__RESPONSE__TYPE__UNKNOWN;
        return msg;
}
