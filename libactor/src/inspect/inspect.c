/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/inspect.h"

#include "core/deliver.h"
#include "inspect/messages.h"
#include <actor/inspect.h>
#include <actor/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* inspect.c: the inspector, an actor that answers questions about its node. It keeps nothing between
 * two questions; a long list is asked for page by page, so that no answer and no handler is long. */
enum {
        ACTORS_A_PAGE = 128,
        EVENTS_A_PAGE = 256,
        HANDLERS_A_PAGE = 256,
        HANDLERS_TOLD_MAX = 4096,
        SLOW_MAX = 64
};

struct inspector {
        int64_t began_ns;
};

/* ---- the node ------------------------------------------------------------------------------------ */

static void add_total(Actor__Inspect__Answer *answer, const char *name, uint64_t value, bool counts)
{
        Actor__Inspect__Total *total = INSPECT_NEW(answer, actor__inspect__total, Actor__Inspect__Total);
        total->name = (char *) name;
        INSPECT_SET(total, value, value);
        INSPECT_SET(total, counts, counts);
        answer->node->totals[answer->node->n_totals++] = total;
}

enum {
#define METRIC(field, kind, name, help) TOTAL_##field,
#include "daemon/node_metrics.def"
#undef METRIC
        TOTAL_COUNT,
        COUNTS_COUNTER = true,
        COUNTS_GAUGE = false,
};

static void tell_totals(struct actor_node *node, Actor__Inspect__Answer *answer)
{
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        answer->node->totals = actor_msg_alloc(answer, TOTAL_COUNT * sizeof *answer->node->totals);
#define METRIC(field, kind, name, help) add_total(answer, #field, totals.field, COUNTS_##kind);
#include "daemon/node_metrics.def"
#undef METRIC
}

static void tell_slow_handlers(struct actor_node *node, Actor__Inspect__Answer *answer)
{
        CLEANUP(actor_freep) struct actor_slow_handler *slow = actor_zalloc(SLOW_MAX * sizeof *slow);
        size_t count = actor_node_slow_handlers(node, slow, SLOW_MAX);
        answer->node->slow_handlers = actor_msg_alloc(answer, count * sizeof *answer->node->slow_handlers);
        answer->node->n_slow_handlers = count;
        for (size_t i = 0; i < count; i++) {
                Actor__Inspect__SlowHandler *one =
                        INSPECT_NEW(answer, actor__inspect__slow_handler, Actor__Inspect__SlowHandler);
                one->actor = actor_msg_strdup(answer, slow[i].name);
                one->class_ = (char *) slow[i].class_name;
                one->type = (char *) slow[i].type_name;
                INSPECT_SET(one, busy_ns, slow[i].busy_ns);
                INSPECT_SET(one, worker, slow[i].worker);
                answer->node->slow_handlers[i] = one;
        }
}

static void tell_node(struct inspector *inspector, struct actor *self, Actor__Inspect__Answer *answer)
{
        struct actor_node *node = actor_node(self);
        const char *endpoint = node->net != NULL ? net_endpoint(node->net) : "";
        Actor__Inspect__Node *told = INSPECT_NEW(answer, actor__inspect__node, Actor__Inspect__Node);
        answer->node = told;
        told->name = actor_msg_strdup(answer, node->name);
        told->version = (char *) TROUPE_VERSION;
        told->endpoint = endpoint[0] != '\0' ? actor_msg_strdup(answer, endpoint) : NULL;
        INSPECT_SET(told, wall_ns, actor_wall_ns(self));
        INSPECT_SET(told, uptime_ns, actor_now_ns(self) - inspector->began_ns);
        INSPECT_SET(told, workers, node->worker_count);
        INSPECT_SET(told, pid, getpid());
        tell_totals(node, answer);
        tell_slow_handlers(node, answer);
}

/* ---- its actors ---------------------------------------------------------------------------------- */

