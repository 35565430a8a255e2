/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "fetcher/messages.h"
#include <check_main.h>
#include <sys/stat.h>

static struct fetch_request *request_for(const char *directory, const char *uri, const char *output)
{
        struct fetch_request *request = actor_msg_new(&fetch_request_type);
        V1__CommandInfo__URI *info = actor_msg_alloc(request, sizeof *info);
        v1__command_info__uri__init(info);
        info->value = actor_msg_strdup(request, uri);
        info->output_file = output;
        info->has_executable = info->executable = true;
        V1__CommandInfo__URI **list = actor_msg_alloc(request, sizeof *list);
        list[0] = info;
        request->uris = list;
        request->count = 1;
        request->directory = actor_msg_strdup(request, directory);
        return request;
}

/* NULL, or the reason why not (to be freed). */
static char *fetch(struct rig *rig, const char *directory, const char *uri, const char *output)
{
        void *answer = NULL;
        struct fetch_request *request = request_for(directory, uri, output);
        ck_assert_int_eq(actor_node_ask(rig->agent_node, rig->fetcher, request, 100000, &answer), 0);
        const struct fetch_result *result = answer;
        char *error = result->error ? actor_strdup(result->error) : NULL;
        actor_msg_unref(answer);
        return error;
}

static char *prepare(struct rig *rig)
{
        CLEANUP(actor_freep)
        char *command =
                actor_asprintf("cd %s && mkdir -p sandbox agents/A1/frameworks/F/executors/E/runs/C && cd "
                               "agents/A1/frameworks/F/executors/E/runs && ln -s C latest"
                               " && head -c 2500000 /dev/urandom > C/big && : > C/empty",
                               rig->work_dir);
        ck_assert_int_eq(system(command), 0);
        return actor_asprintf("%s/sandbox", rig->work_dir);
}

static bool same(const struct rig *rig, const char *name, const char *original)
{
        CLEANUP(actor_freep)
        char *command = actor_asprintf("cmp -s %s/sandbox/%s %s/agents/A1/frameworks/F/executors/E/runs/C/%s",
                                       rig->work_dir, name, rig->work_dir, original);
        return system(command) == 0;
}

/* Goal: a file of several chunks arrives whole from an agent's sandbox, byte for byte. */
/* mission: A6 */
START_TEST(a_file_of_another_agent_arrives_whole)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        CLEANUP(actor_freep) char *sandbox = prepare(rig);
        ck_assert_ptr_null(
                fetch(rig, sandbox, "troupe://agent:5051/framework/F/executor/E/latest/big", "in/copy"));
        ck_assert(same(rig, "in/copy", "big"));
        ck_assert_ptr_null(
                fetch(rig, sandbox, "troupe://agent:5051/framework/F/executor/E/latest/empty", NULL));
        ck_assert(same(rig, "empty", "empty"));
}
END_TEST

START_TEST(a_file_of_this_machine_is_copied_with_its_bits)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        CLEANUP(actor_freep) char *sandbox = prepare(rig);
        CLEANUP(actor_freep)
        char *uri = actor_asprintf("file://%s/agents/A1/frameworks/F/executors/E/runs/C/big", rig->work_dir);
        ck_assert_ptr_null(fetch(rig, sandbox, uri, NULL));
        ck_assert(same(rig, "big", "big"));
        CLEANUP(actor_freep) char *copy = actor_asprintf("%s/big", sandbox);
        struct stat status;
        ck_assert_int_eq(stat(copy, &status), 0);
        ck_assert_uint_eq(status.st_mode & 0777, 0755);
}
END_TEST

START_TEST(what_cannot_be_fetched_is_named)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        CLEANUP(actor_freep) char *sandbox = prepare(rig);
        const char *const bad[] = {"/no/such/file", "/tmp",
                                   "troupe://agent:5051/framework/F/executor/E/latest/none",
                                   "troupe://nobody:1/framework/F/executor/E/latest/big", "gopher://x"};
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                CLEANUP(actor_freep) char *error = fetch(rig, sandbox, bad[i], NULL);
                ck_assert_msg(error && strstr(error, bad[i]), "%s: %s", bad[i], error ? error : "fetched");
        }
}
END_TEST

/* Goal: a symlink laid in the sandbox does not make the agent write elsewhere. */
START_TEST(nothing_is_written_through_a_symlink)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        CLEANUP(actor_freep) char *sandbox = prepare(rig);
        CLEANUP(actor_freep)
        char *command = actor_asprintf(
                "cd %s && ln -s ../target link && mkdir ../away && ln -s ../away folder", sandbox);
        ck_assert_int_eq(system(command), 0);
        CLEANUP(actor_freep) char *first = fetch(rig, sandbox, "/etc/hostname", "link");
        CLEANUP(actor_freep) char *second = fetch(rig, sandbox, "/etc/hostname", "folder/file");
        ck_assert_ptr_nonnull(first);
        ck_assert_ptr_nonnull(second);
        CLEANUP(actor_freep) char *target = actor_asprintf("%s/../target", sandbox);
        ck_assert_int_ne(access(target, F_OK), 0);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_file_of_another_agent_arrives_whole);
        tcase_add_test(tcase, a_file_of_this_machine_is_copied_with_its_bits);
        tcase_add_test(tcase, what_cannot_be_fetched_is_named);
        tcase_add_test(tcase, nothing_is_written_through_a_symlink);
}

TEST_MAIN("agent fetcher", add_tests)
