/* SPDX-License-Identifier: Apache-2.0 */
/* Key files: what is read, what is refused and in which words. That CZMQ reads what is written here, and the
 * other way round, is seen with CZMQ itself. */
#include <check.h>

#include "check_main.h"

#include <actor/curve.h>
#include <actor/memory.h>
#include <czmq.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[128];

static void make_folder(void)
{
        snprintf(folder, sizeof folder, "/tmp/troupe-test-keys-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(folder));
        snprintf(path, sizeof path, "%s/key", folder);
}

static void remove_folder(void)
{
        CLEANUP(actor_freep) char *command = actor_asprintf("rm -r %s", folder);
        ck_assert_int_eq(system(command), 0);
}

static void put(const char *at, const void *text, size_t size, mode_t mode)
{
        FILE *file = fopen(at, "w");
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(text, 1, size, file), size);
        ck_assert_int_eq(fclose(file), 0);
        ck_assert_int_eq(chmod(at, mode), 0);
}

static struct actor_certificate made(const char *principal)
{
        struct actor_certificate certificate;
        struct actor_error error;
        ck_assert_msg(actor_certificate_make(principal, &certificate, &error) == 0, "%s", error.text);
        return certificate;
}

/* ---- both ways ----------------------------------------------------------------------------------- */

START_TEST(what_is_written_can_be_read)
{
        struct actor_error error;
        struct actor_certificate certificate = made("größte ops"), back;
        snprintf(certificate.endpoint, sizeof certificate.endpoint, "tcp://10.0.0.1:5050");
        ck_assert_msg(actor_certificate_write(&certificate, path, &error) == 0, "%s", error.text);
        ck_assert_msg(actor_certificate_read(path, &back, &error) == 0, "%s", error.text);
        ck_assert_str_eq(back.public_key, certificate.public_key);
        ck_assert_str_eq(back.secret_key, "");
        ck_assert_str_eq(back.principal, "größte ops");
        ck_assert_str_eq(back.endpoint, "tcp://10.0.0.1:5050");
        CLEANUP(actor_freep) char *secret = actor_asprintf("%s_secret", path);
        ck_assert_msg(actor_certificate_read_secret(secret, &back, &error) == 0, "%s", error.text);
        ck_assert_mem_eq(&back, &certificate, sizeof back);
        struct stat status;
        ck_assert_int_eq(stat(secret, &status), 0);
        ck_assert_uint_eq(status.st_mode & 07777, 0600);
}
END_TEST

START_TEST(czmq_reads_what_is_written)
{
        struct actor_error error;
        struct actor_certificate certificate = made("ops");
        ck_assert_int_eq(actor_certificate_write(&certificate, path, &error), 0);
        zcert_t *cert = zcert_load(path);
        ck_assert_ptr_nonnull(cert);
        ck_assert_str_eq(zcert_public_txt(cert), certificate.public_key);
        ck_assert_str_eq(zcert_secret_txt(cert), certificate.secret_key);
        ck_assert_str_eq(zcert_meta(cert, "principal"), "ops");
        zcert_destroy(&cert);
}
END_TEST

START_TEST(what_czmq_writes_can_be_read)
{
        struct actor_error error;
        struct actor_certificate back;
        zcert_t *cert = zcert_new();
        zcert_set_meta(cert, "principal", "%s", "ops");
        zcert_set_meta(cert, "email", "%s", "ops@example.org");
        ck_assert_int_eq(zcert_save(cert, path), 0);
        ck_assert_msg(actor_certificate_read(path, &back, &error) == 0, "%s", error.text);
        ck_assert_str_eq(back.principal, "ops");
        CLEANUP(actor_freep) char *secret = actor_asprintf("%s_secret", path);
        ck_assert_msg(actor_certificate_read_secret(secret, &back, &error) == 0, "%s", error.text);
        ck_assert_str_eq(back.public_key, zcert_public_txt(cert));
        ck_assert_str_eq(back.secret_key, zcert_secret_txt(cert));
        zcert_destroy(&cert);
}
END_TEST

