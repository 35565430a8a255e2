/* SPDX-License-Identifier: Apache-2.0 */
#include "actorctl/trace.h"

#include <actor/inspect.h>
#include <actor/memory.h>
#include <stdio.h>
#include <string.h>

/* chrome.c: a trace in the Trace Event Format ("Trace Event Format", Google, 2016), which
 * chrome://tracing and Perfetto read. A flow's ends belong to the slices around them, so a message sent
 * outside any traced handler gets a slice of its own. */

/* Which row an actor has: one "thread" an actor, since its handlers never overlap. */
struct rows {
        const Actor__Inspect__Event **first; /* an event of each actor seen */
        size_t *node;
        size_t count;
};

static size_t row_of(struct rows *rows, const struct trace_item *item)
{
        const Actor__Inspect__Event *event = item->event;
        for (size_t i = 0; i < rows->count; i++)
                if (rows->node[i] == item->node && rows->first[i]->slot == event->slot &&
                    rows->first[i]->generation == event->generation)
                        return i;
        rows->first[rows->count] = event;
        rows->node[rows->count] = item->node;
        return rows->count++;
}

/* Microseconds since the trace began: since the epoch they would not fit a double exactly. */
static double since_begin(const struct trace *trace, int64_t wall_ns)
{
        int64_t begin_ns = INT64_MAX;
        for (size_t i = 0; i < trace->item_count; i++)
                if (trace->items[i].event->wall_ns < begin_ns)
                        begin_ns = trace->items[i].event->wall_ns;
        return (double) (wall_ns - begin_ns) / 1e3;
}

static json_t *metadata(const char *what, size_t pid, size_t tid, const char *name)
{
        return json_pack("{s:s, s:s, s:I, s:I, s:{s:s}}", "ph", "M", "name", what, "pid", (json_int_t) pid,
                         "tid", (json_int_t) tid, "args", "name", name);
}

static void add_names(json_t *events, const struct trace *trace, const struct rows *rows)
{
        for (size_t i = 0; i < trace->node_count; i++)
                if (trace->nodes[i].node != NULL)
                        json_array_append_new(events,
                                              metadata("process_name", i + 1, 0, trace->nodes[i].name));
        for (size_t i = 0; i < rows->count; i++) {
                const Actor__Inspect__Event *event = rows->first[i];
                char text[256];
                const char *class = event->class_ != NULL ? event->class_ : "gone";
                if (event->generation == 0)
                        (void) snprintf(text, sizeof text, "(no actor)");
                else if (event->name != NULL)
                        (void) snprintf(text, sizeof text, "%s (%s)", event->name, class);
                else
                        (void) snprintf(text, sizeof text, "#%u (%s)", event->slot, class);
                json_array_append_new(events, metadata("thread_name", rows->node[i] + 1, i + 1, text));
        }
}

/* ---- slices -------------------------------------------------------------------------------------- */

static json_t *slice(const struct trace_item *item, size_t row, double at, const char *category)
{
        const Actor__Inspect__Event *event = item->event;
        return json_pack("{s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:{s:i, s:i, s:I}}", "ph", "X", "name",
                         event->type != NULL ? event->type : "(no answer)", "cat", category, "pid",
                         (json_int_t) item->node + 1, "tid", (json_int_t) row + 1, "ts", at, "dur",
                         (double) event->spent_ns / 1e3, "args", "worker", event->worker, "error",
                         event->error, "ask", (json_int_t) event->ask_id);
}

static bool is_inside_a_slice(const struct trace *trace, const struct trace_item *sent)
{
        for (size_t i = 0; i < trace->item_count; i++) {
                const Actor__Inspect__Event *around = trace->items[i].event;
                if (around->kind == ACTOR_TRACE_HANDLED && trace->items[i].node == sent->node &&
                    around->slot == sent->event->slot && around->generation == sent->event->generation &&
                    around->wall_ns <= sent->event->wall_ns &&
                    sent->event->wall_ns <= around->wall_ns + around->spent_ns)
                        return true;
        }
        return false;
}

static json_t *flow_end(const struct trace_item *item, const char *phase, size_t row, double at, size_t id)
{
        json_t *end = json_pack("{s:s, s:s, s:s, s:I, s:I, s:f, s:I}", "ph", phase, "name", "message", "cat",
                                "message", "pid", (json_int_t) item->node + 1, "tid", (json_int_t) row + 1,
                                "ts", at, "id", (json_int_t) id + 1);
        if (phase[0] == 'f')
                json_object_set_new(end, "bp", json_string("e"));
        return end;
}

static void add_item(json_t *events, const struct trace *trace, struct rows *rows, size_t index)
{
        const struct trace_item *item = &trace->items[index];
        size_t row = row_of(rows, item);
        double at = since_begin(trace, item->event->wall_ns);
        switch (item->event->kind) {
        case ACTOR_TRACE_HANDLED:
                json_array_append_new(events, slice(item, row, at, "handler"));
                break;
        case ACTOR_TRACE_LOST:
                json_array_append_new(events, slice(item, row, at, "lost"));
                break;
        case ACTOR_TRACE_ARRIVED:
                json_array_append_new(events, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:f}", "ph", "i", "s",
                                                        "t", "name", "arrived", "cat", "wire", "pid",
                                                        (json_int_t) item->node + 1, "tid",
                                                        (json_int_t) row + 1, "ts", at));
                break;
        case ACTOR_TRACE_SENT:
                if (!is_inside_a_slice(trace, item))
                        json_array_append_new(events, slice(item, row, at, "sent"));
                if (item->handled == TRACE_NOWHERE)
                        break;
                const struct trace_item *end = &trace->items[item->handled];
                json_array_append_new(events, flow_end(item, "s", row, at, index));
                json_array_append_new(events, flow_end(end, "f", row_of(rows, end),
                                                       since_begin(trace, end->event->wall_ns), index));
                break;
        }
}

json_t *trace_to_chrome(const struct trace *trace)
{
        json_t *events = json_array();
        struct rows rows = {
                actor_zalloc((trace->item_count + 1) * sizeof *rows.first),
                actor_zalloc((trace->item_count + 1) * sizeof *rows.node),
                0,
        };
        for (size_t i = 0; i < trace->item_count; i++)
                add_item(events, trace, &rows, i);
        add_names(events, trace, &rows);
        actor_freep(&rows.first);
        actor_freep(&rows.node);
        char id[24];
        (void) snprintf(id, sizeof id, "%llx", (unsigned long long) trace->id);
        return json_pack("{s:o, s:s, s:{s:s}}", "traceEvents", events, "displayTimeUnit", "ns", "otherData",
                         "trace", id);
}
