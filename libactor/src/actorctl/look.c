/* SPDX-License-Identifier: Apache-2.0 */
#include "actorctl/look.h"

#include "core/map.h"
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- taking one ---------------------------------------------------------------------------------- */

static void on_actors(void *arg, const Actor__Inspect__Answer *answer)
{
        struct look *look = arg;
        for (size_t i = 0; i < answer->n_actors; i++) {
                const Actor__Inspect__Actor *actor = answer->actors[i];
                ACTOR_ARRAY_RESERVE(look->actors, look->actor_count, look->actor_capacity);
                look->actors[look->actor_count++] = (struct actor_row){
                        .actor = actor,
                        .now_ns = answer->now_ns,
                        .rate = -1,
                        .busy = -1,
                        .mark_ns = answer->now_ns,
                        .mark_taken = actor->taken + actor->depth,
                };
        }
}

static void on_handlers(void *arg, const Actor__Inspect__Answer *answer)
{
        struct look *look = arg;
        for (size_t i = 0; i < answer->n_handlers; i++) {
                ACTOR_ARRAY_RESERVE(look->handlers, look->handler_count, look->handler_capacity);
                look->handlers[look->handler_count++] =
                        (struct handler_row){.handler = answer->handlers[i], .rate = -1, .busy = -1};
        }
}

static Actor__Inspect__Question question_about(Actor__Inspect__Question__What what)
{
        Actor__Inspect__Question question = ACTOR__INSPECT__QUESTION__INIT;
        INSPECT_SET(&question, what, what);
        return question;
}

int look_take(struct client *client, const char *place, struct look *ret, struct actor_error *error)
{
        *ret = (struct look){.node = NULL};
        Actor__Inspect__Question question = question_about(ACTOR__INSPECT__QUESTION__WHAT__NODE);
        const Actor__Inspect__Answer *answer;
        int r = client_ask(client, place, &question, &ret->answers, &answer, error);
        if (r < 0)
                return r;
        if (answer->node == NULL)
                return actor_error_set(error, -EPROTO,
                                       "%s: the inspector there does not say what node it is of", place);
        ret->node = answer->node;
        ret->now_ns = answer->now_ns;
        struct pages pages = {question_about(ACTOR__INSPECT__QUESTION__WHAT__ACTORS), &ret->answers,
                              on_actors, ret};
        r = client_ask_pages(client, place, &pages, error);
        if (r < 0)
                return r;
        pages.question = question_about(ACTOR__INSPECT__QUESTION__WHAT__HANDLERS);
        pages.each = on_handlers;
        return client_ask_pages(client, place, &pages, error);
}

void look_done(struct look *look)
{
        answers_done(&look->answers);
        free(look->actors);
        free(look->handlers);
        *look = (struct look){.node = NULL};
}

void look_ask_bonds(struct client *client, const char *place, struct look *look, size_t count)
{
        for (size_t i = 0; i < count && i < look->actor_count; i++) {
                Actor__Inspect__Question question = question_about(ACTOR__INSPECT__QUESTION__WHAT__BONDS);
                INSPECT_SET(&question, slot, look->actors[i].actor->slot);
                INSPECT_SET(&question, generation, look->actors[i].actor->generation);
                const Actor__Inspect__Answer *answer;
                if (client_ask(client, place, &question, &look->answers, &answer, NULL) == 0)
                        look->actors[i].bonds = answer->bonds;
        }
}

/* ---- comparing two ------------------------------------------------------------------------------- */

static double per_second(uint64_t now, uint64_t before, int64_t passed_ns)
{
        return passed_ns > 0 && now >= before ? (double) (now - before) * 1e9 / (double) passed_ns : 0;
}

/* Whether some of what had to be taken until `target` still waits. The numbers wrap. */
static bool waits_until(const Actor__Inspect__Actor *actor, uint32_t target)
{
        return (int32_t) (actor->taken - target) < 0;
}

/* What waited at an earlier look and has not been taken since has waited as long as lies between them; if
 * all that waited at the look before has been taken, what waits now has come since. */
static void compare_age(struct actor_row *row, const struct actor_row *before)
{
        const Actor__Inspect__Actor *actor = row->actor;
        if (actor->depth == 0)
                return;
        uint32_t waited_before = before->actor->taken + before->actor->depth;
        row->oldest_is_least = waits_until(actor, waited_before);
        row->oldest_ns = (uint64_t) (row->now_ns - before->now_ns);
        if (!row->oldest_is_least)
                return;
        bool still = waits_until(actor, before->mark_taken);
        row->mark_ns = still ? before->mark_ns : before->now_ns;
        row->mark_taken = still ? before->mark_taken : waited_before;
        row->oldest_ns = (uint64_t) (row->now_ns - row->mark_ns);
}