START_TEST(keys_are_never_overwritten)
{
        struct actor_error error;
        struct actor_certificate one = made("one"), two = made("two"), back;
        ck_assert_int_eq(actor_certificate_write(&one, path, &error), 0);
        ck_assert_int_eq(actor_certificate_write(&two, path, &error), -EEXIST);
        ck_assert_msg(strstr(error.text, path) && strstr(error.text, "never overwritten"), "%s", error.text);
        ck_assert_int_eq(actor_certificate_read(path, &back, &error), 0);
        ck_assert_str_eq(back.public_key, one.public_key);

        CLEANUP(actor_freep) char *secret = actor_asprintf("%s_secret", path);
        ck_assert_int_eq(unlink(secret), 0); /* the public one is still there: nothing is left behind */
        ck_assert_int_eq(actor_certificate_write(&two, path, &error), -EEXIST);
        ck_assert_int_eq(access(secret, F_OK), -1);
}
END_TEST

START_TEST(a_principal_is_checked_when_it_is_made)
{
        static const char *const bad[] = {"", "two\nlines", "a \"quote\"", "\xff\xfe", "tab\t"};
        struct actor_certificate certificate = {.public_key = "untouched"};
        struct actor_error error;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                ck_assert_int_eq(actor_certificate_make(bad[i], &certificate, &error), -EINVAL);
                ck_assert_str_eq(certificate.public_key, "untouched");
        }
        char longest[ACTOR_PRINCIPAL_MAX + 2];
        memset(longest, 'x', sizeof longest - 1);
        longest[sizeof longest - 1] = '\0';
        ck_assert_int_eq(actor_certificate_make(longest, &certificate, &error), -EINVAL);
        longest[ACTOR_PRINCIPAL_MAX] = '\0';
        ck_assert_int_eq(actor_certificate_make(longest, &certificate, &error), 0);
}
END_TEST

/* ---- files that are not right -------------------------------------------------------------------- */

#define KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define PUBLIC "curve\n    public-key = \"" KEY "\"\n"

static const struct bad_file {
        const char *text, *sentence;
} bad_files[] = {
        {"", "has no public key"},
        {"metadata\n    principal = \"ops\"\n", "has no public key"},
        {"    public-key = \"x\"\n", "line 1: a property before the first section"},
        {"curve\n  public-key = \"x\"\n", "line 2: indented by something else than four spaces"},
        {"curve\n\tpublic-key = \"x\"\n", "line 2: this is no section"},
        {"curve\n    public-key\n", "line 2: no \"=\""},
        {"curve\n    = \"x\"\n", "line 2: no name"},
        {"curve\n    public key = \"x\"\n", "line 2: no name before"},
        {"curve\n    public-key = \"" KEY "\n", "line 2: a quote is not closed"},
        {"curve\n    public-key = \"" KEY "\" and more\n", "line 2: something follows the value"},
        {"curve\n    public-key = \"too short\"\n",
         "line 2: public-key is not right; right would be a key of 40"},
        {"curve\n    public-key = \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]y~~\"\n",
         "line 2: public-key is not right"},
        {"curve\n    public-key = rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/\n", "line 2: public-key is not right"},
        {PUBLIC PUBLIC, "line 4: a second public-key"},
        {"metadata\n    principal = \"\"\n" PUBLIC, "line 2: principal is not right"},
        {"metadata\n    principal = \"\xc3\x28\"\n" PUBLIC, "line 2: principal is not right"},
        {"metadata\n    endpoint = \"10.0.0.1:5050\"\n" PUBLIC,
         "line 2: endpoint is not right; right would be tcp://"},
        {"metadata\n    endpoint = \"ipc://x\"\n" PUBLIC, "line 2: endpoint is not right"},
        {"# fine\n\nmeta data\n" PUBLIC, "line 3: this is no section"},
        {"metadata = \"x\"\n" PUBLIC, "line 1: this is no section"},
        {"metadata\n    principal = \"a\x01z\"\n" PUBLIC, "line 2: a control character"},
        {PUBLIC "    secret-key = \"" KEY "\"\n",
         "holds a secret key; right would be the public certificate"},
};

