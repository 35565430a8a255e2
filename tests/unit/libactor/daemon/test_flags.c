/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include <actor/flags.h>
#include <actor/memory.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct example_flags {
#define FLAG(field, type, default_text, accepts, help) flag_##type field;
#include "flags_example.def"
#undef FLAG
};

static const struct actor_flag table[] = {
#define FLAG(field, type, default_text, accepts, help) \
        {#field, offsetof(struct example_flags, field), FLAG_##type, default_text, accepts, help},
#include "flags_example.def"
#undef FLAG
        ACTOR_FLAG_END};

static const struct actor_flag_set set = {"example", "Shows how flags are read.", "EXAMPLE_", NULL, table};
static const struct actor_flag_set set_with_arguments = {"example", "Shows it.", "EXAMPLE_",
                                                         "-- COMMAND [ARG ...]", table};

static struct example_flags flags;
static struct actor_error error;
static int rest;

#define parse_with(flag_set, ...)                                                                        \
        actor_flags_parse(flag_set, (int) (sizeof((char *[]){"example", __VA_ARGS__}) / sizeof(char *)), \
                          (char *[]){"example", __VA_ARGS__}, &flags, &rest, &error)
#define parse(...) parse_with(&set, __VA_ARGS__)

static void set_up(void)
{
        for (char **variable = environ; *variable;) {
                CLEANUP(actor_freep) char *name = actor_strndup(*variable, strcspn(*variable, "="));
                if (strncmp(name, "EXAMPLE_", 8) == 0)
                        unsetenv(name);
                else
                        variable++;
        }
        memset(&flags, 0xff, sizeof flags);
        error.text[0] = '\0';
}

static void refused(int r, const char *words)
{
        ck_assert_int_eq(r, -EINVAL);
        ck_assert_msg(strstr(error.text, words) != NULL, "\"%s\" lacks \"%s\"", error.text, words);
        ck_assert_ptr_null(flags.mode); /* nothing is left to free */
}

START_TEST(what_is_not_given_has_its_default)
{
        char *argv[] = {"example", NULL};
        ck_assert_int_eq(actor_flags_parse(&set, 1, argv, &flags, &rest, &error), 0);
        ck_assert_uint_eq(flags.agent_port, 5051);
        ck_assert_ptr_null(flags.work_dir);
        ck_assert_str_eq(flags.mode, "plain");
        ck_assert_int_eq(flags.ping_timeout, 15000000000);
        ck_assert_uint_eq(flags.cache_size, 2147483648);
        ck_assert(flags.factor == 0.5);
        ck_assert(!flags.quiet);
        ck_assert_int_eq(rest, 1);
        actor_flags_done(&set, &flags);
        ck_assert_ptr_null(flags.mode);
}
END_TEST

START_TEST(every_way_to_write_a_flag_is_understood)
{
        ck_assert_int_eq(parse("--agent-port=1", "--work_dir", "/var/x", "--mode=fancy", "--quiet",
                               "--cache_size", "1kb", "--factor=1e-1"),
                         0);
        ck_assert_uint_eq(flags.agent_port, 1);
        ck_assert_str_eq(flags.work_dir, "/var/x");
        ck_assert_str_eq(flags.mode, "fancy");
        ck_assert_uint_eq(flags.cache_size, 1024);
        ck_assert(flags.quiet);
        ck_assert(flags.factor == 0.1);
        actor_flags_done(&set, &flags);
        ck_assert_int_eq(parse("--quiet", "--no-quiet", "--work_dir=", "--work-dir=-x", "--agent_port", "2"),
                         0);
        ck_assert(!flags.quiet);
        ck_assert_str_eq(flags.work_dir, "-x");
        actor_flags_done(&set, &flags);
        ck_assert_int_eq(parse("--quiet=yes", "--no_quiet", "--quiet=On"), 0);
        ck_assert(flags.quiet);
        actor_flags_done(&set, &flags);
}
END_TEST

START_TEST(a_bad_value_is_refused_with_flag_source_value_and_range)
{
        refused(parse("--agent_port=0"),
                "flag agent_port (command line): \"0\" is not accepted; accepted: 1..65535");
        refused(parse("--agent_port=-1"), "\"-1\" is not a whole number");
        refused(parse("--agent_port="), "\"\" is not a whole number");
        refused(parse("--agent_port=99999999999999999999"), "too large");
        refused(parse("--ping_timeout=999ms"), "accepted: >=1secs");
        refused(parse("--ping_timeout=15"), "15secs");
        refused(parse("--cache_size=5GB"), "accepted: 1KB..4GB");
        refused(parse("--mode=plai"), "accepted: plain|fancy");
        refused(parse("--mode=plain|fancy"), "accepted: plain|fancy");
        refused(parse("--mode="), "accepted: plain|fancy");
        refused(parse("--factor=nan"), "not a number");
        refused(parse("--factor=0x1"), "not a number");
        refused(parse("--factor=1e999"), "too large");
        refused(parse("--factor=1.1"), "0..1");
        refused(parse("--quiet=maybe"), "neither true nor false");
        refused(parse("--work_dir"), "--work_dir needs a value");
        refused(parse("--work_dir", "--quiet"), "--work_dir needs a value");
}
END_TEST

START_TEST(an_unknown_flag_names_the_nearest_one)
{
        refused(parse("--agnet_port=5"), "unknown flag \"agnet_port\"; did you mean --agent_port?");
        refused(parse("--Quiet"), "did you mean --quiet?");
        refused(parse("--hlep"), "did you mean --help?");
        refused(parse("--zzzzzz=1"), "--help lists them all");
        refused(parse("--no-mode"), "unknown flag");
        refused(parse("--no-quiet=true"), "unknown flag");
        refused(parse("-q"), "unknown flag \"q\"");
        refused(parse("--="), "unknown flag");
        refused(parse("stray"), "unexpected argument \"stray\"");
        refused(parse("--", "stray"), "unexpected argument \"stray\"");
        refused(parse("-"), "unexpected argument \"-\"");
}
END_TEST

START_TEST(help_and_version_are_answered_whatever_else_is_wrong)
{
        setenv("EXAMPLE_AGENT_PORT", "bad", 1);
        ck_assert_int_eq(parse("--nonsense", "--agent_port", "--help"), FLAGS_E_HELP);
        ck_assert_int_eq(parse("-h"), FLAGS_E_HELP);
        ck_assert_int_eq(parse("--quiet", "--version"), FLAGS_E_VERSION);
        ck_assert_int_eq(parse("--agent_port=nine", "--man"), FLAGS_E_MAN);
        ck_assert_ptr_null(flags.mode);
}
END_TEST

START_TEST(the_rest_begins_after_the_flags)
{
        ck_assert_int_eq(parse_with(&set_with_arguments, "--quiet", "run", "--help"), 0);
        ck_assert_int_eq(rest, 2);
        actor_flags_done(&set, &flags);
        ck_assert_int_eq(parse_with(&set_with_arguments, "--quiet", "--", "--mode=x"), 0);
        ck_assert_int_eq(rest, 3);
        ck_assert_str_eq(flags.mode, "plain");
        actor_flags_done(&set, &flags);
        ck_assert_int_eq(parse_with(&set_with_arguments, "--quiet"), 0);
        ck_assert_int_eq(rest, 2);
        actor_flags_done(&set, &flags);
}
END_TEST

static void write_file(const char *path, const char *text, size_t size)
{
        FILE *file = fopen(path, "w");
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(text, 1, size, file), size);
        fclose(file);
}

