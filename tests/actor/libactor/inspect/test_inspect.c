/* SPDX-License-Identifier: Apache-2.0 */
/* A live node asked over the wire about its actors; and one message's way over two nodes. */
#include <check.h>

#include "../net/note.h"
#include "actorctl/look.h"
#include "actorctl/trace.h"
#include "check_main.h"
#include "inspect/messages.h"
#include "patience.h"

#include <actor/inspect.h>
#include <actor/log.h>
#include <actor/memory.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the nodes ----------------------------------------------------------------------------------- */

struct place {
        struct actor_node *node;
        char endpoint[256];
};

static struct actor_log *quiet;

static void ignore(void *arg, enum actor_log_level level, const char *line)
{
}

static struct actor_log *no_log(void)
{
        if (quiet == NULL)
                quiet = actor_log_new_function(ignore, NULL, ACTOR_LOG_ERROR);
        return quiet;
}

static struct place inspected_node(const char *name)
{
        struct place place;
        struct actor_error error;
        struct actor_node_config config = {.name = name, .workers = 2, .types = note_types, .log = no_log()};
        ck_assert_int_eq(actor_node_new(&config, &place.node), 0);
        ck_assert_int_eq(actor_node_listen(place.node, "tcp://127.0.0.1:0", place.endpoint,
                                           sizeof place.endpoint, &error),
                         0);
        ck_assert_int_eq(actor_inspect_start(place.node), 0);
        return place;
}

/* "127.0.0.1:port" */
static const char *address_of(const struct place *place)
{
        return place->endpoint + strlen("tcp://");
}

static struct client *open_client(void)
{
        struct client *client = NULL;
        struct actor_error error;
        ck_assert_int_eq(client_open(PATIENCE_S * 1000, NULL, &client, &error), 0);
        return client;
}

/* ---- actors to look at --------------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned arrived; /* at the gate, or at the end of the road */
static bool gate_is_open;

static void arrive(bool wait)
{
        pthread_mutex_lock(&lock);
        arrived++;
        pthread_cond_broadcast(&changed);
        while (wait && !gate_is_open)
                pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
}

static void open_gate(void)
{
        pthread_mutex_lock(&lock);
        gate_is_open = true;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
}

static void await_arrivals(unsigned count)
{
        pthread_mutex_lock(&lock);
        while (arrived < count)
                pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
}

struct family {
        struct actor_ref child;
};

/* Note 0 is passed over; 1 waits at the gate. */
static int on_family_note(struct family *family, const struct actor_mail *mail, const struct note *note)
{
        if (note->number == 1)
                arrive(true);
        return 0;
}
ACTOR_BIND(on_family_note, struct family, struct note)

