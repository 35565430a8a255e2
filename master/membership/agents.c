/* SPDX-License-Identifier: Apache-2.0 */
/* agents.c: who joins. An agent is in the registry before its session begins, and its session tells it so. */
#include "inside.h"
#include "allocator/messages.h"
#include "state/messages.h"
#include "validation/agent_info.h"
#include <actor/node.h>
#include <assert.h>
#include <errno.h>
#include <proto/copy.h>

struct membership_patience {
        char unused;
};
ACTOR_LOCAL_TYPE(membership_patience_type, struct membership_patience);

static void refuse(struct membership *m, struct actor_ref agent, const char *why)
{
        char address[ACTOR_NAME_MAX + ACTOR_ENDPOINT_MAX + 2];
        actor_node_describe(actor_node(m->self), agent, address, sizeof address);
        actor_log_warn(m->self, "master: registration of %s refused: %s", address, why);
        ACTOR_METRIC_ADD(m->config.metrics->agents_refused, 1);
        Troupe__AgentRefused *msg = actor_msg_new(&agent_refused_type);
        msg->message = actor_msg_strdup(msg, why);
        actor_send(m->self, agent, msg);
}

/* ---- the join message -------------------------------------------------------------------------------------
 */

static struct agent_join *join_new(const struct agent_entry *entry, struct actor_ref agent, const void *body)
{
        struct agent_join *join = actor_msg_new(&agent_join_type);
        actor_msg_hold(join, body);
        join->agent_id = actor_msg_strdup(join, entry->id);
        join->agent = agent;
        if (actor_msg_type(body) == &register_agent_type)
                join->registration = body;
        else
                join->reregistration = body;
        return join;
}

static bool was_dropped(const struct agent_entry *entry, const char *framework_id)
{
        for (size_t i = 0; entry->left != NULL && i < entry->left->dropped_count; i++)
                if (strcmp(entry->left->dropped_frameworks[i], framework_id) == 0)
                        return true;
        return false;
}

/* Frameworks that the agent brings and that have not ended have, or get, a session to answer for them. */
static void join_frameworks(struct membership *m, const struct agent_entry *agent, struct agent_join *join)
{
        const Troupe__ReregisterAgent *report = join->reregistration;
        if (report == NULL || report->n_frameworks == 0)
                return;
        struct agent_framework *list = actor_msg_alloc(join, report->n_frameworks * sizeof *list);
        for (size_t i = 0; i < report->n_frameworks; i++) {
                if (report->frameworks[i]->id == NULL)
                        continue;
                struct framework_entry *entry = membership_recover_framework(m, report->frameworks[i], 0);
                if (entry != NULL && entry->state == FRAMEWORK_LIVE)
                        list[join->framework_count++] =
                                (struct agent_framework){report->frameworks[i]->id->value, entry->session,
                                                         entry->checkpoint, was_dropped(agent, entry->id)};
        }
        join->frameworks = list;
}

/* ---- into the registry, then a session -------------------------------------------------------------------
 */

static int start_session(struct membership *m, struct agent_entry *entry)
{
        struct agent_join *join = (struct agent_join *) entry->join;
        join_frameworks(m, entry, join);
        const struct agent_start start = {.rooms = &m->agent_rooms, .join = join};
        int r = membership_spawn_session(m, m->config.agent_class, "agent", entry->id, &start,
                                         &entry->session);
        if (r != 0)
                return r;
        directory_agent_move(&m->directory, entry, AGENT_REGISTERED);
        entry->monitor = actor_monitor(m->self, entry->session);
        entry->join = actor_msg_unref(entry->join);
        entry->left = actor_msg_unref(entry->left);
        return 0;
}

/* An ask about one agent. */
struct about_agent {
        struct waiting waiting;
        char *id;
};

static void about_agent_free(struct waiting *waiting)
{
        free(((struct about_agent *) waiting)->id);
        free(waiting);
}

static struct about_agent *about_agent_new(struct membership *m, const char *id)
{
        struct about_agent *about = actor_zalloc(sizeof *about);
        about->id = actor_strdup(id);
        waiting_add(&m->waiting, &about->waiting, about_agent_free);
        return about;
}