START_TEST(the_command_line_wins_over_the_file_and_the_file_over_the_environment)
{
        static const char text[] = "# a comment\n\n  mode = fancy \n--cache-size=1MB\nagent_port=3";
        char path[] = "/tmp/test_flags.XXXXXX", *flag;
        close(mkstemp(path));
        write_file(path, text, sizeof text - 1);
        flag = actor_asprintf("--flags_file=%s", path);
        setenv("EXAMPLE_AGENT_PORT", "2", 1);
        setenv("EXAMPLE_QUIET", "1", 1);
        setenv("EXAMPLE_WORK_DIR", "/env", 1);
        ck_assert_int_eq(parse("--mode=plain", flag), 0);
        ck_assert_str_eq(flags.mode, "plain");
        ck_assert_uint_eq(flags.cache_size, 1048576);
        ck_assert_uint_eq(flags.agent_port, 3);
        ck_assert(flags.quiet);
        ck_assert_str_eq(flags.work_dir, "/env");
        actor_flags_done(&set, &flags);
        setenv("EXAMPLE_FLAGS_FILE", path, 1);
        ck_assert_int_eq(parse("--quiet"), 0);
        ck_assert_uint_eq(flags.agent_port, 3);
        actor_flags_done(&set, &flags);
        unlink(path);
        free(flag);
}
END_TEST

