/* SPDX-License-Identifier: Apache-2.0 */
/* reports.c: what the allocator and the read model are told of the agent. */
#include "session.h"
#include "allocator/messages.h"
#include "state/messages.h"
#include <actor/log.h>
#include <actor/node.h>
#include <string.h>
#include <proto/task_state.h>

/* What the agent said beside its info when it joined. */
static void set_what_joined(struct state_agent *event, const struct agent_join *join)
{
        const Troupe__RegisterAgent *first = join->registration;
        const Troupe__ReregisterAgent *again = join->reregistration;
        event->version = first ? first->version : again->version;
        event->capabilities = first ? first->capabilities : again->capabilities;
        event->capability_count = first ? first->n_capabilities : again->n_capabilities;
}

/* The agent's resources were judged by membership: they cannot fail here. */
static struct resources *total_of(const V1__AgentInfo *info)
{
        struct resources *total = NULL;
        if (resources_from_v1(info->resources, info->n_resources, &total, NULL) != 0)
                return resources_new();
        return total;
}

void agent_session_count_as(struct agent_session *s, actor_metric_value *gauge)
{
        if (s->gauge != NULL)
                ACTOR_METRIC_ADD(*s->gauge, -1);
        s->gauge = gauge;
        if (gauge != NULL)
                ACTOR_METRIC_ADD(*gauge, 1);
}

/* "host:port" of the agent's node, in the message's arena. */
static const char *address_of_agent(struct agent_session *s, void *msg)
{
        char address[ACTOR_NAME_MAX + ACTOR_ENDPOINT_MAX + 2];
        actor_node_describe(actor_node(s->self), s->agent, address, sizeof address);
        const char *at = strchr(address, '@');
        return actor_msg_strdup(msg, at != NULL ? at + 1 : "");
}

void agent_session_report(struct agent_session *s, bool removed)
{
        struct state_agent *event = actor_msg_new(&state_agent_type);
        actor_msg_hold(event, s->join);
        event->info = s->info;
        event->address = actor_msg_printf(event, "agent@%s", address_of_agent(s, event));
        set_what_joined(event, s->join);
        event->active = s->connected && !removed;
        event->removed = removed;
        event->unreachable = removed && s->left_reason == AGENT_LEFT_UNREACHABLE;
        event->registered_ns = s->registered_ns;
        event->reregistered_ns = s->reregistered_ns;
        event->total = total_of(s->info);
        actor_send(s->self, s->rooms.state, event);
}

/* The role that resources in use were allocated to; they are all of one. */
static const char *role_of(V1__Resource *const *list, size_t count)
{
        if (count == 0 || list[0]->allocation_info == NULL || list[0]->allocation_info->role == NULL)
                return "*";
        return list[0]->allocation_info->role;
}

static bool piece_fill(struct allocator_piece *piece, V1__Resource *const *list, size_t count)
{
        if (count == 0 || resources_from_v1(list, count, &piece->resources, NULL) != 0)
                return false;
        piece->role = role_of(list, count);
        resources_unallocate(piece->resources);
        return true;
}

/* Frameworks that have ended have no session here; what they still hold will be shut down. */
static bool counts(struct agent_session *s, const V1__FrameworkID *framework_id)
{
        struct peer *peer = framework_id ? agent_session_peer_find(s, framework_id->value) : NULL;
        return peer != NULL && !peer->dropped;
}

static size_t pieces_of_tasks(struct agent_session *s, const Troupe__ReregisterAgent *report,
                              struct allocator_add_agent *msg, struct allocator_piece *pieces)
{
        size_t count = 0;
        for (size_t i = 0; i < report->n_tasks; i++) {
                const V1__Task *task = report->tasks[i];
                if (task_state_is_terminal(task->state) || !counts(s, task->framework_id) ||
                    !piece_fill(&pieces[count], task->resources, task->n_resources))
                        continue;
                pieces[count].framework_id = task->framework_id->value;
                pieces[count++].token =
                        actor_msg_printf(msg, "task/%s/%s", task->framework_id->value, task->task_id->value);
        }
        return count;
}

static size_t pieces_of_executors(struct agent_session *s, const Troupe__ReregisterAgent *report,
                                  struct allocator_add_agent *msg, struct allocator_piece *pieces)
{
        size_t count = 0;
        for (size_t i = 0; i < report->n_executors; i++) {
                const V1__ExecutorInfo *executor = report->executors[i];
                if (!counts(s, executor->framework_id) ||
                    !piece_fill(&pieces[count], executor->resources, executor->n_resources))
                        continue;
                pieces[count].framework_id = executor->framework_id->value;
                pieces[count++].token =
                        actor_msg_printf(msg, "executor/%s/%s/%s", s->id, executor->framework_id->value,
                                         executor->executor_id->value);
        }
        return count;
}

void agent_session_list(struct agent_session *s)
{
        struct allocator_add_agent *msg = actor_msg_new(&allocator_add_agent_type);
        actor_msg_hold(msg, s->join);
        msg->agent_id = s->info->id->value;
        msg->session = actor_self(s->self);
        msg->address = address_of_agent(s, msg);
        msg->info = s->info;
        msg->total = total_of(s->info);
        const Troupe__ReregisterAgent *report = s->join->reregistration;
        if (report != NULL) {
                size_t most = report->n_tasks + report->n_executors;
                struct allocator_piece *pieces = actor_msg_alloc(msg, (most + 1) * sizeof *pieces);
                msg->used_count = pieces_of_tasks(s, report, msg, pieces);
                msg->used_count += pieces_of_executors(s, report, msg, pieces + msg->used_count);
                msg->used = pieces;
        }
        actor_send(s->self, s->rooms.allocator, msg);
        s->listed = true;
}

void agent_session_activate(struct agent_session *s, bool active)
{
        struct allocator_activate_agent *msg = actor_msg_new(&allocator_activate_agent_type);
        msg->agent_id = actor_msg_strdup(msg, s->id);
        msg->active = active;
        actor_send(s->self, s->rooms.allocator, msg);
}