START_TEST(a_bad_file_is_refused_with_where_and_what_would_be_right)
{
        struct actor_certificate certificate = {.public_key = "untouched"};
        struct actor_error error = {""};
        put(path, bad_files[_i].text, strlen(bad_files[_i].text), 0644);
        ck_assert_int_eq(actor_certificate_read(path, &certificate, &error), -EINVAL);
        ck_assert_msg(strstr(error.text, bad_files[_i].sentence) != NULL, "%s", error.text);
        ck_assert_msg(strstr(error.text, path) != NULL, "%s", error.text);
        ck_assert_str_eq(certificate.public_key, "untouched");
}
END_TEST

START_TEST(what_else_a_file_says_is_skipped)
{
        static const char text[] =
                "#  a comment\r\nmetadata   # another\r\n    email = ops@example.org # and\r\n"
                "    address\r\n" /* no "=", see below */;
        static const char sound[] =
                "metadata\n    email = ops@example.org # and one\n    principal = ops\nother\n    x = 'y'\n"
                "        deeper = 1\n" PUBLIC;
        struct actor_certificate certificate;
        struct actor_error error;
        put(path, sound, sizeof sound - 1, 0644);
        ck_assert_msg(actor_certificate_read(path, &certificate, &error) == 0, "%s", error.text);
        ck_assert_str_eq(certificate.principal, "ops");
        put(path, text, sizeof text - 1, 0644);
        ck_assert_int_eq(actor_certificate_read(path, &certificate, &error), -EINVAL);
        ck_assert_msg(strstr(error.text, "line 4: no \"=\"") != NULL, "%s", error.text);
}
END_TEST

START_TEST(what_is_no_text_or_no_file_is_refused)
{
        struct actor_certificate certificate;
        struct actor_error error;
        static char large[(64 << 10) + 1];
        memset(large, '#', sizeof large);
        put(path, "curve\0", 6, 0644);
        ck_assert_int_eq(actor_certificate_read(path, &certificate, &error), -EINVAL);
        ck_assert_msg(strstr(error.text, "zero byte") != NULL, "%s", error.text);
        put(path, large, sizeof large, 0644);
        ck_assert_int_eq(actor_certificate_read(path, &certificate, &error), -EINVAL);
        ck_assert_msg(strstr(error.text, "at most") != NULL, "%s", error.text);
        ck_assert_int_eq(actor_certificate_read(folder, &certificate, &error), -EINVAL);
        ck_assert_int_eq(actor_certificate_read("/no/such/file", &certificate, &error), -ENOENT);
        ck_assert_msg(strstr(error.text, "/no/such/file") != NULL, "%s", error.text);
}
END_TEST

