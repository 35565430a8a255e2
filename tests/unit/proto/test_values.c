/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <check_main.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <proto/values.h>
#include <stdlib.h>
#include <string.h>

static struct ranges parse_ranges(const char *text)
{
        struct value value = {0};
        ck_assert_int_eq(value_parse(text, &value, NULL), 0);
        ck_assert_int_eq(value.type, V1__VALUE__TYPE__RANGES);
        return value.ranges;
}

static void check_ranges(struct ranges *ranges_take, const char *expected)
{
        CLEANUP(actor_freep) char *text = ranges_print(ranges_take);
        ck_assert_str_eq(text, expected);
        ranges_clear(ranges_take);
}

START_TEST(thousandths_round_half_away_from_zero_and_do_not_overflow)
{
        ck_assert_int_eq(scalar_to_milli(1.5011), 1501);
        ck_assert_int_eq(scalar_to_milli(0.0005), 1);
        ck_assert_int_eq(scalar_to_milli(-0.0005), -1);
        ck_assert_int_eq(scalar_to_milli(DBL_MAX), INT64_MAX);
        ck_assert_int_eq(scalar_to_milli(-(double) INFINITY), INT64_MIN);
        ck_assert_int_eq(scalar_to_milli((double) NAN), 0);
        ck_assert(!scalar_is_representable(1e16));
        ck_assert(!scalar_is_representable((double) NAN));
        ck_assert(scalar_is_representable(9.2e15));
        for (int64_t milli = 0; milli < 100000; milli += 7)
                ck_assert_int_eq(scalar_to_milli(scalar_from_milli(milli)), milli);
}
END_TEST

START_TEST(scalars_print_without_noise)
{
        static const struct {
                int64_t milli;
                const char *text;
        } cases[] = {{0, "0"},
                     {1, "0.001"},
                     {1100, "1.1"},
                     {5500, "5.5"},
                     {-100, "-0.1"},
                     {1000000, "1000"},
                     {INT64_MAX, "9.22337203685478e+15"}};
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                char text[SCALAR_TEXT_SIZE];
                scalar_print(cases[i].milli, text);
                ck_assert_str_eq(text, cases[i].text);
        }
}
END_TEST

START_TEST(ranges_reach_the_end_of_64_bits)
{
        struct ranges all = parse_ranges("[0-18446744073709551615]"),
                      some = parse_ranges("[5-6, 18446744073709551615-18446744073709551615]");
        ck_assert(ranges_contain(&all, &some));
        ck_assert_uint_eq(ranges_size(&all), UINT64_MAX);
        ck_assert_uint_eq(ranges_size(&some), 3);
        ranges_add(&some, &all);
        ck_assert(ranges_equal(&some, &all));
        struct ranges middle = parse_ranges("[1-18446744073709551614]");
        ranges_subtract(&all, &middle);
        check_ranges(&all, "[0-0, 18446744073709551615-18446744073709551615]");
        ranges_clear(&middle);
        ranges_clear(&some);
}
END_TEST

/* Membership of 0–63 as bits is the model that ranges must agree with. */
static uint64_t random_bits(uint64_t *state)
{
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        return *state ^ *state >> 29;
}

static struct ranges ranges_of_bits(uint64_t bits)
{
        struct ranges ranges = {0};
        for (unsigned i = 64; i-- > 0;)
                if (bits >> i & 1)
                        ranges_append(&ranges, i, i);
        return ranges;
}

static uint64_t bits_of_ranges(const struct ranges *ranges)
{
        uint64_t bits = 0;
        for (size_t i = 0; i < ranges->count; i++)
                for (uint64_t k = ranges->list[i].begin; k <= ranges->list[i].end; k++)
                        bits |= UINT64_C(1) << k;
        return bits;
}

START_TEST(range_arithmetic_agrees_with_sets_of_numbers)
{
        uint64_t state = 42;
        for (int round = 0; round < 2000; round++) {
                uint64_t x = random_bits(&state) & random_bits(&state),
                         y = random_bits(&state) & random_bits(&state);
                struct ranges a = ranges_of_bits(x), b = ranges_of_bits(y);
                ck_assert(ranges_contain(&a, &b) == ((x & y) == y));
                ck_assert(ranges_equal(&a, &b) == (x == y));
                ck_assert_uint_eq(ranges_size(&a), (uint64_t) __builtin_popcountll(x));
                struct ranges sum = ranges_copy(&a), difference = ranges_copy(&a);
                ranges_add(&sum, &b);
                ranges_subtract(&difference, &b);
                ck_assert_uint_eq(bits_of_ranges(&sum), x | y);
                ck_assert_uint_eq(bits_of_ranges(&difference), x & ~y);
                for (size_t i = 1; i < sum.count; i++)
                        ck_assert_uint_gt(sum.list[i].begin, sum.list[i - 1].end + 1);
                ranges_clear(&a);
                ranges_clear(&b);
                ranges_clear(&sum);
                ranges_clear(&difference);
        }
}
END_TEST

