/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "command/command.h"
#include "fake_agent.h"
#include "processes/processes.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* The executors of processes, with real ones: an agent played by the test on the same node. */
struct rig {
        struct actor_log *log;
        struct actor_node *node;
        struct fake_agent agent;
        struct troupe_executor *executor;
        char sandbox[32];
        size_t left; /* UNREGISTER calls, counted at the end */
};

static void no_log(void *arg, enum actor_log_level level, const char *line)
{
}

static void rig_start(struct rig *rig, void (*choose)(struct troupe_executor_config *config))
{
        snprintf(rig->sandbox, sizeof rig->sandbox, "/tmp/executor.XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(rig->sandbox));
        setenv("MESOS_SANDBOX", rig->sandbox, 1);
        rig->log = actor_log_new_function(no_log, NULL, ACTOR_LOG_DEBUG);
        struct actor_node_config node = {
                .name = "test", .workers = 2, .types = proto_wire_types, .log = rig->log};
        ck_assert_int_eq(actor_node_new(&node, &rig->node), 0);
        rig->agent.acknowledges = true;
        fake_spawn(&rig->agent, rig->node);
        struct troupe_executor_config config = {
                .address = "executor/C1", .framework_id = "F1", .executor_id = "E1", .node = rig->node};
        struct actor_error error = {""};
        choose(&config);
        ck_assert_msg(troupe_executor_new(&config, &rig->executor, &error) == 0, "%s", error.text);
        ck_assert_int_eq(troupe_executor_start(rig->executor), 0);
}

static void rig_done(struct rig *rig)
{
        actor_node_free(rig->node);
        troupe_executor_free(rig->executor);
        rig->left = fake_count(&rig->agent, EXEC__CALL__TYPE__UNREGISTER);
        fake_done(&rig->agent);
        actor_log_free(rig->log);
        char command[64];
        snprintf(command, sizeof command, "rm -rf %s", rig->sandbox);
        ck_assert_int_eq(system(command), 0);
}

/* Launches a shell line in a directory of its own below the sandbox. */
static void launch(struct rig *rig, const char *id, const char *line)
{
        Exec__Event *event = fake_launch(id);
        V1__CommandInfo *command = FAKE_NEW(event, V1__CommandInfo, V1__COMMAND_INFO__INIT);
        V1__Environment__Variable *variable =
                FAKE_NEW(event, V1__Environment__Variable, V1__ENVIRONMENT__VARIABLE__INIT);
        variable->name = "MESOS_SANDBOX";
        variable->value = actor_msg_printf(event, "%s/%s", rig->sandbox, id);
        ck_assert_int_eq(mkdir(variable->value, 0755), 0);
        command->value = actor_msg_strdup(event, line);
        command->environment = FAKE_NEW(event, V1__Environment, V1__ENVIRONMENT__INIT);
        PROTO_APPEND(event, command->environment->n_variables, command->environment->variables, variable);
        event->launch->task->command = command;
        fake_send(&rig->agent, event);
}

static void expect_file(struct rig *rig, const char *name, const char *text)
{
        char path[256], content[256];
        snprintf(path, sizeof path, "%s/%s", rig->sandbox, name);
        FILE *file = fopen(path, "re");
        ck_assert_msg(file != NULL, "no file %s", path);
        content[fread(content, 1, sizeof content - 1, file)] = '\0';
        fclose(file);
        ck_assert_str_eq(content, text);
}

/* mission: D8 X7 X11 */
START_TEST(a_command_writes_to_its_sandbox_and_finishes)
{
        struct rig rig = {0};
        rig_start(&rig, command_executor);
        launch(&rig, "t1", "echo out on $HOSTNAME; echo err >&2; pwd");
        ck_assert_str_eq(fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_FINISHED),
                         "Command exited with status 0");
        ck_assert_ptr_nonnull(fake_find(&rig.agent, "t1", V1__TASK_STATE__TASK_RUNNING));
        char expected[128];
        snprintf(expected, sizeof expected, "out on host1\n%s/t1\n", rig.sandbox);
        expect_file(&rig, "t1/stdout", expected);
        expect_file(&rig, "t1/stderr", "err\n");
        rig_done(&rig);
}
END_TEST

/* mission: D8 */
START_TEST(a_bad_end_names_the_status_or_the_signal)
{
        struct rig rig = {0};
        rig_start(&rig, command_executor);
        launch(&rig, "t1", "exit 3");
        launch(&rig, "t2", "kill -9 $$");
        launch(&rig, "t3", "cd /no/such/directory && true");
        ck_assert_str_eq(fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_FAILED),
                         "Command exited with status 3");
        ck_assert_str_eq(fake_await(&rig.agent, "t2", V1__TASK_STATE__TASK_FAILED),
                         "Command terminated with signal Killed");
        ck_assert_str_eq(fake_await(&rig.agent, "t3", V1__TASK_STATE__TASK_FAILED),
                         "Command exited with status 2");
        rig_done(&rig);
}
END_TEST

START_TEST(a_command_that_cannot_start_fails_with_the_reason)
{
        struct rig rig = {0};
        rig_start(&rig, command_executor);
        Exec__Event *event = fake_launch("t1");
        fake_send(&rig.agent, event);
        ck_assert_str_ne(fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_FAILED), "");
        event = fake_launch("t2");
        event->launch->task->command = FAKE_NEW(event, V1__CommandInfo, V1__COMMAND_INFO__INIT);
        event->launch->task->command->value = "/no/such/program";
        event->launch->task->command->has_shell = true;
        event->launch->task->command->shell = false;
        fake_send(&rig.agent, event);
        ck_assert_ptr_nonnull(
                strstr(fake_await(&rig.agent, "t2", V1__TASK_STATE__TASK_FAILED), "/no/such/program"));
        rig_done(&rig);
}
END_TEST