/* Any bytes at all: refused or read, never worse (the sanitizers look on). */
START_TEST(ten_thousand_changed_files_do_no_harm)
{
        static const char sound[] =
                "metadata\n    principal = \"ops\"\n    endpoint = \"tcp://h:1\"\n" PUBLIC;
        uint64_t dice = 20260202;
        char at[64];
        int fd = memfd_create("certificate", MFD_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        snprintf(at, sizeof at, "/proc/self/fd/%d", fd);
        for (int i = 0; i < 10000; i++) {
                char text[sizeof sound];
                memcpy(text, sound, sizeof sound);
                for (int changes = 0; changes < 3; changes++) {
                        dice = dice * 6364136223846793005u + 1442695040888963407u;
                        text[(dice >> 33) % (sizeof sound - 1)] = (char) (dice >> 56);
                }
                struct actor_certificate certificate;
                struct actor_error error;
                ck_assert_int_eq(pwrite(fd, text, sizeof sound - 1, 0), sizeof sound - 1);
                int r = actor_certificate_read(at, &certificate, &error);
                ck_assert(r == -EINVAL || (r == 0 && strlen(certificate.public_key) == ACTOR_KEY_SIZE));
        }
        close(fd);
}
END_TEST

/* ---- secret ones --------------------------------------------------------------------------------- */

static void expect_secret_refused(const char *at, int expected, const char *sentence)
{
        struct actor_certificate certificate;
        struct actor_error error;
        ck_assert_int_eq(actor_certificate_read_secret(at, &certificate, &error), expected);
        ck_assert_msg(strstr(error.text, sentence) && strstr(error.text, at), "%s", error.text);
}

START_TEST(a_secret_key_that_others_may_read_is_refused)
{
        static const mode_t modes[] = {0644, 0640, 0604, 0660, 0602, 0610};
        struct actor_error error;
        struct actor_certificate certificate = made("ops");
        ck_assert_int_eq(actor_certificate_write(&certificate, path, &error), 0);
        CLEANUP(actor_freep) char *secret = actor_asprintf("%s_secret", path);
        for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
                char sentence[64];
                ck_assert_int_eq(chmod(secret, modes[i]), 0);
                snprintf(sentence, sizeof sentence, "has mode %04o; right would be 0600", modes[i]);
                expect_secret_refused(secret, -EACCES, sentence);
        }
        ck_assert_int_eq(chmod(secret, 0400), 0);
        ck_assert_int_eq(actor_certificate_read_secret(secret, &certificate, &error), 0);
}
END_TEST

START_TEST(a_secret_certificate_must_hold_a_pair)
{
        struct actor_error error;
        struct actor_certificate one = made("one"), two = made("two");
        ck_assert_int_eq(actor_certificate_write(&one, path, &error), 0);
        ck_assert_int_eq(chmod(path, 0600), 0);
        expect_secret_refused(path, -EINVAL,
                              "holds no secret key; right would be the secret certificate, usually");
        memcpy(one.public_key, two.public_key, sizeof one.public_key);
        CLEANUP(actor_freep) char *mixed = actor_asprintf("%s/mixed", folder);
        CLEANUP(actor_freep) char *secret = actor_asprintf("%s_secret", mixed);
        ck_assert_int_eq(actor_certificate_write(&one, mixed, &error), 0);
        expect_secret_refused(secret, -EINVAL, "are not a pair");
}
END_TEST

/* ---- sets, and a program's keys ------------------------------------------------------------------ */

static char *add_certificate(const char *name, const struct actor_certificate *certificate)
{
        struct actor_error error;
        char *at = actor_asprintf("%s/%s", folder, name);
        CLEANUP(actor_freep) char *secret = actor_asprintf("%s_secret", at);
        ck_assert_msg(actor_certificate_write(certificate, at, &error) == 0, "%s", error.text);
        ck_assert_int_eq(unlink(secret), 0);
        return at;
}

START_TEST(a_directory_is_read_whole_or_not_at_all)
{
        struct actor_error error;
        struct actor_certificate one = made("one"), two = made("two"), nobodys = made(NULL);
        struct actor_certificates set = {NULL, 7};
        CLEANUP(actor_freep) char *first = add_certificate("one", &one);
        CLEANUP(actor_freep) char *second = add_certificate("two", &two);
        CLEANUP(actor_freep) char *hidden = actor_asprintf("%s/.hidden", folder);
        put(hidden, "nonsense", 8, 0644);
        ck_assert_msg(actor_certificates_read(folder, true, &set, &error) == 0, "%s", error.text);
        ck_assert_uint_eq(set.count, 2);
        actor_certificates_done(&set);

        CLEANUP(actor_freep) char *third = add_certificate("three", &nobodys);
        ck_assert_int_eq(actor_certificates_read(folder, false, &set, &error), 0);
        ck_assert_uint_eq(set.count, 3);
        actor_certificates_done(&set);
        ck_assert_int_eq(actor_certificates_read(folder, true, &set, &error), -EINVAL);
        ck_assert_msg(strstr(error.text, third) && strstr(error.text, "right would be principal ="), "%s",
                      error.text);
        ck_assert_uint_eq(set.count, 0);

        unlink(third);
        CLEANUP(actor_freep) char *fourth = add_certificate("one-again", &one);
        ck_assert_int_eq(actor_certificates_read(folder, true, &set, &error), -EINVAL);
        ck_assert_msg(strstr(error.text, first) && strstr(error.text, fourth), "%s", error.text);
        ck_assert_int_eq(actor_certificates_read(second, true, &set, &error), 0);
        ck_assert_uint_eq(set.count, 1);
        actor_certificates_done(&set);
}
END_TEST

