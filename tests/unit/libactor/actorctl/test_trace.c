/* SPDX-License-Identifier: Apache-2.0 */
/* Which handler belongs to which send, among the events of several nodes. */
#include "check_main.h"

#include "actorctl/trace.h"

#include <actor/inspect.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 16 };

struct story {
        Actor__Inspect__Event events[EVENTS_MAX];
        struct trace_item items[EVENTS_MAX];
        struct trace trace;
};

/* Event `kind` at node `node`, of actor `slot` about `other`; generations are 100 + slot. */
static Actor__Inspect__Event *happens(struct story *story, uint32_t kind, size_t node, uint32_t slot,
                                      uint32_t other)
{
        size_t index = story->trace.item_count++;
        Actor__Inspect__Event *event = &story->events[index];
        actor__inspect__event__init(event);
        event->number = index + 1;
        event->kind = kind;
        event->trace_id = 1;
        event->wall_ns = (int64_t) index * 1000;
        event->spent_ns = kind == ACTOR_TRACE_HANDLED ? 500 : 0;
        event->type = (char *) "note";
        event->slot = slot;
        event->generation = slot != 0 ? 100 + slot : 0;
        event->other_slot = other;
        event->other_generation = other != 0 ? 100 + other : 0;
        story->items[index] = (struct trace_item){event, node, TRACE_NOWHERE};
        story->trace.items = story->items;
        return event;
}

/* Where what the event `index` (as told) sent was handled, as an index of events; EVENTS_MAX: unknown. */
static size_t end_of(const struct story *story, size_t index)
{
        for (size_t i = 0; i < story->trace.item_count; i++)
                if (story->items[i].event == &story->events[index])
                        return story->items[i].handled == TRACE_NOWHERE
                                       ? EVENTS_MAX
                                       : (size_t) (story->items[story->items[i].handled].event -
                                                   story->events);
        return EVENTS_MAX;
}

START_TEST(equal_messages_between_two_actors_are_told_apart_by_their_order)
{
        struct story s = {.trace = {.id = 1}};
        happens(&s, ACTOR_TRACE_SENT, 0, 1, 2);
        happens(&s, ACTOR_TRACE_SENT, 0, 1, 2);
        happens(&s, ACTOR_TRACE_SENT, 0, 3, 2);
        happens(&s, ACTOR_TRACE_HANDLED, 1, 2, 3);
        happens(&s, ACTOR_TRACE_HANDLED, 1, 2, 1);
        happens(&s, ACTOR_TRACE_HANDLED, 1, 2, 1);
        trace_order(&s.trace);
        ck_assert_uint_eq(end_of(&s, 0), 4);
        ck_assert_uint_eq(end_of(&s, 1), 5);
        ck_assert_uint_eq(end_of(&s, 2), 3);
}
END_TEST

/* A clock that is behind makes a handler seem to run before its message was sent: no matter. */
START_TEST(clocks_that_disagree_do_not_part_a_message_from_its_handler)
{
        struct story s = {.trace = {.id = 1}};
        happens(&s, ACTOR_TRACE_SENT, 0, 1, 2)->wall_ns = 5000;
        happens(&s, ACTOR_TRACE_HANDLED, 1, 2, 1)->wall_ns = 1000;
        trace_order(&s.trace);
        ck_assert_uint_eq(end_of(&s, 0), 1);
}
END_TEST

START_TEST(a_message_to_a_name_is_found_by_the_name)
{
        struct story s = {.trace = {.id = 1}};
        Actor__Inspect__Event *sent = happens(&s, ACTOR_TRACE_SENT, 0, 1, 0);
        sent->other_slot = 77;
        sent->other_name = (char *) "server";
        happens(&s, ACTOR_TRACE_HANDLED, 1, 2, 1)->name = (char *) "clerk";
        happens(&s, ACTOR_TRACE_HANDLED, 1, 3, 1)->name = (char *) "server";
        trace_order(&s.trace);
        ck_assert_uint_eq(end_of(&s, 0), 2);
}
END_TEST

