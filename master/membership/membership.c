/* SPDX-License-Identifier: Apache-2.0 */
/* membership.c: the actor "master", and how it comes to know its cluster: it waits until it leads, reads the
 * registry, and takes up what it finds there. Registrations that come earlier wait their turn. */
#include "membership.h"
#include "inside.h"
#include "allocator/messages.h"
#include "election/messages.h"
#include "state/messages.h"
#include <assert.h>
#include <errno.h>
#include <proto/copy.h>
#include <string.h>

int membership_spawn_session(struct membership *m, const struct actor_class *class, const char *kind,
                             const char *id, const void *start, struct actor_ref *ret)
{
        CLEANUP(actor_freep) char *name = actor_asprintf("%s/%s", kind, id);
        int r = actor_spawn(m->self, class, name, start, ret);
        if (r == -EEXIST || r == -EINVAL)
                r = actor_spawn(m->self, class, NULL, start, ret);
        if (r != 0)
                actor_log_error(m->self, "master: no session for %s: %s", name, strerror(-r));
        return r;
}

/* ---- before the registry is read
 * ---------------------------------------------------------------------------- */

/* True: the mail waits, its handler will be called again. */
static bool too_early(struct membership *m, const struct actor_mail *mail, const void *body)
{
        if (m->ready)
                return false;
        if (m->early_count == EARLY_MAX) {
                actor_log_warn(m->self,
                               "master: more than %d registrations before the registry is read, dropping one",
                               EARLY_MAX);
                return true;
        }
        ACTOR_ARRAY_RESERVE(m->early, m->early_count, m->early_capacity);
        m->early[m->early_count++] = (struct early_mail){*mail, actor_msg_ref(body)};
        return true;
}

static int on_call(struct membership *m, const struct actor_mail *mail, const Sched__Call *call)
{
        return too_early(m, mail, call) ? 0 : membership_on_call(m, mail, call);
}

static int on_register(struct membership *m, const struct actor_mail *mail, const Troupe__RegisterAgent *msg)
{
        return too_early(m, mail, msg) ? 0 : membership_on_register(m, mail, msg);
}

static int on_reregister(struct membership *m, const struct actor_mail *mail,
                         const Troupe__ReregisterAgent *msg)
{
        return too_early(m, mail, msg) ? 0 : membership_on_reregister(m, mail, msg);
}

static int replay(struct membership *m, const struct early_mail *early)
{
        const struct actor_type *type = actor_msg_type(early->body);
        if (type == &sched_call_type)
                return membership_on_call(m, &early->mail, early->body);
        if (type == &register_agent_type)
                return membership_on_register(m, &early->mail, early->body);
        assert(type == &reregister_agent_type);
        return membership_on_reregister(m, &early->mail, early->body);
}

static void early_done(struct membership *m)
{
        for (size_t i = 0; i < m->early_count; i++)
                actor_msg_unref(m->early[i].body);
        free(m->early);
        m->early = NULL;
        m->early_count = m->early_capacity = 0;
}

/* ---- the registry
 * ------------------------------------------------------------------------------------------------ */

static void recover_agents(struct membership *m, const struct registry_content *content)
{
        for (size_t i = 0; i < content->gone_count; i++)
                directory_agent_add(&m->directory, content->gone_agents[i], AGENT_GONE);
        for (size_t i = 0; i < content->agent_count; i++) {
                const struct registry_agent *agent = &content->agents[i];
                struct agent_entry *entry = directory_agent_add(
                        &m->directory, agent->info->id->value,
                        agent->unreachable_since_ns ? AGENT_UNREACHABLE : AGENT_RECOVERED);
                entry->unreachable_ns = agent->unreachable_since_ns;
                if (agent->unreachable_since_ns != 0)
                        membership_report_absent(m, entry->id, true);
        }
        if (content->agent_count > 0)
                actor_after(m->self, m->config.agent_reregister_timeout_ms,
                            actor_msg_new(&membership_patience_type));
}

static void recover_frameworks(struct membership *m, const struct registry_content *content)
{
        for (size_t i = 0; i < content->completed_count; i++)
                directory_framework_add(&m->directory, content->completed_frameworks[i], FRAMEWORK_ENDED);
        for (size_t i = 0; i < content->framework_count; i++)
                (void) membership_recover_framework(m, content->frameworks[i].info,
                                                    content->frameworks[i].deadline_ns);
}

static void set_weight(struct membership *m, const char *role, double weight)
{
        struct allocator_set_weight *order = actor_msg_new(&allocator_set_weight_type);
        order->role = actor_msg_strdup(order, role);
        order->weight = weight;
        actor_send(m->self, m->config.allocator, order);
        struct state_weight *event = actor_msg_new(&state_weight_type);
        event->role = actor_msg_strdup(event, role);
        event->weight = weight;
        actor_send(m->self, m->config.state, event);
}

static const struct registry_weight *stored_weight(const struct registry_content *content, const char *role)
{
        for (size_t i = 0; i < content->weight_count; i++)
                if (strcmp(content->weights[i].role, role) == 0)
                        return &content->weights[i];
        return NULL;
}

static void recover_weights(struct membership *m, const struct registry_content *content)
{
        for (size_t i = 0; i < content->weight_count; i++)
                set_weight(m, content->weights[i].role, content->weights[i].weight);
        for (size_t i = 0; i < m->config.weight_count; i++) {
                const struct role_weight *given = &m->config.weights[i];
                const struct registry_weight *stored = stored_weight(content, given->role);
                if (stored == NULL)
                        set_weight(m, given->role, given->weight);
                else if (stored->weight != given->weight)
                        actor_log_warn(m->self,
                                       "master: role \"%s\" keeps the weight %g of the registry, not %g of "
                                       "--weights",
                                       given->role, stored->weight, given->weight);
        }
}

