/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <check_main.h>
#include <proto/copy.h>
#include <string.h>

struct holder {
        char unused;
};
static ACTOR_LOCAL_TYPE(holder_type, struct holder);

/* A call with every shape of field: nested and repeated messages, texts, bytes, has_ flags, a oneof. */
static Sched__Call *sample_call(void)
{
        Sched__Call *call = actor_msg_new(&sched_call_type);
        call->has_type = 1;
        call->type = SCHED__CALL__TYPE__ACKNOWLEDGE;
        call->framework_id = proto_framework_id(call, "f-0001");
        call->acknowledge = actor_msg_alloc(call, sizeof *call->acknowledge);
        sched__call__acknowledge__init(call->acknowledge);
        call->acknowledge->agent_id = proto_agent_id(call, "S1");
        call->acknowledge->task_id = proto_task_id(call, "t");
        call->acknowledge->uuid.data = actor_msg_memdup(call, "0123456789abcdef", 16);
        call->acknowledge->uuid.len = 16;
        call->accept = actor_msg_alloc(call, sizeof *call->accept);
        sched__call__accept__init(call->accept);
        for (int i = 0; i < 5; i++)
                PROTO_APPEND(call, call->accept->n_offer_ids, call->accept->offer_ids,
                             proto_offer_id(call, "o"));
        call->suppress = actor_msg_alloc(call, sizeof *call->suppress);
        sched__call__suppress__init(call->suppress);
        for (int i = 0; i < 3; i++)
                PROTO_APPEND(call, call->suppress->n_roles, call->suppress->roles,
                             actor_msg_strdup(call, "role"));
        return call;
}

START_TEST(a_copy_outlives_its_source)
{
        Sched__Call *call = sample_call(), *same = sample_call();
        void *holder = actor_msg_new(&holder_type);
        Sched__Call *copy = proto_copy(holder, call);
        actor_msg_unref(call);
        ck_assert(proto_equal(copy, same));
        ck_assert_str_eq(copy->acknowledge->task_id->value, "t");
        ck_assert_mem_eq(copy->acknowledge->uuid.data, "0123456789abcdef", 16);
        actor_msg_unref(holder);
        actor_msg_unref(same);
}
END_TEST

START_TEST(a_dup_is_one_block_that_equals_its_source)
{
        Sched__Call *call = sample_call();
        Sched__Call *dup = proto_dup(call);
        ck_assert(proto_equal(dup, call));
        ck_assert_ptr_ne(dup->framework_id, call->framework_id);
        ck_assert_ptr_ne(dup->suppress->roles[2], call->suppress->roles[2]);
        actor_msg_unref(call);
        ck_assert_str_eq(dup->suppress->roles[2], "role");
        proto_free(dup);
        proto_free(NULL);
}
END_TEST

START_TEST(a_text_left_at_its_default_stays_unset_in_the_copy)
{
        V1__Resource resource = V1__RESOURCE__INIT;
        resource.name = "cpus";
        V1__Resource *dup = proto_dup(&resource);
        ck_assert_ptr_eq(dup->role, resource.role);
        resource.role = "ops";
        ck_assert(!proto_equal(dup, &resource));
        proto_free(dup);
}
END_TEST

START_TEST(only_the_chosen_case_of_a_oneof_is_copied_and_compared)
{
        Sched__AttributeConstraint__Selector selector = SCHED__ATTRIBUTE_CONSTRAINT__SELECTOR__INIT;
        selector.selector_case = SCHED__ATTRIBUTE_CONSTRAINT__SELECTOR__SELECTOR_ATTRIBUTE_NAME;
        selector.attribute_name = "rack";
        Sched__AttributeConstraint__Selector *dup = proto_dup(&selector);
        ck_assert_str_eq(dup->attribute_name, "rack");
        ck_assert(proto_equal(dup, &selector));
        selector.selector_case = SCHED__ATTRIBUTE_CONSTRAINT__SELECTOR__SELECTOR_PSEUDOATTRIBUTE_TYPE;
        selector.pseudoattribute_type = SCHED__ATTRIBUTE_CONSTRAINT__SELECTOR__PSEUDOATTRIBUTE_TYPE__HOSTNAME;
        ck_assert(!proto_equal(dup, &selector));
        Sched__AttributeConstraint__Selector *other = proto_dup(&selector);
        ck_assert(proto_equal(other, &selector));
        proto_free(dup);
        proto_free(other);
}
END_TEST

START_TEST(unknown_fields_are_carried_along)
{
        /* field 1 = "id", and field 90, which FrameworkID does not have */
        static const uint8_t bytes[] = {0x0a, 2, 'i', 'd', 0xd2, 0x05, 3, 'x', 'y', 'z'};
        V1__FrameworkID *id =
                (void *) protobuf_c_message_unpack(&v1__framework_id__descriptor, NULL, sizeof bytes, bytes);
        ck_assert_ptr_nonnull(id);
        V1__FrameworkID *dup = proto_dup(id);
        ck_assert(proto_equal(dup, id));
        protobuf_c_message_free_unpacked(&id->base, NULL);
        uint8_t packed[32];
        ck_assert_uint_eq(protobuf_c_message_pack(&dup->base, packed), sizeof bytes);
        ck_assert_mem_eq(packed, bytes, sizeof bytes);
        V1__FrameworkID plain = V1__FRAMEWORK_ID__INIT;
        plain.value = "id";
        ck_assert(!proto_equal(dup, &plain));
        proto_free(dup);
}
END_TEST

START_TEST(a_difference_anywhere_makes_messages_unequal)
{
        Sched__Call *a = sample_call(), *b = sample_call();
        ck_assert(proto_equal(a, b));
        b->acknowledge->uuid.data[15] ^= 1;
        ck_assert(!proto_equal(a, b));
        b->acknowledge->uuid.data[15] ^= 1;
        b->suppress->n_roles--;
        ck_assert(!proto_equal(a, b));
        b->suppress->n_roles++;
        b->has_type = 0;
        ck_assert(!proto_equal(a, b));
        ck_assert(!proto_equal(a, a->framework_id));
        ck_assert(!proto_equal(a, NULL));
        actor_msg_unref(a);
        actor_msg_unref(b);
}
END_TEST

/* mission: E8 */
START_TEST(every_wire_type_has_the_name_of_its_message)
{
        size_t count = 0;
        for (const struct actor_type *const *type = proto_wire_types; *type; type++, count++) {
                ck_assert_str_eq((*type)->name, (*type)->descriptor->name);
                ck_assert_uint_eq((*type)->size, (*type)->descriptor->sizeof_message);
        }
        ck_assert_uint_ge(count, 32);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_copy_outlives_its_source);
        tcase_add_test(tcase, a_dup_is_one_block_that_equals_its_source);
        tcase_add_test(tcase, a_text_left_at_its_default_stays_unset_in_the_copy);
        tcase_add_test(tcase, only_the_chosen_case_of_a_oneof_is_copied_and_compared);
        tcase_add_test(tcase, unknown_fields_are_carried_along);
        tcase_add_test(tcase, a_difference_anywhere_makes_messages_unequal);
        tcase_add_test(tcase, every_wire_type_has_the_name_of_its_message);
}

TEST_MAIN("copies and equality of messages", add_tests)
