/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.c — the latest row of everything.
 *
 * A row is the event that brought it, by reference; an index says in which slot of which table it is.
 * Completed tasks are copied, though: the event of a task refers to the call that launched it and to every
 * update since, which may be far larger than the row, and completed rows stay long. Copied a while after
 * (model_settle()): of a burst most have been forgotten by then.
 *
 * Tasks hang on an entry of their framework, which exists as long as a row of the framework or a task
 * of it does; the entry keeps the order in which its tasks ended or became unreachable, so that the
 * longest ago is forgotten first. */
#include "state/snapshot.h"
#include <actor/hash_table.h>

#include <assert.h>
#include <proto/copy.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>

/* Where the row of a key is. */
struct entry {
        size_t slot;
        struct framework_entry *framework; /* of a task */
        bool unreachable;                  /* a task in its framework's list of those */
        struct entry *prev, *next;         /* in that list */
        UT_hash_handle hh;
        char key[];
};

/* Slots in the order they were filled, at most `capacity`. */
struct ring {
        size_t *slots;
        size_t first, count, capacity;
        size_t fresh; /* the newest of them, whose rows are still the events */
};

struct framework_entry {
        char *id;
        bool has_row, completed; /* `slot` is in frameworks or in completed_frameworks */
        size_t slot;
        struct entry *tasks; /* not completed, by id */
        struct entry *unreachable;
        size_t unreachable_count;
        struct ring completed_tasks;
        struct framework_entry *prev, *next;             /* among the completed */
        struct framework_entry *fresh_prev, *fresh_next; /* among those with fresh completed tasks */
        UT_hash_handle hh;
};

struct model {
        size_t completed_frameworks_max, completed_tasks_max;
        struct state_metrics *metrics;
        struct rows agents, frameworks, completed_frameworks, tasks, completed_tasks, executors, offers,
                weights;
        struct entry *unreachable_agents; /* by id; they have no row */
        struct entry *agent_index, *executor_index, *offer_index, *weight_index;
        struct framework_entry *framework_index;
        struct framework_entry *fresh;     /* those with fresh completed tasks */
        struct framework_entry *completed; /* the oldest first */
        size_t completed_count;
        const struct snapshot *published; /* a reference; NULL: something has changed since */
};

struct model *model_new(size_t completed_frameworks_max, size_t completed_tasks_max,
                        struct state_metrics *metrics)
{
        struct model *model = actor_zalloc(sizeof *model);
        model->completed_frameworks_max = completed_frameworks_max;
        model->completed_tasks_max = completed_tasks_max;
        model->metrics = metrics;
        return model;
}

/* ---- keyed rows ------------------------------------------------------------------------------- */

static struct entry *entry_find(struct entry *index, const char *key)
{
        struct entry *entry = NULL;
        HASH_FIND_STR(index, key, entry);
        return entry;
}

static struct entry *entry_add(struct entry **index, const char *key, size_t slot)
{
        size_t length = strlen(key);
        struct entry *entry = actor_zalloc(sizeof *entry + length + 1);
        memcpy(entry->key, key, length + 1);
        entry->slot = slot;
        HASH_ADD_KEYPTR(hh, *index, entry->key, length, entry);
        return entry;
}

static void entry_free(struct entry **index, struct entry *entry)
{
        HASH_DEL(*index, entry);
        free(entry);
}

/* The common life of a row: new, changed, or gone. */
static void row_set(struct rows *rows, struct entry **index, const char *key, const void *event, bool gone)
{
        struct entry *entry = entry_find(*index, key);
        if (entry != NULL && gone) {
                rows_remove(rows, entry->slot);
                entry_free(index, entry);
        } else if (entry != NULL) {
                rows_replace(rows, entry->slot, actor_msg_ref(event));
        } else if (!gone) {
                entry_add(index, key, rows_add(rows, actor_msg_ref(event)));
        }
}

static void index_free(struct entry **index)
{
        struct entry *entry, *next;
        HASH_ITER(hh, *index, entry, next)
        {
                entry_free(index, entry);
        }
}

static void changed(struct model *model)
{
        model->published = actor_msg_unref(model->published);
        ACTOR_METRIC_ADD(model->metrics->events, 1);
}

/* ---- frameworks ------------------------------------------------------------------------------- */

