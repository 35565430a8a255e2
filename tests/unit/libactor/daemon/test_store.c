/* SPDX-License-Identifier: Apache-2.0 */
/* One suite for both drivers of the store port (loop test 0: LMDB, 1: memory), then what is
 * particular to each. */
#include "check_main.h"
#include <actor/memory.h>
#include <actor/store.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LMDB, MEMORY, DRIVERS };

static struct {
        char directory[64];
        struct actor_disk *disk;
        struct actor_store *store;
        struct actor_error error;
} fixture;

static int open_as(int driver, const char *format, unsigned version)
{
        fixture.store = NULL;
        if (driver == LMDB)
                return actor_store_open_lmdb(fixture.directory, format, version, 1 << 20, &fixture.store,
                                             &fixture.error);
        return actor_store_open_memory(fixture.disk, format, version, &fixture.store, &fixture.error);
}

static void open_store(int driver)
{
        ck_assert_msg(open_as(driver, "test-records", 2) == 0, "%s", fixture.error.text);
}

static void close_store(void)
{
        actor_store_close(fixture.store);
        fixture.store = NULL;
}

static void reopen(int driver)
{
        close_store();
        open_store(driver);
}

static void set_up(void)
{
        strncpy(fixture.directory, "/tmp/test_store.XXXXXX", sizeof fixture.directory - 1);
        ck_assert_ptr_nonnull(mkdtemp(fixture.directory));
        fixture.disk = actor_disk_new();
        fixture.error.text[0] = '\0';
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
        (void) status, (void) type, (void) where;
        return remove(path);
}

