/* SPDX-License-Identifier: Apache-2.0 */
/* render.c — legacy JSON documents.
 *
 * /state nests tasks, executors and offers in their frameworks, while the answers list them flat; so
 * each list is first sorted into frameworks (pointers only), then everything is written once, row
 * by row. What belongs to a framework that is not listed is not shown, as in the reference. */
#include "http/render.h"
#include <actor/hash_table.h>
#include "http/rows.h"

#include <proto/json.h>
#include <string.h>

/* ---- what belongs to a framework ------------------------------------------------------------------ */

struct list {
        const void **rows;
        size_t count, capacity;
};

struct framework {
        const char *id;
        struct list tasks, unreachable_tasks, completed_tasks, executors;
        UT_hash_handle hh;
};

static void add_frameworks(struct framework **index,
                           MasterApi__Response__GetFrameworks__Framework *const *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const char *id = list[i]->framework_info->id->value;
                struct framework *framework = NULL;
                HASH_FIND_STR(*index, id, framework);
                if (framework != NULL)
                        continue;
                framework = actor_zalloc(sizeof *framework);
                framework->id = id;
                HASH_ADD_KEYPTR(hh, *index, framework->id, strlen(framework->id), framework);
        }
}

static struct framework *framework_find(struct framework *index, const char *id)
{
        struct framework *framework = NULL;
        HASH_FIND_STR(index, id, framework);
        return framework;
}

static void list_add(struct list *list, const void *row)
{
        ACTOR_ARRAY_RESERVE(list->rows, list->count, list->capacity);
        list->rows[list->count++] = row;
}

/* `list_offset`: of the struct list in struct framework. */
static void add_tasks(struct framework *index, V1__Task *const *tasks, size_t count, size_t list_offset)
{
        for (size_t i = 0; i < count; i++) {
                struct framework *framework = framework_find(index, tasks[i]->framework_id->value);
                if (framework != NULL)
                        list_add((struct list *) (void *) ((char *) framework + list_offset), tasks[i]);
        }
}

static void add_executors(struct framework *index, const MasterApi__Response__GetExecutors *executors)
{
        for (size_t i = 0; i < executors->n_executors; i++) {
                const V1__FrameworkID *id = executors->executors[i]->executor_info->framework_id;
                struct framework *framework = id != NULL ? framework_find(index, id->value) : NULL;
                if (framework != NULL)
                        list_add(&framework->executors, executors->executors[i]);
        }
}

static struct framework *sort_into_frameworks(const MasterApi__Response__GetState *state)
{
        const MasterApi__Response__GetFrameworks *frameworks = state->get_frameworks;
        const MasterApi__Response__GetTasks *tasks = state->get_tasks;
        struct framework *index = NULL;
        add_frameworks(&index, frameworks->frameworks, frameworks->n_frameworks);
        add_frameworks(&index, frameworks->completed_frameworks, frameworks->n_completed_frameworks);
        add_tasks(index, tasks->tasks, tasks->n_tasks, offsetof(struct framework, tasks));
        add_tasks(index, tasks->unreachable_tasks, tasks->n_unreachable_tasks,
                  offsetof(struct framework, unreachable_tasks));
        add_tasks(index, tasks->completed_tasks, tasks->n_completed_tasks,
                  offsetof(struct framework, completed_tasks));
        add_executors(index, state->get_executors);
        return index;
}

static void index_free(struct framework *index)
{
        struct framework *framework, *next;
        HASH_ITER(hh, index, framework, next)
        {
                HASH_DEL(index, framework);
                free(framework->tasks.rows);
                free(framework->unreachable_tasks.rows);
                free(framework->completed_tasks.rows);
                free(framework->executors.rows);
                free(framework);
        }
}

/* ---- lists ------------------------------------------------------------------------------------------ */

static void write_tasks(struct text *text, const char *name, const struct list *tasks)
{
        text_open_list(text, name);
        for (size_t i = 0; i < tasks->count; i++) {
                text_next(text);
                text_add_json(text, row_task(tasks->rows[i]));
        }
        text_close_list(text);
}

static void write_framework(struct text *text, struct framework *index,
                            const MasterApi__Response__GetFrameworks__Framework *framework)
{
        const struct framework *of = framework_find(index, framework->framework_info->id->value);
        text_open_object(text, row_framework(framework));
        write_tasks(text, "tasks", &of->tasks);
        write_tasks(text, "unreachable_tasks", &of->unreachable_tasks);
        write_tasks(text, "completed_tasks", &of->completed_tasks);
        text_open_list(text, "offers");
        for (size_t i = 0; i < framework->n_offers; i++) {
                text_next(text);
                text_add_json(text, row_offer(framework->offers[i]));
        }
        text_close_list(text);
        text_open_list(text, "executors");
        for (size_t i = 0; i < of->executors.count; i++) {
                text_next(text);
                text_add_json(text, row_executor(of->executors.rows[i]));
        }
        text_close_list(text);
        text_close_object(text);
}