static struct framework_entry *framework_entry_for(struct model *model, const char *id)
{
        struct framework_entry *framework = NULL;
        HASH_FIND_STR(model->framework_index, id, framework);
        if (framework != NULL)
                return framework;
        framework = actor_zalloc(sizeof *framework);
        framework->id = actor_strdup(id);
        HASH_ADD_KEYPTR(hh, model->framework_index, framework->id, strlen(framework->id), framework);
        return framework;
}

static void framework_entry_free(struct model *model, struct framework_entry *framework)
{
        HASH_DEL(model->framework_index, framework);
        free(framework->completed_tasks.slots);
        free(framework->id);
        free(framework);
}

static void set_fresh(struct model *model, struct framework_entry *framework, size_t fresh)
{
        size_t *now = &framework->completed_tasks.fresh;
        if (*now == 0 && fresh > 0)
                DL_APPEND2(model->fresh, framework, fresh_prev, fresh_next);
        else if (*now > 0 && fresh == 0)
                DL_DELETE2(model->fresh, framework, fresh_prev, fresh_next);
        *now = fresh;
}

/* The one that has ended the longest ago. */
static void forget_completed_task(struct model *model, struct framework_entry *framework)
{
        struct ring *ring = &framework->completed_tasks;
        rows_remove(&model->completed_tasks, ring->slots[ring->first]);
        ring->first = (ring->first + 1) % ring->capacity;
        ring->count--;
        if (ring->fresh > ring->count)
                set_fresh(model, framework, ring->count);
}

static void forget_completed_tasks(struct model *model, struct framework_entry *framework)
{
        struct ring *ring = &framework->completed_tasks;
        while (ring->count > 0)
                forget_completed_task(model, framework);
}

/* Frees an entry that neither a row nor a task needs. */
static void framework_entry_tidy(struct model *model, struct framework_entry *framework)
{
        if (framework->has_row || framework->tasks != NULL || framework->completed_tasks.count > 0)
                return;
        framework_entry_free(model, framework);
}

static void forget_oldest_framework(struct model *model)
{
        struct framework_entry *oldest = model->completed;
        DL_DELETE(model->completed, oldest);
        model->completed_count--;
        rows_remove(&model->completed_frameworks, oldest->slot);
        oldest->has_row = oldest->completed = false;
        forget_completed_tasks(model, oldest);
        framework_entry_tidy(model, oldest);
}

static void drop_row(struct model *model, struct framework_entry *framework)
{
        if (!framework->has_row)
                return;
        rows_remove(framework->completed ? &model->completed_frameworks : &model->frameworks,
                    framework->slot);
        if (framework->completed) {
                DL_DELETE(model->completed, framework);
                model->completed_count--;
        }
        framework->has_row = framework->completed = false;
}

void model_framework(struct model *model, const struct state_framework *event)
{
        struct framework_entry *framework = framework_entry_for(model, event->info->id->value);
        changed(model);
        if (framework->has_row && framework->completed == event->completed) {
                rows_replace(event->completed ? &model->completed_frameworks : &model->frameworks,
                             framework->slot, actor_msg_ref(event));
                return;
        }
        drop_row(model, framework);
        framework->has_row = true;
        framework->completed = event->completed;
        if (event->completed) {
                framework->slot = rows_add(&model->completed_frameworks, actor_msg_ref(event));
                DL_APPEND(model->completed, framework);
                if (++model->completed_count > model->completed_frameworks_max)
                        forget_oldest_framework(model);
        } else {
                framework->slot = rows_add(&model->frameworks, actor_msg_ref(event));
        }
        ACTOR_METRIC_SET(model->metrics->frameworks, (int64_t) model->frameworks.count);
}

/* ---- tasks -------------------------------------------------------------------------------------- */

static void set_unreachable(struct entry *task, bool unreachable)
{
        if (task->unreachable == unreachable)
                return;
        task->unreachable = unreachable;
        if (unreachable) {
                DL_APPEND(task->framework->unreachable, task);
                task->framework->unreachable_count++;
        } else {
                DL_DELETE(task->framework->unreachable, task);
                task->framework->unreachable_count--;
        }
}

static void drop_task(struct model *model, struct entry *task)
{
        set_unreachable(task, false);
        rows_remove(&model->tasks, task->slot);
        entry_free(&task->framework->tasks, task);
}