START_TEST(what_is_wrong_in_the_environment_or_a_file_is_named_with_its_place)
{
        static const struct {
                const char *text, *words;
        } cases[] = {
                {"quiet=1\nagent_port=0\n", ", line 2): \"0\" is not accepted"},
                {"\nmodus=1\n", ", line 2: unknown flag \"modus\"; did you mean --mode?"},
                {"quiet\n", ", line 1: \"quiet\" has no \"=\""},
                {"flags_file=/x\n", "belongs on the command line"},
                {"=\n", "unknown flag"},
        };
        char path[] = "/tmp/test_flags.XXXXXX";
        close(mkstemp(path));
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                write_file(path, cases[i].text, strlen(cases[i].text));
                refused(parse("--flags_file", path), cases[i].words);
        }
        write_file(path, "mode=fancy\0x\n", 13);
        refused(parse("--flags_file", path), "zero byte");
        write_file(path, "quiet=1\n", 8);
        setenv("EXAMPLE_MODE", "x", 1);
        refused(parse("--flags_file", path),
                "environment variable EXAMPLE_MODE"); /* a good file hides nothing */
        unsetenv("EXAMPLE_MODE");
        unlink(path);
        refused(parse("--flags_file", path), "cannot be read: No such file");
        refused(parse("--flags_file=/tmp"), "is not a file");
        setenv("EXAMPLE_AGENT_PORT", "x", 1);
        refused(parse("--quiet"), "environment variable EXAMPLE_AGENT_PORT");
}
END_TEST

static char *printed(void (*print)(const struct actor_flag_set *, FILE *), const struct actor_flag_set *which)
{
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        print(which, out);
        fclose(out);
        return text;
}

START_TEST(help_tells_every_flags_default_range_and_variable_within_the_width)
{
        CLEANUP(actor_freep) char *text = printed(actor_flags_print_help, &set_with_arguments);
        CLEANUP(actor_freep) char *flat = actor_strdup(text);
        ck_assert_ptr_nonnull(strstr(text, "Usage: example [--FLAG=VALUE ...] -- COMMAND [ARG ...]\n"));
        ck_assert_ptr_nonnull(strstr(text, "  --[no-]quiet"));
        ck_assert_ptr_nonnull(strstr(text, "  --mode=plain|fancy"));
        size_t used = 0;
        for (char *at = flat; *at; at++) /* wrapping put aside */
                if (*at != '\n' && *at != ' ')
                        flat[used++] = *at;
        flat[used] = '\0';
        ck_assert_ptr_nonnull(strstr(flat, "Default:5051.Accepts1..65535.Environment:EXAMPLE_AGENT_PORT."));
        ck_assert_ptr_nonnull(strstr(flat, "Default:none.Environment:EXAMPLE_WORK_DIR."));
        char *save;
        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                ck_assert_msg(strlen(line) <= 100, "%s", line);
                ck_assert_msg(line[strlen(line) - 1] != ' ', "\"%s\"", line);
        }
}
END_TEST

START_TEST(the_man_page_escapes_what_groff_would_act_on)
{
        static const struct actor_flag odd[] = {
                {"odd", 0, FLAG_uint, "1", "", ".so /etc/passwd and a back\\slash\n'quoted"}, ACTOR_FLAG_END};
        static const struct actor_flag_set odd_set = {"odd-one", "Is odd.", "ODD_", NULL, odd};
        CLEANUP(actor_freep) char *text = printed(actor_flags_print_man, &odd_set);
        ck_assert_int_eq(strncmp(text, ".TH ODD\\-ONE 8 ", 15), 0);
        ck_assert_ptr_nonnull(
                strstr(text, "\n.B \\-\\-odd=N\n\\&.so /etc/passwd and a back\\eslash 'quoted\n"));
}
END_TEST

START_TEST(a_command_of_two_words_has_a_page_of_one_in_section_1)
{
        static const struct actor_flag none[] = {ACTOR_FLAG_END};
        static const struct actor_flag_set command = {"troupe ps", "Lists.", NULL, NULL, none};
        CLEANUP(actor_freep) char *text = printed(actor_flags_print_man, &command);
        ck_assert_int_eq(strncmp(text, ".TH TROUPE\\-PS 1 ", 17), 0);
        ck_assert_ptr_nonnull(strstr(text, "\n.SH NAME\ntroupe\\-ps\n\\- Lists.\n"));
        ck_assert_ptr_nonnull(strstr(text, "\n.SH SYNOPSIS\n.B troupe ps\n"));
}
END_TEST