static void compare_actor(struct actor_row *row, const struct actor_row *before)
{
        int64_t passed_ns = row->now_ns - before->now_ns;
        row->rate = per_second(row->actor->handled, before->actor->handled, passed_ns);
        row->busy = per_second(row->actor->busy_ns, before->actor->busy_ns, passed_ns) / 1e9;
        compare_age(row, before);
}

static const struct handler_row *find_handler(const struct look *look, const Actor__Inspect__Handler *handler)
{
        for (size_t i = 0; i < look->handler_count; i++) {
                const Actor__Inspect__Handler *known = look->handlers[i].handler;
                const char *type = known->type != NULL ? known->type : "";
                if (strcmp(known->class_, handler->class_) == 0 &&
                    strcmp(type, handler->type != NULL ? handler->type : "") == 0)
                        return &look->handlers[i];
        }
        return NULL;
}

void look_compare(struct look *look, const struct look *before)
{
        struct map by_slot = {.capacity = 0};
        for (size_t i = 0; i < before->actor_count; i++)
                map_put(&by_slot, (uint64_t) before->actors[i].actor->slot + 1, &before->actors[i]);
        for (size_t i = 0; i < look->actor_count; i++) {
                struct actor_row *row = &look->actors[i];
                const struct actor_row *earlier = map_get(&by_slot, (uint64_t) row->actor->slot + 1);
                if (earlier != NULL && earlier->actor->generation == row->actor->generation)
                        compare_actor(row, earlier);
        }
        map_done(&by_slot);
        for (size_t i = 0; i < look->handler_count; i++) {
                struct handler_row *row = &look->handlers[i];
                const struct handler_row *earlier = find_handler(before, row->handler);
                int64_t passed_ns = look->now_ns - before->now_ns;
                row->rate = per_second(row->handler->count, earlier ? earlier->handler->count : 0, passed_ns);
                row->busy = per_second(row->handler->busy_ns, earlier ? earlier->handler->busy_ns : 0,
                                       passed_ns) /
                            1e9;
        }
}

/* ---- sorting ------------------------------------------------------------------------------------- */

static int more_first(double a, double b)
{
        return (a < b) - (a > b);
}

static int by_name(const void *a, const void *b)
{
        const Actor__Inspect__Actor *x = ((const struct actor_row *) a)->actor;
        const Actor__Inspect__Actor *y = ((const struct actor_row *) b)->actor;
        if ((x->name != NULL) != (y->name != NULL)) /* those with a name first */
                return x->name != NULL ? -1 : 1;
        int order = x->name != NULL ? strcmp(x->name, y->name) : 0;
        return order != 0 ? order : (x->slot > y->slot) - (x->slot < y->slot);
}

static int by_depth(const void *a, const void *b)
{
        int order = more_first(((const struct actor_row *) a)->actor->depth,
                               ((const struct actor_row *) b)->actor->depth);
        return order != 0 ? order : by_name(a, b);
}

static int by_rate(const void *a, const void *b)
{
        int order = more_first(((const struct actor_row *) a)->rate, ((const struct actor_row *) b)->rate);
        return order != 0 ? order : by_name(a, b);
}

static int by_busy(const void *a, const void *b)
{
        int order = more_first(((const struct actor_row *) a)->busy, ((const struct actor_row *) b)->busy);
        return order != 0 ? order : by_name(a, b);
}

static int by_handled(const void *a, const void *b)
{
        int order = more_first((double) ((const struct actor_row *) a)->actor->handled,
                               (double) ((const struct actor_row *) b)->actor->handled);
        return order != 0 ? order : by_name(a, b);
}

static int by_time_spent(const void *a, const void *b)
{
        const struct handler_row *x = a, *y = b;
        int order = more_first(x->busy, y->busy);
        return order != 0 ? order : more_first((double) x->handler->busy_ns, (double) y->handler->busy_ns);
}

void look_sort(struct look *look, const char *by)
{
        static const struct {
                const char *name;
                int (*compare)(const void *a, const void *b);
        } orders[] = {{"depth", by_depth},
                      {"rate", by_rate},
                      {"busy", by_busy},
                      {"handled", by_handled},
                      {"name", by_name}};
        size_t i = 0;
        while (strcmp(orders[i].name, by) != 0)
                assert(++i < sizeof orders / sizeof *orders);
        if (look->actor_count > 0)
                qsort(look->actors, look->actor_count, sizeof *look->actors, orders[i].compare);
        if (look->handler_count > 0)
                qsort(look->handlers, look->handler_count, sizeof *look->handlers, by_time_spent);
}