static void expect_load_refused(const struct actor_curve_files *files, const char *sentence)
{
        struct actor_curve *curve = NULL;
        struct actor_error error = {""};
        ck_assert_int_lt(actor_curve_load(files, &curve, &error), 0);
        ck_assert_ptr_null(curve);
        ck_assert_msg(strstr(error.text, sentence) != NULL, "%s", error.text);
}

START_TEST(the_files_of_a_program_are_read_together)
{
        struct actor_error error;
        struct actor_curve *curve = NULL;
        struct actor_certificate own = made("own"), a = made("a"), b = made("b");
        ck_assert_int_eq(actor_certificate_write(&own, path, &error), 0);
        CLEANUP(actor_freep) char *secret = actor_asprintf("%s_secret", path);
        CLEANUP(actor_freep) char *first = add_certificate("a", &a);
        ck_assert_int_eq(actor_curve_load(&(struct actor_curve_files){.key = ""}, &curve, &error), 0);
        ck_assert_ptr_null(curve);
        expect_load_refused(&(struct actor_curve_files){.allow = folder},
                            "--curve_allow is given without --curve_key");
        expect_load_refused(&(struct actor_curve_files){.server_key = first},
                            "--curve_server_key is given without");
        expect_load_refused(&(struct actor_curve_files){.key = "/no"}, "--curve_key: cannot read /no");
        expect_load_refused(&(struct actor_curve_files){.key = secret, .allow = "/no"},
                            "--curve_allow: cannot read");

        expect_load_refused(&(struct actor_curve_files){.key = secret, .listens = true},
                            "--curve_key is given without --curve_allow");

        struct actor_curve_files files = {.key = secret, .server_key = first, .allow = first};
        ck_assert_msg(actor_curve_load(&files, &curve, &error) == 0, "%s", error.text);
        ck_assert_str_eq(curve->own.secret_key, own.secret_key);
        ck_assert_uint_eq(curve->servers.count, 1);
        ck_assert_uint_eq(curve->allowed.count, 1);
        actor_curve_free(curve);

        CLEANUP(actor_freep) char *hidden = actor_asprintf("%s/.own", folder);
        ck_assert_int_eq(rename(secret, hidden), 0);
        free(add_certificate("b", &b));
        expect_load_refused(&(struct actor_curve_files){.key = hidden, .server_key = folder},
                            "3 certificates name no endpoint; right would be at most one");
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, make_folder, remove_folder);
        tcase_add_test(tcase, what_is_written_can_be_read);
        tcase_add_test(tcase, czmq_reads_what_is_written);
        tcase_add_test(tcase, what_czmq_writes_can_be_read);
        tcase_add_test(tcase, keys_are_never_overwritten);
        tcase_add_test(tcase, a_principal_is_checked_when_it_is_made);
        tcase_add_loop_test(tcase, a_bad_file_is_refused_with_where_and_what_would_be_right, 0,
                            sizeof bad_files / sizeof *bad_files);
        tcase_add_test(tcase, what_else_a_file_says_is_skipped);
        tcase_add_test(tcase, what_is_no_text_or_no_file_is_refused);
        tcase_add_test(tcase, ten_thousand_changed_files_do_no_harm);
        tcase_add_test(tcase, a_secret_key_that_others_may_read_is_refused);
        tcase_add_test(tcase, a_secret_certificate_must_hold_a_pair);
        tcase_add_test(tcase, a_directory_is_read_whole_or_not_at_all);
        tcase_add_test(tcase, the_files_of_a_program_are_read_together);
}
TEST_MAIN("certificates", add_tests)
