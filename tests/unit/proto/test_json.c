/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <check_main.h>
#include <math.h>
#include <proto/copy.h>
#include <proto/json.h>
#include <string.h>

static json_t *load(const char *text)
{
        json_error_t where;
        json_t *json = json_loads(text, JSON_DECODE_ANY, &where);
        ck_assert_msg(json != NULL, "%s in %s", where.text, text);
        return json;
}

static Sched__Call *read_call(const char *text)
{
        json_t *json = load(text);
        void *call = NULL;
        struct actor_error error = {{0}};
        int r = proto_from_json(&sched_call_type, json, &call, &error);
        ck_assert_msg(r == 0, "%s", error.text);
        json_decref(json);
        return call;
}

/* The sentence for a call that must be refused. */
static struct actor_error refuse(const char *text)
{
        json_t *json = load(text);
        void *call = NULL;
        struct actor_error error = {{0}};
        ck_assert_msg(proto_from_json(&sched_call_type, json, &call, &error) < 0, "accepted %s", text);
        ck_assert_ptr_null(call);
        json_decref(json);
        return error;
}

static void check_refused(const char *text, const char *path)
{
        struct actor_error error = refuse(text);
        ck_assert_msg(strstr(error.text, path) == error.text, "'%s' does not begin with '%s'", error.text,
                      path);
}

START_TEST(a_call_comes_back_the_same_through_json)
{
        static const char text[] = "{\"type\":\"SUBSCRIBE\",\"framework_id\":{\"value\":\"f\"},\"subscribe\":"
                                   "{\"framework_info\":"
                                   "{\"user\":\"u\",\"name\":\"n\",\"failover_timeout\":3.5,\"roles\":[\"a\","
                                   "\"b/c\"],\"labels\":{\"labels\":"
                                   "[{\"key\":\"k\",\"value\":\"v\"}]},\"capabilities\":[{\"type\":\"MULTI_"
                                   "ROLE\"}],\"offer_filters\":"
                                   "{\"a\":{\"min_allocatable_resources\":{\"quantities\":[{\"quantities\":{"
                                   "\"cpus\":{\"value\":1.5}}}]}}}},"
                                   "\"suppressed_roles\":[\"a\"]}}";
        Sched__Call *call = read_call(text);
        ck_assert_str_eq(call->subscribe->framework_info->roles[1], "b/c");
        ck_assert_uint_eq(call->subscribe->framework_info->n_offer_filters, 1);
        ck_assert_str_eq(call->subscribe->framework_info->offer_filters[0]->key, "a");
        json_t *json = proto_to_json(call);
        void *again = NULL;
        ck_assert_int_eq(proto_from_json(&sched_call_type, json, &again, NULL), 0);
        json_t *json_again = proto_to_json(again); /* defaults shown are set when read: compared as JSON */
        ck_assert(json_equal(json, json_again));
        json_decref(json_again);
        json_decref(json);
        actor_msg_unref(again);
        actor_msg_unref(call);
}
END_TEST

START_TEST(unset_fields_show_their_default_unless_deprecated)
{
        V1__FrameworkInfo info = V1__FRAMEWORK_INFO__INIT;
        info.user = "u";
        info.name = "n";
        json_t *json = proto_to_json(&info);
        ck_assert(json_is_false(json_object_get(json, "checkpoint")));
        ck_assert(json_is_real(json_object_get(json, "failover_timeout")));
        ck_assert_ptr_null(json_object_get(json, "role"));
        ck_assert_ptr_null(json_object_get(json, "roles"));
        ck_assert_ptr_null(json_object_get(json, "id"));
        json_decref(json);
}
END_TEST