/* Where the next completed task is noted; the oldest makes room when the ring is full. */
static void remember_completed(struct model *model, struct framework_entry *framework, size_t slot)
{
        struct ring *ring = &framework->completed_tasks;
        if (ring->slots == NULL) {
                ring->capacity = model->completed_tasks_max;
                ring->slots = actor_malloc(ring->capacity * sizeof *ring->slots);
        }
        if (ring->count == ring->capacity)
                forget_completed_task(model, framework);
        ring->slots[(ring->first + ring->count++) % ring->capacity] = slot;
        set_fresh(model, framework, ring->fresh + 1);
}

static void completed_row_fini(void *body)
{
        proto_free((void *) ((struct state_task *) body)->task);
}

/* A row without room to build one, whose task is one block of just its size: there may be fifty thousand. */
static const struct actor_type completed_row_type = {.name = "state_completed_task",
                                                     .size = offsetof(struct state_task, held_count),
                                                     .fini = completed_row_fini};

static const struct state_task *completed_row(const struct state_task *event)
{
        struct state_task *row = actor_msg_new(&completed_row_type);
        row->task = proto_dup(event->task);
        row->completed = event->completed;
        row->unreachable = event->unreachable;
        return row;
}

static void complete_task(struct model *model, struct framework_entry *framework,
                          const struct state_task *event)
{
        if (model->completed_tasks_max > 0)
                remember_completed(model, framework, rows_add(&model->completed_tasks, actor_msg_ref(event)));
}

static void settle_framework(struct model *model, struct framework_entry *framework)
{
        struct ring *ring = &framework->completed_tasks;
        for (size_t i = ring->count - ring->fresh; i < ring->count; i++) {
                size_t slot = ring->slots[(ring->first + i) % ring->capacity];
                rows_replace(&model->completed_tasks, slot,
                             completed_row(rows_at(&model->completed_tasks, slot)));
        }
        set_fresh(model, framework, 0);
}

bool model_is_settled(const struct model *model)
{
        return model->fresh == NULL;
}

void model_settle(struct model *model)
{
        if (model->fresh != NULL)
                model->published = actor_msg_unref(model->published); /* it keeps the events */
        while (model->fresh != NULL)
                settle_framework(model, model->fresh);
}

static void update_task(struct model *model, struct framework_entry *framework, struct entry *task,
                        const struct state_task *event)
{
        if (task != NULL) {
                rows_replace(&model->tasks, task->slot, actor_msg_ref(event));
        } else {
                task = entry_add(&framework->tasks, event->task->task_id->value,
                                 rows_add(&model->tasks, actor_msg_ref(event)));
                task->framework = framework;
        }
        set_unreachable(task, event->unreachable);
        if (framework->unreachable_count > model->completed_tasks_max)
                drop_task(model, framework->unreachable);
}

void model_task(struct model *model, const struct state_task *event)
{
        struct framework_entry *framework = framework_entry_for(model, event->task->framework_id->value);
        struct entry *task = entry_find(framework->tasks, event->task->task_id->value);
        changed(model);
        if (event->completed) {
                if (task != NULL)
                        drop_task(model, task);
                complete_task(model, framework, event);
        } else {
                update_task(model, framework, task, event);
        }
        framework_entry_tidy(model, framework);
        ACTOR_METRIC_SET(model->metrics->tasks, (int64_t) model->tasks.count);
        ACTOR_METRIC_SET(model->metrics->completed_tasks, (int64_t) model->completed_tasks.count);
}

bool model_knows_agent(const struct model *model, const char *agent_id)
{
        return entry_find(model->agent_index, agent_id) != NULL;
}

bool model_knows_framework(const struct model *model, const char *framework_id)
{
        struct framework_entry *framework = NULL;
        HASH_FIND_STR(model->framework_index, framework_id, framework);
        return framework != NULL && framework->has_row && !framework->completed;
}

const struct state_task *model_find_task(const struct model *model, const char *framework_id,
                                         const char *task_id)
{
        struct framework_entry *framework = NULL;
        HASH_FIND_STR(model->framework_index, framework_id, framework);
        const struct entry *task = framework != NULL ? entry_find(framework->tasks, task_id) : NULL;
        return task != NULL ? rows_at(&model->tasks, task->slot) : NULL;
}

