/* SPDX-License-Identifier: Apache-2.0 */
#include "core/nesting.h"

#include <actor/memory.h>
#include <actor/message.h>
#include <check_main.h>
#include <stdint.h>
#include <string.h>

struct body {
        int number;
        char *text;
        void (*gone)(void);
};

static int gone_count;

static void count_gone(void *body)
{
        gone_count++;
        (void) body;
}

static const struct actor_type body_type = {.name = "body", .size = sizeof(struct body), .fini = count_gone};

START_TEST(a_new_message_is_zeroed_and_knows_its_type)
{
        struct body *body = actor_msg_new(&body_type);
        ck_assert_int_eq(body->number, 0);
        ck_assert_ptr_null(body->text);
        ck_assert_ptr_eq(actor_msg_type(body), &body_type);
        ck_assert_ptr_null(actor_msg_unref(body));
        ck_assert_int_eq(gone_count, 1);
        ck_assert_ptr_null(actor_msg_unref(NULL));
}
END_TEST

static bool all_are(const unsigned char *data, size_t size, unsigned char value)
{
        while (size > 0 && data[size - 1] == value)
                size--;
        return size == 0;
}

START_TEST(memory_of_a_message_is_zeroed_aligned_and_does_not_overlap)
{
        struct body *body = actor_msg_new(&body_type);
        unsigned char *blocks[200];
        size_t sizes[200];
        for (size_t i = 0; i < 200; i++) {
                sizes[i] = i * i * 7 % 40000;
                blocks[i] = actor_msg_alloc(body, sizes[i]);
                ck_assert_uint_eq((uintptr_t) blocks[i] % 16, 0);
                ck_assert(all_are(blocks[i], sizes[i], 0));
                memset(blocks[i], (int) i, sizes[i]);
        }
        for (size_t i = 0; i < 200; i++)
                ck_assert(all_are(blocks[i], sizes[i], (unsigned char) i));
        ck_assert_str_eq(actor_msg_strdup(body, "copied"), "copied");
        ck_assert_str_eq(actor_msg_printf(body, "%d of %s", 3, "four"), "3 of four");
        actor_msg_unref(body);
}
END_TEST

START_TEST(a_message_lives_until_the_last_reference_and_hold_is_gone)
{
        struct body *inner = actor_msg_new(&body_type), *outer = actor_msg_new(&body_type);
        inner->number = 42;
        actor_msg_hold(outer, inner);
        actor_msg_unref(inner);
        struct body *again = actor_msg_ref(outer);
        ck_assert_ptr_eq(again, outer);
        actor_msg_unref(outer);
        ck_assert_int_eq(gone_count, 0);
        ck_assert_int_eq(inner->number, 42);
        actor_msg_unref(again);
        ck_assert_int_eq(gone_count, 2);
}
END_TEST

/* ---- unpacking: a message that contains itself, written by hand --------------------------------- */

struct tree {
        ProtobufCMessage base;
        struct tree *inner; /* field 1 */
        char *text;         /* field 2 */
};

static const ProtobufCMessageDescriptor tree_descriptor;

static void tree_init(ProtobufCMessage *message)
{
        memset(message, 0, sizeof(struct tree));
        message->descriptor = &tree_descriptor;
}

static const ProtobufCFieldDescriptor tree_fields[] = {
        {"inner", 1, PROTOBUF_C_LABEL_OPTIONAL, PROTOBUF_C_TYPE_MESSAGE, 0, offsetof(struct tree, inner),
         &tree_descriptor, NULL, 0, 0, NULL, NULL},
        {"text", 2, PROTOBUF_C_LABEL_OPTIONAL, PROTOBUF_C_TYPE_STRING, 0, offsetof(struct tree, text), NULL,
         NULL, 0, 0, NULL, NULL},
};
static const unsigned tree_by_name[] = {0, 1};
static const ProtobufCIntRange tree_ranges[] = {{1, 0}, {0, 2}};
static const ProtobufCMessageDescriptor tree_descriptor = {
        PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
        "tree",
        "Tree",
        "struct tree",
        "",
        sizeof(struct tree),
        2,
        tree_fields,
        tree_by_name,
        1,
        tree_ranges,
        tree_init,
        NULL,
        NULL,
        NULL,
};
static const struct actor_type tree_type = {
        .name = "tree", .size = sizeof(struct tree), .descriptor = &tree_descriptor};