/* What actor_flags_answer() says on standard output; NULL where it has nothing to say. */
static char *answered(int r)
{
        char *text = NULL;
        size_t size = 0;
        FILE *real = stdout;
        stdout = open_memstream(&text, &size);
        bool is_answer = actor_flags_answer(&set, r, "1.2.3");
        fclose(stdout);
        stdout = real;
        ck_assert(is_answer == (size > 0));
        if (is_answer)
                return text;
        free(text);
        return NULL;
}

START_TEST(questions_are_answered_and_nothing_else_is)
{
        CLEANUP(actor_freep)
        char *help = answered(FLAGS_E_HELP),
             *man = answered(FLAGS_E_MAN), *version = answered(FLAGS_E_VERSION);
        ck_assert_int_eq(strncmp(help, "Usage: example ", 15), 0);
        ck_assert_int_eq(strncmp(man, ".TH EXAMPLE ", 12), 0);
        ck_assert_str_eq(version, "example 1.2.3\n");
        ck_assert_ptr_null(answered(0));
        ck_assert_ptr_null(answered(-EINVAL));
}
END_TEST

START_TEST(values_are_printed_as_they_are_read)
{
        ck_assert_int_eq(parse("--quiet", "--factor=0.25", "--ping_timeout=90secs"), 0);
        static const char *const expected[] = {"5051", "", "plain", "90secs", "2GB", "0.25", "true", "1"};
        for (size_t i = 0; table[i].name; i++) {
                char text[32];
                actor_flag_value(&table[i], &flags, text, sizeof text);
                ck_assert_str_eq(text, expected[i]);
        }
        actor_flags_done(&set, &flags);
}
END_TEST

/* Goal: no arguments, however odd, do anything but parse or give a sentence. Method: fixed dice over
 * pieces of flags and noise; the sanitizers watch. */
START_TEST(random_arguments_parse_or_are_refused_with_a_sentence)
{
        static const char *const pieces[] = {
                "--", "-",          "no-",       "agent_port", "mode", "quiet",  "=",   "1", "fancy", "\xff",
                "..", "flags_file", "/dev/null", "%s%n",       " ",    "factor", "1e5", "|", "\n"};
        unsigned seed = 1;
        for (int round = 0; round < 20000; round++) {
                char texts[6][64], *argv[7] = {"example"};
                int argc = 1;
                for (; argc < 1 + (int) (rand_r(&seed) % 6); argc++) {
                        char *text = texts[argc - 1];
                        text[0] = '\0';
                        for (int i = rand_r(&seed) % 6; i > 0; i--)
                                strncat(text,
                                        pieces[(size_t) rand_r(&seed) % (sizeof pieces / sizeof *pieces)],
                                        10);
                        argv[argc] = text;
                }
                error.text[0] = '\0';
                rest = -1;
                int r = actor_flags_parse(&set_with_arguments, argc, argv, &flags, &rest, &error);
                if (r == 0) {
                        ck_assert_int_ge(rest, 1);
                        ck_assert_int_le(rest, argc);
                        actor_flags_done(&set, &flags);
                } else if (r < 0) {
                        ck_assert_int_eq(r, -EINVAL);
                        ck_assert_uint_gt(strlen(error.text), 0);
                }
        }
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, set_up, NULL);
        tcase_add_test(tcase, what_is_not_given_has_its_default);
        tcase_add_test(tcase, every_way_to_write_a_flag_is_understood);
        tcase_add_test(tcase, a_bad_value_is_refused_with_flag_source_value_and_range);
        tcase_add_test(tcase, an_unknown_flag_names_the_nearest_one);
        tcase_add_test(tcase, help_and_version_are_answered_whatever_else_is_wrong);
        tcase_add_test(tcase, the_rest_begins_after_the_flags);
        tcase_add_test(tcase, the_command_line_wins_over_the_file_and_the_file_over_the_environment);
        tcase_add_test(tcase, what_is_wrong_in_the_environment_or_a_file_is_named_with_its_place);
        tcase_add_test(tcase, help_tells_every_flags_default_range_and_variable_within_the_width);
        tcase_add_test(tcase, the_man_page_escapes_what_groff_would_act_on);
        tcase_add_test(tcase, a_command_of_two_words_has_a_page_of_one_in_section_1);
        tcase_add_test(tcase, questions_are_answered_and_nothing_else_is);
        tcase_add_test(tcase, values_are_printed_as_they_are_read);
        tcase_add_test(tcase, random_arguments_parse_or_are_refused_with_a_sentence);
}
TEST_MAIN("flags", add_tests)