START_TEST(bytes_travel_as_base64_of_any_length)
{
        for (size_t size = 0; size <= 64; size++) {
                V1__UUID uuid = V1__UUID__INIT, *again = NULL;
                uint8_t data[64];
                for (size_t i = 0; i < size; i++)
                        data[i] = (uint8_t) (i * 37 + size);
                uuid.value = (ProtobufCBinaryData){.data = data, .len = size};
                json_t *json = proto_to_json(&uuid);
                Sched__Call *arena = actor_msg_new(&sched_call_type);
                void *message = NULL;
                ck_assert_int_eq(proto_from_json_into(arena, &v1__uuid__descriptor, json, &message, NULL), 0);
                again = message;
                ck_assert_uint_eq(again->value.len, size);
                ck_assert(size == 0 || memcmp(again->value.data, data, size) == 0);
                actor_msg_unref(arena);
                json_decref(json);
        }
}
END_TEST

START_TEST(unknown_keys_and_null_are_left_out)
{
        Sched__Call *call =
                read_call("{\"type\":\"TEARDOWN\",\"framework_id\":null,\"of the future\":{\"x\":[1]}}");
        ck_assert_ptr_null(call->framework_id);
        ck_assert_int_eq(call->type, SCHED__CALL__TYPE__TEARDOWN);
        actor_msg_unref(call);
        call = read_call("{\"type\":\"A_CALL_OF_THE_FUTURE\"}");
        ck_assert(!call->has_type);
        actor_msg_unref(call);
}
END_TEST

START_TEST(numbers_may_be_written_as_text)
{
        Sched__Call *call =
                read_call("{\"decline\":{\"filters\":{\"refuse_seconds\":\"2.5\"}},\"kill\":{\"task_id\":"
                          "{\"value\":\"t\"},\"kill_policy\":{\"grace_period\":{\"nanoseconds\":\"-7\"}}}}");
        ck_assert_double_eq(call->decline->filters->refuse_seconds, 2.5);
        ck_assert_int_eq(call->kill->kill_policy->grace_period->nanoseconds, -7);
        actor_msg_unref(call);
        call = read_call("{\"decline\":{\"filters\":{\"refuse_seconds\":\"Infinity\"}}}");
        ck_assert(isinf(call->decline->filters->refuse_seconds));
        json_t *json = proto_to_json(call);
        const json_t *filters = json_object_get(json_object_get(json, "decline"), "filters");
        ck_assert_str_eq(json_string_value(json_object_get(filters, "refuse_seconds")), "Infinity");
        json_decref(json);
        actor_msg_unref(call);
}
END_TEST

START_TEST(a_refusal_names_the_path)
{
        check_refused("[]", "the message: ");
        check_refused("{\"framework_id\":{}}", "framework_id.value: required");
        check_refused("{\"framework_id\":{\"value\":7}}", "framework_id.value: ");
        check_refused("{\"framework_id\":[{\"value\":\"x\"}]}", "framework_id: ");
        check_refused("{\"accept\":{\"offer_ids\":[{\"value\":\"a\"},{\"value\":1}]}}",
                      "accept.offer_ids[1].value: ");
        check_refused("{\"acknowledge\":{\"agent_id\":{\"value\":\"a\"},\"task_id\":{\"value\":\"t\"},"
                      "\"uuid\":\"?\"}}",
                      "acknowledge.uuid: not base64");
        check_refused("{\"kill\":{\"task_id\":{\"value\":\"t\"},\"kill_policy\":{\"grace_period\":{"
                      "\"nanoseconds\":1.5}}}}",
                      "kill.kill_policy.grace_period.nanoseconds: expected a whole number");
        check_refused("{\"subscribe\":{\"framework_info\":{\"user\":\"u\",\"name\":\"n\",\"checkpoint\":1}}}",
                      "subscribe.framework_info.checkpoint: ");
}
END_TEST

START_TEST(an_unknown_value_of_a_required_enum_is_refused)
{
        struct actor_error error = refuse(
                "{\"accept\":{\"operations\":[{\"launch\":{\"task_infos\":[{\"name\":\"n\",\"task_id\":"
                "{\"value\":\"t\"},\"agent_id\":{\"value\":\"a\"},\"resources\":[{\"name\":\"cpus\","
                "\"type\":\"SPHERICAL\"}]}]}}]}}");
        ck_assert_ptr_nonnull(
                strstr(error.text, "accept.operations[0].launch.task_infos[0].resources[0].type: "));
        ck_assert_ptr_nonnull(strstr(error.text, "SPHERICAL"));
}
END_TEST