/* mission: A9 */
START_TEST(numbers_have_one_grammar)
{
        static const struct {
                const char *text;
                V1__Value__Type type;
        } cases[] = {
                {".5", V1__VALUE__TYPE__SCALAR},     {"5.", V1__VALUE__TYPE__SCALAR},
                {"+1e+2", V1__VALUE__TYPE__SCALAR},  {"-0", V1__VALUE__TYPE__SCALAR},
                {".", V1__VALUE__TYPE__TEXT},        {"1e", V1__VALUE__TYPE__TEXT},
                {"1e400", V1__VALUE__TYPE__TEXT},    {"-1", V1__VALUE__TYPE__TEXT},
                {"1\t", V1__VALUE__TYPE__TEXT},      {"0x1p3", V1__VALUE__TYPE__TEXT},
                {"1_000", V1__VALUE__TYPE__TEXT},    {"nan(1)", V1__VALUE__TYPE__TEXT},
                {"1e-400", V1__VALUE__TYPE__SCALAR},
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct value value = {0};
                ck_assert_int_eq(value_parse(cases[i].text, &value, NULL), 0);
                ck_assert_msg(value.type == cases[i].type, "%s", cases[i].text);
                value_clear(&value);
        }
}
END_TEST

START_TEST(a_bad_value_is_told_with_its_text)
{
        static const struct {
                const char *text, *told;
        } cases[] = {{"[1-2", "'[1-2'"},
                     {"[a-5]", "a-5"},
                     {"a[1-2]", "a[1-2]"},
                     {"{a[}", "{a[}"},
                     {"1e-310", "1e-310"}};
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                struct value value = {0};
                struct actor_error error = {{0}};
                ck_assert_int_lt(value_parse(cases[i].text, &value, &error), 0);
                ck_assert_msg(strstr(error.text, cases[i].told) != NULL, "%s", error.text);
        }
}
END_TEST

START_TEST(a_text_beyond_the_limit_is_refused)
{
        CLEANUP(actor_freep) char *text = actor_malloc(VALUE_TEXT_MAX + 2);
        memset(text, '1', VALUE_TEXT_MAX + 1);
        text[VALUE_TEXT_MAX + 1] = '\0';
        struct value value = {0};
        ck_assert_int_lt(value_parse(text, &value, NULL), 0);
}
END_TEST

START_TEST(large_sets_are_compared_in_reasonable_time)
{
        struct name_set a = {0}, b = {0};
        for (int i = 0; i < 50000; i++) {
                CLEANUP(actor_freep) char *name = actor_asprintf("item-%d", i);
                name_set_append(i % 2 ? &a : &b, name, strlen(name));
                if (i % 3 == 0)
                        name_set_append(i % 2 ? &b : &a, name, strlen(name));
        }
        name_set_add(&a, &b);
        ck_assert_uint_eq(a.count, 50000);
        ck_assert_ptr_null(name_set_duplicate(&a));
        ck_assert(name_set_contains(&a, &b));
        ck_assert(!name_set_contains(&b, &a));
        name_set_subtract(&a, &b);
        ck_assert(!name_set_contains(&a, &b));
        name_set_clear(&a);
        name_set_clear(&b);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, thousandths_round_half_away_from_zero_and_do_not_overflow);
        tcase_add_test(tcase, scalars_print_without_noise);
        tcase_add_test(tcase, ranges_reach_the_end_of_64_bits);
        tcase_add_test(tcase, range_arithmetic_agrees_with_sets_of_numbers);
        tcase_add_test(tcase, numbers_have_one_grammar);
        tcase_add_test(tcase, a_bad_value_is_told_with_its_text);
        tcase_add_test(tcase, a_text_beyond_the_limit_is_refused);
        tcase_add_test(tcase, large_sets_are_compared_in_reasonable_time);
}

TEST_MAIN("values", add_tests)
