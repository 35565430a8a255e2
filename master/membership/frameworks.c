/* SPDX-License-Identifier: Apache-2.0 */
/* frameworks.c: who subscribes. A framework is in the registry before its scheduler is told
 * SUBSCRIBED, so that the next master knows it. */
#include "inside.h"
#include "validation/framework_info.h"
#include "validation/scheduler_call.h"
#include <actor/node.h>
#include <assert.h>
#include <errno.h>
#include <proto/copy.h>
#include <stdio.h>

static void refuse(struct membership *m, struct actor_ref scheduler, const char *why)
{
        char address[ACTOR_NAME_MAX + ACTOR_ENDPOINT_MAX + 2];
        actor_node_describe(actor_node(m->self), scheduler, address, sizeof address);
        actor_log_warn(m->self, "master: subscription of %s refused: %s", address, why);
        ACTOR_METRIC_ADD(m->config.metrics->frameworks_refused, 1);
        Sched__Event *event = actor_msg_new(&sched_event_type);
        event->has_type = true;
        event->type = SCHED__EVENT__TYPE__ERROR;
        event->error = actor_msg_alloc(event, sizeof *event->error);
        sched__event__error__init(event->error);
        event->error->message = actor_msg_strdup(event, why);
        actor_send(m->self, scheduler, event);
}

static int start_session(struct membership *m, struct framework_entry *entry,
                         const struct framework_start *start)
{
        int r = membership_spawn_session(m, m->config.framework_class, "framework", entry->id, start,
                                         &entry->session);
        if (r != 0)
                return r;
        entry->state = FRAMEWORK_LIVE;
        entry->checkpoint = start->info->has_checkpoint && start->info->checkpoint;
        entry->monitor = actor_monitor(m->self, entry->session);
        return 0;
}

struct framework_entry *membership_recover_framework(struct membership *m, const V1__FrameworkInfo *info,
                                                     int64_t deadline_ns)
{
        struct framework_entry *entry =
                directory_framework_add(&m->directory, info->id->value, FRAMEWORK_STORING);
        if (entry->state != FRAMEWORK_STORING)
                return entry;
        const struct framework_start start = {
                .info = info, .rooms = &m->framework_rooms, .deadline_ns = deadline_ns};
        if (start_session(m, entry, &start) == 0)
                return entry;
        directory_framework_drop(&m->directory, entry);
        return NULL;
}

/* ---- a known framework ------------------------------------------------------------------------------------
 */

static void hand_over(struct membership *m, struct framework_entry *entry, struct actor_ref scheduler,
                      const Sched__Call *call)
{
        struct framework_subscribe *msg = actor_msg_new(&framework_subscribe_type);
        actor_msg_hold(msg, call);
        msg->scheduler = scheduler;
        msg->call = call;
        directory_framework_bind(&m->directory, entry, scheduler);
        actor_send(m->self, entry->session, msg);
}

/* ---- a new one --------------------------------------------------------------------------------------------
 */

/* A subscription on its way through the registry. */
struct subscribing {
        struct waiting waiting;
        struct actor_ref scheduler;
        const Sched__Call *call;               /* held */
        const struct registrar_change *change; /* held: has the info with the id */
};

static void subscribing_free(struct waiting *waiting)
{
        struct subscribing *sub = (struct subscribing *) waiting;
        actor_msg_unref(sub->call);
        actor_msg_unref(sub->change);
        free(sub);
}

static int begin(struct membership *m, struct framework_entry *entry, const struct subscribing *sub)
{
        if (entry->state == FRAMEWORK_LIVE) { /* an agent has brought it meanwhile */
                hand_over(m, entry, sub->scheduler, sub->call);
                return 0;
        }
        const struct framework_start start = {
                .info = sub->change->framework,
                .rooms = &m->framework_rooms,
                .scheduler = sub->scheduler,
                .subscribe = sub->call,
        };
        return start_session(m, entry, &start);
}

static void stored(struct membership *m, const struct subscribing *sub, const struct registrar_stored *stored)
{
        struct framework_entry *entry = directory_framework(&m->directory, sub->change->framework->id->value);
        if (entry == NULL || entry->state == FRAMEWORK_ENDED)
                return;
        bool good = stored != NULL &&
                    (stored->outcome == REGISTRAR_STORED || stored->outcome == REGISTRAR_UNCHANGED);
        if (good && begin(m, entry, sub) == 0)
                return;
        refuse(m, sub->scheduler,
               stored == NULL    ? "the registrar did not answer in time; subscribe again"
               : stored->message ? stored->message
                                 : "the framework could not be registered");
        if (entry->state == FRAMEWORK_STORING)
                directory_framework_drop(&m->directory, entry);
}

