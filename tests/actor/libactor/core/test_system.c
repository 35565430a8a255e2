/* SPDX-License-Identifier: Apache-2.0 */
/* What actors ask of the system, on a real node: blocking work, descriptors, child processes. */
#include "probe.h"

#include <actor/system.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS = 20, RUN, WATCH, FORGET, ADOPT, SIGNAL_GROUP };

/* ---- blocking work ------------------------------------------------------------------------------- */

struct job {
        int number;
        _Atomic int *running;
        _Atomic int *done;
};
static const struct actor_type job_type = {.name = "job", .size = sizeof(struct job)};

/* Jobs of one actor run one at a time, in order. */
static void work(void *body)
{
        struct job *job = body;
        ck_assert_int_eq(atomic_fetch_add(job->running, 1), 0);
        ck_assert_int_eq(atomic_fetch_add(job->done, 1), job->number);
        job->number += 100;
        ck_assert_int_eq(atomic_fetch_sub(job->running, 1), 1);
}

struct employer {
        _Atomic int running, done;
        int results;
};

static int on_begin(struct employer *e, const struct actor_mail *mail, const struct note *body)
{
        for (int i = 0; i < JOBS; i++) {
                struct job *job = actor_msg_new(&job_type);
                *job = (struct job){i, &e->running, &e->done};
                actor_run_blocking(mail->self, work, job);
        }
        return 0;
}

static int on_result(struct employer *e, const struct actor_mail *mail, const struct job *body)
{
        ck_assert_int_eq(body->number, 100 + e->results++);
        if (e->results == JOBS)
                actor_exit(mail->self, 0);
        return 0;
}
ACTOR_BIND(on_begin, struct employer, struct note)
ACTOR_BIND(on_result, struct employer, struct job)

static const struct actor_handler employer_handlers[] = {
        {&note_type, on_begin_bound, ACTOR_FROM_LOCAL},
        {&job_type, on_result_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};
static const struct actor_class employer_class = {
        .name = "employer", .state_size = sizeof(struct employer), .handlers = employer_handlers};

static void run_jobs(struct actor_node *node)
{
        for (int i = 0; i < 5; i++) {
                struct actor_ref e = spawn(node, &employer_class, NULL, NULL);
                ck_assert_int_eq(actor_node_send(node, e, note(RUN, 0)), 0);
        }
        ck_assert_int_eq(actor_node_wait(node), 0);
}

START_TEST(blocking_jobs_of_an_actor_run_in_order_one_at_a_time)
{
        struct actor_node *node = real_node(2);
        run_jobs(node);
        actor_node_free(node);
}
END_TEST

START_TEST(a_simulated_node_runs_blocking_jobs_in_no_time)
{
        struct actor_sim *sim = actor_sim_new(1);
        run_jobs(actor_sim_node(sim, "tcp://m1:1", NULL));
        ck_assert_int_eq(actor_sim_now_ms(sim), 0);
        actor_sim_free(sim);
}
END_TEST

/* ---- descriptors --------------------------------------------------------------------------------- */

static int on_fd_note(void *state, const struct actor_mail *mail, const struct note *body)
{
        int fd = (int) body->value;
        if (body->what == WATCH)
                tell("watch %d ", actor_fd_watch(mail->self, fd, POLLIN));
        else if (body->what == FORGET)
                actor_fd_forget(mail->self, fd);
        return 0;
}

static int on_ready(void *state, const struct actor_mail *mail, const struct actor_fd_ready *body)
{
        char text[16] = "";
        ssize_t size = read(body->fd, text, sizeof text - 1);
        tell("%s%s ", size > 0 ? text : "end", body->events & POLLHUP ? "!" : "");
        return 0;
}
ACTOR_BIND(on_fd_note, void, struct note)
ACTOR_BIND(on_ready, void, struct actor_fd_ready)

static const struct actor_handler fd_handlers[] = {
        {&note_type, on_fd_note_bound, ACTOR_FROM_LOCAL},
        {&actor_fd_ready_type, on_ready_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};
static const struct actor_class fd_class = {.name = "fd", .handlers = fd_handlers};

static void put(int fd, const char *text)
{
        ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t) strlen(text));
}

