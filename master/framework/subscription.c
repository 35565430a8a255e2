/* SPDX-License-Identifier: Apache-2.0 */
/* subscription.c: who speaks for the framework, and what happens while nobody does.
 *
 * The newest SUBSCRIBE wins. The registry learns of a changed info or deadline first; then the old
 * scheduler, if it is still there, hears that it has been replaced, its offers are void, and the new one is
 * told SUBSCRIBED. A scheduler that goes away leaves its tasks running until its failover timeout. */
#include "session.h"
#include "registrar/messages.h"
#include "validation/framework_info.h"
#include <actor/log.h>
#include <actor/node.h>
#include <errno.h>
#include <proto/copy.h>
#include <string.h>

struct framework_beat {
        char unused;
};
ACTOR_LOCAL_TYPE(framework_heartbeat_type, struct framework_beat);
ACTOR_LOCAL_TYPE(framework_timeout_type, struct framework_beat);

#define STORE_TIMEOUT_MS 20000
#define NS_PER_MS 1000000
/* A timer is armed for at most a year; what is left then is waited for anew. */
#define TIMER_MAX_MS (365LL * 24 * 3600 * 1000)

void framework_card_set(struct framework_session *s, const V1__FrameworkInfo *info)
{
        Troupe__UpdateFramework *card = actor_msg_new(&update_framework_type);
        card->framework = proto_copy(card, info);
        if (s->info != NULL) {
                card->framework->user = actor_msg_strdup(card, s->info->user);
                card->framework->has_checkpoint = s->info->has_checkpoint;
                card->framework->checkpoint = s->info->checkpoint;
                card->framework->id = proto_framework_id(card, s->id);
        }
        actor_msg_unref(s->card);
        s->card = card;
        s->info = card->framework;
        s->id = card->framework->id->value;
}

/* ---- a scheduler is there ------------------------------------------------------------------------------ */

static void beat(struct framework_session *s)
{
        actor_timer_cancel(s->self, s->heartbeat_timer);
        s->heartbeat_timer =
                actor_every(s->self, s->rooms.heartbeat_ms, actor_msg_new(&framework_heartbeat_type));
        framework_scheduler_send(s, framework_event_heartbeat());
}

int framework_on_heartbeat(struct framework_session *s, const struct actor_mail *mail, const void *body)
{
        framework_scheduler_send(s, framework_event_heartbeat());
        return 0;
}

static void subscription_keep(struct framework_session *s, const Sched__Call *call)
{
        actor_msg_unref(s->subscription);
        s->subscription = actor_msg_ref(call);
}

void framework_scheduler_connect(struct framework_session *s, struct actor_ref scheduler,
                                 const Sched__Call *call)
{
        bool again = s->registered_ns != 0;
        s->scheduler = scheduler;
        s->monitor = actor_monitor(s->self, scheduler);
        s->connected = true;
        *(again ? &s->reregistered_ns : &s->registered_ns) = actor_wall_ns(s->self);
        actor_timer_cancel(s->self, s->failover_timer);
        s->failover_timer = 0;
        subscription_keep(s, call);
        framework_scheduler_send(s,
                                 framework_event_subscribed(s->id, s->rooms.heartbeat_ms, s->rooms.master));
        beat(s);
        framework_allocator_list(s);
        framework_report(s, false);
        framework_count_as(s, &s->rooms.metrics->frameworks_active);
        char address[ACTOR_NAME_MAX + ACTOR_ENDPOINT_MAX + 2];
        actor_node_describe(actor_node(s->self), scheduler, address, sizeof address);
        actor_log_info(s->self, "framework: %s (\"%s\") %s: %s", s->id, s->info->name,
                       again ? "re-subscribed" : "subscribed", address);
}

/* ---- nobody is there -------------------------------------------------------------------------------------
 */

