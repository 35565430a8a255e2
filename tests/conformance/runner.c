/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the reference's behaviour, kept as data: `conformance_runner DIR` runs every *.json suite of a
 * folder. A line "SUITE passed failed" each, then what differs. Exit 1 where anything does, or where
 * a suite or an operation is unknown. */
#include "operations.h"

#include <actor/memory.h>
#include <actor/message.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The suites this build knows. A pending one belongs to a later issue: named, not run. */
static const struct suite {
        const char *name;
        bool pending;
} suites[] = {
        {"attributes", false},
        {"values", false},
        {"durations_and_bytes", false},
        {"roles_and_ids", false},
        {"resources_parse", false},
        {"resources_arithmetic", false},
        {"resource_validation", false},
        {"quantities_and_limits", false},
        {"allocator", true},
        {"drf_sorter", true},
        {"http_status", true},
        {"master_validation", true},
        {"message_validation", true},
        {"offer_constraints", true},
        {"operations_apply", true},
        {"reconciliation", true},
        {"timers", true},
};

static const struct operation *const operation_tables[] = {value_operations, name_operations,
                                                           resource_operations, quantity_operations};

struct arena {
        char unused;
};
static ACTOR_LOCAL_TYPE(arena_type, struct arena);

/* What a folder's run found; failures gather in a text that is shown after all suites. */
struct report {
        FILE *failures;
        size_t failed;
};

static const struct suite *find_suite(const char *name)
{
        for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
                if (strcmp(suites[i].name, name) == 0)
                        return &suites[i];
        return NULL;
}

static const struct operation *find_operation(const char *name)
{
        for (size_t i = 0; i < sizeof operation_tables / sizeof *operation_tables; i++)
                for (const struct operation *operation = operation_tables[i]; operation->name; operation++)
                        if (strcmp(operation->name, name) == 0)
                                return operation;
        return NULL;
}

static bool same_json(const json_t *a, const json_t *b);

static bool same_object(const json_t *a, const json_t *b)
{
        if (json_object_size(a) != json_object_size(b))
                return false;
        const char *key;
        json_t *value;
        json_object_foreach((json_t *) a, key, value)
        {
                const json_t *other = json_object_get(b, key);
                if (other == NULL || !same_json(value, other))
                        return false;
        }
        return true;
}

static bool same_array(const json_t *a, const json_t *b)
{
        if (json_array_size(a) != json_array_size(b))
                return false;
        for (size_t i = 0; i < json_array_size(a); i++)
                if (!same_json(json_array_get(a, i), json_array_get(b, i)))
                        return false;
        return true;
}

/* 1 and 1.0 are the same number. */
static bool same_json(const json_t *a, const json_t *b)
{
        if (json_is_number(a) && json_is_number(b))
                return json_number_value(a) == json_number_value(b);
        if (json_is_object(a) && json_is_object(b))
                return same_object(a, b);
        if (json_is_array(a) && json_is_array(b))
                return same_array(a, b);
        return json_equal(a, b);
}