static void tear_down(void)
{
        close_store();
        actor_disk_free(fixture.disk);
        (void) nftw(fixture.directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static struct actor_store_change put(const char *key, const char *value)
{
        return (struct actor_store_change){key, strlen(key), value, strlen(value), false};
}

static struct actor_store_change erase(const char *key)
{
        return (struct actor_store_change){.key = key, .key_size = strlen(key), .erase = true};
}

static int commit(struct actor_store_change change, bool sync)
{
        return actor_store_commit(fixture.store, &change, 1, sync, &fixture.error);
}

static int join(void *arg, const void *key, size_t key_size, const void *value, size_t value_size)
{
        char *text = arg;
        size_t used = strlen(text);
        snprintf(text + used, 256 - used, "%.*s=%.*s;", (int) key_size, (const char *) key, (int) value_size,
                 (const char *) value);
        return 0;
}

#define expect(prefix, expected)                                                                             \
        do {                                                                                                 \
                char text_[256] = "";                                                                        \
                ck_assert_int_eq(actor_store_each(fixture.store, prefix, strlen(prefix), join, text_, NULL), \
                                 0);                                                                         \
                ck_assert_str_eq(text_, expected);                                                           \
        } while (0)

START_TEST(records_are_found_in_key_order_and_by_prefix)
{
        open_store(_i);
        struct actor_store_change changes[] = {put("b/2", "2"), put("a", "0"), put("b/10", "10"),
                                               put("b", "_"), put("c", "")};
        ck_assert_int_eq(actor_store_commit(fixture.store, changes, 5, true, NULL), 0);
        expect("", "a=0;b=_;b/10=10;b/2=2;c=;");
        expect("b/", "b/10=10;b/2=2;");
        expect("b/2", "b/2=2;");
        expect("bb", "");
        expect("z", "");
}
END_TEST

START_TEST(the_last_change_of_a_key_in_a_batch_wins)
{
        open_store(_i);
        struct actor_store_change changes[] = {put("k", "1"), put("k", "2"), put("x", "1"),
                                               erase("x"),    erase("y"),    put("y", "3")};
        ck_assert_int_eq(actor_store_commit(fixture.store, changes, 6, true, NULL), 0);
        expect("", "k=2;y=3;");
        ck_assert_int_eq(commit(erase("absent"), true), 0);
        ck_assert_int_eq(actor_store_commit(fixture.store, NULL, 0, true, NULL), 0);
        expect("", "k=2;y=3;");
}
END_TEST

static int stop_at_once(void *arg, const void *key, size_t key_size, const void *value, size_t value_size)
{
        (void) key, (void) key_size, (void) value, (void) value_size;
        ++*(int *) arg;
        return -ECANCELED;
}

START_TEST(a_walk_ends_with_the_first_answer_that_is_not_zero)
{
        open_store(_i);
        ck_assert_int_eq(commit(put("a", "1"), false), 0);
        ck_assert_int_eq(commit(put("b", "1"), false), 0);
        int seen = 0;
        ck_assert_int_eq(actor_store_each(fixture.store, "", 0, stop_at_once, &seen, NULL), -ECANCELED);
        ck_assert_int_eq(seen, 1);
}
END_TEST

START_TEST(synced_records_are_found_by_the_next_open)
{
        open_store(_i);
        ck_assert_int_eq(commit(put("a", "1"), true), 0);
        ck_assert_int_eq(commit(put("b", "1"), false), 0);
        ck_assert_int_eq(commit(erase("a"), false), 0);
        ck_assert_int_eq(commit(put("c", "1"), true), 0); /* carries those before it */
        reopen(_i);
        expect("", "b=1;c=1;");
}
END_TEST

START_TEST(an_unfit_key_refuses_the_whole_batch)
{
        open_store(_i);
        static char key[512];
        struct actor_store_change changes[] = {put("good", "1"), {key, 512, "v", 1, false}};
        ck_assert_int_eq(actor_store_commit(fixture.store, changes, 2, true, &fixture.error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(fixture.error.text, "512 bytes"));
        changes[1].key_size = 0;
        ck_assert_int_eq(actor_store_commit(fixture.store, changes, 2, true, NULL), -EINVAL);
        expect("", "");
        changes[1].key_size = 511;
        ck_assert_int_eq(actor_store_commit(fixture.store, changes, 2, true, NULL), 0);
        expect("good", "good=1;");
        ck_assert_int_eq(actor_store_each(fixture.store, key, 512, join, NULL, NULL), 0);
}
END_TEST

START_TEST(another_format_or_a_newer_version_is_refused_with_both_named)
{
        open_store(_i);
        close_store();
        ck_assert_int_eq(open_as(_i, "other-records", 2), -EPROTO);
        ck_assert_ptr_nonnull(strstr(fixture.error.text, "\"test-records\" version 2"));
        ck_assert_ptr_nonnull(strstr(fixture.error.text, "\"other-records\""));
        ck_assert_int_eq(open_as(_i, "test-records", 1), -EPROTO);
        ck_assert_ptr_nonnull(strstr(fixture.error.text, "version 2"));
        ck_assert_ptr_nonnull(strstr(fixture.error.text, "version 1"));
        ck_assert_int_eq(open_as(_i, "test-records", 3), 0);
        close_store();
        ck_assert_int_eq(open_as(_i, "test-records", 2), -EPROTO); /* the newer program was here */
}
END_TEST

static int is_next(void *arg, const void *key, size_t key_size, const void *value, size_t value_size)
{
        char expected[16];
        snprintf(expected, sizeof expected, "k%03d", (*(int *) arg)++);
        return key_size != 4 || value_size != 4 || memcmp(key, expected, 4) != 0 ||
               memcmp(value, expected, 4) != 0;
}

START_TEST(many_records_survive_in_order)
{
        open_store(_i);
        for (int i = 499; i >= 0; i--) {
                char key[16];
                snprintf(key, sizeof key, "k%03d", i);
                ck_assert_int_eq(commit(put(key, key), i == 0), 0);
        }
        reopen(_i);
        int next = 0;
        ck_assert_int_eq(actor_store_each(fixture.store, "k", 1, is_next, &next, NULL), 0);
        ck_assert_int_eq(next, 500);
}
END_TEST

START_TEST(a_directory_in_use_is_refused_and_its_holder_named)
{
        open_store(LMDB);
        struct actor_store *second = NULL;
        int r = actor_store_open_lmdb(fixture.directory, "test-records", 2, 0, &second, &fixture.error);
        ck_assert_int_eq(r, -EBUSY);
        ck_assert_ptr_null(second);
        char holder[32];
        snprintf(holder, sizeof holder, "process %d;", (int) getpid());
        ck_assert_ptr_nonnull(strstr(fixture.error.text, holder));
        ck_assert_ptr_nonnull(strstr(fixture.error.text, fixture.directory));
}
END_TEST

/* Goal: a killed holder leaves nothing behind that bars its successor, and what it committed is there. */
START_TEST(a_killed_holders_directory_opens_again)
{
        pid_t child = fork();
        if (child == 0) {
                if (open_as(LMDB, "test-records", 2) != 0 || commit(put("a", "1"), true) != 0 ||
                    commit(put("b", "1"), false) != 0)
                        _exit(1);
                (void) kill(getpid(), SIGKILL);
        }
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFSIGNALED(status));
        open_store(LMDB);
        expect("", "a=1;b=1;");
}
END_TEST

START_TEST(a_full_store_says_so_and_stays_as_it_was)
{
        open_store(LMDB);
        ck_assert_int_eq(commit(put("small", "1"), true), 0);
        static char value[2 << 20];
        struct actor_store_change changes[] = {put("other", "1"), {"big", 3, value, sizeof value, false}};
        ck_assert_int_eq(actor_store_commit(fixture.store, changes, 2, true, &fixture.error), -ENOSPC);
        ck_assert_ptr_nonnull(strstr(fixture.error.text, "1MB"));
        expect("", "small=1;");
        ck_assert_int_eq(commit(put("more", "1"), true), 0);
        expect("", "more=1;small=1;");
}
END_TEST

START_TEST(an_unfit_directory_is_refused_with_its_name)
{
        struct actor_store *store = NULL;
        char path[128];
        snprintf(path, sizeof path, "%s/file", fixture.directory);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        ck_assert_int_ge(fd, 0);
        close(fd);
        ck_assert_int_eq(actor_store_open_lmdb(path, "f", 1, 0, &store, &fixture.error), -ENOTDIR);
        ck_assert_ptr_nonnull(strstr(fixture.error.text, path));
        ck_assert_int_eq(actor_store_open_lmdb("/proc/no/such", "f", 1, 0, &store, &fixture.error), -ENOENT);
        int r = actor_store_open_lmdb("/sys/kernel", "f", 1, 0, &store, &fixture.error);
        ck_assert(r == -EACCES || r == -EROFS || r == -EPERM);
        ck_assert_ptr_nonnull(strstr(fixture.error.text, "/sys/kernel"));
        ck_assert_int_eq(actor_store_open_lmdb("", "f", 1, 0, &store, &fixture.error), -EINVAL);
        ck_assert_int_eq(actor_store_open_lmdb(fixture.directory, "f", 1, 1, &store, &fixture.error),
                         -EINVAL);
        ck_assert_ptr_null(store);
}
END_TEST

START_TEST(a_missing_directory_is_made_with_its_parents)
{
        strncat(fixture.directory, "/a/b", sizeof fixture.directory - strlen(fixture.directory) - 1);
        open_store(LMDB);
        struct stat status;
        ck_assert_int_eq(stat(fixture.directory, &status), 0);
        ck_assert_uint_eq(status.st_mode & 0777, 0700);
        close_store();
        fixture.directory[strlen(fixture.directory) - 4] = '\0';
}
END_TEST

START_TEST(a_file_of_random_bytes_is_no_store)
{
        char path[128], noise[8192];
        snprintf(path, sizeof path, "%s/data.mdb", fixture.directory);
        for (size_t i = 0; i < sizeof noise; i++)
                noise[i] = (char) (i * 7919 >> 3);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        ck_assert_int_eq(write(fd, noise, sizeof noise), sizeof noise);
        close(fd);
        ck_assert_int_eq(open_as(LMDB, "test-records", 1), -EBADMSG);
        ck_assert_ptr_nonnull(strstr(fixture.error.text, "data.mdb"));
}
END_TEST

START_TEST(a_disk_in_memory_loses_what_was_not_synced)
{
        open_store(MEMORY);
        ck_assert_int_eq(commit(put("a", "1"), true), 0);
        ck_assert_int_eq(commit(put("a", "2"), false), 0);
        ck_assert_int_eq(commit(put("b", "1"), false), 0);
        expect("", "a=2;b=1;");
        reopen(MEMORY);
        expect("", "a=1;");
}
END_TEST

START_TEST(the_nth_commit_fails_alone_and_changes_nothing)
{
        open_store(MEMORY);
        actor_disk_fail_after(fixture.disk, 2, -EIO);
        ck_assert_int_eq(commit(put("a", "1"), true), 0);
        ck_assert_int_eq(commit(put("b", "1"), true), -EIO);
        ck_assert_ptr_nonnull(strstr(fixture.error.text, "disk failed"));
        expect("", "a=1;");
        ck_assert_int_eq(commit(put("c", "1"), true), 0);
        actor_disk_fail_after(fixture.disk, 1, -ENOSPC);
        actor_disk_fail_after(fixture.disk, 0, 0);
        ck_assert_int_eq(commit(put("d", "1"), true), 0);
        reopen(MEMORY);
        expect("", "a=1;c=1;d=1;");
}
END_TEST

START_TEST(a_store_left_open_by_a_crash_may_not_write_any_more)
{
        open_store(MEMORY);
        struct actor_store *crashed = fixture.store;
        open_store(MEMORY);
        struct actor_store_change change = put("late", "1");
        ck_assert_int_eq(actor_store_commit(crashed, &change, 1, true, NULL), -EIO);
        ck_assert_int_eq(commit(put("a", "1"), true), 0);
        actor_store_close(crashed);
        reopen(MEMORY);
        expect("", "a=1;");
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, set_up, tear_down);
        tcase_add_loop_test(tcase, records_are_found_in_key_order_and_by_prefix, 0, DRIVERS);
        tcase_add_loop_test(tcase, the_last_change_of_a_key_in_a_batch_wins, 0, DRIVERS);
        tcase_add_loop_test(tcase, a_walk_ends_with_the_first_answer_that_is_not_zero, 0, DRIVERS);
        tcase_add_loop_test(tcase, synced_records_are_found_by_the_next_open, 0, DRIVERS);
        tcase_add_loop_test(tcase, an_unfit_key_refuses_the_whole_batch, 0, DRIVERS);
        tcase_add_loop_test(tcase, another_format_or_a_newer_version_is_refused_with_both_named, 0, DRIVERS);
        tcase_add_loop_test(tcase, many_records_survive_in_order, 0, DRIVERS);
        tcase_add_test(tcase, a_directory_in_use_is_refused_and_its_holder_named);
        tcase_add_test(tcase, a_killed_holders_directory_opens_again);
        tcase_add_test(tcase, a_full_store_says_so_and_stays_as_it_was);
        tcase_add_test(tcase, an_unfit_directory_is_refused_with_its_name);
        tcase_add_test(tcase, a_missing_directory_is_made_with_its_parents);
        tcase_add_test(tcase, a_file_of_random_bytes_is_no_store);
        tcase_add_test(tcase, a_disk_in_memory_loses_what_was_not_synced);
        tcase_add_test(tcase, the_nth_commit_fails_alone_and_changes_nothing);
        tcase_add_test(tcase, a_store_left_open_by_a_crash_may_not_write_any_more);
}
TEST_MAIN("store", add_tests)
