/* SPDX-License-Identifier: Apache-2.0 */
#include "actorctl/trace.h"

#include <actor/inspect.h>
#include <actor/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES_MAX = 256 };

/* ---- collecting ---------------------------------------------------------------------------------- */

/* "tcp://host:port" as it stands in an address; NULL for what nobody can connect to. */
static char *place_of(const char *endpoint)
{
        if (endpoint != NULL && strncmp(endpoint, "tcp://", 6) == 0)
                return actor_strdup(endpoint + 6);
        if (endpoint != NULL && strncmp(endpoint, "ipc://", 6) == 0)
                return actor_asprintf("ipc:%s", endpoint + 6);
        return NULL;
}

static bool is_known(const struct trace *trace, const char *place)
{
        for (size_t i = 0; i < trace->node_count; i++)
                if (strcmp(trace->nodes[i].place, place) == 0)
                        return true;
        return false;
}

/* A node may be known by several places: all of them are to be visited, and one of them is asked. */
static void note_place(struct trace *trace, char *place_take)
{
        if (place_take == NULL || trace->node_count == NODES_MAX || is_known(trace, place_take)) {
                free(place_take);
                return;
        }
        ACTOR_ARRAY_RESERVE(trace->nodes, trace->node_count, trace->node_capacity);
        trace->nodes[trace->node_count++] = (struct trace_node){.place = place_take};
}

static void on_events(void *arg, const Actor__Inspect__Answer *answer)
{
        struct trace *trace = arg;
        for (size_t i = 0; i < answer->n_events; i++) {
                ACTOR_ARRAY_RESERVE(trace->items, trace->item_count, trace->item_capacity);
                trace->items[trace->item_count++] = (struct trace_item){answer->events[i], 0, TRACE_NOWHERE};
        }
}

static bool is_same_node(const Actor__Inspect__Node *a, const Actor__Inspect__Node *b)
{
        return a->pid == b->pid && a->endpoint != NULL && b->endpoint != NULL &&
               strcmp(a->endpoint, b->endpoint) == 0 && strcmp(a->name, b->name) == 0;
}

static bool was_asked(const struct trace *trace, const Actor__Inspect__Node *node)
{
        for (size_t i = 0; i < trace->node_count; i++)
                if (trace->nodes[i].node != NULL && is_same_node(trace->nodes[i].node, node))
                        return true;
        return false;
}

static int ask_node(struct client *client, struct trace *trace, size_t index, struct actor_error *error)
{
        const char *place = trace->nodes[index].place;
        Actor__Inspect__Question question = ACTOR__INSPECT__QUESTION__INIT;
        INSPECT_SET(&question, what, ACTOR__INSPECT__QUESTION__WHAT__NODE);
        const Actor__Inspect__Answer *answer;
        int r = client_ask(client, place, &question, &trace->answers, &answer, error);
        if (r < 0 || answer->node == NULL || was_asked(trace, answer->node))
                return r;
        trace->nodes[index].node = answer->node;
        trace->nodes[index].name = actor_asprintf("%s@%s", answer->node->name, place);
        size_t first = trace->item_count;
        struct pages pages = {question, &trace->answers, on_events, trace};
        INSPECT_SET(&pages.question, what, ACTOR__INSPECT__QUESTION__WHAT__TRACE);
        INSPECT_SET(&pages.question, trace_id, trace->id);
        r = client_ask_pages(client, place, &pages, error);
        for (size_t i = first; i < trace->item_count; i++) {
                trace->items[i].node = index;
                if (trace->id != 0)
                        note_place(trace, place_of(trace->items[i].event->other_endpoint));
        }
        return r;
}

int trace_collect(struct client *client, const char *place, uint64_t id, struct trace *ret,
                  struct actor_error *error)
{
        *ret = (struct trace){.id = id};
        note_place(ret, actor_strdup(place));
        int r = ask_node(client, ret, 0, error);
        for (size_t i = 1; r == 0 && i < ret->node_count; i++) {
                struct actor_error why = {""};
                if (ask_node(client, ret, i, &why) < 0)
                        fprintf(stderr, "left out: %s\n", why.text);
        }
        if (r == 0)
                trace_order(ret);
        return r;
}

void trace_done(struct trace *trace)
{
        for (size_t i = 0; i < trace->node_count; i++) {
                free(trace->nodes[i].place);
                free(trace->nodes[i].name);
        }
        answers_done(&trace->answers);
        free(trace->nodes);
        free(trace->items);
        *trace = (struct trace){.id = 0};
}

/* ---- which message was handled where ------------------------------------------------------------- */

static bool is_text(const char *a, const char *b)
{
        return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool is_receiver(const Actor__Inspect__Event *sent, const Actor__Inspect__Event *end)
{
        if (sent->other_generation != 0)
                return sent->other_slot == end->slot && sent->other_generation == end->generation;
        size_t cut = sizeof((struct actor_trace_event *) NULL)->name - 1;
        return sent->other_name != NULL && end->name != NULL &&
               strncmp(sent->other_name, end->name, cut) == 0;
}

/* Generations are random per node, so slot and generation name a sender everywhere. An answer is told by
 * its question's number and asker: it may seem to come from the name that was asked. Other messages
 * from one actor to one other come in the order sent. */
static bool is_end_of(const struct trace_item *sent_item, const struct trace_item *end_item)
{
        const Actor__Inspect__Event *sent = sent_item->event, *end = end_item->event;
        if (end->kind != ACTOR_TRACE_HANDLED && end->kind != ACTOR_TRACE_LOST)
                return false;
        if (sent->trace_id != end->trace_id || sent->is_reply != end->is_reply ||
            sent->ask_id != end->ask_id || !is_text(sent->type, end->type) || !is_receiver(sent, end))
                return false;
        if (sent->is_reply)
                return true;
        if (sent->generation == 0) /* nobody's: it cannot have come from another node */
                return end->other_generation == 0 && sent_item->node == end_item->node;
        return sent->slot == end->other_slot && sent->generation == end->other_generation;
}

static int in_order(const void *a, const void *b)
{
        const struct trace_item *x = a, *y = b;
        if (x->event->wall_ns != y->event->wall_ns)
                return x->event->wall_ns > y->event->wall_ns ? 1 : -1;
        return (x->event->number > y->event->number) - (x->event->number < y->event->number);
}

void trace_order(struct trace *trace)
{
        if (trace->item_count == 0)
                return;
        CLEANUP(actor_freep) bool *taken = actor_zalloc(trace->item_count * sizeof *taken);
        qsort(trace->items, trace->item_count, sizeof *trace->items, in_order);
        for (size_t i = 0; i < trace->item_count; i++) {
                struct trace_item *sent = &trace->items[i];
                if (sent->event->kind != ACTOR_TRACE_SENT)
                        continue;
                for (size_t j = 0; j < trace->item_count && sent->handled == TRACE_NOWHERE; j++) {
                        if (taken[j] || !is_end_of(sent, &trace->items[j]))
                                continue;
                        taken[j] = true;
                        sent->handled = j;
                }
        }
}
