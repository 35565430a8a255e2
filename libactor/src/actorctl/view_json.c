/* SPDX-License-Identifier: Apache-2.0 */
#include "actorctl/view.h"

#include <inttypes.h>
#include <string.h>

/* view_json.c: the same for programs. References are "slot.generation", generations and traces hexadecimal,
 * since they do not fit the numbers of JSON. */

static json_t *ref_json(uint32_t slot, uint64_t generation)
{
        return generation != 0 ? json_sprintf("%" PRIu32 ".%" PRIx64, slot, generation) : json_null();
}

static void put(json_t *object, const char *key, uint64_t value)
{
        json_object_set_new(object, key, json_integer((json_int_t) value));
}

static void put_text(json_t *object, const char *key, const char *text)
{
        json_object_set_new(object, key, text != NULL ? json_string(text) : json_null());
}

static void put_real(json_t *object, const char *key, double value)
{
        json_object_set_new(object, key, value >= 0 ? json_real(value) : json_null());
}

static json_t *list_json(char **texts, size_t count)
{
        json_t *list = json_array();
        for (size_t i = 0; i < count; i++)
                json_array_append_new(list, json_string(texts[i]));
        return list;
}

static void print(json_t *value_take, FILE *out)
{
        json_dumpf(value_take, out, JSON_REAL_PRECISION(15));
        fputc('\n', out);
        fflush(out);
        json_decref(value_take);
}

/* ---- a node -------------------------------------------------------------------------------------- */

static json_t *node_json(const Actor__Inspect__Node *node)
{
        json_t *object = json_object(), *totals = json_object(), *slow = json_array();
        put_text(object, "name", node->name);
        put_text(object, "endpoint", node->endpoint);
        put_text(object, "libactor", node->version);
        put(object, "pid", (uint64_t) node->pid);
        put(object, "workers", node->workers);
        put(object, "uptime_ns", (uint64_t) node->uptime_ns);
        put(object, "wall_ns", (uint64_t) node->wall_ns);
        for (size_t i = 0; i < node->n_totals; i++)
                put(totals, node->totals[i]->name, node->totals[i]->value);
        json_object_set_new(object, "totals", totals);
        for (size_t i = 0; i < node->n_slow_handlers; i++) {
                json_t *one = json_object();
                put_text(one, "actor", node->slow_handlers[i]->actor);
                put_text(one, "class", node->slow_handlers[i]->class_);
                put_text(one, "type", node->slow_handlers[i]->type);
                put(one, "worker", node->slow_handlers[i]->worker);
                put(one, "busy_ns", (uint64_t) node->slow_handlers[i]->busy_ns);
                json_array_append_new(slow, one);
        }
        json_object_set_new(object, "slow_handlers_now", slow);
        return object;
}

static json_t *bonds_json(const Actor__Inspect__Bonds *bonds)
{
        if (bonds == NULL)
                return json_null();
        json_t *object = json_object();
        put(object, "timers", bonds->timers);
        put(object, "asks", bonds->asks);
        put(object, "child_count", bonds->children);
        put(object, "link_count", bonds->links);
        put(object, "watched_count", bonds->watches);
        put(object, "watcher_count", bonds->watchers);
        json_object_set_new(object, "children", list_json(bonds->child, bonds->n_child));
        json_object_set_new(object, "links", list_json(bonds->link, bonds->n_link));
        json_object_set_new(object, "watched", list_json(bonds->watched, bonds->n_watched));
        json_object_set_new(object, "watchers", list_json(bonds->watcher, bonds->n_watcher));
        return object;
}

