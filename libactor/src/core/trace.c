/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <actor/inspect.h>
#include <actor/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* trace.c: the flight recorder. What happens to a message whose trace id is not 0 is written into a
 * ring of the node; everything else passes by at the price of one look at the id. Traced messages
 * are rare, so one lock will do, and the ring is made when the first of them passes. */
enum { TRACE_EVENTS = 1 << 14 };

void trace_ring_init(struct actor_node *node)
{
        pthread_mutex_init(&node->trace.lock, NULL);
}

void trace_ring_done(struct actor_node *node)
{
        pthread_mutex_destroy(&node->trace.lock);
        free(node->trace.events);
}

static void record(struct actor_node *node, const struct actor_trace_event *event)
{
        struct trace_ring *ring = &node->trace;
        pthread_mutex_lock(&ring->lock);
        if (ring->events == NULL)
                ring->events = actor_zalloc(TRACE_EVENTS * sizeof *ring->events);
        struct actor_trace_event *at = &ring->events[ring->count % TRACE_EVENTS];
        *at = *event;
        at->number = ++ring->count;
        pthread_mutex_unlock(&ring->lock);
}

/* ---- who is meant -------------------------------------------------------------------------------- */

/* An actor of this node, as well as it can be told now: it may end before anybody asks. */
static void note_local(struct actor_node *node, struct actor_ref ref, struct actor_trace_event *event)
{
        char name[ACTOR_NAME_MAX + 1];
        struct actor *a = actor_ref_is_nobody(ref) ? NULL : cells_find(node, ref);
        event->actor = ref;
        if (a == NULL || !cell_has(a, CELL_LIVES))
                return;
        names_of(node, ref, name);
        (void) snprintf(event->name, sizeof event->name, "%.*s", (int) sizeof event->name - 1, name);
        event->class_name = cell_class(a)->name;
}

static void note_other(struct actor_node *node, struct actor_ref ref, struct actor_trace_event *event)
{
        event->other = ref;
        if (!actor_ref_is_remote(ref) || node->net == NULL)
                return;
        event->other_endpoint = net_peer_endpoint(node->net, ref.peer);
        if (ref.generation == 0)
                event->other_name = net_slot_name(node->net, ref.slot);
}

static struct actor_trace_event event_of(struct actor_node *node, const struct worker *worker,
                                         const struct mail *mail)
{
        return (struct actor_trace_event){
                .trace_id = mail->trace_id,
                .wall_ns = node_wall_ns(node),
                .ask_id = mail->ask_id,
                .is_reply = mail->kind == MAIL_REPLY,
                .worker = worker != NULL ? (int) worker->index : -1,
                .type_name = mail->body != NULL ? actor_msg_type(mail->body)->name : NULL,
                .error = mail->error,
        };
}

/* ---- what happens -------------------------------------------------------------------------------- */

static bool is_told(const struct mail *mail)
{
        return mail->kind == MAIL_MESSAGE || mail->kind == MAIL_ASK || mail->kind == MAIL_REPLY ||
               mail->kind == MAIL_UNDELIVERED;
}

void trace_sent(struct actor_node *node, const struct worker *worker, const struct mail *mail)
{
        if (!is_told(mail))
                return;
        struct actor_trace_event event = event_of(node, worker, mail);
        bool arrived = actor_ref_is_remote(mail->from) && !actor_ref_is_remote(mail->to);
        event.kind = arrived ? ACTOR_TRACE_ARRIVED : ACTOR_TRACE_SENT;
        note_local(node, arrived ? mail->to : mail->from, &event);
        note_other(node, arrived ? mail->from : mail->to, &event);
        record(node, &event);
}

void trace_lost(struct actor_node *node, const struct worker *worker, const struct mail *mail, int error)
{
        if (!is_told(mail))
                return;
        struct actor_trace_event event = event_of(node, worker, mail);
        event.kind = ACTOR_TRACE_LOST;
        event.error = error;
        note_local(node, mail->to, &event);
        note_other(node, mail->from, &event);
        record(node, &event);
}

void trace_handled(struct actor *a, const struct mail *mail, const struct actor_type *type, int64_t begin_ns)
{
        int64_t end_ns = node_now_ns(a->node);
        struct actor_trace_event event = event_of(a->node, a->worker, mail);
        event.kind = ACTOR_TRACE_HANDLED;
        event.trace_id = a->worker->trace_id;
        event.type_name = type != NULL ? type->name : NULL;
        event.spent_ns = end_ns > begin_ns ? end_ns - begin_ns : 0;
        event.wall_ns -= event.spent_ns;
        note_local(a->node, cell_ref(a), &event);
        note_other(a->node, mail->from, &event);
        record(a->node, &event);
}

/* ---- beginning, and reading ---------------------------------------------------------------------- */

uint64_t actor_trace(struct actor *self)
{
        struct worker *worker = self->worker;
        if (trace_of(self) != 0)
                return trace_of(self);
        if (worker == NULL) /* its init, on a foreign thread */
                return actor_node_trace(self->node);
        worker->trace_id = node_dice(self->node, worker) | 1;
        return worker->trace_id;
}

uint64_t actor_node_trace(struct actor_node *node)
{
        uint64_t id = node_random(node) | 1;
        CELL_SET(node->outside_trace, id);
        return id;
}

size_t actor_node_trace_events(struct actor_node *node, uint64_t trace_id, uint64_t after,
                               struct actor_trace_event *ret, size_t max)
{
        struct trace_ring *ring = &node->trace;
        size_t count = 0;
        pthread_mutex_lock(&ring->lock);
        uint64_t oldest = ring->count > TRACE_EVENTS ? ring->count - TRACE_EVENTS : 0;
        for (uint64_t i = after > oldest ? after : oldest; i < ring->count && count < max; i++) {
                const struct actor_trace_event *event = &ring->events[i % TRACE_EVENTS];
                if (trace_id == 0 || event->trace_id == trace_id)
                        ret[count++] = *event;
        }
        pthread_mutex_unlock(&ring->lock);
        return count;
}