static void admitted(struct membership *m, const char *id, const struct registrar_stored *stored)
{
        struct agent_entry *entry = directory_agent(&m->directory, id);
        if (entry == NULL || entry->state != AGENT_ADMITTING)
                return;
        bool good = stored != NULL &&
                    (stored->outcome == REGISTRAR_STORED || stored->outcome == REGISTRAR_UNCHANGED);
        if (good && start_session(m, entry) == 0)
                return;
        /* a silent registrar is no refusal: the agent asks again */
        if (stored != NULL)
                refuse(m, entry->agent,
                       stored->message ? stored->message : "the registry does not admit the agent");
        directory_agent_drop(&m->directory, entry);
}

static int on_admitted(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct membership *m = state;
        const struct registrar_stored *answer = body;
        if (answer != NULL && answer->outcome == REGISTRAR_FAILED)
                return -EIO;
        admitted(m, ((struct about_agent *) arg)->id, answer);
        waiting_end(&m->waiting, arg);
        return 0;
}

static void admit(struct membership *m, struct agent_entry *entry, enum registrar_change_kind kind)
{
        const struct agent_join *join = entry->join;
        const V1__AgentInfo *info =
                join->registration ? join->registration->agent : join->reregistration->agent;
        struct registrar_change *change = actor_msg_new(&registrar_change_type);
        actor_msg_hold(change, join->registration ? (const void *) join->registration : join->reregistration);
        V1__AgentInfo *copy = actor_msg_memdup(change, info, sizeof *info);
        copy->id = proto_agent_id(change, entry->id);
        change->kind = kind;
        change->agent = copy;
        change->agent_id = copy->id->value;
        directory_agent_move(&m->directory, entry, AGENT_ADMITTING);
        actor_ask(m->self, m->config.registrar, change, MEMBERSHIP_STORE_TIMEOUT_MS, on_admitted,
                  about_agent_new(m, entry->id));
}

static void keep_join(struct membership *m, struct agent_entry *entry, struct actor_ref agent,
                      const void *body)
{
        actor_msg_unref(entry->join);
        entry->join = join_new(entry, agent, body);
        directory_agent_bind(&m->directory, entry, agent);
}

/* The session lives: it hears of it and answers. */
static void rejoin(struct membership *m, struct agent_entry *entry, struct actor_ref agent, const void *body)
{
        directory_agent_bind(&m->directory, entry, agent);
        struct agent_join *join = join_new(entry, agent, body);
        join_frameworks(m, entry, join);
        actor_send(m->self, entry->session, join);
}

/* ---- what agents say
 * --------------------------------------------------------------------------------------- */

int membership_on_register(struct membership *m, const struct actor_mail *mail,
                           const Troupe__RegisterAgent *msg)
{
        struct actor_error error;
        if (actor_ref_is_nobody(mail->from))
                return 0;
        if (agent_info_validate(msg->agent, false, &error) != 0) {
                refuse(m, mail->from, error.text);
                return 0;
        }
        struct agent_entry *entry = directory_agent_by_ref(&m->directory, mail->from);
        if (entry != NULL && entry->state == AGENT_REGISTERED) {
                rejoin(m, entry, mail->from, msg);
                return 0;
        }
        if (entry != NULL && entry->state == AGENT_ADMITTING)
                return 0; /* it repeats itself */
        char id[256];
        snprintf(id, sizeof id, "%s-S%lu", m->config.master->id, m->agents_made++);
        entry = directory_agent_add(&m->directory, id, AGENT_ADMITTING);
        keep_join(m, entry, mail->from, msg);
        admit(m, entry, REGISTRAR_ADMIT_AGENT);
        return 0;
}

static void reregister(struct membership *m, struct agent_entry *entry, struct actor_ref agent,
                       const void *body)
{
        switch (entry->state) {
        case AGENT_GONE:
                refuse(m, agent,
                       "the agent was declared gone and may not return; start it with a new work directory");
                return;
        case AGENT_REGISTERED:
                rejoin(m, entry, agent, body);
                return;
        case AGENT_ADMITTING:
                keep_join(m, entry, agent, body);
                return;
        case AGENT_RECOVERED:
                keep_join(m, entry, agent, body);
                admit(m, entry, REGISTRAR_UPDATE_AGENT);
                return;
        case AGENT_UNREACHABLE:
                keep_join(m, entry, agent, body);
                admit(m, entry, REGISTRAR_MARK_REACHABLE);
                return;
        }
}

