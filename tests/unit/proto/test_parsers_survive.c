/* SPDX-License-Identifier: Apache-2.0 */
/* Random and damaged texts through every parser of the room: each is taken or refused with a
 * sentence, nothing crashes or leaks, and what was taken means the same when written and read again. */
#include <actor/memory.h>
#include <check_main.h>
#include <proto/attributes.h>
#include <proto/ids.h>
#include <proto/json.h>
#include <proto/quantities.h>
#include <proto/resources.h>
#include <proto/values.h>
#include <string.h>

#define ROUNDS 4000
#define TEXT_MAX 400

struct arena {
        char unused;
};
static ACTOR_LOCAL_TYPE(arena_type, struct arena);

static uint64_t dice(uint64_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        return *state;
}

/* Replaces, inserts, removes or repeats a few bytes; often with those that parsers care for. */
static void damage(char text[TEXT_MAX], uint64_t *state)
{
        static const char pointed[] = "[]{}():;,-./*\"\\0123456789eE+ \n\t\x7f\x01\xff";
        size_t times = dice(state) % 4 + 1;
        while (times-- > 0) {
                size_t length = strlen(text), at = dice(state) % (length + 1);
                char byte = pointed[dice(state) % (sizeof pointed - 1)];
                switch (dice(state) % 4) {
                case 0:
                        text[at < length ? at : 0] = length > 0 ? byte : '\0';
                        break;
                case 1:
                        if (length + 1 < TEXT_MAX) {
                                memmove(text + at + 1, text + at, length - at + 1);
                                text[at] = byte;
                        }
                        break;
                case 2:
                        if (at < length)
                                memmove(text + at, text + at + 1, length - at);
                        break;
                default:
                        if (length * 2 < TEXT_MAX)
                                memmove(text + length, text + at, length - at + 1),
                                        text[length * 2 - at] = '\0';
                        break;
                }
        }
}

static void check_sentence(const struct actor_error *error, const char *text)
{
        ck_assert_msg(error->text[0] != '\0', "refused without a sentence: %s", text);
}

static void check_same_through_v1(const struct resources *r)
{
        void *arena = actor_msg_new(&arena_type);
        V1__Resource **list = NULL;
        size_t count = 0;
        resources_to_v1(r, arena, &count, &list);
        CLEANUP(resources_freep) struct resources *again = NULL;
        ck_assert_int_eq(resources_from_v1(list, count, &again, NULL), 0);
        ck_assert(resources_equal(r, again));
        resources_subtract(again, r);
        ck_assert(resources_is_empty(again));
        actor_msg_unref(arena);
}

static void try_resources(const char *text)
{
        CLEANUP(resources_freep) struct resources *r = NULL;
        struct actor_error error = {{0}};
        if (resources_parse(text, "ops", &r, &error) < 0) {
                check_sentence(&error, text);
                return;
        }
        CLEANUP(actor_freep) char *printed = resources_print(r);
        ck_assert_ptr_nonnull(printed);
        json_decref(resources_to_legacy_json(r));
        struct quantities q = quantities_from_resources(r);
        quantities_clear(&q);
        check_same_through_v1(r);
}

static void try_value(const char *text)
{
        struct value value = {0};
        struct actor_error error = {{0}};
        if (value_parse(text, &value, &error) < 0)
                check_sentence(&error, text);
        else if (value.type == V1__VALUE__TYPE__RANGES)
                ck_assert(ranges_equal(&value.ranges, &value.ranges));
        value_clear(&value);
}

static void try_attributes(const char *text)
{
        void *arena = actor_msg_new(&arena_type);
        V1__Attribute **list = NULL;
        size_t count = 0;
        struct actor_error error = {{0}};
        if (attributes_parse(text, arena, &count, &list, &error) < 0) {
                check_sentence(&error, text);
        } else {
                CLEANUP(actor_freep) char *printed = attributes_print(list, count);
                ck_assert_ptr_nonnull(printed);
                ck_assert(attributes_equal(list, count, list, count));
        }
        actor_msg_unref(arena);
}

static void try_quantities(const char *text)
{
        struct quantities q = {0};
        struct limits limits = {{0}};
        struct actor_error error = {{0}};
        if (quantities_parse(text, &q, &error) < 0) {
                check_sentence(&error, text);
        } else {
                struct quantities again = {0};
                CLEANUP(actor_freep) char *printed = quantities_print(&q);
                ck_assert(q.count == 0 || quantities_parse(printed, &again, NULL) == 0);
                quantities_clear(&again);
        }
        if (limits_parse(text, &limits, &error) < 0)
                check_sentence(&error, text);
        limits_clear(&limits);
        quantities_clear(&q);
}

static void try_names(const char *text)
{
        struct actor_error error = {{0}};
        char **roles = NULL;
        if (role_list_parse(text, &roles, &error) < 0)
                check_sentence(&error, text);
        role_list_free(roles);
        if (id_validate("task id", text, &error) < 0)
                check_sentence(&error, text);
        ck_assert_int_le(container_id_validate(text, &error), 0);
}

