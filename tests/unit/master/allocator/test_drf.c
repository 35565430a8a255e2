/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "text.h"

#include "allocator/drf.h"

#include <jansson.h>
#include <string.h>

struct fixture {
        struct vector_names names;
        struct drf_total total;
        struct drf *drf;
        json_t *agents; /* name → resources text */
};

static void set_up(struct fixture *f)
{
        *f = (struct fixture){.agents = json_object()};
        f->drf = drf_new(&f->total);
}

static void tear_down(struct fixture *f)
{
        drf_free(f->drf);
        vector_names_done(&f->names);
        json_decref(f->agents);
}

static struct vector quantities(struct fixture *f, const char *text)
{
        CLEANUP(resources_freep) struct resources *resources = NULL;
        struct actor_error error;
        ck_assert_msg(resources_parse(text, NULL, &resources, &error) == 0, "%s", error.text);
        return vector_of(&f->names, resources);
}

static void set_total(struct fixture *f, const char *text)
{
        f->total.quantities = quantities(f, text);
        f->total.version++;
}

static struct drf_client *add(struct fixture *f, const char *path)
{
        struct drf_client *client = drf_add(f->drf, path, (void *) path);
        drf_activate(f->drf, client, true);
        return client;
}

static void give(struct fixture *f, struct drf_client *client, const char *text)
{
        struct vector v = quantities(f, text);
        drf_allocated(f->drf, client, &v);
}

static void expect_order(struct fixture *f, const char *expected)
{
        char found[512] = "";
        size_t count;
        void *const *order = drf_order(f->drf, &count);
        for (size_t i = 0; i < count; i++)
                TEXT_APPEND(found, "%s%s", i ? " " : "", (const char *) order[i]);
        ck_assert_str_eq(found, expected);
}

START_TEST(the_smaller_dominant_share_goes_first)
{
        struct fixture f;
        set_up(&f);
        set_total(&f, "cpus:9;mem:18");
        struct drf_client *a = add(&f, "a"), *b = add(&f, "b");
        give(&f, a, "cpus:1;mem:4"); /* dominant: mem 4/18 */
        give(&f, b, "cpus:3;mem:1"); /* dominant: cpus 3/9 */
        expect_order(&f, "a b");
        give(&f, a, "cpus:1;mem:4"); /* 8/18 */
        expect_order(&f, "b a");
        tear_down(&f);
}
END_TEST

/* mission: A7 */
START_TEST(the_paper_s_example_ends_with_three_and_two_tasks)
{
        struct fixture f;
        set_up(&f);
        set_total(&f, "cpus:9;mem:18");
        struct drf_client *a = add(&f, "a"), *b = add(&f, "b");
        int of_a = 0;
        for (int i = 0; i < 5; i++) {
                size_t count;
                const char *next = drf_order(f.drf, &count)[0];
                of_a += *next == 'a';
                if (*next == 'a')
                        give(&f, a, "cpus:1;mem:4");
                else
                        give(&f, b, "cpus:3;mem:1");
        }
        ck_assert_int_eq(of_a, 3);
        tear_down(&f);
}
END_TEST

START_TEST(a_weight_of_two_is_a_right_to_twice_as_much)
{
        struct fixture f;
        set_up(&f);
        set_total(&f, "cpus:100");
        drf_set_weight(f.drf, "heavy", 2.0); /* before it is there */
        struct drf_client *heavy = add(&f, "heavy"), *light = add(&f, "light");
        give(&f, heavy, "cpus:19");
        give(&f, light, "cpus:10");
        expect_order(&f, "heavy light");
        give(&f, heavy, "cpus:2");
        expect_order(&f, "light heavy");
        tear_down(&f);
}
END_TEST

START_TEST(children_share_what_their_parent_earns)
{
        struct fixture f;
        set_up(&f);
        set_total(&f, "cpus:100");
        struct drf_client *a = add(&f, "a"), *web = add(&f, "eng/web"), *db = add(&f, "eng/db");
        give(&f, a, "cpus:15");
        give(&f, web, "cpus:12");
        expect_order(&f, "eng/db eng/web a");
        give(&f, db, "cpus:4"); /* eng now holds 16 */
        expect_order(&f, "a eng/db eng/web");
        tear_down(&f);
}
END_TEST

START_TEST(a_role_that_is_also_a_parent_competes_with_its_children)
{
        struct fixture f;
        set_up(&f);
        set_total(&f, "cpus:100");
        struct drf_client *eng = add(&f, "eng");
        give(&f, eng, "cpus:5");
        struct drf_client *web = add(&f, "eng/web");
        expect_order(&f, "eng/web eng");
        give(&f, web, "cpus:6");
        expect_order(&f, "eng eng/web");
        drf_remove(f.drf, web);
        expect_order(&f, "eng");
        ck_assert_int_eq(drf_held(eng)->milli[0], 5000);
        tear_down(&f);
}
END_TEST

