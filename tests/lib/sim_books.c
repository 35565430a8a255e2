/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_books.h"

#include "agent/supervision/messages.h"
#include "master/allocator/messages.h"
#include <actor/memory.h>
#include <check.h>
#include <proto/resources.h>
#include <proto/task_state.h>
#include <stdlib.h>
#include <string.h>

static const struct allocator_totals *totals_of(struct sim_cluster *c, const char *agent_id)
{
        struct actor_node *node = sim_cluster_master(c);
        struct actor_ref allocator;
        void *answer = NULL;
        struct allocator_get_totals *question = actor_msg_new(&allocator_get_totals_type);
        question->agent_id = agent_id != NULL ? actor_msg_strdup(question, agent_id) : NULL;
        ck_assert_int_eq(actor_node_resolve(node, "allocator", &allocator, NULL), 0);
        ck_assert_int_eq(actor_node_ask(node, allocator, question, 60000, &answer), 0);
        return answer;
}

static void check_equal(const char *what, const char *where, const struct resources *a,
                        const struct resources *b)
{
        CLEANUP(actor_freep) char *left = resources_print(a);
        CLEANUP(actor_freep) char *right = resources_print(b);
        CLEANUP(resources_freep) struct resources *plain_a = resources_copy(a);
        CLEANUP(resources_freep) struct resources *plain_b = resources_copy(b);
        resources_unallocate(plain_a);
        resources_unallocate(plain_b);
        ck_assert_msg(resources_equal(plain_a, plain_b), "%s on %s: %s is not %s", what, where, left, right);
}

/* ---- resources ------------------------------------------------------------------------------------ */

static struct resources *held_by_tasks(const MasterApi__Response__GetTasks *tasks, const char *agent_id)
{
        struct resources *sum = resources_new();
        for (size_t i = 0; i < tasks->n_tasks; i++) {
                const V1__Task *task = tasks->tasks[i];
                if (task_state_is_terminal(task->state) || strcmp(task->agent_id->value, agent_id) != 0)
                        continue;
                CLEANUP(resources_freep) struct resources *one = NULL;
                ck_assert_int_eq(resources_from_v1(task->resources, task->n_resources, &one, NULL), 0);
                resources_unallocate(one);
                resources_add(sum, one);
        }
        return sum;
}

static void check_resources(struct sim_cluster *c, const MasterApi__Response__GetTasks *tasks)
{
        const MasterApi__Response *response = sim_master_ask(c, MASTER_API__CALL__TYPE__GET_AGENTS);
        for (size_t i = 0; i < response->get_agents->n_agents; i++) {
                const char *id = response->get_agents->agents[i]->agent_info->id->value;
                const struct allocator_totals *totals = totals_of(c, id);
                CLEANUP(resources_freep) struct resources *sum = resources_copy(totals->free);
                CLEANUP(resources_freep) struct resources *used = held_by_tasks(tasks, id);
                resources_add(sum, totals->offered);
                resources_add(sum, totals->used);
                resources_unallocate(sum);
                check_equal("offered + used + free, and total", id, sum, totals->total);
                check_equal("used, and what the tasks hold", id, totals->used, used);
                actor_msg_unref(totals);
        }
        actor_msg_unref(response);
}

void sim_books_check_all_free(struct sim_cluster *c)
{
        const struct allocator_totals *totals = totals_of(c, NULL);
        check_equal("free, and total", "all agents", totals->free, totals->total);
        actor_msg_unref(totals);
}

/* ---- tasks ---------------------------------------------------------------------------------------- */

static const V1__Task *task_of(V1__Task *const *tasks, size_t count, const char *id)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(tasks[i]->task_id->value, id) == 0)
                        return tasks[i];
        return NULL;
}

static void check_agents(struct sim_cluster *c, const MasterApi__Response__GetTasks *tasks)
{
        size_t living_here = 0, living_there = 0;
        for (unsigned i = 0; i < SIM_AGENTS; i++) {
                if (!sim_agent_runs(c, i))
                        continue;
                const struct inventory *inventory = sim_agent_inventory(c, i);
                for (size_t k = 0; k < inventory->task_count; k++) {
                        const V1__Task *own = inventory->tasks[k];
                        if (task_state_is_terminal(own->state))
                                continue;
                        const V1__Task *known = task_of(tasks->tasks, tasks->n_tasks, own->task_id->value);
                        ck_assert_msg(known != NULL, "agent %u has %s as %s, the master does not know it",
                                      i + 1, own->task_id->value, task_state_name(own->state));
                        ck_assert_msg(known->state == own->state, "agent %u has %s as %s, the master as %s",
                                      i + 1, own->task_id->value, task_state_name(own->state),
                                      task_state_name(known->state));
                        ck_assert_str_eq(known->agent_id->value, own->agent_id->value);
                        living_here++;
                }
                actor_msg_unref(inventory);
        }
        for (size_t i = 0; i < tasks->n_tasks; i++)
                living_there += !task_state_is_terminal(tasks->tasks[i]->state);
        ck_assert_msg(living_here == living_there, "%zu tasks live on the agents, %zu in the master's books",
                      living_here, living_there);
}

static void check_framework(const MasterApi__Response__GetTasks *tasks, const struct sim_framework *f)
{
        for (size_t i = 0; i < f->launched; i++) {
                const struct sim_task *t = &f->tasks[i];
                const V1__Task *known = task_of(tasks->tasks, tasks->n_tasks, t->id);
                ck_assert_msg(t->terminals <= 1, "%s has %u terminal states", t->id, t->terminals);
                if (known != NULL)
                        ck_assert_msg(t->state == known->state,
                                      "the framework has %s as %s, the master as %s", t->id,
                                      task_state_name(t->state), task_state_name(known->state));
                else
                        ck_assert_msg(task_state_is_terminal(t->state) ||
                                              t->state == V1__TASK_STATE__TASK_UNREACHABLE ||
                                              t->state == V1__TASK_STATE__TASK_UNKNOWN,
                                      "the framework has %s as %s, the master does not know it", t->id,
                                      task_state_name(t->state));
        }
}

void sim_books_check(struct sim_cluster *c, struct sim_framework *const *frameworks, size_t count)
{
        const MasterApi__Response *response = sim_master_ask(c, MASTER_API__CALL__TYPE__GET_TASKS);
        check_resources(c, response->get_tasks);
        check_agents(c, response->get_tasks);
        for (size_t i = 0; i < count; i++)
                check_framework(response->get_tasks, frameworks[i]);
        actor_msg_unref(response);
}
