/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include <actor/log.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

static int ends[2];
static char text[1 << 14];

static void set_up(void)
{
        ck_assert_int_eq(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
        text[0] = '\0';
}

static void tear_down(void)
{
        close(ends[0]);
        close(ends[1]);
}

/* What one write(2) brought, without a pipe mixing several: the pipe is read after each line. */
static const char *read_line(void)
{
        ssize_t size = read(ends[0], text, sizeof text - 1);
        text[size > 0 ? size : 0] = '\0';
        return text;
}

static struct actor_log *plain_log(void)
{
        return actor_log_new(ends[1], ACTOR_LOG_INFO, false);
}

START_TEST(a_line_has_time_level_node_and_message)
{
        struct actor_log *log = plain_log();
        actor_log_print(log, ACTOR_LOG_WARN, "room: %s", "fact");
        const char *line = read_line();
        static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ warn  - room: fact\n";
        ck_assert_uint_eq(strlen(line), sizeof form - 1);
        for (size_t i = 0; form[i]; i++)
                ck_assert_msg(form[i] == 'd' ? strchr("0123456789d", line[i]) != NULL : line[i] == form[i],
                              "%s", line);
        actor_log_free(log);
}
END_TEST

START_TEST(what_is_below_the_level_is_not_written)
{
        struct actor_log *log = plain_log();
        actor_log_print(log, ACTOR_LOG_DEBUG, "silent");
        ck_assert_str_eq(read_line(), "");
        actor_log_set_level(log, ACTOR_LOG_ERROR);
        actor_log_print(log, ACTOR_LOG_WARN, "silent");
        ck_assert_str_eq(read_line(), "");
        actor_log_set_level(log, ACTOR_LOG_DEBUG);
        actor_log_print(log, ACTOR_LOG_DEBUG, "heard");
        ck_assert_ptr_nonnull(strstr(read_line(), "debug - heard\n"));
        actor_log_free(log);
}
END_TEST

START_TEST(foreign_text_cannot_forge_a_line_or_drive_a_terminal)
{
        struct actor_log *log = plain_log();
        actor_log_print(log, ACTOR_LOG_INFO, "\"%s\"",
                        "a\nb\r\t\x1b[31m\x7f\xc2\x9b \xff\xc0\xaf \xed\xa0\x80 \xe2\x82 gr\xc3\xbc\xc3\x9f "
                        "\xf0\x9f\x98\x80");
        const char *line = read_line();
        ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
        ck_assert_ptr_nonnull(strstr(line,
                                     "\"a\\nb\\r\\t\\x1b[31m\\x7f\\xc2\\x9b \\xff\\xc0\\xaf \\xed\\xa0\\x80 "
                                     "\\xe2\\x82 gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"\n"));
        actor_log_free(log);
}
END_TEST

START_TEST(a_json_line_is_one_object_whatever_the_message)
{
        struct actor_log *log = actor_log_new(ends[1], ACTOR_LOG_INFO, true);
        actor_log_print(log, ACTOR_LOG_ERROR, "%s",
                        "quote \" slash \\ line\n esc\x1b c1\xc2\x85 bad\xfe gr\xc3\xbc");
        const char *line = read_line();
        ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
        json_t *object = json_loads(line, 0, NULL);
        ck_assert_ptr_nonnull(object);
        ck_assert_str_eq(json_string_value(json_object_get(object, "level")), "error");
        ck_assert_str_eq(json_string_value(json_object_get(object, "message")),
                         "quote \" slash \\ line\n esc\x1b c1\xc2\x85 bad\xef\xbf\xbd gr\xc3\xbc");
        json_decref(object);
        actor_log_free(log);
}
END_TEST

/* Goal: a line is never longer than a pipe writes in one piece, and is cut between characters. */
START_TEST(a_long_line_is_cut_to_4_kib_and_stays_well_formed)
{
        static char message[9001];
        for (size_t i = 0; i + 1 < sizeof message; i += 2)
                memcpy(message + i, "\xc3\xbc", 2);
        for (int json = 0; json < 2; json++) {
                struct actor_log *log = actor_log_new(ends[1], ACTOR_LOG_INFO, json == 1);
                for (int shift = 0; shift < 3; shift++) {
                        actor_log_print(log, ACTOR_LOG_INFO, "%.*s%s", shift, "xx", message);
                        const char *line = read_line();
                        ck_assert_uint_le(strlen(line), 4096);
                        ck_assert_uint_gt(strlen(line), 4000);
                        ck_assert_ptr_nonnull(strstr(line, json ? "\xc3\xbc...\"}\n" : "\xc3\xbc...\n"));
                }
                actor_log_free(log);
        }
}
END_TEST

START_TEST(a_full_or_closed_sink_loses_lines_but_never_blocks_or_fails)
{
        struct actor_log *log = plain_log();
        for (int i = 0; i < 2000; i++)
                actor_log_print(log, ACTOR_LOG_INFO, "%0512d", i);
        actor_log_free(log);
        log = actor_log_new(ends[0], ACTOR_LOG_INFO, false); /* not open for writing */
        errno = ENOTTY;
        actor_log_print(log, ACTOR_LOG_INFO, "lost");
        ck_assert_int_eq(errno, ENOTTY);
        actor_log_free(log);
}
END_TEST

static void keep(void *arg, enum actor_log_level level, const char *line)
{
        snprintf(arg, 256, "%d|%s", (int) level, line);
}

START_TEST(a_function_gets_the_line_without_its_newline)
{
        char got[256] = "";
        struct actor_log *log = actor_log_new_function(keep, got, ACTOR_LOG_INFO);
        actor_log_print(log, ACTOR_LOG_WARN, "room: fact");
        ck_assert_int_eq(strncmp(got, "1|", 2), 0);
        ck_assert_str_eq(got + strlen(got) - 10, "room: fact");
        actor_log_free(log);
}
END_TEST

START_TEST(levels_are_read_by_name)
{
        enum actor_log_level level = ACTOR_LOG_ERROR;
        ck_assert_int_eq(actor_log_level_parse("debug", &level), 0);
        ck_assert_int_eq(level, ACTOR_LOG_DEBUG);
        ck_assert_int_eq(actor_log_level_parse("loud", &level), -EINVAL);
        ck_assert_int_eq(actor_log_level_parse("", &level), -EINVAL);
        ck_assert_int_eq(level, ACTOR_LOG_DEBUG);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, set_up, tear_down);
        tcase_add_test(tcase, a_line_has_time_level_node_and_message);
        tcase_add_test(tcase, what_is_below_the_level_is_not_written);
        tcase_add_test(tcase, foreign_text_cannot_forge_a_line_or_drive_a_terminal);
        tcase_add_test(tcase, a_json_line_is_one_object_whatever_the_message);
        tcase_add_test(tcase, a_long_line_is_cut_to_4_kib_and_stays_well_formed);
        tcase_add_test(tcase, a_full_or_closed_sink_loses_lines_but_never_blocks_or_fails);
        tcase_add_test(tcase, a_function_gets_the_line_without_its_newline);
        tcase_add_test(tcase, levels_are_read_by_name);
}
TEST_MAIN("log", add_tests)