static void *packed_tree(unsigned depth, size_t *ret_size)
{
        struct tree *trees = actor_zalloc((depth + 1) * sizeof *trees);
        for (unsigned i = 0; i <= depth; i++) {
                tree_init(&trees[i].base);
                trees[i].inner = i < depth ? &trees[i + 1] : NULL;
                trees[i].text = "leaf";
        }
        uint8_t *bytes = actor_malloc(protobuf_c_message_get_packed_size(&trees[0].base));
        *ret_size = protobuf_c_message_pack(&trees[0].base, bytes);
        free(trees);
        return bytes;
}

START_TEST(a_packed_message_is_unpacked_into_one_message)
{
        size_t size;
        uint8_t *bytes = packed_tree(3, &size);
        struct tree *tree = actor_msg_unpack(&tree_type, bytes, size);
        ck_assert_ptr_nonnull(tree);
        free(bytes);
        ck_assert_ptr_eq(actor_msg_type(tree), &tree_type);
        ck_assert_str_eq(tree->inner->inner->inner->text, "leaf");
        actor_msg_unref(tree);
}
END_TEST

START_TEST(every_truncation_is_refused_or_a_shorter_message)
{
        size_t size;
        uint8_t *bytes = packed_tree(3, &size);
        for (size_t cut = 0; cut < size; cut++)
                actor_msg_unref(actor_msg_unpack(&tree_type, bytes, cut));
        ck_assert_ptr_null(actor_msg_unpack(&tree_type, bytes, size - 1));
        free(bytes);
}
END_TEST

START_TEST(what_nests_deeper_than_the_limit_is_refused)
{
        size_t size;
        uint8_t *bytes = packed_tree(ACTOR_NESTING_MAX, &size);
        void *tree = actor_msg_unpack(&tree_type, bytes, size);
        ck_assert_ptr_nonnull(tree);
        actor_msg_unref(tree);
        free(bytes);
        bytes = packed_tree(ACTOR_NESTING_MAX + 1, &size);
        ck_assert_ptr_null(actor_msg_unpack(&tree_type, bytes, size));
        free(bytes);
        bytes = packed_tree(20000, &size);
        ck_assert_ptr_null(actor_msg_unpack(&tree_type, bytes, size));
        free(bytes);
}
END_TEST

START_TEST(random_bytes_are_refused_or_unpacked_but_never_misread)
{
        uint64_t dice = 88172645463325252u;
        uint8_t bytes[64];
        for (int i = 0; i < 100000; i++) {
                size_t size = dice % sizeof bytes;
                for (size_t j = 0; j < size; j++) {
                        dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
                        bytes[j] = (uint8_t) (dice % 3 ? dice % 24 : dice);
                }
                dice = dice * 6364136223846793005u + 1;
                actor_msg_unref(actor_msg_unpack(&tree_type, bytes, size));
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_new_message_is_zeroed_and_knows_its_type);
        tcase_add_test(tcase, memory_of_a_message_is_zeroed_aligned_and_does_not_overlap);
        tcase_add_test(tcase, a_message_lives_until_the_last_reference_and_hold_is_gone);
        tcase_add_test(tcase, a_packed_message_is_unpacked_into_one_message);
        tcase_add_test(tcase, every_truncation_is_refused_or_a_shorter_message);
        tcase_add_test(tcase, what_nests_deeper_than_the_limit_is_refused);
        tcase_add_test(tcase, random_bytes_are_refused_or_unpacked_but_never_misread);
}

TEST_MAIN("message", add_tests)
