/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"

#include <actor/log.h>
#include <assert.h>
#include <proto/copy.h>
#include <stdio.h>
#include <string.h>

/* The driver watches the master's actor while it registers and its own session there once it is
 * registered, so it hears of a loss at once; the answer's time-out is for a master that is there but silent.
 */

struct scheduler_retry {
        int unused;
};
ACTOR_LOCAL_TYPE(scheduler_retry_type, struct scheduler_retry);

int64_t subscription_delay_ms(int64_t min_ms, int64_t max_ms, unsigned attempt, uint64_t dice)
{
        assert(min_ms > 0 && max_ms >= min_ms);
        int64_t delay = min_ms;
        for (unsigned i = 0; i < attempt && delay < max_ms; i++)
                delay = delay > max_ms / 2 ? max_ms : delay * 2;
        return delay - (int64_t) (dice % (uint64_t) (delay / 2 + 1)); /* half to whole: not all at once */
}

static void retry_after(struct troupe_scheduler *s, int64_t delay_ms)
{
        actor_timer_cancel(s->self, s->timer);
        s->timer = actor_after(s->self, delay_ms, actor_msg_new(&scheduler_retry_type));
}

static void retry_later(struct troupe_scheduler *s)
{
        retry_after(s, subscription_delay_ms(s->retry_min_ms, s->retry_max_ms, s->attempt,
                                             actor_random(s->self)));
        s->attempt++;
}

void subscription_begin(struct troupe_scheduler *s)
{
        struct actor_error error;
        struct actor_ref master;
        int r = actor_node_resolve(s->node, s->master, &master, &error);
        if (r != 0) {
                actor_log_warn(s->self, "scheduler: master \"%s\" not found: %s", s->master, error.text);
                retry_later(s);
                return;
        }
        actor_demonitor(s->self, s->master_watch);
        s->master_watch = actor_monitor(s->self, master);
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__SUBSCRIBE);
        call->subscribe = SCHEDULER_NEW(call, Sched__Call__Subscribe, SCHED__CALL__SUBSCRIBE__INIT);
        call->subscribe->framework_info = proto_copy(call, s->framework);
        if (s->framework_id[0] != '\0') {
                call->framework_id = proto_framework_id(call, s->framework_id);
                call->subscribe->framework_info->id = call->framework_id;
        }
        actor_send(s->self, master, call);
        retry_after(s, s->answer_timeout_ms);
}

static void refuse_second_id(struct troupe_scheduler *s, struct actor_ref session, const char *id)
{
        actor_log_warn(s->self, "scheduler: framework %s is a second registration of %s, ending it", id,
                       s->framework_id);
        Sched__Call *call = scheduler_call_new(SCHED__CALL__TYPE__TEARDOWN);
        call->framework_id = proto_framework_id(call, id);
        actor_send(s->self, session, call);
}

bool subscription_accept(struct troupe_scheduler *s, const struct actor_mail *mail, const Sched__Event *event)
{
        const char *id = event->subscribed->framework_id->value;
        if (s->framework_id[0] != '\0' && strcmp(s->framework_id, id) != 0) {
                refuse_second_id(s, mail->from, id);
                return false;
        }
        snprintf(s->framework_id, sizeof s->framework_id, "%s", id);
        actor_demonitor(s->self, s->master_watch);
        actor_demonitor(s->self, s->session_watch);
        actor_timer_cancel(s->self, s->timer);
        s->master_watch = 0;
        s->session = mail->from;
        s->session_watch = actor_monitor(s->self, s->session);
        s->attempt = 0;
        s->connected = true;
        return true;
}

bool subscription_lost(struct troupe_scheduler *s, const struct actor_down *down)
{
        if (down->monitor == s->master_watch && s->master_watch != 0) {
                s->master_watch = 0;
                retry_later(s);
                return false;
        }
        if (down->monitor != s->session_watch || !s->connected)
                return false;
        s->session_watch = 0;
        s->connected = false;
        retry_later(s);
        return true;
}