static json_t *actor_json(const struct actor_row *row)
{
        const Actor__Inspect__Actor *actor = row->actor;
        json_t *object = json_object();
        json_object_set_new(object, "ref", ref_json(actor->slot, actor->generation));
        json_object_set_new(object, "parent", ref_json(actor->parent_slot, actor->parent_generation));
        put_text(object, "name", actor->name);
        put_text(object, "class", actor->class_);
        put(object, "depth", actor->depth);
        put(object, "depth_most", actor->depth_most);
        put(object, "oldest_ns", row->oldest_ns);
        put_text(object, "oldest_is", row->oldest_is_least ? "at least" : "at most");
        put_real(object, "rate", row->rate);
        put_real(object, "busy", row->busy);
        put(object, "handled", actor->handled);
        put(object, "dropped", actor->dropped);
        put(object, "restarts", actor->restarts);
        put(object, "busy_ns", actor->busy_ns);
        put(object, "slowest_ns", actor->slowest_ns);
        put_text(object, "slowest_type", actor->slowest_type);
        json_object_set_new(object, "bonds", bonds_json(row->bonds));
        return object;
}

static json_t *handler_json(const struct handler_row *row)
{
        json_t *object = json_object();
        put_text(object, "class", row->handler->class_);
        put_text(object, "type", row->handler->type);
        put(object, "count", row->handler->count);
        put_real(object, "rate", row->rate);
        put_real(object, "busy", row->busy);
        put(object, "busy_ns", row->handler->busy_ns);
        put(object, "slowest_ns", row->handler->slowest_ns);
        return object;
}

void view_look_json(const struct look *look, size_t limit, FILE *out)
{
        json_t *actors = json_array(), *handlers = json_array();
        for (size_t i = 0; i < look->actor_count && i < limit; i++)
                json_array_append_new(actors, actor_json(&look->actors[i]));
        for (size_t i = 0; i < look->handler_count && i < limit; i++)
                json_array_append_new(handlers, handler_json(&look->handlers[i]));
        print(json_pack("{s:o, s:I, s:o, s:o}", "node", node_json(look->node), "actor_count",
                        (json_int_t) look->actor_count, "actors", actors, "handlers", handlers),
              out);
}

/* ---- traces -------------------------------------------------------------------------------------- */

static json_t *event_json(const struct trace *trace, size_t index)
{
        static const char *const kinds[] = {"?", "sent", "arrived", "handled", "lost"};
        const Actor__Inspect__Event *event = trace->items[index].event;
        json_t *object = json_object();
        put_text(object, "node", trace->nodes[trace->items[index].node].name);
        put_text(object, "what", event->kind < sizeof kinds / sizeof *kinds ? kinds[event->kind] : "?");
        put(object, "wall_ns", (uint64_t) event->wall_ns);
        put(object, "spent_ns", (uint64_t) event->spent_ns);
        json_object_set_new(object, "actor", ref_json(event->slot, event->generation));
        put_text(object, "name", event->name);
        put_text(object, "class", event->class_);
        put_text(object, "type", event->type);
        json_object_set_new(object, "other", ref_json(event->other_slot, event->other_generation));
        put_text(object, "other_name", event->other_name);
        put_text(object, "other_endpoint", event->other_endpoint);
        json_object_set_new(object, "worker", json_integer(event->worker));
        json_object_set_new(object, "error", json_integer(event->error));
        size_t handled = trace->items[index].handled;
        json_object_set_new(object, "handled_by",
                            handled != TRACE_NOWHERE ? json_integer((json_int_t) handled) : json_null());
        return object;
}

void view_trace_json(const struct trace *trace, FILE *out)
{
        json_t *events = json_array();
        for (size_t i = 0; i < trace->item_count; i++)
                json_array_append_new(events, event_json(trace, i));
        print(json_pack("{s:o, s:o}", "trace", json_sprintf("%" PRIx64, trace->id), "events", events), out);
}

void view_traces_json(const struct trace *trace, FILE *out)
{
        json_t *counts = json_object();
        char id[24];
        for (size_t i = 0; i < trace->item_count; i++) {
                (void) snprintf(id, sizeof id, "%" PRIx64, trace->items[i].event->trace_id);
                json_int_t count = json_integer_value(json_object_get(counts, id));
                json_object_set_new(counts, id, json_integer(count + 1));
        }
        print(json_pack("{s:o}", "events_of_trace", counts), out);
}