int membership_on_reregister(struct membership *m, const struct actor_mail *mail,
                             const Troupe__ReregisterAgent *msg)
{
        struct actor_error error;
        if (actor_ref_is_nobody(mail->from))
                return 0;
        if (agent_info_validate(msg->agent, true, &error) != 0) {
                refuse(m, mail->from, error.text);
                return 0;
        }
        struct agent_entry *entry = directory_agent(&m->directory, msg->agent->id->value);
        if (entry != NULL) {
                reregister(m, entry, mail->from, msg);
                return 0;
        }
        entry = directory_agent_add(&m->directory, msg->agent->id->value, AGENT_ADMITTING);
        keep_join(m, entry, mail->from, msg);
        admit(m, entry, REGISTRAR_ADMIT_AGENT);
        return 0;
}

int membership_on_unregister(struct membership *m, const struct actor_mail *mail,
                             const Troupe__UnregisterAgent *msg)
{
        struct agent_entry *entry = directory_agent(&m->directory, msg->agent_id->value);
        if (entry != NULL && entry->state == AGENT_REGISTERED && actor_ref_equal(entry->agent, mail->from))
                actor_send(m->self, entry->session, actor_msg_ref(msg));
        return 0;
}

void membership_report_absent(struct membership *m, const char *agent_id, bool unreachable)
{
        struct state_agent *event = actor_msg_new(&state_agent_type);
        V1__AgentInfo *info = actor_msg_alloc(event, sizeof *info);
        v1__agent_info__init(info);
        info->id = proto_agent_id(event, agent_id);
        event->info = info;
        event->removed = true;
        event->unreachable = unreachable;
        actor_send(m->self, m->config.state, event);
}

/* ---- agents that leave
 * -------------------------------------------------------------------------------------- */

static void tell_frameworks(struct membership *m, const struct framework_agent_left *msg)
{
        struct framework_entry *entry, *next;
        HASH_ITER(hh, m->directory.frameworks, entry, next)
        {
                if (entry->state == FRAMEWORK_LIVE)
                        actor_send(m->self, entry->session, actor_msg_ref(msg));
        }
}

int membership_on_agent_left(struct membership *m, const struct actor_mail *mail,
                             const struct framework_agent_left *msg)
{
        struct agent_entry *entry = directory_agent(&m->directory, msg->agent_id);
        if (entry == NULL || !actor_ref_equal(entry->session, mail->from))
                return 0;
        actor_demonitor(m->self, entry->monitor);
        entry->monitor = 0;
        directory_agent_bind(&m->directory, entry, ACTOR_NOBODY);
        if (msg->reason == AGENT_LEFT_UNREACHABLE) {
                directory_agent_move(&m->directory, entry, AGENT_UNREACHABLE);
                entry->unreachable_ns = msg->when_ns;
                actor_msg_unref(entry->left);
                entry->left = actor_msg_ref(msg);
        } else if (msg->reason == AGENT_LEFT_GONE) {
                directory_agent_move(&m->directory, entry, AGENT_GONE);
        } else {
                directory_agent_drop(&m->directory, entry);
        }
        tell_frameworks(m, msg);
        return 0;
}

static void agent_session_failed(struct membership *m, struct agent_entry *entry)
{
        actor_log_error(m->self, "master: session of agent %s failed: it must register again", entry->id);
        struct allocator_remove_agent *removal = actor_msg_new(&allocator_remove_agent_type);
        removal->agent_id = actor_msg_strdup(removal, entry->id);
        actor_send(m->self, m->config.allocator, removal);
        struct framework_agent_left *left = actor_msg_new(&framework_agent_left_type);
        left->agent_id = actor_msg_strdup(left, entry->id);
        left->reason = AGENT_LEFT_UNREACHABLE;
        left->when_ns = actor_wall_ns(m->self);
        tell_frameworks(m, left);
        actor_msg_unref(left);
        entry->monitor = 0;
        directory_agent_bind(&m->directory, entry, ACTOR_NOBODY);
        directory_agent_move(&m->directory, entry, AGENT_RECOVERED);
        membership_report_absent(m, entry->id, false);
}