static int64_t saturating_add(int64_t a, int64_t b)
{
        return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static int ignore_answer(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        return 0;
}

static struct registrar_change *change_new(struct framework_session *s, int64_t deadline_ns)
{
        struct registrar_change *change = actor_msg_new(&registrar_change_type);
        actor_msg_hold(change, s->card);
        change->kind = REGISTRAR_STORE_FRAMEWORK;
        change->framework = s->info;
        change->deadline_ns = deadline_ns;
        return change;
}

static void arm(struct framework_session *s, int64_t deadline_ns)
{
        int64_t left_ns = deadline_ns - actor_wall_ns(s->self);
        int64_t left_ms = left_ns <= 0 ? 0 : (left_ns + NS_PER_MS - 1) / NS_PER_MS;
        actor_timer_cancel(s->self, s->failover_timer);
        s->failover_timer = actor_after(s->self, left_ms > TIMER_MAX_MS ? TIMER_MAX_MS : left_ms,
                                        actor_msg_new(&framework_timeout_type));
        s->deadline_ns = deadline_ns;
}

void framework_scheduler_expect(struct framework_session *s, int64_t deadline_ns)
{
        int64_t now_ns = actor_wall_ns(s->self);
        int64_t grace_ns = s->rooms.reregister_timeout_ms * NS_PER_MS;
        int64_t timeout_ns = framework_failover_timeout_ns(s->info);
        int64_t earliest_ns = saturating_add(now_ns, timeout_ns > grace_ns ? timeout_ns : grace_ns);
        arm(s, deadline_ns != 0 ? deadline_ns : earliest_ns);
        framework_allocator_list(s);
        framework_report(s, false);
        framework_count_as(s, &s->rooms.metrics->frameworks_disconnected);
        actor_log_info(s->self, "framework: %s (\"%s\") recovered, waiting for its scheduler", s->id,
                       s->info->name);
}

int framework_on_timeout(struct framework_session *s, const struct actor_mail *mail, const void *body)
{
        s->failover_timer = 0;
        if (s->connected || s->ending)
                return 0;
        if (s->deadline_ns > actor_wall_ns(s->self))
                arm(s, s->deadline_ns);
        else
                framework_end(s, "its failover timeout has passed");
        return 0;
}

static void leave_scheduler(struct framework_session *s)
{
        actor_demonitor(s->self, s->monitor);
        s->monitor = 0;
        s->connected = false;
        actor_timer_cancel(s->self, s->heartbeat_timer);
        s->heartbeat_timer = 0;
        framework_offers_close_all(s);
        framework_allocator_delist(s, false);
}

int framework_on_scheduler_down(struct framework_session *s, const struct actor_mail *mail,
                                const struct actor_down *down)
{
        if (down->monitor != s->monitor || s->ending)
                return 0;
        leave_scheduler(s);
        int64_t timeout_ns = framework_failover_timeout_ns(s->info);
        actor_log_info(s->self, "framework: %s disconnected: %s", s->id,
                       down->reason == ACTOR_DOWN_UNREACHABLE ? "connection lost"
                                                              : "its scheduler has ended");
        if (timeout_ns == 0) {
                framework_end(s, "its scheduler is gone and it has no failover timeout");
                return 0;
        }
        arm(s, saturating_add(actor_wall_ns(s->self), timeout_ns));
        actor_ask(s->self, s->rooms.registrar, change_new(s, s->deadline_ns), STORE_TIMEOUT_MS, ignore_answer,
                  NULL);
        framework_count_as(s, &s->rooms.metrics->frameworks_disconnected);
        framework_report(s, false);
        return 0;
}

/* ---- another scheduler, or the same again
 * ------------------------------------------------------------------ */

static void tell_agents(struct framework_session *s)
{
        struct host *host, *next;
        HASH_ITER(hh, s->tasks.hosts, host, next)
        actor_send(s->self, host->session, actor_msg_ref(s->card));
}

static void refuse(struct framework_session *s, struct actor_ref scheduler, const char *why)
{
        ACTOR_METRIC_ADD(s->rooms.metrics->frameworks_refused, 1);
        actor_log_warn(s->self, "framework: %s subscription refused: %s", s->id, why);
        actor_send(s->self, scheduler, framework_event_error(why));
}

static void take_over(struct framework_session *s, const struct framework_subscribe *msg)
{
        if (s->connected && !actor_ref_equal(s->scheduler, msg->scheduler))
                actor_send(s->self, s->scheduler, framework_event_error("Framework failed over"));
        leave_scheduler(s);
        framework_scheduler_connect(s, msg->scheduler, msg->call);
        tell_agents(s);
}

static int on_stored(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct framework_session *s = state;
        const struct registrar_stored *stored = body;
        if (s->subscribing == NULL || s->subscribing != arg || s->ending)
                return 0; /* a newer one has taken its place */
        const struct framework_subscribe *msg = TAKE(s->subscribing);
        if (stored == NULL)
                refuse(s, msg->scheduler, "the registrar did not framework_answer in time; subscribe again");
        else if (stored->outcome == REGISTRAR_STORED || stored->outcome == REGISTRAR_UNCHANGED)
                take_over(s, msg);
        else
                refuse(s, msg->scheduler, stored->message ? stored->message : "Framework has been removed");
        actor_msg_unref(msg);
        return 0;
}

int framework_on_subscribe(struct framework_session *s, const struct actor_mail *mail,
                           const struct framework_subscribe *msg)
{
        struct actor_error error;
        const V1__FrameworkInfo *info = msg->call->subscribe->framework_info;
        if (s->ending) {
                refuse(s, msg->scheduler, "Framework has been removed");
                return 0;
        }
        if (framework_resubscribe_validate(s->info, info, &error) != 0) {
                refuse(s, msg->scheduler, error.text);
                return 0;
        }
        framework_card_set(s, info);
        actor_msg_unref(s->subscribing);
        s->subscribing = actor_msg_ref(msg);
        actor_ask(s->self, s->rooms.registrar, change_new(s, 0), STORE_TIMEOUT_MS, on_stored, (void *) msg);
        return 0;
}

/* ---- UPDATE_FRAMEWORK -------------------------------------------------------------------------------------
 */

/* Offers of roles the framework has left are void. */
static void rescind_strangers(struct framework_session *s)
{
        struct offer *offer, *next;
        HASH_ITER(hh, s->offers.table, offer, next)
        {
                if (framework_has_role(s->info, offer->role))
                        continue;
                framework_allocator_return(s, offer->agent_id, offer->id, 0);
                framework_scheduler_send(s, framework_event_rescind(offer->id));
                framework_offer_close(s, offer);
                ACTOR_METRIC_ADD(s->rooms.metrics->offers_rescinded, 1);
        }
}

void framework_call_update_framework(struct framework_session *s, const struct actor_mail *mail,
                                     const Sched__Call *call)
{
        struct actor_error error;
        const Sched__Call__UpdateFramework *update = call->update_framework;
        int r = framework_info_validate(update->framework_info, &error);
        if (r == 0)
                r = framework_update_validate(s->info, update->framework_info, &error);
        if (r == 0)
                r = suppressed_roles_validate(update->framework_info, update->n_suppressed_roles,
                                              (const char *const *) update->suppressed_roles, &error);
        if (r != 0) {
                actor_log_warn(s->self, "framework: %s update refused: %s", s->id, error.text);
                framework_answer(mail, false, error.text);
                return;
        }
        framework_card_set(s, update->framework_info);
        subscription_keep(s, call);
        actor_ask(s->self, s->rooms.registrar, change_new(s, 0), STORE_TIMEOUT_MS, ignore_answer, NULL);
        rescind_strangers(s);
        framework_allocator_list(s);
        framework_report(s, false);
        tell_agents(s);
        framework_answer(mail, true, NULL);
}
