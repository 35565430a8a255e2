/* SPDX-License-Identifier: Apache-2.0 */
#include "resources/detect.h"
#include <check_main.h>
#include <stdlib.h>

#define GIB (UINT64_C(1) << 30)

static char *detect(const char *text, unsigned cores, uint64_t memory, uint64_t disk)
{
        const struct machine machine = {.cores = cores, .memory_bytes = memory, .disk_bytes = disk};
        CLEANUP(resources_freep) struct resources *resources = NULL;
        struct actor_error error;
        if (agent_resources(text, &machine, &resources, &error) != 0)
                return NULL;
        return actor_asprintf("%lld %lld %lld", (long long) resources_scalar_milli(resources, "cpus"),
                              (long long) resources_scalar_milli(resources, "mem") / 1000,
                              (long long) resources_scalar_milli(resources, "disk") / 1000);
}

static void expect(const char *text, unsigned cores, uint64_t memory, uint64_t disk, const char *expected)
{
        CLEANUP(actor_freep) char *found = detect(text, cores, memory, disk);
        ck_assert_ptr_nonnull(found);
        ck_assert_str_eq(found, expected);
}

START_TEST(what_is_not_named_is_detected)
{
        expect(NULL, 4, 16 * GIB, 100 * GIB, "4000 15360 97280"); /* less 1 GiB, less 5 GiB */
        expect("", 2, GIB, 8 * GIB, "2000 512 4096");             /* small machines give half */
        expect(NULL, 2, 2 * GIB, 10 * GIB, "2000 1024 5120");
        expect("cpus:0.5", 2, 2 * GIB, 10 * GIB, "500 1024 5120");
        expect("cpus:8;mem:100;disk:0", 2, 2 * GIB, 10 * GIB, "8000 100 0");
        expect(NULL, 0, 0, 0, "1000 1024 10240"); /* nothing could be measured */
}
END_TEST

START_TEST(ports_are_offered_unless_named)
{
        const struct machine machine = {.cores = 1};
        struct actor_error error;
        CLEANUP(resources_freep) struct resources *resources = NULL;
        CLEANUP(resources_freep) struct resources *some = NULL;
        CLEANUP(resources_freep) struct resources *expected = NULL;
        ck_assert_int_eq(agent_resources(NULL, &machine, &resources, &error), 0);
        ck_assert_int_eq(resources_parse("ports:[31000-32000]", NULL, &expected, &error), 0);
        ck_assert(resources_contain(resources, expected));
        ck_assert_int_eq(agent_resources("ports:[1-2]", &machine, &some, &error), 0);
        ck_assert(!resources_contain(some, expected));
}
END_TEST

START_TEST(a_bad_text_is_refused)
{
        ck_assert_ptr_null(detect("cpus:x", 1, 1, 1));
        ck_assert_ptr_null(detect("cpus:-1", 1, 1, 1));
        ck_assert_ptr_null(detect("[{", 1, 1, 1));
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, what_is_not_named_is_detected);
        tcase_add_test(tcase, ports_are_offered_unless_named);
        tcase_add_test(tcase, a_bad_text_is_refused);
}

TEST_MAIN("detected resources", add_tests)