static void write_frameworks(struct text *text, const char *name, struct framework *index,
                             MasterApi__Response__GetFrameworks__Framework *const *list, size_t count)
{
        text_open_list(text, name);
        for (size_t i = 0; i < count; i++) {
                text_next(text);
                write_framework(text, index, list[i]);
        }
        text_close_list(text);
}

static void write_agents(struct text *text, const MasterApi__Response__GetAgents *agents)
{
        text_open_list(text, "slaves");
        for (size_t i = 0; i < agents->n_agents; i++) {
                text_next(text);
                text_add_json(text, row_agent(agents->agents[i]));
        }
        text_close_list(text);
}

static void write_empty(struct text *text, const char *name)
{
        text_open_list(text, name);
        text_close_list(text);
}

/* ---- the documents ------------------------------------------------------------------------------------ */

static void set_text(json_t *object, const char *key, const char *value)
{
        if (value != NULL)
                json_object_set_new(object, key, json_string(value));
}

static size_t active_count(const MasterApi__Response__GetAgents *agents)
{
        size_t count = 0;
        for (size_t i = 0; i < agents->n_agents; i++)
                count += agents->agents[i]->active;
        return count;
}

static const char *flag_value(const MasterApi__Response__GetFlags *flags, const char *name)
{
        for (size_t i = 0; i < flags->n_flags; i++)
                if (strcmp(flags->flags[i]->name, name) == 0 && *flags->flags[i]->value != '\0')
                        return flags->flags[i]->value;
        return NULL;
}

static json_t *flags_object(const MasterApi__Response__GetFlags *flags)
{
        json_t *object = json_object();
        for (size_t i = 0; i < flags->n_flags; i++)
                json_object_set_new(object, flags->flags[i]->name, json_string(flags->flags[i]->value));
        return object;
}

static void set_master(json_t *head, const MasterApi__Response__GetMaster *master)
{
        const V1__MasterInfo *info = master->master_info;
        json_object_set_new(head, "start_time", json_real(master->start_time));
        if (master->has_elected_time)
                json_object_set_new(head, "elected_time", json_real(master->elected_time));
        set_text(head, "id", info->id);
        set_text(head, "pid", info->pid);
        set_text(head, "hostname", info->hostname);
        json_object_set_new(head, "capabilities", json_array());
        if (info->domain != NULL)
                json_object_set_new(head, "domain", proto_to_json(info->domain));
        if (master->has_elected_time) {
                set_text(head, "leader", info->pid);
                json_object_set_new(head, "leader_info", proto_to_json(info));
        }
}

/* 0 for a metric that is not kept. */
static json_int_t metric_value(const MasterApi__Response__GetMetrics *metrics, const char *name)
{
        for (size_t i = 0; i < metrics->n_metrics; i++)
                if (strcmp(metrics->metrics[i]->name, name) == 0)
                        return (json_int_t) metrics->metrics[i]->value;
        return 0;
}

static void set_agent_counts(json_t *head, const struct render_answers *answers)
{
        const MasterApi__Response__GetAgents *agents = answers->state->get_agents;
        size_t active = active_count(agents);
        json_object_set_new(head, "activated_slaves", json_integer((json_int_t) active));
        json_object_set_new(head, "deactivated_slaves",
                            json_integer((json_int_t) (agents->n_agents - active)));
        json_object_set_new(head, "unreachable_slaves",
                            json_integer(metric_value(answers->metrics, "state/agents_unreachable")));
}

static json_t *state_head(const struct render_answers *answers)
{
        json_t *head = json_object();
        set_text(head, "version", TROUPE_VERSION);
        set_master(head, answers->master);
        set_agent_counts(head, answers);
        set_text(head, "cluster", flag_value(answers->flags, "cluster"));
        set_text(head, "log_dir", flag_value(answers->flags, "log_dir"));
        json_object_set_new(head, "flags", flags_object(answers->flags));
        return head;
}

void render_state(const struct render_answers *answers, struct text *ret)
{
        const MasterApi__Response__GetState *all = answers->state;
        struct framework *index = sort_into_frameworks(all);
        const MasterApi__Response__GetFrameworks *frameworks = all->get_frameworks;
        text_open_object(ret, state_head(answers));
        write_agents(ret, all->get_agents);
        write_empty(ret, "recovered_slaves");
        write_frameworks(ret, "frameworks", index, frameworks->frameworks, frameworks->n_frameworks);
        write_frameworks(ret, "completed_frameworks", index, frameworks->completed_frameworks,
                         frameworks->n_completed_frameworks);
        write_empty(ret, "orphan_tasks");
        write_empty(ret, "unregistered_frameworks");
        text_close_object(ret);
        index_free(index);
}

void render_version(struct text *ret)
{
        json_t *version = json_object();
        set_text(version, "version", TROUPE_VERSION);
        set_text(version, "compiler", __VERSION__);
        text_add_json(ret, version);
}
