/* SPDX-License-Identifier: Apache-2.0 */
/* join.c: the agent has come, or come back.
 *
 * Before it is told so, every framework session concerned learns what of it runs there and answers
 * with the tasks it misses. Launches that a session sent earlier have passed through this actor
 * before its answer, so that the agent hears of them before it is asked for them. */
#include "session.h"
#include <actor/log.h>
#include <actor/node.h>
#include <assert.h>
#include <proto/copy.h>

#define ANSWER_TIMEOUT_MS 60000

/* What the agent reported, framework by framework. */
struct report {
        char *framework_id;
        struct framework_agent_joined *msg;
        size_t task_capacity, executor_capacity;
        V1__Task **tasks;
        V1__ExecutorInfo **executors;
        UT_hash_handle hh;
};

static struct report *report_get(struct agent_session *s, struct report **reports, const char *framework_id)
{
        struct report *report = NULL;
        HASH_FIND_STR(*reports, framework_id, report);
        if (report != NULL)
                return report;
        report = actor_zalloc(sizeof *report);
        report->framework_id = actor_strdup(framework_id);
        report->msg = actor_msg_new(&framework_agent_joined_type);
        report->msg->agent_id = actor_msg_strdup(report->msg, s->id);
        report->msg->session = actor_self(s->self);
        actor_msg_hold(report->msg, s->join);
        HASH_ADD_KEYPTR(hh, *reports, report->framework_id, strlen(report->framework_id), report);
        return report;
}

static void report_task(struct report *report, V1__Task *task)
{
        ACTOR_ARRAY_RESERVE(report->tasks, report->msg->task_count, report->task_capacity);
        report->tasks[report->msg->task_count++] = task;
}

static void report_executor(struct report *report, V1__ExecutorInfo *executor)
{
        ACTOR_ARRAY_RESERVE(report->executors, report->msg->executor_count, report->executor_capacity);
        report->executors[report->msg->executor_count++] = executor;
}

static void sort_by_framework(struct agent_session *s, struct report **reports)
{
        const Troupe__ReregisterAgent *all = s->join->reregistration;
        for (size_t i = 0; all != NULL && i < all->n_tasks; i++) {
                struct peer *peer = agent_session_peer_find(s, all->tasks[i]->framework_id->value);
                if (peer != NULL && !peer->dropped)
                        report_task(report_get(s, reports, peer->framework_id), all->tasks[i]);
        }
        for (size_t i = 0; all != NULL && i < all->n_executors; i++) {
                const V1__FrameworkID *id = all->executors[i]->framework_id;
                struct peer *peer = id ? agent_session_peer_find(s, id->value) : NULL;
                if (peer != NULL && !peer->dropped)
                        report_executor(report_get(s, reports, peer->framework_id), all->executors[i]);
        }
}

/* Copies the lists into the message and hands it over. */
static struct framework_agent_joined *report_finish(struct report *report)
{
        struct framework_agent_joined *msg = report->msg;
        if (msg->task_count > 0)
                msg->tasks = actor_msg_memdup(msg, report->tasks, msg->task_count * sizeof *msg->tasks);
        if (msg->executor_count > 0)
                msg->executors = actor_msg_memdup(msg, report->executors,
                                                  msg->executor_count * sizeof *msg->executors);
        free(report->tasks);
        free(report->executors);
        free(report->framework_id);
        free(report);
        return msg;
}

/* In the answer itself, so that the agent ends it before it speaks of it: updates under way would tell of
 * tasks that have met their fate. */
static void end_framework(Troupe__AgentRegistered *msg, const char *framework_id)
{
        V1__FrameworkID *id = proto_framework_id(msg, framework_id);
        PROTO_APPEND(msg, msg->n_ended_frameworks, msg->ended_frameworks, id);
}

/* Frameworks that ended while the agent was away: membership left them out. */
static void end_ended(struct agent_session *s, Troupe__AgentRegistered *msg)
{
        const Troupe__ReregisterAgent *report = s->join->reregistration;
        for (size_t i = 0; report != NULL && i < report->n_frameworks; i++) {
                const V1__FrameworkID *id = report->frameworks[i]->id;
                if (id != NULL && agent_session_peer_find(s, id->value) == NULL)
                        end_framework(msg, id->value);
        }
}

/* They stay dropped until the agent has shown that it heard us. */
static void end_dropped(struct agent_session *s, Troupe__AgentRegistered *msg)
{
        for (struct peer *peer = s->peers; peer != NULL; peer = peer->hh.next)
                if (peer->dropped)
                        end_framework(msg, peer->framework_id);
}

static void welcome(struct agent_session *s)
{
        Troupe__AgentRegistered *msg = TAKE(s->welcome);
        s->connected = true;
        if (s->listed)
                agent_session_activate(s, true);
        else
                agent_session_list(s);
        agent_session_report(s, false);
        end_ended(s, msg);
        end_dropped(s, msg);
        actor_send(s->self, s->agent, msg);
        agent_session_pings_start(s);
        agent_session_count_as(s, &s->rooms.metrics->agents_active);
}