/* Sessions that end well say so before; those that say nothing end with the node. */
int membership_on_down(struct membership *m, const struct actor_mail *mail, const struct actor_down *down)
{
        if (down->reason == ACTOR_DOWN_FINISHED)
                return 0;
        struct agent_entry *agent, *next_agent;
        HASH_ITER(hh, m->directory.agents, agent, next_agent)
        {
                if (agent->monitor == down->monitor && agent->state == AGENT_REGISTERED)
                        agent_session_failed(m, agent);
        }
        struct framework_entry *framework, *next_framework;
        HASH_ITER(hh, m->directory.frameworks, framework, next_framework)
        {
                if (framework->monitor != down->monitor || framework->state != FRAMEWORK_LIVE)
                        continue;
                actor_log_error(m->self,
                                "master: session of framework %s failed: its scheduler must subscribe again",
                                framework->id);
                directory_framework_drop(&m->directory, framework);
        }
        return 0;
}

/* ---- agents that do not return after this master's start
 * ------------------------------------------------------ */

static void marked(struct membership *m, const char *id)
{
        struct agent_entry *entry = directory_agent(&m->directory, id);
        if (entry == NULL || entry->state != AGENT_RECOVERED)
                return;
        directory_agent_move(&m->directory, entry, AGENT_UNREACHABLE);
        entry->unreachable_ns = actor_wall_ns(m->self);
        membership_report_absent(m, id, true);
        ACTOR_METRIC_ADD(m->config.metrics->agents_unreachable, 1);
        actor_log_info(m->self, "master: agent %s unreachable: it did not return after this master's start",
                       id);
}

static int on_marked(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct membership *m = state;
        if (body != NULL)
                marked(m, ((struct about_agent *) arg)->id);
        waiting_end(&m->waiting, arg);
        return 0;
}

int membership_on_patience(struct membership *m, const struct actor_mail *mail, const void *body)
{
        struct agent_entry *entry, *next;
        HASH_ITER(hh, m->directory.agents, entry, next)
        {
                if (entry->state != AGENT_RECOVERED)
                        continue;
                struct registrar_change *change = actor_msg_new(&registrar_change_type);
                change->kind = REGISTRAR_MARK_UNREACHABLE;
                change->agent_id = actor_msg_strdup(change, entry->id);
                change->when_ns = actor_wall_ns(m->self);
                actor_ask(m->self, m->config.registrar, change, MEMBERSHIP_STORE_TIMEOUT_MS, on_marked,
                          about_agent_new(m, entry->id));
        }
        return 0;
}

/* ---- what is known of them
 * --------------------------------------------------------------------------------------- */

static struct membership_agent describe(const struct membership *m, const char *id)
{
        static const enum membership_agent_state states[] = {
                [AGENT_RECOVERED] = MEMBERSHIP_AGENT_RECOVERED,
                [AGENT_ADMITTING] = MEMBERSHIP_AGENT_RECOVERED,
                [AGENT_REGISTERED] = MEMBERSHIP_AGENT_REGISTERED,
                [AGENT_UNREACHABLE] = MEMBERSHIP_AGENT_UNREACHABLE,
                [AGENT_GONE] = MEMBERSHIP_AGENT_GONE,
        };
        const struct agent_entry *entry = id ? directory_agent(&m->directory, id) : NULL;
        if (entry == NULL)
                return (struct membership_agent){.state = MEMBERSHIP_AGENT_UNKNOWN};
        return (struct membership_agent){states[entry->state], entry->unreachable_ns};
}

int membership_on_find_agents(struct membership *m, const struct actor_mail *mail,
                              const struct membership_find_agents *msg)
{
        struct membership_agents *answer = actor_msg_new(&membership_agents_type);
        struct membership_agent *list = actor_msg_alloc(answer, (msg->count + 1) * sizeof *list);
        for (size_t i = 0; i < msg->count; i++)
                list[i] = describe(m, msg->agent_ids[i]);
        answer->agents = list;
        answer->count = msg->count;
        answer->any_recovered = m->directory.recovered_count > 0;
        actor_reply(mail, answer);
        return 0;
}
