/* SPDX-License-Identifier: Apache-2.0 */
#include "actorctl/view.h"

#include <actor/inspect.h>
#include <actor/table.h>
#include <inttypes.h>
#include <string.h>

/* view.c: tables for people. */

const char *view_duration(uint64_t ns, char ret[static 16])
{
        static const struct {
                uint64_t below;
                double unit;
                const char *name;
        } units[] = {
                {1000, 1, "ns"},
                {1000000, 1e3, "us"},
                {1000000000, 1e6, "ms"},
                {60000000000, 1e9, "s"},
                {3600000000000, 6e10, "min"},
                {86400000000000, 3.6e12, "h"},
                {UINT64_MAX, 8.64e13, "d"},
        };
        size_t i = 0;
        while (ns >= units[i].below && units[i].below != UINT64_MAX)
                i++;
        double value = (double) ns / units[i].unit;
        (void) snprintf(ret, 16, value < 99.95 ? "%.3g%s" : "%.0f%s", value, units[i].name);
        return ret;
}

static void cell_duration(struct actor_table *table, uint64_t ns)
{
        char text[16];
        actor_table_cell(table, ns > 0 ? view_duration(ns, text) : NULL);
}

static void cell_name(struct actor_table *table, const char *name, uint32_t slot)
{
        if (name != NULL)
                actor_table_cell(table, name);
        else
                actor_table_cellf(table, "#%" PRIu32, slot);
}

/* Of rates and shares that are not known yet. */
static void cell_number(struct actor_table *table, const char *format, double number)
{
        char text[32];
        (void) snprintf(text, sizeof text, format[0] == 'r' ? "%.4g" : "%.1f%%",
                        format[0] == 'r' ? number : number * 100);
        actor_table_cell(table, number >= 0 ? text : NULL);
}

/* ---- a node -------------------------------------------------------------------------------------- */

static uint64_t total(const Actor__Inspect__Node *node, const char *name)
{
        for (size_t i = 0; i < node->n_totals; i++)
                if (strcmp(node->totals[i]->name, name) == 0)
                        return node->totals[i]->value;
        return 0;
}

static void print_node(const Actor__Inspect__Node *node, FILE *out)
{
        char text[16];
        fprintf(out, "%s at %s: libactor %s, process %" PRId64 ", %" PRIu32 " workers, up %s\n", node->name,
                node->endpoint != NULL ? node->endpoint : "no address", node->version, node->pid,
                node->workers, view_duration((uint64_t) node->uptime_ns, text));
        static const char *const shown[] = {"actors",        "timers",       "peers",   "sent",
                                            "handled",       "dead_letters", "dropped", "wire_sent",
                                            "wire_received", "slow_handlers"};
        for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
                fprintf(out, "%s%s %" PRIu64, i > 0 ? ", " : "", shown[i], total(node, shown[i]));
        fputc('\n', out);
        for (size_t i = 0; i < node->n_slow_handlers; i++) {
                const Actor__Inspect__SlowHandler *slow = node->slow_handlers[i];
                fprintf(out, "! worker %" PRIu32 ": %s (%s) has been handling a %s for %s\n", slow->worker,
                        slow->actor, slow->class_, slow->type, view_duration((uint64_t) slow->busy_ns, text));
        }
        fputc('\n', out);
}

static void cell_oldest(struct actor_table *table, const struct actor_row *row)
{
        char text[16];
        if (row->oldest_ns == 0)
                actor_table_cell(table, NULL);
        else
                actor_table_cellf(table, "%s%s", row->oldest_is_least ? "≥" : "≤",
                                  view_duration(row->oldest_ns, text));
}