/* An answer may come from somebody else than was asked, and seem to come from a name. */
START_TEST(an_answer_is_found_by_its_questions_number)
{
        struct story s = {.trace = {.id = 1}};
        Actor__Inspect__Event *sent[2], *handled[2];
        for (uint64_t i = 0; i < 2; i++) {
                sent[i] = happens(&s, ACTOR_TRACE_SENT, 1, 5, 1);
                sent[i]->is_reply = true;
                sent[i]->ask_id = 41 + i;
        }
        for (uint64_t i = 0; i < 2; i++) {
                handled[i] = happens(&s, ACTOR_TRACE_HANDLED, 0, 1, 0);
                handled[i]->is_reply = true;
                handled[i]->ask_id = 42 - i;
                handled[i]->other_name = (char *) "server";
        }
        trace_order(&s.trace);
        ck_assert_uint_eq(end_of(&s, 0), 3);
        ck_assert_uint_eq(end_of(&s, 1), 2);
}
END_TEST

START_TEST(a_lost_message_ends_where_it_was_lost_and_others_nowhere)
{
        struct story s = {.trace = {.id = 1}};
        happens(&s, ACTOR_TRACE_SENT, 0, 1, 2);
        happens(&s, ACTOR_TRACE_LOST, 0, 2, 1);
        happens(&s, ACTOR_TRACE_SENT, 0, 1, 2);
        happens(&s, ACTOR_TRACE_SENT, 0, 0, 2); /* from no actor: only here */
        happens(&s, ACTOR_TRACE_HANDLED, 1, 2, 0);
        trace_order(&s.trace);
        ck_assert_uint_eq(end_of(&s, 0), 1);
        ck_assert_uint_eq(end_of(&s, 2), EVENTS_MAX);
        ck_assert_uint_eq(end_of(&s, 3), EVENTS_MAX);
}
END_TEST

static json_t *event_of(const json_t *file, const char *phase)
{
        size_t i;
        json_t *event;
        json_array_foreach(json_object_get(file, "traceEvents"), i, event)
        {
                if (strcmp(json_string_value(json_object_get(event, "ph")), phase) == 0)
                        return event;
        }
        ck_abort_msg("no event of phase %s", phase);
        return NULL;
}

/* A flow needs a slice to begin in: what is sent outside a traced handler gets one. Times are exact. */
START_TEST(a_message_sent_outside_a_handler_has_a_slice_to_begin_in)
{
        struct story s = {.trace = {.id = 0x1f}};
        const int64_t now_ns = INT64_C(1790000000000000000);
        happens(&s, ACTOR_TRACE_SENT, 0, 1, 2)->wall_ns = now_ns;
        happens(&s, ACTOR_TRACE_HANDLED, 0, 2, 1)->wall_ns = now_ns + 1;
        trace_order(&s.trace);
        json_t *file = trace_to_chrome(&s.trace);
        ck_assert_str_eq(json_string_value(json_object_get(json_object_get(file, "otherData"), "trace")),
                         "1f");
        ck_assert_str_eq(json_string_value(json_object_get(event_of(file, "X"), "cat")), "sent");
        ck_assert_double_eq(json_real_value(json_object_get(event_of(file, "s"), "ts")), 0);
        ck_assert_double_eq(json_real_value(json_object_get(event_of(file, "f"), "ts")), 0.001);
        ck_assert_str_eq(json_string_value(json_object_get(event_of(file, "f"), "bp")), "e");
        json_decref(file);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, equal_messages_between_two_actors_are_told_apart_by_their_order);
        tcase_add_test(tcase, clocks_that_disagree_do_not_part_a_message_from_its_handler);
        tcase_add_test(tcase, a_message_to_a_name_is_found_by_the_name);
        tcase_add_test(tcase, an_answer_is_found_by_its_questions_number);
        tcase_add_test(tcase, a_lost_message_ends_where_it_was_lost_and_others_nowhere);
        tcase_add_test(tcase, a_message_sent_outside_a_handler_has_a_slice_to_begin_in);
}

TEST_MAIN("actorctl traces", add_tests)