static Actor__Inspect__Actor *actor_told(Actor__Inspect__Answer *answer, const struct actor_stats *stats)
{
        Actor__Inspect__Actor *told = INSPECT_NEW(answer, actor__inspect__actor, Actor__Inspect__Actor);
        INSPECT_SET(told, slot, stats->ref.slot);
        INSPECT_SET(told, generation, stats->ref.generation);
        if (stats->name[0] != '\0')
                told->name = actor_msg_strdup(answer, stats->name);
        told->class_ = (char *) stats->class_name;
        if (!actor_ref_is_nobody(stats->parent)) {
                INSPECT_SET(told, parent_slot, stats->parent.slot);
                INSPECT_SET(told, parent_generation, stats->parent.generation);
        }
        INSPECT_SET(told, depth, stats->mailbox_depth);
        INSPECT_SET(told, depth_most, stats->mailbox_depth_most);
        INSPECT_SET(told, taken, stats->taken);
        INSPECT_SET(told, handled, stats->handled);
        INSPECT_SET(told, dropped, stats->dropped);
        INSPECT_SET(told, busy_ns, stats->busy_ns);
        INSPECT_SET(told, slowest_ns, stats->slowest_ns);
        told->slowest_type = (char *) stats->slowest_type;
        INSPECT_SET(told, restarts, stats->restarts);
        return told;
}

static void tell_actors(struct actor_node *node, uint64_t after, Actor__Inspect__Answer *answer)
{
        CLEANUP(actor_freep) struct actor_stats *stats = actor_zalloc(ACTORS_A_PAGE * sizeof *stats);
        uint32_t slot = after < UINT32_MAX ? (uint32_t) after : UINT32_MAX;
        size_t count = actor_node_stats_page(node, &slot, stats, ACTORS_A_PAGE);
        answer->actors = actor_msg_alloc(answer, ACTORS_A_PAGE * sizeof *answer->actors);
        answer->n_actors = count;
        for (size_t i = 0; i < count; i++)
                answer->actors[i] = actor_told(answer, &stats[i]);
        if (slot != 0)
                INSPECT_SET(answer, next, slot);
}

/* ---- its handlers -------------------------------------------------------------------------------- */

static void tell_handlers(struct actor_node *node, uint64_t after, Actor__Inspect__Answer *answer)
{
        CLEANUP(actor_freep)
        struct actor_handler_stats *stats = actor_zalloc(HANDLERS_TOLD_MAX * sizeof *stats);
        size_t count = actor_node_handlers(node, stats, HANDLERS_TOLD_MAX);
        answer->handlers = actor_msg_alloc(answer, HANDLERS_A_PAGE * sizeof *answer->handlers);
        for (size_t i = after < count ? (size_t) after : count; i < count; i++) {
                if (answer->n_handlers == HANDLERS_A_PAGE) {
                        INSPECT_SET(answer, next, i);
                        return;
                }
                Actor__Inspect__Handler *told =
                        INSPECT_NEW(answer, actor__inspect__handler, Actor__Inspect__Handler);
                told->class_ = (char *) stats[i].class_name;
                told->type = (char *) stats[i].type_name;
                INSPECT_SET(told, count, stats[i].count);
                INSPECT_SET(told, busy_ns, stats[i].busy_ns);
                INSPECT_SET(told, slowest_ns, stats[i].slowest_ns);
                answer->handlers[answer->n_handlers++] = told;
        }
}

/* ---- traces -------------------------------------------------------------------------------------- */