static void tell(struct report *report, const char *id, const json_t *expected, const json_t *got,
                 const char *sentence)
{
        CLEANUP(actor_freep) char *want = json_dumps(expected, JSON_ENCODE_ANY | JSON_SORT_KEYS);
        CLEANUP(actor_freep) char *have = got ? json_dumps(got, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
        fprintf(report->failures, "%s\n  expected %s\n  got      %s%s\n", id, want,
                have ? "ok " : "error: ", have ? have : sentence);
        report->failed++;
}

static void tell_bad_case(struct report *report, const char *id, const char *what)
{
        fprintf(report->failures, "%s\n  %s\n", id, what);
        report->failed++;
}

static bool read_args(const json_t *list, struct case_args *args)
{
        if (!json_is_array(list) || json_array_size(list) > CASE_ARGS_MAX)
                return false;
        for (size_t i = 0; i < json_array_size(list); i++) {
                args->text[i] = json_string_value(json_array_get(list, i));
                if (args->text[i] == NULL)
                        return false;
        }
        return true;
}

/* Runs a case whose form is known to be right; true where it passes. */
static bool check(struct report *report, const char *id, const struct operation *operation,
                  const struct case_args *args, const json_t *expect)
{
        struct actor_error error = {{0}};
        json_t *got = NULL;
        const json_t *ok = json_object_get(expect, "ok");
        int r = operation->run(args, &got, &error);
        bool good = ok ? r == 0 && same_json(ok, got) : r < 0 && error.text[0] != '\0';
        if (!good)
                tell(report, id, expect, r == 0 ? got : NULL, error.text);
        json_decref(got);
        return good;
}

static bool run_case(struct report *report, const json_t *each)
{
        const char *id = json_string_value(json_object_get(each, "id"));
        const char *name = json_string_value(json_object_get(each, "op"));
        const json_t *expect = json_object_get(each, "expect");
        const struct operation *operation = name ? find_operation(name) : NULL;
        struct case_args args = {.arena = NULL};
        id = id ? id : "a case without an id";
        if (operation == NULL) {
                tell_bad_case(report, id, name ? "unknown operation" : "no operation");
                return false;
        }
        if (!read_args(json_object_get(each, "args"), &args) || args.text[operation->args_min - 1] == NULL) {
                tell_bad_case(report, id, "its arguments are not the texts that the operation takes");
                return false;
        }
        if (json_object_size(expect) != 1 ||
            (!json_object_get(expect, "ok") && !json_object_get(expect, "error"))) {
                tell_bad_case(report, id, "expects neither {\"ok\": …} nor {\"error\": …}");
                return false;
        }
        args.arena = actor_msg_new(&arena_type);
        bool good = check(report, id, operation, &args, expect);
        actor_msg_unref(args.arena);
        return good;
}

static void run_suite(struct report *report, const char *file, const json_t *json)
{
        const char *name = json_string_value(json_object_get(json, "suite"));
        const struct suite *suite = name ? find_suite(name) : NULL;
        const json_t *cases = json_object_get(json, "cases");
        if (suite == NULL || !json_is_array(cases)) {
                printf("%s unknown\n", name ? name : file);
                tell_bad_case(report, file, suite ? "no list of cases" : "unknown suite");
                return;
        }
        if (suite->pending) {
                printf("%s pending (%zu cases)\n", name, json_array_size(cases));
                return;
        }
        size_t passed = 0;
        for (size_t i = 0; i < json_array_size(cases); i++)
                passed += run_case(report, json_array_get(cases, i));
        printf("%s %zu %zu\n", name, passed, json_array_size(cases) - passed);
}

/* Integers as reals: a range's end may be 2^64 - 1, which jansson's integers do not reach. */
static void run_file(struct report *report, const char *folder, const char *file)
{
        CLEANUP(actor_freep) char *path = actor_asprintf("%s/%s", folder, file);
        json_error_t where;
        json_t *json = json_load_file(path, JSON_DECODE_INT_AS_REAL, &where);
        if (json) {
                run_suite(report, file, json);
                json_decref(json);
                return;
        }
        CLEANUP(actor_freep) char *what = actor_asprintf("not JSON: line %d: %s", where.line, where.text);
        tell_bad_case(report, file, what);
}

static int is_suite_file(const struct dirent *entry)
{
        size_t length = strlen(entry->d_name);
        return length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

static int run_folder(struct report *report, const char *folder)
{
        struct dirent **files = NULL;
        int count = scandir(folder, &files, is_suite_file, alphasort);
        if (count <= 0) {
                fprintf(stderr, "conformance: %s: %s\n", folder,
                        count < 0 ? strerror(errno) : "no *.json suite there");
                return -1;
        }
        for (int i = 0; i < count; i++) {
                run_file(report, folder, files[i]->d_name);
                free(files[i]);
        }
        free(files);
        return 0;
}

int main(int argc, char **argv)
{
        if (argc != 2) {
                fprintf(stderr, "usage: conformance_runner DIR\n");
                return 2;
        }
        char *failures = NULL;
        size_t size = 0;
        struct report report = {.failures = open_memstream(&failures, &size)};
        int r = run_folder(&report, argv[1]);
        fclose(report.failures);
        if (report.failed > 0)
                printf("\n%zu failed:\n%s", report.failed, failures);
        free(failures);
        return r == 0 && report.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
