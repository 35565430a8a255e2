/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>

struct plan_task {
        enum plan_state state;
        unsigned attempt;
        size_t missing;      /* dependencies that are not done */
        size_t dependents;   /* where its dependents begin in plan.dependents */
        long previous, next; /* in the list of ready ones; -1 */
};

struct plan {
        const struct job *job;
        struct plan_task *tasks; /* one more than there are: the end of the last one's dependents */
        size_t *dependents;
        long first, last; /* ready ones */
        size_t counts[PLAN_STATE_COUNT];
        bool cancelled;
        size_t *stack; /* for skip_dependents */
};

#define TO(s) (1u << PLAN_##s)
static const struct {
        const char *name;
        unsigned next;
} states[PLAN_STATE_COUNT] = {
        [PLAN_WAITING] = {"waiting", TO(READY) | TO(SKIPPED)},
        [PLAN_READY] = {"ready", TO(RUNNING) | TO(SKIPPED)},
        [PLAN_RUNNING] = {"running", TO(READY) | TO(DONE) | TO(FAILED)},
        [PLAN_DONE] = {"done", 0},
        [PLAN_FAILED] = {"failed", 0},
        [PLAN_SKIPPED] = {"skipped", 0},
};

static void list_append(struct plan *plan, long index)
{
        struct plan_task *task = &plan->tasks[index];
        task->previous = plan->last;
        task->next = -1;
        if (plan->last >= 0)
                plan->tasks[plan->last].next = index;
        else
                plan->first = index;
        plan->last = index;
}

/* Leaves task->next alone: whoever walks the list goes on from there. */
static void list_remove(struct plan *plan, long index)
{
        struct plan_task *task = &plan->tasks[index];
        if (task->previous >= 0)
                plan->tasks[task->previous].next = task->next;
        else
                plan->first = task->next;
        if (task->next >= 0)
                plan->tasks[task->next].previous = task->previous;
        else
                plan->last = task->previous;
}

static void move(struct plan *plan, size_t index, enum plan_state to)
{
        struct plan_task *task = &plan->tasks[index];
        assert(states[task->state].next & (1u << to));
        if (task->state == PLAN_READY)
                list_remove(plan, (long) index);
        plan->counts[task->state]--;
        plan->counts[to]++;
        task->state = to;
        if (to == PLAN_READY)
                list_append(plan, (long) index);
}

static void link_dependents(struct plan *plan)
{
        const struct job *job = plan->job;
        size_t n = job->task_count, total = 0;
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < job->tasks[i].depend_count; k++)
                        plan->tasks[job->tasks[i].depends[k]].missing++; /* counts dependents, for a moment */
        for (size_t i = 0; i < n; i++) {
                plan->tasks[i].dependents = total;
                total += plan->tasks[i].missing;
        }
        plan->tasks[n].dependents = total;
        plan->dependents = actor_zalloc((total + 1) * sizeof *plan->dependents);
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < job->tasks[i].depend_count; k++) {
                        struct plan_task *needed = &plan->tasks[job->tasks[i].depends[k]];
                        plan->dependents[needed->dependents + --needed->missing] = i;
                }
}

struct plan *plan_new(const struct job *job)
{
        struct plan *plan = actor_zalloc(sizeof *plan);
        plan->job = job;
        plan->tasks = actor_zalloc((job->task_count + 1) * sizeof *plan->tasks);
        plan->stack = actor_zalloc((job->task_count + 1) * sizeof *plan->stack);
        plan->first = plan->last = -1;
        link_dependents(plan);
        plan->counts[PLAN_WAITING] = job->task_count;
        for (size_t i = 0; i < job->task_count; i++) {
                plan->tasks[i].missing = job->tasks[i].depend_count;
                if (plan->tasks[i].missing == 0)
                        move(plan, i, PLAN_READY);
        }
        return plan;
}

void plan_free(struct plan *plan)
{
        if (plan == NULL)
                return;
        free(plan->tasks);
        free(plan->dependents);
        free(plan->stack);
        free(plan);
}

long plan_first_ready(const struct plan *plan)
{
        return plan->first;
}

long plan_next_ready(const struct plan *plan, long index)
{
        return plan->tasks[index].next;
}

unsigned plan_begin(struct plan *plan, size_t index)
{
        move(plan, index, PLAN_RUNNING);
        return ++plan->tasks[index].attempt;
}

static void release_dependents(struct plan *plan, size_t index)
{
        for (size_t k = plan->tasks[index].dependents; k < plan->tasks[index + 1].dependents; k++) {
                size_t dependent = plan->dependents[k];
                assert(plan->tasks[dependent].missing > 0);
                if (--plan->tasks[dependent].missing == 0 && plan->tasks[dependent].state == PLAN_WAITING)
                        move(plan, dependent, PLAN_READY);
        }
}

static void skip_dependents(struct plan *plan, size_t index)
{
        size_t depth = 0;
        plan->stack[depth++] = index;
        while (depth > 0) {
                size_t failed = plan->stack[--depth];
                for (size_t k = plan->tasks[failed].dependents; k < plan->tasks[failed + 1].dependents; k++) {
                        if (plan->tasks[plan->dependents[k]].state != PLAN_WAITING)
                                continue;
                        move(plan, plan->dependents[k], PLAN_SKIPPED); /* once each: the stack suffices */
                        plan->stack[depth++] = plan->dependents[k];
                }
        }
}

enum plan_state plan_end(struct plan *plan, size_t index, bool success)
{
        struct plan_task *task = &plan->tasks[index];
        if (success) {
                move(plan, index, PLAN_DONE);
                release_dependents(plan, index);
        } else if (!plan->cancelled && task->attempt <= plan->job->tasks[index].retries) {
                move(plan, index, PLAN_READY);
        } else {
                move(plan, index, PLAN_FAILED);
                skip_dependents(plan, index);
        }
        return task->state;
}

void plan_cancel(struct plan *plan)
{
        plan->cancelled = true;
        for (size_t i = 0; i < plan->job->task_count; i++)
                if (plan->tasks[i].state == PLAN_WAITING || plan->tasks[i].state == PLAN_READY)
                        move(plan, i, PLAN_SKIPPED);
}

enum plan_state plan_state(const struct plan *plan, size_t index)
{
        assert(index < plan->job->task_count);
        return plan->tasks[index].state;
}

unsigned plan_attempt(const struct plan *plan, size_t index)
{
        assert(index < plan->job->task_count);
        return plan->tasks[index].attempt;
}

size_t plan_count(const struct plan *plan, enum plan_state state)
{
        return plan->counts[state];
}

bool plan_is_over(const struct plan *plan)
{
        return plan->counts[PLAN_RUNNING] + plan->counts[PLAN_READY] + plan->counts[PLAN_WAITING] == 0;
}

const char *plan_state_name(enum plan_state state)
{
        assert(state < PLAN_STATE_COUNT);
        return states[state].name;
}