static void try_json(const char *text)
{
        json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
        void *call = NULL;
        struct actor_error error = {{0}};
        if (json == NULL)
                return;
        if (proto_from_json(&sched_call_type, json, &call, &error) < 0) {
                check_sentence(&error, text);
        } else {
                json_t *again = proto_to_json(call);
                ck_assert_ptr_nonnull(again);
                json_decref(again);
                actor_msg_unref(call);
        }
        json_decref(json);
}

static void try_all(const char *text)
{
        try_resources(text);
        try_value(text);
        try_attributes(text);
        try_quantities(text);
        try_names(text);
        try_json(text);
}

START_TEST(damaged_texts_are_taken_or_refused)
{
        static const char *const good[] = {
                "cpus:4;mem(eng/dev):8192;ports:[31000-32000, 33000-34000];disks:{a,b,c};gpus:0.5",
                "[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1.5}},{\"name\":\"disk\","
                "\"type\":\"SCALAR\","
                "\"scalar\":{\"value\":10},\"reservations\":[{\"type\":\"STATIC\",\"role\":\"r\"}],\"disk\":{"
                "\"source\":"
                "{\"type\":\"MOUNT\",\"mount\":{\"root\":\"/"
                "m\"}}}},{\"name\":\"p\",\"type\":\"RANGES\",\"ranges\":"
                "{\"range\":[{\"begin\":1,\"end\":5}]},\"role\":\"q\"}]",
                "rack:r1;cores:8;ports:[1-2];zone:{x}",
                "{\"type\":\"ACCEPT\",\"framework_id\":{\"value\":\"f\"},\"accept\":{\"offer_ids\":[{"
                "\"value\":\"o\"}],"
                "\"operations\":[{\"type\":\"LAUNCH\",\"launch\":{\"task_infos\":[{\"name\":\"n\",\"task_"
                "id\":{\"value\":\"t\"},"
                "\"agent_id\":{\"value\":\"a\"},\"data\":\"AAECAw==\",\"limits\":{\"cpus\":{\"value\":2}}}]}}"
                "],"
                "\"filters\":{\"refuse_seconds\":1e3}}}",
                "eng/dev,ops,*,a/b/c",
        };
        uint64_t state = 88172645463325252u;
        for (size_t round = 0; round < ROUNDS; round++) {
                char text[TEXT_MAX];
                snprintf(text, sizeof text, "%s", good[round % (sizeof good / sizeof *good)]);
                damage(text, &state);
                try_all(text);
        }
}
END_TEST

START_TEST(random_bytes_are_taken_or_refused)
{
        uint64_t state = 123456789;
        for (size_t round = 0; round < ROUNDS; round++) {
                char text[64];
                size_t length = dice(&state) % (sizeof text - 1);
                for (size_t i = 0; i < length; i++)
                        text[i] = (char) (dice(&state) % 255 + 1);
                text[length] = '\0';
                try_all(text);
        }
}
END_TEST

START_TEST(texts_beyond_the_limit_are_refused_and_not_read)
{
        CLEANUP(actor_freep) char *text = actor_malloc(VALUE_TEXT_MAX + 2);
        memset(text, '[', VALUE_TEXT_MAX + 1);
        text[VALUE_TEXT_MAX + 1] = '\0';
        struct resources *r = NULL;
        struct quantities q = {0};
        ck_assert_int_lt(resources_parse(text, NULL, &r, NULL), 0);
        ck_assert_int_lt(quantities_parse(text, &q, NULL), 0);
        text[VALUE_TEXT_MAX] = '\0';
        ck_assert_int_lt(resources_parse(text, NULL, &r, NULL), 0);
}
END_TEST

START_TEST(many_entries_of_one_text_merge_in_reasonable_time)
{
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);
        for (int i = 0; i < RESOURCE_ENTRIES_MAX; i++)
                fprintf(stream, "r%d:1;", i);
        fclose(stream);
        CLEANUP(actor_freep) char *owned = text;
        CLEANUP(resources_freep) struct resources *r = NULL;
        ck_assert_int_eq(resources_parse(owned, NULL, &r, NULL), 0);
        ck_assert_int_eq(resources_scalar_milli(r, "r4095"), 1000);
        CLEANUP(actor_freep) char *more = actor_asprintf("%sone:1", owned);
        struct resources *none = NULL;
        struct actor_error error = {{0}};
        ck_assert_int_lt(resources_parse(more, NULL, &none, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "4096"));
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, damaged_texts_are_taken_or_refused);
        tcase_add_test(tcase, random_bytes_are_taken_or_refused);
        tcase_add_test(tcase, texts_beyond_the_limit_are_refused_and_not_read);
        tcase_add_test(tcase, many_entries_of_one_text_merge_in_reasonable_time);
}

TEST_MAIN("parsers survive", add_tests)