/* ---- the others --------------------------------------------------------------------------------- */

/* The registry knows as many: it bounds them. */
static void note_unreachable(struct model *model, const char *agent_id, bool unreachable)
{
        struct entry *entry = entry_find(model->unreachable_agents, agent_id);
        if (entry == NULL && unreachable)
                entry_add(&model->unreachable_agents, agent_id, 0);
        else if (entry != NULL && !unreachable)
                entry_free(&model->unreachable_agents, entry);
        ACTOR_METRIC_SET(model->metrics->agents_unreachable, (int64_t) HASH_COUNT(model->unreachable_agents));
}

void model_agent(struct model *model, const struct state_agent *event)
{
        const char *id = event->info->id->value;
        changed(model);
        row_set(&model->agents, &model->agent_index, id, event, event->removed);
        note_unreachable(model, id, event->removed && event->unreachable);
        ACTOR_METRIC_SET(model->metrics->agents, (int64_t) model->agents.count);
}

void model_executor(struct model *model, const struct state_executor *event)
{
        const V1__ExecutorInfo *executor = event->executor;
        CLEANUP(actor_freep)
        char *key = actor_asprintf("%s/%s/%s", event->agent_id,
                                   executor->framework_id != NULL ? executor->framework_id->value : "",
                                   executor->executor_id->value);
        changed(model);
        row_set(&model->executors, &model->executor_index, key, event, event->removed);
}

void model_offer(struct model *model, const struct state_offer *event)
{
        changed(model);
        row_set(&model->offers, &model->offer_index, event->offer->id->value, event, event->gone);
        ACTOR_METRIC_SET(model->metrics->offers, (int64_t) model->offers.count);
}

void model_weight(struct model *model, const struct state_weight *event)
{
        changed(model);
        row_set(&model->weights, &model->weight_index, event->role, event, false);
}

/* ---- snapshots ------------------------------------------------------------------------------------ */

static void snapshot_fini(void *body)
{
        struct snapshot *snapshot = body;
        row_set_done(&snapshot->agents);
        row_set_done(&snapshot->frameworks);
        row_set_done(&snapshot->completed_frameworks);
        row_set_done(&snapshot->tasks);
        row_set_done(&snapshot->completed_tasks);
        row_set_done(&snapshot->executors);
        row_set_done(&snapshot->offers);
        row_set_done(&snapshot->weights);
}

const struct actor_type snapshot_type = {
        .name = "snapshot", .size = sizeof(struct snapshot), .fini = snapshot_fini};

const struct snapshot *model_snapshot(struct model *model)
{
        if (model->published != NULL)
                return actor_msg_ref(model->published);
        struct snapshot *snapshot = actor_msg_new(&snapshot_type);
        rows_publish(&model->agents, &snapshot->agents);
        rows_publish(&model->frameworks, &snapshot->frameworks);
        rows_publish(&model->completed_frameworks, &snapshot->completed_frameworks);
        rows_publish(&model->tasks, &snapshot->tasks);
        rows_publish(&model->completed_tasks, &snapshot->completed_tasks);
        rows_publish(&model->executors, &snapshot->executors);
        rows_publish(&model->offers, &snapshot->offers);
        rows_publish(&model->weights, &snapshot->weights);
        model->published = snapshot;
        ACTOR_METRIC_ADD(model->metrics->snapshots, 1);
        return actor_msg_ref(snapshot);
}

void model_free(struct model *model)
{
        if (model == NULL)
                return;
        actor_msg_unref(model->published);
        index_free(&model->unreachable_agents);
        index_free(&model->agent_index);
        index_free(&model->executor_index);
        index_free(&model->offer_index);
        index_free(&model->weight_index);
        struct framework_entry *framework, *next;
        HASH_ITER(hh, model->framework_index, framework, next)
        {
                index_free(&framework->tasks);
                framework_entry_free(model, framework);
        }
        rows_done(&model->agents);
        rows_done(&model->frameworks);
        rows_done(&model->completed_frameworks);
        rows_done(&model->tasks);
        rows_done(&model->completed_tasks);
        rows_done(&model->executors);
        rows_done(&model->offers);
        rows_done(&model->weights);
        free(model);
}