START_TEST(a_watched_descriptor_tells_once_and_must_be_armed_anew)
{
        int fds[2];
        struct actor_sim *sim = actor_sim_new(1);
        struct actor_node *node = actor_sim_node(sim, "tcp://m1:1", NULL);
        struct actor_ref ref = spawn(node, &fd_class, NULL, NULL);
        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        actor_node_send(node, ref, note(WATCH, (uint64_t) fds[0]));
        actor_sim_settle(sim);
        expect_told("watch 0 ");
        put(fds[1], "one");
        actor_sim_settle(sim);
        expect_told("one ");
        put(fds[1], "two");
        actor_sim_settle(sim);
        expect_told("");
        actor_node_send(node, ref, note(WATCH, (uint64_t) fds[0]));
        actor_sim_settle(sim);
        expect_told("watch 0 two ");
        actor_node_send(node, ref, note(WATCH, (uint64_t) fds[0]));
        actor_sim_settle(sim);
        put(fds[1], "three");
        actor_node_send(node, ref, note(FORGET, (uint64_t) fds[0]));
        actor_sim_settle(sim);
        expect_told("watch 0 ");
        actor_node_send(node, ref, note(WATCH, 999999));
        actor_sim_settle(sim);
        expect_told("watch -9 ");
        close(fds[0]);
        close(fds[1]);
        actor_sim_free(sim);
}
END_TEST

START_TEST(a_real_node_tells_of_data_and_of_the_end)
{
        int fds[2];
        struct actor_node *node = real_node(1);
        struct actor_ref ref = spawn(node, &fd_class, NULL, NULL);
        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        actor_node_send(node, ref, note(WATCH, (uint64_t) fds[0]));
        await_told("watch 0 ");
        put(fds[1], "one");
        await_told("one ");
        close(fds[1]);
        actor_node_send(node, ref, note(WATCH, (uint64_t) fds[0]));
        await_told("end! ");
        actor_node_free(node);
        close(fds[0]);
}
END_TEST

/* ---- processes ----------------------------------------------------------------------------------- */

struct launcher {
        const struct actor_process_config *config;
        pid_t pid;
};

static int launcher_init(void *state, struct actor *self, const void *config)
{
        struct launcher *l = state;
        struct actor_error error = {""};
        l->config = config;
        if (config == NULL)
                return 0;
        int r = actor_process_start(self, l->config, &l->pid, &error);
        if (r != 0) {
                tell("%d: %s", r, error.text);
                actor_exit(self, 0);
        } else {
                tell("started ");
        }
        return 0;
}

static int on_exited(struct launcher *l, const struct actor_mail *mail,
                     const struct actor_process_exited *body)
{
        if (!body->status_known)
                tell("gone ");
        else if (WIFSIGNALED(body->status))
                tell("signal %d ", WTERMSIG(body->status));
        else
                tell("status %d ", WEXITSTATUS(body->status));
        if (body->usage.ru_utime.tv_sec + body->usage.ru_maxrss > 0)
                tell("usage ");
        actor_exit(mail->self, 0);
        return 0;
}

static int on_process_order(struct launcher *l, const struct actor_mail *mail, const struct note *body)
{
        if (body->what == SIGNAL_GROUP)
                tell("signalled %d ", actor_process_signal(mail->self, l->pid, (int) body->value, true));
        else if (body->what == ADOPT)
                tell("adopted %d ", actor_process_adopt(mail->self, (pid_t) body->value));
        return 0;
}
ACTOR_BIND(on_exited, struct launcher, struct actor_process_exited)
ACTOR_BIND(on_process_order, struct launcher, struct note)