static void print_actors(const struct look *look, size_t limit, FILE *out)
{
        static const char *const columns[] = {
                "ACTOR",    "CLASS",    ">DEPTH",    ">MOST",    ">OLDEST",         ">RATE/S", ">BUSY",
                ">HANDLED", ">DROPPED", ">RESTARTS", ">SLOWEST", "SLOWEST MESSAGE", NULL};
        struct actor_table *table = actor_table_new(columns);
        for (size_t i = 0; i < look->actor_count && i < limit; i++) {
                const struct actor_row *row = &look->actors[i];
                const Actor__Inspect__Actor *actor = row->actor;
                cell_name(table, actor->name, actor->slot);
                actor_table_cell(table, actor->class_);
                actor_table_cellf(table, "%" PRIu32, actor->depth);
                actor_table_cellf(table, "%" PRIu32, actor->depth_most);
                cell_oldest(table, row);
                cell_number(table, "rate", row->rate);
                cell_number(table, "share", row->busy);
                actor_table_cellf(table, "%" PRIu64, actor->handled);
                actor_table_cellf(table, "%" PRIu64, actor->dropped);
                actor_table_cellf(table, "%" PRIu32, actor->restarts);
                cell_duration(table, actor->slowest_ns);
                actor_table_cell(table, actor->slowest_type);
        }
        actor_table_print(table, out, "no actors");
        actor_table_free(table);
        if (look->actor_count > limit)
                fprintf(out, "… and %zu more (--limit)\n", look->actor_count - limit);
}

static void print_handlers(const struct look *look, size_t limit, FILE *out)
{
        static const char *const columns[] = {"CLASS",  "MESSAGE", ">COUNT",   ">RATE/S", ">BUSY",
                                              ">TOTAL", ">MEAN",   ">SLOWEST", NULL};
        struct actor_table *table = actor_table_new(columns);
        for (size_t i = 0; i < look->handler_count && i < limit; i++) {
                const Actor__Inspect__Handler *handler = look->handlers[i].handler;
                actor_table_cell(table, handler->class_);
                actor_table_cell(table, handler->type != NULL ? handler->type : "(no answer)");
                actor_table_cellf(table, "%" PRIu64, handler->count);
                cell_number(table, "rate", look->handlers[i].rate);
                cell_number(table, "share", look->handlers[i].busy);
                cell_duration(table, handler->busy_ns);
                cell_duration(table, handler->count > 0 ? handler->busy_ns / handler->count : 0);
                cell_duration(table, handler->slowest_ns);
        }
        fputc('\n', out);
        actor_table_print(table, out, "no handler has run");
        actor_table_free(table);
}

/* ---- bonds --------------------------------------------------------------------------------------- */

static void cell_list(struct actor_table *table, char **texts, size_t count, uint32_t whole)
{
        char text[512];
        size_t used = 0;
        text[0] = '\0';
        for (size_t i = 0; i < count && used < sizeof text; i++)
                used += (size_t) snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? " " : "",
                                          texts[i]);
        if (whole > count && used < sizeof text)
                (void) snprintf(text + used, sizeof text - used, " (%" PRIu32 " in all)", whole);
        actor_table_cell(table, text);
}

static const struct actor_row *find_parent(const struct look *look, const Actor__Inspect__Actor *actor)
{
        for (size_t i = 0; actor->has_parent_slot && i < look->actor_count; i++)
                if (look->actors[i].actor->slot == actor->parent_slot &&
                    look->actors[i].actor->generation == actor->parent_generation)
                        return &look->actors[i];
        return NULL;
}

static void print_bonds(const struct look *look, size_t limit, FILE *out)
{
        static const char *const columns[] = {"ACTOR", "PARENT",  ">CHILDREN",  ">TIMERS", ">ASKS",
                                              "LINKS", "WATCHES", "WATCHED BY", NULL};
        struct actor_table *table = actor_table_new(columns);
        for (size_t i = 0; i < look->actor_count && i < limit; i++) {
                const Actor__Inspect__Actor *actor = look->actors[i].actor;
                const Actor__Inspect__Bonds *bonds = look->actors[i].bonds;
                const struct actor_row *parent = find_parent(look, actor);
                if (bonds == NULL)
                        continue;
                cell_name(table, actor->name, actor->slot);
                if (parent != NULL)
                        cell_name(table, parent->actor->name, parent->actor->slot);
                else
                        actor_table_cell(table, NULL);
                actor_table_cellf(table, "%" PRIu32, bonds->children);
                actor_table_cellf(table, "%" PRIu32, bonds->timers);
                actor_table_cellf(table, "%" PRIu32, bonds->asks);
                cell_list(table, bonds->link, bonds->n_link, bonds->links);
                cell_list(table, bonds->watched, bonds->n_watched, bonds->watches);
                cell_list(table, bonds->watcher, bonds->n_watcher, bonds->watchers);
        }
        fputc('\n', out);
        actor_table_print(table, out, "no actor has answered");
        actor_table_free(table);
}