static int on_stored(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct membership *m = state;
        const struct registrar_stored *answer = body;
        if (answer != NULL && answer->outcome == REGISTRAR_FAILED)
                return -EIO;
        stored(m, arg, answer);
        waiting_end(&m->waiting, arg);
        return 0;
}

static void store(struct membership *m, struct actor_ref scheduler, const Sched__Call *call, const char *id)
{
        struct framework_entry *entry = directory_framework_add(&m->directory, id, FRAMEWORK_STORING);
        directory_framework_bind(&m->directory, entry, scheduler);
        struct registrar_change *change = actor_msg_new(&registrar_change_type);
        V1__FrameworkInfo *info = proto_copy(change, call->subscribe->framework_info);
        info->id = proto_framework_id(change, id);
        change->kind = REGISTRAR_STORE_FRAMEWORK;
        change->framework = info;
        struct subscribing *sub = actor_zalloc(sizeof *sub);
        waiting_add(&m->waiting, &sub->waiting, subscribing_free);
        sub->scheduler = scheduler;
        sub->call = actor_msg_ref(call);
        sub->change = actor_msg_ref(change);
        actor_ask(m->self, m->config.registrar, change, MEMBERSHIP_STORE_TIMEOUT_MS, on_stored, sub);
}

static void subscribe_new(struct membership *m, struct actor_ref scheduler, const Sched__Call *call)
{
        struct framework_entry *entry = directory_framework_by_ref(&m->directory, scheduler);
        if (entry != NULL && entry->state == FRAMEWORK_STORING)
                return; /* it repeats itself */
        if (entry != NULL && entry->state == FRAMEWORK_LIVE) {
                hand_over(m, entry, scheduler, call);
                return;
        }
        char id[256];
        snprintf(id, sizeof id, "%s-%04lu", m->config.master->id, m->frameworks_made++);
        store(m, scheduler, call, id);
}

static void subscribe(struct membership *m, struct actor_ref scheduler, const Sched__Call *call)
{
        const char *id = framework_id_text(call->subscribe->framework_info->id);
        if (id[0] == '\0') {
                subscribe_new(m, scheduler, call);
                return;
        }
        struct framework_entry *entry = directory_framework(&m->directory, id);
        if (entry == NULL)
                store(m, scheduler, call, id);
        else if (entry->state == FRAMEWORK_ENDED)
                refuse(m, scheduler, "Framework has been removed");
        else if (entry->state == FRAMEWORK_LIVE)
                hand_over(m, entry, scheduler, call);
}

static int subscribe_validate(const Sched__Call *call, struct actor_error *error)
{
        int r = scheduler_call_validate(call, error);
        if (r != 0)
                return actor_error_prefix(error, r, "Failed to validate scheduler::Call");
        if (call->type != SCHED__CALL__TYPE__SUBSCRIBE)
                return actor_error_set(
                        error, -EINVAL,
                        "Framework is not subscribed: the first call must be SUBSCRIBE, and the "
                        "others go to whom SUBSCRIBED came from");
        r = framework_info_validate(call->subscribe->framework_info, error);
        if (r != 0)
                return r;
        return suppressed_roles_validate(call->subscribe->framework_info, call->subscribe->n_suppressed_roles,
                                         (const char *const *) call->subscribe->suppressed_roles, error);
}

int membership_on_call(struct membership *m, const struct actor_mail *mail, const Sched__Call *call)
{
        struct actor_error error;
        if (actor_ref_is_nobody(mail->from))
                return 0;
        if (subscribe_validate(call, &error) != 0)
                refuse(m, mail->from, error.text);
        else
                subscribe(m, mail->from, call);
        return 0;
}

/* ---- the end
 * ------------------------------------------------------------------------------------------------- */

int membership_on_framework_ended(struct membership *m, const struct actor_mail *mail,
                                  const struct membership_framework_ended *msg)
{
        struct framework_entry *entry = directory_framework(&m->directory, msg->framework_id);
        if (entry == NULL || !actor_ref_equal(entry->session, mail->from))
                return 0;
        actor_demonitor(m->self, entry->monitor);
        directory_framework_bind(&m->directory, entry, ACTOR_NOBODY);
        entry->state = FRAMEWORK_ENDED;
        entry->monitor = 0;
        return 0;
}