static const struct actor_handler launcher_handlers[] = {
        {&actor_process_exited_type, on_exited_bound, ACTOR_FROM_SYSTEM},
        {&note_type, on_process_order_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};
static const struct actor_class launcher_class = {.name = "launcher",
                                                  .state_size = sizeof(struct launcher),
                                                  .init = launcher_init,
                                                  .handlers = launcher_handlers};

static struct actor_process_config shell(const char *const argv[4])
{
        return (struct actor_process_config){
                .argv = argv, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1, .pass_fd = -1};
}
#define SHELL(command) shell((const char *const[]){"sh", "-c", command, NULL})

static void run_process(const struct actor_process_config *config)
{
        struct actor_node *node = real_node(1);
        spawn(node, &launcher_class, NULL, config);
        ck_assert_int_eq(actor_node_wait(node), 0);
        actor_node_free(node);
}

START_TEST(a_process_reports_its_status_and_what_it_used)
{
        struct actor_process_config config = SHELL("exit 7");
        run_process(&config);
        expect_told("started status 7 usage ");
}
END_TEST

START_TEST(a_process_ended_by_a_signal_reports_the_signal)
{
        struct actor_process_config config = SHELL("kill -9 $$");
        run_process(&config);
        expect_told("started signal 9 usage ");
}
END_TEST

START_TEST(a_program_that_does_not_exist_is_an_error_with_a_sentence)
{
        const char *const argv[] = {"no-such-program", NULL}, *const path[] = {"/no/such/program", NULL};
        struct actor_process_config config = SHELL("true");
        config.argv = argv;
        run_process(&config);
        expect_told("-2: cannot run \"no-such-program\": no such program in PATH");
        config.argv = path;
        run_process(&config);
        expect_told("-2: cannot run \"/no/such/program\": No such file or directory");
}
END_TEST

START_TEST(a_directory_or_user_that_does_not_exist_is_an_error_with_a_sentence)
{
        struct actor_process_config config = SHELL("true");
        config.directory = "/no/such";
        run_process(&config);
        expect_told("-2: cannot enter directory \"/no/such\" for \"sh\": No such file or directory");
        config.directory = NULL;
        config.user = "no-such-user";
        run_process(&config);
        expect_told("-22: no such user: \"no-such-user\"");
}
END_TEST

/* Runs a command with standard output and descriptor 3 on pipes and returns what came out of them. */
static void capture(struct actor_process_config *config, char *ret, size_t size)
{
        int fds[2];
        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        config->stdout_fd = fds[1];
        run_process(config);
        close(fds[1]);
        size_t used = 0;
        for (ssize_t n; (n = read(fds[0], ret + used, size - used - 1)) > 0;)
                used += (size_t) n;
        ret[used] = '\0';
        close(fds[0]);
}

START_TEST(a_process_gets_the_environment_directory_and_descriptors_it_was_given)
{
        char out[4096];
        const char *const environment[] = {"PATH=/usr/bin:/bin", "GREETING=hello", NULL};
        struct actor_process_config config =
                SHELL("echo $GREETING; pwd; cat; ls /proc/self/fd | tr '\\n' ' '");
        config.environment = environment;
        config.directory = "/usr";
        capture(&config, out, sizeof out);
        /* 3 is ls's own, of the directory that it reads */
        ck_assert_str_eq(out, "hello\n/usr\n0 1 2 3 ");
}
END_TEST

START_TEST(a_descriptor_passed_on_is_number_3_even_if_it_was_one_of_the_standard_ones)
{
        char out[4096];
        int fds[2];
        struct actor_process_config config = SHELL("cat <&3");
        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        put(fds[1], "through three");
        close(fds[1]);
        config.pass_fd = fds[0];
        capture(&config, out, sizeof out);
        ck_assert_str_eq(out, "through three");
        close(fds[0]);
}
END_TEST

START_TEST(limits_hold_in_the_child_and_signals_are_as_usual)
{
        char out[4096];
        const struct actor_process_rlimit limits[] = {{RLIMIT_NOFILE, {50, 60}}};
        struct actor_process_config config =
                SHELL("ulimit -n; cat /proc/self/status | grep -E 'Sig(Blk|Ign)'");
        config.rlimits = limits;
        config.rlimit_count = 1;
        (void) signal(SIGPIPE, SIG_IGN); /* as a daemon has it */
        capture(&config, out, sizeof out);
        ck_assert_str_eq(out, "50\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}
END_TEST

/* mission: F2 */
START_TEST(another_user_is_taken_with_its_groups_where_we_are_root)
{
        char out[4096];
        struct actor_process_config config = SHELL("id -u; id -g; id -G");
        if (geteuid() != 0)
                return;
        config.user = "nobody";
        capture(&config, out, sizeof out);
        ck_assert_str_eq(out, "65534\n65534\n65534\n");
}
END_TEST

START_TEST(a_signal_to_the_group_reaches_the_grandchildren)
{
        struct actor_process_config config = SHELL("sleep 1000 & sleep 1000; true");
        struct actor_node *node = real_node(1);
        config.new_session = true;
        struct actor_ref ref = spawn(node, &launcher_class, NULL, &config);
        actor_node_send(node, ref, note(SIGNAL_GROUP, SIGTERM));
        ck_assert_int_eq(actor_node_wait(node), 0);
        actor_node_free(node);
        expect_told("started signalled 0 signal 15 usage ");
}
END_TEST

/* The owner ends at once; the poller reaps the child all the same. */
/* What all epolls of this program wait for. */
static unsigned watched_descriptors(void)
{
        char path[64], target[64], line[128];
        unsigned count = 0;
        for (int fd = 0; fd < 256; fd++) {
                snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
                ssize_t length = readlink(path, target, sizeof target - 1);
                target[length > 0 ? length : 0] = '\0';
                if (strcmp(target, "anon_inode:[eventpoll]") != 0)
                        continue;
                snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
                FILE *info = fopen(path, "r");
                ck_assert_ptr_nonnull(info);
                while (fgets(line, sizeof line, info) != NULL)
                        count += strncmp(line, "tfd:", 4) == 0;
                fclose(info);
        }
        return count;
}

/* epoll goes on about a closed descriptor of which some child has a copy. */
START_TEST(a_process_that_has_ended_is_not_waited_for_any_more)
{
        int in[2], out[2];
        char byte;
        ck_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
        struct actor_process_config config = SHELL("echo; read line");
        config.stdin_fd = in[0];
        config.stdout_fd = out[1];
        struct actor_node *node = real_node(1);
        spawn(node, &launcher_class, NULL, &config);
        ck_assert_int_eq(read(out[0], &byte, 1), 1);
        pid_t holder = fork();
        if (holder == 0) {
                close(in[1]);
                for (;;)
                        pause();
        }
        close(in[1]);
        ck_assert_int_eq(actor_node_wait(node), 0);
        expect_told("started status 1 usage ");
        ck_assert_uint_eq(watched_descriptors(), 1); /* what ends the thread that waits */
        actor_node_free(node);
        kill(holder, SIGKILL);
        ck_assert_int_eq(waitpid(holder, NULL, 0), holder);
        close(in[0]);
        close(out[0]);
        close(out[1]);
}
END_TEST

START_TEST(a_process_whose_owner_has_ended_is_still_reaped)
{
        struct actor_process_config config = SHELL("exit 3");
        struct actor_node *node = real_node(1);
        struct actor_ref idle = spawn(node, &launcher_class, "idle", NULL);
        struct actor_ref ref = spawn(node, &launcher_class, "owner", &config);
        (void) ref;
        (void) idle;
        await_told("status 3 ");
        ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child is left, not even a zombie */
        ck_assert_int_eq(errno, ECHILD);
        actor_node_free(node);
}
END_TEST

START_TEST(a_process_that_is_not_ours_can_be_adopted_but_tells_no_status)
{
        char text[32];
        int fds[2], life[2];
        struct actor_node *node = real_node(1);
        /* A grandchild, which lives until we let go of it: its parent, the shell, ends at once. */
        struct actor_process_config config = SHELL("cat <&3 >/dev/null & echo $!");
        ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
        ck_assert_int_eq(pipe2(life, O_CLOEXEC), 0);
        config.stdout_fd = fds[1];
        config.pass_fd = life[0];
        spawn(node, &launcher_class, NULL, &config);
        struct actor_ref second = spawn(node, &launcher_class, NULL, NULL);
        await_told("status 0 ");
        ssize_t size = read(fds[0], text, sizeof text - 1);
        ck_assert_int_gt(size, 0);
        text[size] = '\0';
        actor_node_send(node, second, note(ADOPT, (uint64_t) strtol(text, NULL, 10)));
        await_told("adopted 0 ");
        close(life[1]);
        await_told("gone ");
        actor_node_free(node);
        close(life[0]);
        close(fds[0]);
        close(fds[1]);
}
END_TEST

START_TEST(a_process_that_does_not_exist_cannot_be_adopted)
{
        struct actor_node *node = real_node(1);
        struct actor_ref ref = spawn(node, &launcher_class, NULL, NULL);
        actor_node_send(node, ref, note(ADOPT, 99999999));
        await_told("adopted -3 ");
        actor_node_free(node);
}
END_TEST

START_TEST(a_hundred_processes_at_once_all_report)
{
        struct actor_process_config config = SHELL("exit 1");
        struct actor_node *node = real_node(2);
        for (int i = 0; i < 100; i++)
                spawn(node, &launcher_class, NULL, &config);
        ck_assert_int_eq(actor_node_wait(node), 0);
        actor_node_free(node);
        int count = 0;
        for (const char *at = transcript.text; (at = strstr(at, "status 1 ")) != NULL; at++)
                count++;
        ck_assert_int_eq(count, 100);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, blocking_jobs_of_an_actor_run_in_order_one_at_a_time);
        tcase_add_test(tcase, a_simulated_node_runs_blocking_jobs_in_no_time);
        tcase_add_test(tcase, a_watched_descriptor_tells_once_and_must_be_armed_anew);
        tcase_add_test(tcase, a_real_node_tells_of_data_and_of_the_end);
        tcase_add_test(tcase, a_process_reports_its_status_and_what_it_used);
        tcase_add_test(tcase, a_process_ended_by_a_signal_reports_the_signal);
        tcase_add_test(tcase, a_program_that_does_not_exist_is_an_error_with_a_sentence);
        tcase_add_test(tcase, a_directory_or_user_that_does_not_exist_is_an_error_with_a_sentence);
        tcase_add_test(tcase, a_process_gets_the_environment_directory_and_descriptors_it_was_given);
        tcase_add_test(tcase, a_descriptor_passed_on_is_number_3_even_if_it_was_one_of_the_standard_ones);
        tcase_add_test(tcase, limits_hold_in_the_child_and_signals_are_as_usual);
        tcase_add_test(tcase, another_user_is_taken_with_its_groups_where_we_are_root);
        tcase_add_test(tcase, a_signal_to_the_group_reaches_the_grandchildren);
        tcase_add_test(tcase, a_process_that_has_ended_is_not_waited_for_any_more);
        tcase_add_test(tcase, a_process_whose_owner_has_ended_is_still_reaped);
        tcase_add_test(tcase, a_process_that_is_not_ours_can_be_adopted_but_tells_no_status);
        tcase_add_test(tcase, a_process_that_does_not_exist_cannot_be_adopted);
        tcase_add_test(tcase, a_hundred_processes_at_once_all_report);
}

TEST_MAIN("system", add_tests)