void view_look(const struct look *look, size_t limit, bool with_bonds, FILE *out)
{
        print_node(look->node, out);
        print_actors(look, limit, out);
        print_handlers(look, limit, out);
        if (with_bonds)
                print_bonds(look, limit, out);
}

/* ---- traces -------------------------------------------------------------------------------------- */

static const char *kind_name(uint32_t kind)
{
        static const char *const names[] = {"?", "sent", "arrived", "handled", "lost"};
        return kind < sizeof names / sizeof *names ? names[kind] : "?";
}

static void cell_other(struct actor_table *table, const Actor__Inspect__Event *event)
{
        if (event->other_name == NULL && event->other_generation == 0)
                actor_table_cell(table, NULL);
        else if (event->other_name != NULL)
                actor_table_cellf(table, "%s@%s", event->other_name,
                                  event->other_endpoint != NULL ? event->other_endpoint : "");
        else
                actor_table_cellf(table, "#%" PRIu32 "%s%s", event->other_slot,
                                  event->other_endpoint != NULL ? "@" : "",
                                  event->other_endpoint != NULL ? event->other_endpoint : "");
}

void view_trace(const struct trace *trace, FILE *out)
{
        static const char *const columns[] = {">AFTER",  "NODE",     "ACTOR", "WHAT",
                                              "MESSAGE", "TO, FROM", ">TOOK", NULL};
        struct actor_table *table = actor_table_new(columns);
        for (size_t i = 0; i < trace->item_count; i++) {
                const Actor__Inspect__Event *event = trace->items[i].event;
                actor_table_cellf(table, "%.1fus",
                                  (double) (event->wall_ns - trace->items[0].event->wall_ns) / 1e3);
                actor_table_cell(table, trace->nodes[trace->items[i].node].name);
                if (event->generation != 0)
                        cell_name(table, event->name, event->slot);
                else
                        actor_table_cell(table, NULL);
                actor_table_cell(table, kind_name(event->kind));
                actor_table_cell(table, event->type != NULL ? event->type : "(no answer)");
                cell_other(table, event);
                cell_duration(table, event->kind == ACTOR_TRACE_HANDLED ? (uint64_t) event->spent_ns : 0);
        }
        actor_table_print(table, out, "nothing is known of that trace");
        actor_table_free(table);
}

/* The first event of each trace stands for it. */
static bool is_first(const struct trace *trace, size_t index)
{
        for (size_t i = 0; i < index; i++)
                if (trace->items[i].event->trace_id == trace->items[index].event->trace_id)
                        return false;
        return true;
}

void view_traces(const struct trace *trace, size_t limit, FILE *out)
{
        static const char *const columns[] = {"TRACE", ">EVENTS", ">AGE", "FIRST", "MESSAGE", NULL};
        struct actor_table *table = actor_table_new(columns);
        size_t shown = 0;
        for (size_t i = trace->item_count; i-- > 0 && shown < limit;) { /* the newest first */
                const Actor__Inspect__Event *event = trace->items[i].event;
                size_t count = 0;
                if (!is_first(trace, i))
                        continue;
                for (size_t j = i; j < trace->item_count; j++)
                        count += trace->items[j].event->trace_id == event->trace_id;
                int64_t age_ns = trace->nodes[0].node->wall_ns - event->wall_ns;
                actor_table_cellf(table, "%" PRIx64, event->trace_id);
                actor_table_cellf(table, "%zu", count);
                cell_duration(table, age_ns > 0 ? (uint64_t) age_ns : 0);
                if (event->generation != 0)
                        cell_name(table, event->name, event->slot);
                else
                        actor_table_cell(table, NULL);
                actor_table_cell(table, event->type);
                shown++;
        }
        actor_table_print(table, out, "no traces are remembered there");
        actor_table_free(table);
}
