/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <check_main.h>
#include <fcntl.h>
#include <sys/stat.h>

/* A sandbox with files in it, some of them traps; and a secret beside it. */
static void furnish(const char *work_dir)
{
        CLEANUP(actor_freep)
        char *command = actor_asprintf(
                "cd %s && mkdir -p agents/A1/frameworks/F/executors/E/runs/C/dir"
                " agents/A1/frameworks/F/executors/other/runs/C"
                " && echo secret > secret && cd agents/A1/frameworks/F/executors"
                " && echo other > other/runs/C/stdout && ln -s C other/runs/latest"
                " && cd E/runs && ln -s C latest && cd C && printf 0123456789 > stdout"
                " && echo deep > dir/file && ln -s /etc/passwd absolute"
                " && ln -s ../../../../../../../../secret up && ln -s ../../../other/runs/C across"
                " && ln -s stdout inside && ln -s dir folder && mkfifo fifo",
                work_dir);
        ck_assert_int_eq(system(command), 0);
}

static void *ask(struct rig *rig, AgentApi__Call *call_take)
{
        struct actor_ref files;
        void *answer = NULL;
        call_take->has_type = true;
        ck_assert_int_eq(actor_node_resolve(rig->master_node, "files@agent:5051", &files, NULL), 0);
        ck_assert_int_eq(actor_node_ask(rig->master_node, files, call_take, 10000, &answer), 0);
        return answer;
}

static void *read_file(struct rig *rig, const char *path, uint64_t offset, uint64_t length)
{
        AgentApi__Call *call = actor_msg_new(&agent_call_type);
        call->type = AGENT_API__CALL__TYPE__READ_FILE;
        call->read_file = actor_msg_alloc(call, sizeof *call->read_file);
        agent_api__call__read_file__init(call->read_file);
        call->read_file->path = actor_msg_strdup(call, path);
        call->read_file->offset = offset;
        call->read_file->has_length = length != UINT64_MAX;
        call->read_file->length = length;
        return ask(rig, call);
}

static void expect_data(struct rig *rig, const char *path, uint64_t offset, uint64_t length,
                        const char *expected)
{
        void *answer = read_file(rig, path, offset, length);
        ck_assert_msg(actor_msg_type(answer) == &agent_response_type, "%s was refused", path);
        const AgentApi__Response__ReadFile *got = ((AgentApi__Response *) answer)->read_file;
        ck_assert_uint_eq(got->data.len, strlen(expected));
        ck_assert_mem_eq(got->data.data ? got->data.data : (const void *) "", expected, got->data.len);
        ck_assert_uint_eq(got->size, 10);
        actor_msg_unref(answer);
}

static void expect_refused(struct rig *rig, const char *path)
{
        void *answer = read_file(rig, path, 0, 100);
        ck_assert_msg(actor_msg_type(answer) == &operator_result_type, "%s was read", path);
        ck_assert(!((Troupe__OperatorResult *) answer)->done);
        ck_assert_uint_gt(strlen(((Troupe__OperatorResult *) answer)->message), 0);
        actor_msg_unref(answer);
}

#define SANDBOX "/framework/F/executor/E/latest"

START_TEST(a_file_is_read_by_offset_and_length)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        furnish(rig->work_dir);
        expect_data(rig, SANDBOX "/stdout", 0, UINT64_MAX, "0123456789");
        expect_data(rig, SANDBOX "/stdout", 3, 4, "3456");
        expect_data(rig, SANDBOX "/stdout", 8, 100, "89");
        expect_data(rig, SANDBOX "/stdout", 10, 100, "");
        expect_data(rig, SANDBOX "/stdout", UINT64_MAX, 100, "");
        expect_data(rig, SANDBOX "/stdout", 0, 0, "");
        expect_data(rig, SANDBOX "/inside", 0, 2, "01"); /* symlinks that stay inside are fine */
        expect_data(rig, "/framework/F/executor/E/runs/C/stdout", 0, 1, "0");
        CLEANUP(actor_freep)
        char *real =
                actor_asprintf("%s/agents/A1/frameworks/F/executors/E/runs/latest/stdout", rig->work_dir);
        expect_data(rig, real, 0, 1, "0");
}
END_TEST