static int on_content(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct membership *m = state;
        if (body == NULL || actor_msg_type(body) != &registry_content_type) {
                actor_log_error(m->self, "master: the registry could not be read: %s",
                                strerror(-mail->error));
                return -EIO;
        }
        const struct registry_content *content = body;
        recover_weights(m, content);
        recover_agents(m, content);
        recover_frameworks(m, content);
        m->ready = true;
        actor_log_info(m->self, "master: leading in epoch %llu, knows %zu agents and %zu frameworks",
                       (unsigned long long) content->epoch, content->agent_count, content->framework_count);
        int r = 0;
        for (size_t i = 0; i < m->early_count && r == 0; i++)
                r = replay(m, &m->early[i]);
        early_done(m);
        return r;
}

static int on_election(struct membership *m, const struct actor_mail *mail,
                       const struct election_changed *msg)
{
        if (m->leading && !msg->leading) {
                actor_log_error(m->self, "master: lost the leadership, ending");
                return -ECANCELED;
        }
        if (!msg->leading || m->leading)
                return 0;
        m->leading = true;
        actor_ask(m->self, m->config.registrar, actor_msg_new(&registrar_get_type), 60000, on_content, NULL);
        return 0;
}

/* ---- the actor
 * ----------------------------------------------------------------------------------------------------- */

ACTOR_BIND(on_call, struct membership, Sched__Call)
ACTOR_BIND(on_register, struct membership, Troupe__RegisterAgent)
ACTOR_BIND(on_reregister, struct membership, Troupe__ReregisterAgent)
ACTOR_BIND(membership_on_unregister, struct membership, Troupe__UnregisterAgent)
ACTOR_BIND(membership_on_operator_kill, struct membership, Troupe__OperatorKill)
ACTOR_BIND(membership_on_master_call, struct membership, MasterApi__Call)
ACTOR_BIND(on_election, struct membership, struct election_changed)
ACTOR_BIND(membership_on_framework_ended, struct membership, struct membership_framework_ended)
ACTOR_BIND(membership_on_agent_left, struct membership, struct framework_agent_left)
ACTOR_BIND(membership_on_find_agents, struct membership, struct membership_find_agents)
ACTOR_BIND(membership_on_patience, struct membership, void)
ACTOR_BIND(membership_on_down, struct membership, struct actor_down)

#define FROM_OUTSIDE (ACTOR_FROM_REMOTE | ACTOR_FROM_LOCAL | ACTOR_FROM_PARENT)

static const struct actor_handler handlers[] = {
        {&sched_call_type, on_call_bound, FROM_OUTSIDE},
        {&register_agent_type, on_register_bound, FROM_OUTSIDE},
        {&reregister_agent_type, on_reregister_bound, FROM_OUTSIDE},
        {&unregister_agent_type, membership_on_unregister_bound, FROM_OUTSIDE},
        {&operator_kill_type, membership_on_operator_kill_bound, FROM_OUTSIDE},
        {&master_call_type, membership_on_master_call_bound, FROM_OUTSIDE},
        {&election_changed_type, on_election_bound, ACTOR_FROM_LOCAL},
        {&membership_framework_ended_type, membership_on_framework_ended_bound, ACTOR_FROM_LOCAL},
        {&framework_agent_left_type, membership_on_agent_left_bound, ACTOR_FROM_LOCAL},
        {&membership_find_agents_type, membership_on_find_agents_bound, ACTOR_FROM_LOCAL},
        {&membership_patience_type, membership_on_patience_bound, ACTOR_FROM_SELF},
        {&actor_down_type, membership_on_down_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

static void set_rooms(struct membership *m)
{
        const struct membership_config *config = &m->config;
        m->framework_rooms = (struct framework_rooms){
                .membership = actor_self(m->self),
                .allocator = config->allocator,
                .registrar = config->registrar,
                .state = config->state,
                .master = config->master,
                .metrics = config->metrics,
                .offer_timeout_ms = config->offer_timeout_ms,
                .heartbeat_ms = config->heartbeat_ms,
                .reregister_timeout_ms = config->agent_reregister_timeout_ms,
                .unreachable_tasks_max = config->unreachable_tasks_max,
        };
        m->agent_rooms = (struct agent_rooms){
                .membership = actor_self(m->self),
                .allocator = config->allocator,
                .registrar = config->registrar,
                .state = config->state,
                .master_id = config->master->id,
                .metrics = config->metrics,
                .ping_timeout_ms = config->agent_ping_timeout_ms,
                .pings_missed_max = config->agent_pings_missed_max,
        };
}

static int membership_init(void *state, struct actor *self, const void *config)
{
        struct membership *m = state;
        m->self = self;
        m->config = *(const struct membership_config *) config;
        set_rooms(m);
        return 0;
}

static void membership_fini(void *state)
{
        struct membership *m = state;
        early_done(m);
        waiting_done(&m->waiting);
        directory_done(&m->directory);
}

static const struct actor_class membership_class = {
        .name = "membership",
        .state_size = sizeof(struct membership),
        .init = membership_init,
        .fini = membership_fini,
        .handlers = handlers,
};

int membership_spawn(struct actor_node *node, const struct membership_config *config, struct actor_ref *ret)
{
        if (config->agent_ping_timeout_ms <= 0 || config->agent_pings_missed_max == 0 ||
            config->agent_reregister_timeout_ms <= 0 || config->heartbeat_ms <= 0 ||
            config->offer_timeout_ms < 0)
                return -EINVAL;
        return actor_node_spawn(node, &membership_class, "master", config, ret);
}