static Actor__Inspect__Event *event_told(Actor__Inspect__Answer *answer,
                                         const struct actor_trace_event *event)
{
        Actor__Inspect__Event *told = INSPECT_NEW(answer, actor__inspect__event, Actor__Inspect__Event);
        INSPECT_SET(told, number, event->number);
        INSPECT_SET(told, trace_id, event->trace_id);
        INSPECT_SET(told, kind, event->kind);
        INSPECT_SET(told, wall_ns, event->wall_ns);
        INSPECT_SET(told, spent_ns, event->spent_ns);
        INSPECT_SET(told, slot, event->actor.slot);
        INSPECT_SET(told, generation, event->actor.generation);
        INSPECT_SET(told, other_slot, event->other.slot);
        INSPECT_SET(told, other_generation, event->other.generation);
        INSPECT_SET(told, ask_id, event->ask_id);
        INSPECT_SET(told, is_reply, event->is_reply);
        INSPECT_SET(told, worker, event->worker);
        INSPECT_SET(told, error, event->error);
        if (event->name[0] != '\0')
                told->name = actor_msg_strdup(answer, event->name);
        told->class_ = (char *) event->class_name;
        told->other_name = (char *) event->other_name;
        told->other_endpoint = (char *) event->other_endpoint;
        told->type = (char *) event->type_name;
        return told;
}

static void tell_trace(struct actor_node *node, const Actor__Inspect__Question *question,
                       Actor__Inspect__Answer *answer)
{
        CLEANUP(actor_freep) struct actor_trace_event *events = actor_zalloc(EVENTS_A_PAGE * sizeof *events);
        size_t count =
                actor_node_trace_events(node, question->trace_id, question->after, events, EVENTS_A_PAGE);
        answer->events = actor_msg_alloc(answer, EVENTS_A_PAGE * sizeof *answer->events);
        answer->n_events = count;
        for (size_t i = 0; i < count; i++)
                answer->events[i] = event_told(answer, &events[i]);
        if (count == EVENTS_A_PAGE)
                INSPECT_SET(answer, next, events[count - 1].number);
}

/* ---- questions ----------------------------------------------------------------------------------- */

/* The actor meant answers itself, in its own turn and to the asker. */
static void pass_on(const struct actor_mail *mail, const Actor__Inspect__Question *question)
{
        struct actor *self = mail->self;
        struct actor_ref to = {0, question->slot, question->generation};
        struct mail *ask = mail_make(MAIL_INSPECT, mail->from, to);
        ask->ask_id = mail->ask_id;
        (void) deliver(self->node, self->worker, ask);
}

static int on_question(struct inspector *inspector, const struct actor_mail *mail,
                       const Actor__Inspect__Question *question)
{
        if (mail->ask_id == 0)
                return 0; /* nobody waits for the answer */
        if (question->what == ACTOR__INSPECT__QUESTION__WHAT__BONDS) {
                pass_on(mail, question);
                return 0;
        }
        Actor__Inspect__Answer *answer = actor_msg_new(&inspect_answer_type);
        struct actor_node *node = actor_node(mail->self);
        INSPECT_SET(answer, now_ns, actor_now_ns(mail->self));
        switch (question->what) {
        case ACTOR__INSPECT__QUESTION__WHAT__ACTORS:
                tell_actors(node, question->after, answer);
                break;
        case ACTOR__INSPECT__QUESTION__WHAT__HANDLERS:
                tell_handlers(node, question->after, answer);
                break;
        case ACTOR__INSPECT__QUESTION__WHAT__TRACE:
                tell_trace(node, question, answer);
                break;
        default: /* also what a newer asker may want: who this is, at least */
                tell_node(inspector, mail->self, answer);
        }
        return actor_reply(mail, answer);
}
ACTOR_BIND(on_question, struct inspector, Actor__Inspect__Question)

static const struct actor_handler handlers[] = {
        {&inspect_question_type, on_question_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_REMOTE},
        ACTOR_HANDLER_END,
};

static int inspector_init(void *state, struct actor *self, const void *config)
{
        ((struct inspector *) state)->began_ns = actor_now_ns(self);
        return 0;
}

static const struct actor_class inspector_class = {
        .name = "inspector",
        .state_size = sizeof(struct inspector),
        .init = inspector_init,
        .handlers = handlers,
};

int actor_inspect_start(struct actor_node *node)
{
        return actor_node_spawn(node, &inspector_class, ACTOR_INSPECT_NAME, NULL, NULL);
}