/* mission: A5 B8 */
START_TEST(a_kill_ends_the_whole_process_group)
{
        struct rig rig = {.agent = {.killing_state = true}};
        rig_start(&rig, command_executor);
        launch(&rig, "t1", "sleep 1000 & sleep 1000");
        fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_RUNNING);
        fake_kill(&rig.agent, "t1", -1);
        ck_assert_str_eq(fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_KILLED),
                         "Command terminated with signal Terminated");
        ck_assert_ptr_nonnull(fake_find(&rig.agent, "t1", V1__TASK_STATE__TASK_KILLING));
        rig_done(&rig);
}
END_TEST

/* The task says that it is deaf only once it is: by ending a first one that waits for that. */
/* mission: B8 X11 */
START_TEST(who_ignores_the_polite_signal_is_killed_after_the_grace_period)
{
        struct rig rig = {0};
        char line[256];
        rig_start(&rig, command_executor);
        snprintf(line, sizeof line,
                 "trap '' TERM; mkfifo ../deaf; echo yes > ../deaf; while :; do sleep 1000; done");
        launch(&rig, "t1", line);
        launch(&rig, "t2", "until [ -p ../deaf ]; do :; done; read answer < ../deaf; test $answer = yes");
        fake_await(&rig.agent, "t2", V1__TASK_STATE__TASK_FINISHED);
        fake_kill(&rig.agent, "t1", 50);
        ck_assert_str_eq(fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_KILLED),
                         "Command terminated with signal Killed");
        rig_done(&rig);
}
END_TEST

/* mission: A5 */
START_TEST(what_a_task_leaves_behind_is_killed)
{
        struct rig rig = {0};
        char path[128];
        int pid = 0;
        rig_start(&rig, command_executor);
        launch(&rig, "t1", "sleep 1000 & echo $! > pid");
        fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_FINISHED);
        snprintf(path, sizeof path, "%s/t1/pid", rig.sandbox);
        FILE *file = fopen(path, "re");
        ck_assert_ptr_nonnull(file);
        ck_assert_int_eq(fscanf(file, "%d", &pid), 1);
        fclose(file);
        struct pollfd watch = {.fd = (int) syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
        if (watch.fd >= 0) { /* else it is gone already */
                ck_assert_int_eq(poll(&watch, 1, FAKE_WAIT_MS), 1);
                close(watch.fd);
        }
        rig_done(&rig);
}
END_TEST

/* mission: X9 */
START_TEST(a_shutdown_kills_all_tasks_and_leaves)
{
        struct rig rig = {0};
        rig_start(&rig, command_executor);
        for (int i = 0; i < 5; i++) {
                char id[8];
                snprintf(id, sizeof id, "t%d", i);
                launch(&rig, id, "sleep 1000");
                fake_await(&rig.agent, id, V1__TASK_STATE__TASK_RUNNING);
        }
        fake_send(&rig.agent, fake_event(EXEC__EVENT__TYPE__SHUTDOWN));
        fake_await_ends(&rig.agent, 5);
        rig_done(&rig);
        ck_assert_uint_eq(rig.agent.terminal, 5);
        ck_assert_uint_eq(rig.left, 1);
}
END_TEST

/* mission: X3 X10 */
START_TEST(a_process_task_runs_in_the_executors_sandbox)
{
        struct rig rig = {0};
        rig_start(&rig, processes_executor);
        fake_launch_data(&rig.agent, "t1",
                         "{\"argv\": [\"sh\", \"-c\", \"echo $GREETING\"], \"env\": {\"GREETING\": \"hi\"}}");
        fake_launch_data(&rig.agent, "t2", "echo two; exit 1");
        fake_launch_data(&rig.agent, "t3", "{\"argv\": 7}");
        fake_await(&rig.agent, "t1", V1__TASK_STATE__TASK_FINISHED);
        fake_await(&rig.agent, "t2", V1__TASK_STATE__TASK_FAILED);
        ck_assert_ptr_nonnull(strstr(fake_await(&rig.agent, "t3", V1__TASK_STATE__TASK_FAILED), "argv"));
        expect_file(&rig, "stdout.t1", "hi\n");
        expect_file(&rig, "stdout.t2", "two\n");
        rig_done(&rig);
}
END_TEST

START_TEST(three_hundred_tasks_at_once_all_end)
{
        struct rig rig = {0};
        rig_start(&rig, processes_executor);
        for (int i = 0; i < 300; i++) {
                char id[16];
                snprintf(id, sizeof id, "t%d", i);
                fake_launch_data(&rig.agent, id, "{\"argv\": [\"true\"]}");
        }
        fake_await_ends(&rig.agent, 300);
        rig_done(&rig);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_command_writes_to_its_sandbox_and_finishes);
        tcase_add_test(tcase, a_bad_end_names_the_status_or_the_signal);
        tcase_add_test(tcase, a_command_that_cannot_start_fails_with_the_reason);
        tcase_add_test(tcase, a_kill_ends_the_whole_process_group);
        tcase_add_test(tcase, who_ignores_the_polite_signal_is_killed_after_the_grace_period);
        tcase_add_test(tcase, what_a_task_leaves_behind_is_killed);
        tcase_add_test(tcase, a_shutdown_kills_all_tasks_and_leaves);
        tcase_add_test(tcase, a_process_task_runs_in_the_executors_sandbox);
        tcase_add_test(tcase, three_hundred_tasks_at_once_all_end);
}

TEST_MAIN("command and processes executors", add_tests)