/* Goal: nothing outside of the sandbox named can be read, whatever the path says and whatever symlinks its
 * user has laid. */
START_TEST(no_path_leads_out_of_the_sandbox)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        furnish(rig->work_dir);
        expect_refused(rig, SANDBOX "/../../../../../../../../secret");
        expect_refused(rig, SANDBOX "/dir/../../latest/stdout");
        expect_refused(rig, SANDBOX "/absolute");
        expect_refused(rig, SANDBOX "/up");
        expect_refused(rig, SANDBOX "/across/stdout");
        expect_refused(rig, SANDBOX "/nothing");
        expect_refused(rig, SANDBOX "/dir");
        expect_refused(rig, SANDBOX "/fifo");
        expect_refused(rig, SANDBOX "//etc/passwd");
        expect_refused(rig, "/etc/passwd");
        CLEANUP(actor_freep) char *secret = actor_asprintf("%s/secret", rig->work_dir);
        expect_refused(rig, secret);
}
END_TEST

/* Goal: a run directory replaced by a symlink is not followed either. */
START_TEST(a_latest_that_points_away_is_not_followed)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        furnish(rig->work_dir);
        CLEANUP(actor_freep)
        char *command = actor_asprintf(
                "cd %s/agents/A1/frameworks/F/executors/E/runs && ln -sfn ../../other/runs/C latest"
                " && ln -s ../../other/runs/C D",
                rig->work_dir);
        ck_assert_int_eq(system(command), 0);
        expect_refused(rig, SANDBOX "/stdout");
        expect_refused(rig, "/framework/F/executor/E/runs/D/stdout");
}
END_TEST

START_TEST(a_folder_is_listed_in_order)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        furnish(rig->work_dir);
        AgentApi__Call *call = actor_msg_new(&agent_call_type);
        call->type = AGENT_API__CALL__TYPE__LIST_FILES;
        call->list_files = actor_msg_alloc(call, sizeof *call->list_files);
        agent_api__call__list_files__init(call->list_files);
        call->list_files->path = SANDBOX "/";
        AgentApi__Response *answer = ask(rig, call);
        ck_assert_ptr_eq(actor_msg_type(answer), &agent_response_type);
        ck_assert_uint_eq(answer->list_files->n_file_infos, 8);
        ck_assert_str_eq(answer->list_files->file_infos[0]->path, SANDBOX "/absolute");
        const V1__FileInfo *last = answer->list_files->file_infos[6];
        ck_assert_str_eq(last->path, SANDBOX "/stdout");
        ck_assert_uint_eq(last->size, 10);
        ck_assert(S_ISREG(last->mode));
        ck_assert_ptr_nonnull(last->uid);
        actor_msg_unref(answer);
}
END_TEST

START_TEST(any_other_call_is_answered_with_a_reason)
{
        CLEANUP(rig_freep) struct rig *rig = rig_new(true);
        AgentApi__Call *call = actor_msg_new(&agent_call_type);
        call->type = AGENT_API__CALL__TYPE__GET_STATE;
        void *answer = ask(rig, call);
        ck_assert_ptr_eq(actor_msg_type(answer), &operator_result_type);
        actor_msg_unref(answer);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_file_is_read_by_offset_and_length);
        tcase_add_test(tcase, no_path_leads_out_of_the_sandbox);
        tcase_add_test(tcase, a_latest_that_points_away_is_not_followed);
        tcase_add_test(tcase, a_folder_is_listed_in_order);
        tcase_add_test(tcase, any_other_call_is_answered_with_a_reason);
}

TEST_MAIN("agent files", add_tests)