static int on_known(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct agent_session *s = state;
        if ((uintptr_t) arg != s->join_count || s->welcome == NULL)
                return 0; /* the agent has joined anew since, or is leaving */
        const struct framework_agent_known *known = body;
        if (body != NULL && actor_msg_type(body) == &framework_agent_known_type && known->missing != NULL) {
                Troupe__AgentRegistered *msg = s->welcome;
                actor_msg_hold(msg, body);
                PROTO_APPEND(msg, msg->n_reconcile, msg->reconcile,
                             (Troupe__ReconcileTasks *) known->missing);
        }
        if (--s->answers_awaited == 0)
                welcome(s);
        return 0;
}

static void ask_frameworks(struct agent_session *s)
{
        struct report *reports = NULL, *report = NULL;
        sort_by_framework(s, &reports);
        struct peer *peer, *next;
        HASH_ITER(hh, s->peers, peer, next)
        {
                if (peer->dropped)
                        continue;
                report = report_get(s, &reports, peer->framework_id);
                HASH_DEL(reports, report);
                s->answers_awaited++;
                actor_ask(s->self, peer->session, report_finish(report), ANSWER_TIMEOUT_MS, on_known,
                          (void *) (uintptr_t) s->join_count);
        }
        assert(reports == NULL);
}

static void *welcome_new(struct agent_session *s)
{
        Troupe__AgentRegistered *msg = actor_msg_new(&agent_registered_type);
        msg->agent_id = proto_agent_id(msg, s->id);
        msg->master_id = actor_msg_strdup(msg, s->rooms.master_id);
        msg->has_total_ping_timeout_seconds = true;
        msg->total_ping_timeout_seconds =
                (double) s->rooms.ping_timeout_ms * s->rooms.pings_missed_max / 1000.0;
        msg->has_reregistered = true;
        msg->reregistered = s->join->reregistration != NULL;
        return msg;
}

/* The info as the cluster knows it: a copy of the agent's with the id filled in. It lies in a message
 * that holds the join, so that one reference keeps both. */
static void keep_join(struct agent_session *s, const struct agent_join *join)
{
        struct agent_join *kept = actor_msg_new(&agent_join_type);
        actor_msg_hold(kept, join);
        *kept = *join;
        const V1__AgentInfo *info =
                join->registration ? join->registration->agent : join->reregistration->agent;
        V1__AgentInfo *copy = actor_msg_memdup(kept, info, sizeof *info);
        copy->id = proto_agent_id(kept, s->id);
        s->join = actor_msg_unref(s->join);
        s->join = kept;
        s->info = copy;
}

static void count_join(struct agent_session *s, const struct agent_join *join)
{
        int64_t now_ns = actor_wall_ns(s->self);
        if (s->registered_ns == 0)
                s->registered_ns = now_ns;
        if (join->reregistration != NULL)
                s->reregistered_ns = now_ns;
        char address[ACTOR_NAME_MAX + ACTOR_ENDPOINT_MAX + 2];
        actor_node_describe(actor_node(s->self), join->agent, address, sizeof address);
        actor_log_info(s->self, "agent: %s %s: %s", s->id,
                       join->registration ? "registered" : "re-registered", address);
        if (join->registration != NULL)
                ACTOR_METRIC_ADD(s->rooms.metrics->agents_registered, 1);
        else
                ACTOR_METRIC_ADD(s->rooms.metrics->agents_reregistered, 1);
}

static void watch(struct agent_session *s, struct actor_ref agent)
{
        actor_demonitor(s->self, s->monitor);
        s->agent = agent;
        s->monitor = actor_monitor(s->self, agent);
}

/* An attempt that crossed our answer: what it reports is older than what the agent has been told since. */
static bool is_repeated(const struct agent_session *s, const struct agent_join *join)
{
        if (!s->connected || !actor_ref_equal(join->agent, s->agent))
                return false;
        const Troupe__ReregisterAgent *before = s->join->reregistration, *now = join->reregistration;
        if (now == NULL)
                return before == NULL;
        return before != NULL && now->has_attempts_id && before->has_attempts_id &&
               now->attempts_id == before->attempts_id;
}

void agent_session_joined(struct agent_session *s, const struct agent_join *join)
{
        if (s->leaving)
                return; /* the agent repeats itself, and will find a new session */
        if (is_repeated(s, join)) {
                actor_send(s->self, s->agent, welcome_new(s));
                return;
        }
        s->connected = false;
        keep_join(s, join);
        count_join(s, join);
        watch(s, join->agent);
        for (size_t i = 0; i < join->framework_count; i++) {
                const struct agent_framework *framework = &join->frameworks[i];
                struct peer *peer = agent_session_peer_set(s, framework->framework_id, framework->session,
                                                           framework->checkpoint);
                peer->dropped |= framework->dropped;
        }
        s->join_count++;
        s->answers_awaited = 0;
        actor_msg_unref(s->welcome);
        s->welcome = welcome_new(s);
        ask_frameworks(s);
        if (s->answers_awaited == 0)
                welcome(s);
}