START_TEST(the_fair_shares_of_all_clients_add_up_to_one)
{
        struct fixture f;
        set_up(&f);
        drf_set_weight(f.drf, "a", 3.0);
        struct drf_client *a = add(&f, "a"), *b = add(&f, "b/x"), *c = add(&f, "b/y");
        ck_assert_double_eq_tol(drf_fair_share(f.drf, a), 0.75, 1e-9);
        ck_assert_double_eq_tol(drf_fair_share(f.drf, b), 0.125, 1e-9);
        ck_assert_double_eq_tol(drf_fair_share(f.drf, c), 0.125, 1e-9);
        tear_down(&f);
}
END_TEST

/* ---- the reference's scripts (tests/conformance/drf_sorter.json) --------------------------------- */

static const char *text(const json_t *step, const char *key)
{
        return json_string_value(json_object_get(step, key));
}

static void change_agent(struct fixture *f, const json_t *step, bool add_it)
{
        const char *agent = text(step, "agent");
        struct vector v = quantities(f, add_it ? text(step, "resources")
                                               : json_string_value(json_object_get(f->agents, agent)));
        (add_it ? vector_add : vector_subtract)(&f->total.quantities, &v);
        f->total.version++;
        if (add_it)
                json_object_set(f->agents, agent, json_object_get(step, "resources"));
}

static json_t *sorted(struct fixture *f)
{
        json_t *list = json_array();
        size_t count;
        void *const *order = drf_order(f->drf, &count);
        for (size_t i = 0; i < count; i++)
                json_array_append_new(list, json_string(order[i]));
        return list;
}

static void change_client(struct fixture *f, const json_t *step, const char *op)
{
        const char *path = text(step, "client");
        struct drf_client *client = path ? drf_find(f->drf, path) : NULL;
        if (strncmp(op, "add", 3) == 0) {
                if (client == NULL)
                        client = drf_add(f->drf, path, (void *) path);
                if (strcmp(op, "add") == 0)
                        drf_activate(f->drf, client, true);
        } else if (strcmp(op, "weight") == 0) {
                drf_set_weight(f->drf, path, json_number_value(json_object_get(step, "weight")));
        } else if (strcmp(op, "remove") == 0) {
                drf_remove(f->drf, client);
        } else if (strcmp(op, "allocated") == 0) {
                give(f, client, text(step, "resources"));
        } else if (strcmp(op, "unallocated") == 0) {
                struct vector v = quantities(f, text(step, "resources"));
                drf_unallocated(f->drf, client, &v);
        } else if (strcmp(op, "update_allocation") == 0) {
                struct vector v = quantities(f, text(step, "old")), w = quantities(f, text(step, "new"));
                drf_unallocated(f->drf, client, &v);
                drf_adjusted(f->drf, client, &w);
        } else {
                ck_assert_msg(strcmp(op, "activate") == 0 || strcmp(op, "deactivate") == 0, "%s", op);
                drf_activate(f->drf, client, *op == 'a');
        }
}

static void run_step(struct fixture *f, const json_t *step, json_t *results)
{
        const char *op = text(step, "op");
        if (strcmp(op, "add_agent") == 0 || strcmp(op, "remove_agent") == 0)
                change_agent(f, step, *op == 'a');
        else if (strcmp(op, "sort") == 0)
                json_array_append_new(results, sorted(f));
        else if (strcmp(op, "count") == 0)
                json_array_append_new(results, json_integer((json_int_t) drf_count(f->drf)));
        else if (strcmp(op, "contains") == 0)
                json_array_append_new(results, json_boolean(drf_find(f->drf, text(step, "client")) != NULL));
        else
                change_client(f, step, op);
}

START_TEST(the_reference_s_scripts_give_the_reference_s_orders)
{
        char path[4096];
        snprintf(path, sizeof path, "%s/tests/conformance/drf_sorter.json", getenv("TROUPE_SOURCE"));
        json_t *suite = json_load_file(path, 0, NULL);
        ck_assert_ptr_nonnull(suite);
        size_t i, j;
        const json_t *test, *step;
        json_array_foreach(json_object_get(suite, "cases"), i, test)
        {
                struct fixture f;
                set_up(&f);
                json_t *results = json_array();
                json_array_foreach(json_array_get(json_object_get(test, "args"), 0), j, step)
                        run_step(&f, step, results);
                json_t *expected = json_object_get(json_object_get(test, "expect"), "ok");
                char *found = json_dumps(results, 0), *wanted = json_dumps(expected, 0);
                ck_assert_msg(json_equal(results, expected), "%s\nfound  %s\nwanted %s", text(test, "id"),
                              found, wanted);
                free(found);
                free(wanted);
                json_decref(results);
                tear_down(&f);
        }
        json_decref(suite);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, the_smaller_dominant_share_goes_first);
        tcase_add_test(tests, the_paper_s_example_ends_with_three_and_two_tasks);
        tcase_add_test(tests, a_weight_of_two_is_a_right_to_twice_as_much);
        tcase_add_test(tests, children_share_what_their_parent_earns);
        tcase_add_test(tests, a_role_that_is_also_a_parent_competes_with_its_children);
        tcase_add_test(tests, the_fair_shares_of_all_clients_add_up_to_one);
        tcase_add_test(tests, the_reference_s_scripts_give_the_reference_s_orders);
}

TEST_MAIN("drf", add_tests)