START_TEST(integers_keep_to_the_range_of_their_field)
{
        static const struct {
                const char *value;
                bool good;
        } cases[] = {{"4294967295", true}, {"4294967296", false}, {"-1", false},
                     {"\"12\"", true},     {"\"\"", false},       {"\"-\"", false},
                     {"1e3", true},        {"1e30", false},       {"\"99999999999999999999\"", false},
                     {"true", false}};
        Sched__Call *arena = actor_msg_new(&sched_call_type);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                CLEANUP(actor_freep)
                char *text = actor_asprintf("{\"rows\":%s,\"columns\":1}", cases[i].value);
                json_t *json = load(text);
                void *size = NULL;
                int r = proto_from_json_into(arena, &v1__ttyinfo__window_size__descriptor, json, &size, NULL);
                ck_assert_msg((r == 0) == cases[i].good, "%s", cases[i].value);
                json_decref(json);
        }
        actor_msg_unref(arena);
}
END_TEST

START_TEST(signed_integers_have_one_more_below_zero)
{
        static const struct {
                const char *value;
                bool good;
        } cases[] = {
                {"2147483647", true}, {"2147483648", false}, {"-2147483648", true}, {"-2147483649", false}};
        Sched__Call *arena = actor_msg_new(&sched_call_type);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                CLEANUP(actor_freep) char *text = actor_asprintf("{\"exit_code\":%s}", cases[i].value);
                json_t *json = load(text);
                void *status = NULL;
                int r = proto_from_json_into(arena, &v1__check_status_info__command__descriptor, json,
                                             &status, NULL);
                ck_assert_msg((r == 0) == cases[i].good, "%s", cases[i].value);
                json_decref(json);
        }
        actor_msg_unref(arena);
}
END_TEST

START_TEST(deep_nesting_is_refused_and_not_followed)
{
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);
        fputs("{\"value\":\"c\"", stream);
        for (int i = 0; i < 500; i++)
                fputs(",\"parent\":{\"value\":\"c\"", stream);
        for (int i = 0; i < 501; i++)
                fputc('}', stream);
        fclose(stream);
        json_t *json = load(text);
        free(text);
        Sched__Call *arena = actor_msg_new(&sched_call_type);
        struct actor_error error = {{0}};
        void *id = NULL;
        ck_assert_int_lt(proto_from_json_into(arena, &v1__container_id__descriptor, json, &id, &error), 0);
        ck_assert_ptr_nonnull(strstr(error.text, "nested too deep"));
        actor_msg_unref(arena);
        json_decref(json);
}
END_TEST

START_TEST(text_that_is_not_utf8_still_becomes_json)
{
        V1__FrameworkID id = V1__FRAMEWORK_ID__INIT;
        id.value = "a\xff"
                   "b";
        json_t *json = proto_to_json(&id);
        ck_assert_str_eq(json_string_value(json_object_get(json, "value")), "a?b");
        json_decref(json);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_call_comes_back_the_same_through_json);
        tcase_add_test(tcase, unset_fields_show_their_default_unless_deprecated);
        tcase_add_test(tcase, bytes_travel_as_base64_of_any_length);
        tcase_add_test(tcase, unknown_keys_and_null_are_left_out);
        tcase_add_test(tcase, numbers_may_be_written_as_text);
        tcase_add_test(tcase, a_refusal_names_the_path);
        tcase_add_test(tcase, an_unknown_value_of_a_required_enum_is_refused);
        tcase_add_test(tcase, integers_keep_to_the_range_of_their_field);
        tcase_add_test(tcase, signed_integers_have_one_more_below_zero);
        tcase_add_test(tcase, deep_nesting_is_refused_and_not_followed);
        tcase_add_test(tcase, text_that_is_not_utf8_still_becomes_json);
}

TEST_MAIN("messages as JSON", add_tests)
