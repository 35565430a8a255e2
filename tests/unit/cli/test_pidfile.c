/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "local/pidfile.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[] = "/tmp/troupe-pids-XXXXXX";

static void make_file(void)
{
        int fd = mkstemp(path);
        ck_assert_int_ge(fd, 0);
        close(fd);
}

START_TEST(a_living_process_is_read_back_with_its_name)
{
        struct local_process found[4];
        make_file();
        ck_assert_int_eq(pidfile_add(path, getpid(), "master", NULL), 0);
        ck_assert_uint_eq(pidfile_read(path, found, 4), 1);
        ck_assert_int_eq(found[0].pid, getpid());
        ck_assert_str_eq(found[0].name, "master");
        unlink(path);
}
END_TEST

/* The pid lives, but the process that was written down has gone: its start time differs. */
START_TEST(a_pid_that_was_given_to_somebody_else_is_not_taken_for_ours)
{
        struct local_process found[4];
        make_file();
        FILE *file = fopen(path, "w");
        fprintf(file, "%d %llu agent-1\n", (int) getpid(), local_process_start_time(getpid()) + 1);
        fclose(file);
        ck_assert_uint_eq(pidfile_read(path, found, 4), 0);
        unlink(path);
}
END_TEST

START_TEST(an_ended_process_is_not_alive_even_before_it_is_waited_for)
{
        pid_t pid = fork();
        if (pid == 0)
                _exit(0);
        siginfo_t info;
        ck_assert_int_eq(waitid(P_PID, (id_t) pid, &info, WEXITED | WNOWAIT), 0); /* a zombie now */
        ck_assert_uint_eq(local_process_start_time(pid), 0);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        ck_assert_uint_eq(local_process_start_time(pid), 0);
}
END_TEST

START_TEST(rubbish_in_the_file_ends_the_reading_and_nothing_else)
{
        struct local_process found[4];
        make_file();
        ck_assert_int_eq(pidfile_add(path, getpid(), "master", NULL), 0);
        FILE *file = fopen(path, "a");
        fputs("not a line\n\001\002\003", file);
        fclose(file);
        ck_assert_uint_eq(pidfile_read(path, found, 4), 1);
        ck_assert_uint_eq(pidfile_read("/nonexistent/pids", found, 4), 0);
        unlink(path);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_living_process_is_read_back_with_its_name);
        tcase_add_test(tcase, a_pid_that_was_given_to_somebody_else_is_not_taken_for_ours);
        tcase_add_test(tcase, an_ended_process_is_not_alive_even_before_it_is_waited_for);
        tcase_add_test(tcase, rubbish_in_the_file_ends_the_reading_and_nothing_else);
}

TEST_MAIN("cli pidfile", add_tests)