static const struct actor_handler family_handlers[] = {
        {&note_type, on_family_note_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};

static const struct actor_class child_class = {
        .name = "child", .state_size = sizeof(struct family), .handlers = family_handlers};

static int parent_init(void *state, struct actor *self, const void *config)
{
        struct family *family = state;
        int r = actor_spawn(self, &child_class, "little one", NULL, &family->child);
        ck_assert_int_eq(r, -EINVAL); /* no name for an actor */
        r = actor_spawn(self, &child_class, "little", NULL, &family->child);
        actor_link(self, family->child);
        actor_monitor(self, family->child);
        actor_after(self, 3600000, note_of(&note_type, 0, 0));
        return r;
}

static const struct actor_class parent_class = {.name = "parent",
                                                .state_size = sizeof(struct family),
                                                .init = parent_init,
                                                .handlers = family_handlers};

static const struct actor_row *row_named(const struct look *look, const char *name)
{
        for (size_t i = 0; i < look->actor_count; i++)
                if (look->actors[i].actor->name != NULL && strcmp(look->actors[i].actor->name, name) == 0)
                        return &look->actors[i];
        ck_abort_msg("no actor %s", name);
        return NULL;
}

static const Actor__Inspect__Handler *handler_of(const struct look *look, const char *class)
{
        for (size_t i = 0; i < look->handler_count; i++)
                if (strcmp(look->handlers[i].handler->class_, class) == 0)
                        return look->handlers[i].handler;
        ck_abort_msg("no handler of %s", class);
        return NULL;
}

static void look(struct client *client, const struct place *place, struct look *ret)
{
        struct actor_error error = {""};
        ck_assert_msg(look_take(client, address_of(place), ret, &error) == 0, "%s", error.text);
}

START_TEST(a_node_tells_its_actors_and_whom_they_are_bound_to)
{
        struct place place = inspected_node("home");
        struct client *client = open_client();
        struct look seen;
        ck_assert_int_eq(actor_node_spawn(place.node, &parent_class, "big", NULL, NULL), 0);
        look(client, &place, &seen);
        ck_assert_str_eq(seen.node->name, "home");
        ck_assert_str_eq(seen.node->endpoint, place.endpoint);
        look_sort(&seen, "name");
        ck_assert_str_eq(seen.actors[0].actor->name, ACTOR_INSPECT_NAME);
        look_ask_bonds(client, address_of(&place), &seen, 10);
        const struct actor_row *big = row_named(&seen, "big"), *little = row_named(&seen, "little");
        ck_assert_str_eq(little->actor->class_, "child");
        ck_assert_uint_eq(little->actor->parent_slot, big->actor->slot);
        ck_assert(!big->actor->has_parent_slot);
        ck_assert_uint_eq(big->bonds->children, 1);
        ck_assert_uint_eq(big->bonds->timers, 1);
        ck_assert_uint_eq(big->bonds->n_link, 1);
        char *address = actor_asprintf("little@%s", address_of(&place));
        ck_assert_str_eq(big->bonds->link[0], address);
        ck_assert_str_eq(big->bonds->watched[0], address);
        ck_assert_str_eq(big->bonds->child[0], address);
        ck_assert_uint_eq(little->bonds->watchers, 1);
        ck_assert_uint_eq(little->bonds->links, 1);
        free(address);
        look_done(&seen);
        client_close(client);
        actor_node_free(place.node);
}
END_TEST

/* One that stands still: what waits behind it is seen to wait, and for how long; nobody else is held up. */
START_TEST(a_full_mailbox_and_its_age_are_seen_from_outside)
{
        struct place place = inspected_node("home");
        struct client *client = open_client();
        struct look first, second;
        struct actor_ref ref;
        ck_assert_int_eq(actor_node_spawn(place.node, &child_class, "slow", NULL, &ref), 0);
        ck_assert_int_eq(actor_node_send(place.node, ref, note_of(&note_type, 1, 0)), 0);
        await_arrivals(1);
        for (int i = 0; i < 7; i++)
                ck_assert_int_eq(actor_node_send(place.node, ref, note_of(&note_type, 0, 0)), 0);
        look(client, &place, &first);
        ck_assert_uint_eq(row_named(&first, "slow")->actor->depth, 7);
        look(client, &place, &second);
        look_compare(&second, &first);
        const struct actor_row *slow = row_named(&second, "slow");
        ck_assert(slow->oldest_is_least);
        ck_assert_uint_eq(slow->oldest_ns, (uint64_t) (slow->now_ns - row_named(&first, "slow")->now_ns));
        open_gate();
        look_done(&first);
        look_done(&second);
        client_close(client);
        actor_node_free(place.node);
}
END_TEST

START_TEST(handlers_are_counted_by_class_and_message)
{
        struct place place = inspected_node("home");
        struct client *client = open_client();
        struct look seen;
        struct actor_ref ref;
        gate_is_open = true;
        ck_assert_int_eq(actor_node_spawn(place.node, &child_class, NULL, NULL, &ref), 0);
        for (int i = 0; i < 100; i++)
                ck_assert_int_eq(actor_node_send(place.node, ref, note_of(&note_type, 0, 0)), 0);
        ck_assert_int_eq(actor_node_send(place.node, ref, note_of(&note_type, 1, 0)), 0);
        await_arrivals(1);
        look(client, &place, &seen);
        ck_assert_str_eq(handler_of(&seen, "child")->type, "test.Note");
        ck_assert_uint_ge(handler_of(&seen, "child")->count, 8); /* the first are all timed */
        ck_assert_uint_gt(handler_of(&seen, "child")->slowest_ns, 0);
        look_done(&seen);
        client_close(client);
        actor_node_free(place.node);
}
END_TEST

/* More actors than an answer holds come in pages, each once. */
START_TEST(many_actors_come_in_pages)
{
        struct place place = inspected_node("home");
        struct client *client = open_client();
        struct look seen;
        for (int i = 0; i < 1000; i++)
                ck_assert_int_eq(actor_node_spawn(place.node, &child_class, NULL, NULL, NULL), 0);
        look(client, &place, &seen);
        ck_assert_uint_eq(seen.actor_count, 1001);
        for (size_t i = 1; i < seen.actor_count; i++)
                ck_assert_uint_gt(seen.actors[i].actor->slot, seen.actors[i - 1].actor->slot);
        look_done(&seen);
        client_close(client);
        actor_node_free(place.node);
}
END_TEST

START_TEST(a_node_without_an_inspector_is_told_apart_from_none)
{
        struct client *client = open_client();
        struct actor_error error = {""};
        struct actor_node *node;
        char bound[256];
        struct look seen;
        struct actor_node_config config = {.workers = 1, .types = note_types, .log = no_log()};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        ck_assert_int_eq(actor_node_listen(node, "tcp://127.0.0.1:0", bound, sizeof bound, &error), 0);
        ck_assert_int_eq(look_take(client, bound + 6, &seen, &error), -ESRCH);
        ck_assert_ptr_nonnull(strstr(error.text, "does not let itself be inspected"));
        look_done(&seen);
        client_close(client);
        actor_node_free(node);
}
END_TEST

/* ---- one message's way --------------------------------------------------------------------------- */

/* A traveller at a sends the note on to a relay at b, which asks its child there; the answer goes back. */
struct road {
        struct actor_ref next;
        uint64_t trace_id;
};

static _Atomic uint64_t trace_begun;

static int on_set_out(struct road *road, const struct actor_mail *mail, const struct note *note)
{
        if (note->number == 1) {
                trace_begun = actor_trace(mail->self);
                return actor_send(mail->self, road->next, note_of(&note_type, 2, 0));
        }
        ck_assert_uint_eq(mail->trace_id, note->number == 5 ? trace_begun : 0);
        arrive(false);
        return 0;
}
ACTOR_BIND(on_set_out, struct road, struct note)

static int on_told(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        ck_assert_int_eq(mail->error, 0);
        ck_assert_uint_eq(mail->trace_id, trace_begun);
        struct actor_ref *back = arg;
        return actor_send(mail->self, *back, note_of(&note_type, 5, 0));
}

static struct actor_ref way_back;

static int on_relay(struct road *road, const struct actor_mail *mail, const struct note *note)
{
        if (note->number == 3) /* in the child */
                return actor_reply(mail, note_of(&note_type, 4, 0));
        way_back = mail->from;
        actor_ask(mail->self, road->next, note_of(&note_type, 3, 0), 60000, on_told, &way_back);
        return 0;
}
ACTOR_BIND(on_relay, struct road, struct note)

static int road_init(void *state, struct actor *self, const void *config)
{
        if (config != NULL)
                ((struct road *) state)->next = *(const struct actor_ref *) config;
        return 0;
}

static const struct actor_handler traveller_handlers[] = {{&note_type, on_set_out_bound, ACTOR_FROM_ANY},
                                                          ACTOR_HANDLER_END};
static const struct actor_handler relay_handlers[] = {{&note_type, on_relay_bound, ACTOR_FROM_ANY},
                                                      ACTOR_HANDLER_END};
static const struct actor_class traveller = {.name = "traveller",
                                             .state_size = sizeof(struct road),
                                             .init = road_init,
                                             .handlers = traveller_handlers};
static const struct actor_class relay = {
        .name = "relay", .state_size = sizeof(struct road), .init = road_init, .handlers = relay_handlers};

/* Slices of one row never overlap, and every flow begins inside one and ends where one begins. */
static bool is_in_a_slice(const json_t *events, const json_t *point, bool at_its_begin)
{
        size_t i;
        json_t *slice;
        json_array_foreach(events, i, slice)
        {
                double begin = json_real_value(json_object_get(slice, "ts")),
                       ts = json_real_value(json_object_get(point, "ts"));
                double end = begin + json_real_value(json_object_get(slice, "dur"));
                if (strcmp(json_string_value(json_object_get(slice, "ph")), "X") == 0 &&
                    json_equal(json_object_get(slice, "pid"), json_object_get(point, "pid")) &&
                    json_equal(json_object_get(slice, "tid"), json_object_get(point, "tid")) &&
                    (at_its_begin ? ts == begin : ts >= begin && ts <= end))
                        return true;
        }
        return false;
}

static size_t count_of(const json_t *events, const char *phase)
{
        size_t i, count = 0;
        json_t *event;
        json_array_foreach(events, i, event) count +=
                strcmp(json_string_value(json_object_get(event, "ph")), phase) == 0;
        return count;
}

static void check_chrome(const struct trace *trace, size_t handled, size_t flows)
{
        json_t *file = trace_to_chrome(trace);
        char *text = json_dumps(file, JSON_REAL_PRECISION(15));
        json_t *read = json_loads(text, 0, NULL), *events = json_object_get(read, "traceEvents"), *event;
        size_t i;
        ck_assert_ptr_nonnull(events);
        ck_assert_uint_eq(count_of(events, "X"), handled);
        ck_assert_uint_eq(count_of(events, "s"), flows);
        ck_assert_uint_eq(count_of(events, "f"), flows);
        json_array_foreach(events, i, event)
        {
                const char *phase = json_string_value(json_object_get(event, "ph"));
                if (strcmp(phase, "s") == 0)
                        ck_assert(is_in_a_slice(events, event, false));
                if (strcmp(phase, "f") == 0)
                        ck_assert(is_in_a_slice(events, event, true));
        }
        json_decref(read);
        json_decref(file);
        free(text);
}

struct collection {
        struct client *client;
        const struct place *place;
        size_t items; /* wanted */
        struct trace *trace;
};

static bool is_whole(void *arg)
{
        struct collection *c = arg;
        struct actor_error error = {""};
        ck_assert_msg(trace_collect(c->client, address_of(c->place), trace_begun, c->trace, &error) == 0,
                      "%s", error.text);
        if (c->trace->item_count == c->items)
                return true;
        trace_done(c->trace);
        return false;
}

/* A handler is told of when it has returned, which may be after others have heard of it. */
static void collect(struct client *client, const struct place *place, size_t items, struct trace *ret)
{
        struct collection collection = {client, place, items, ret};
        ck_assert_msg(comes_true(is_whole, &collection), "there are never %zu events", items);
}

START_TEST(a_message_is_followed_over_two_nodes_and_back)
{
        struct place a = inspected_node("a"), b = inspected_node("b");
        struct client *client = open_client();
        struct actor_ref inner, start, to_b;
        struct actor_error error = {""};
        struct trace trace;
        ck_assert_int_eq(actor_node_spawn(b.node, &relay, NULL, NULL, &inner), 0);
        ck_assert_int_eq(actor_node_spawn(b.node, &relay, "relay", &inner, NULL), 0);
        char *address = actor_asprintf("relay@%s", address_of(&b));
        ck_assert_int_eq(actor_node_resolve(a.node, address, &to_b, &error), 0);
        ck_assert_int_eq(actor_node_spawn(a.node, &traveller, "traveller", &to_b, &start), 0);
        ck_assert_int_eq(actor_node_send(a.node, start, note_of(&note_type, 1, 0)), 0);
        await_arrivals(1);
        ck_assert_int_eq(actor_node_send(a.node, start, note_of(&note_type, 6, 0)),
                         0); /* is part of nothing */
        await_arrivals(2);
        /* Handled: 1, 2, 3, 4, 5. Sent: 2 to 5; the first was sent before there was a trace. Arrived: 2
         * and 5. */
        collect(client, &a, 11, &trace);
        ck_assert_uint_eq(trace.node_count, 2);
        check_chrome(&trace, 5, 4);
        trace_done(&trace);
        free(address);
        client_close(client);
        actor_node_free(a.node);
        actor_node_free(b.node);
}
END_TEST

/* What finds nobody is lost, and the trace says so. */
START_TEST(a_lost_message_is_part_of_its_trace)
{
        struct place a = inspected_node("a"), b = inspected_node("b");
        struct client *client = open_client();
        struct actor_ref gone, start;
        struct trace trace;
        ck_assert_int_eq(actor_node_spawn(a.node, &traveller, NULL, NULL, &gone), 0);
        gone.generation += 1000;
        ck_assert_int_eq(actor_node_spawn(a.node, &traveller, "traveller", &gone, &start), 0);
        ck_assert_int_eq(actor_node_send(a.node, start, note_of(&note_type, 1, 0)), 0);
        ck_assert_int_eq(actor_node_send(a.node, start, note_of(&note_type, 6, 0)), 0);
        await_arrivals(1);
        collect(client, &a, 3, &trace); /* handled, sent, lost */
        size_t lost = 0;
        for (size_t i = 0; i < 3; i++)
                lost += trace.items[i].event->kind == ACTOR_TRACE_LOST &&
                        trace.items[i].event->error == -ESRCH;
        ck_assert_uint_eq(lost, 1);
        trace_done(&trace);
        client_close(client);
        actor_node_free(a.node);
        actor_node_free(b.node);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_node_tells_its_actors_and_whom_they_are_bound_to);
        tcase_add_test(tcase, a_full_mailbox_and_its_age_are_seen_from_outside);
        tcase_add_test(tcase, handlers_are_counted_by_class_and_message);
        tcase_add_test(tcase, many_actors_come_in_pages);
        tcase_add_test(tcase, a_node_without_an_inspector_is_told_apart_from_none);
        tcase_add_test(tcase, a_message_is_followed_over_two_nodes_and_back);
        tcase_add_test(tcase, a_lost_message_is_part_of_its_trace);
}

TEST_MAIN("inspector", add_tests)
