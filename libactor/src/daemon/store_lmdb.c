/* SPDX-License-Identifier: Apache-2.0 */
/* store_lmdb.c — the durable store.
 *
 * Two maps in one environment: "meta" holds what the records mean and their version, "records" the
 * records. LMDB writes a batch to free pages and then one page that makes it valid, so a commit is
 * there in whole or not at all, whatever ends the process or the machine. A commit without sync
 * skips only the last of the two flushes: it may be lost, but it cannot damage what was there.
 *
 * The directory is locked for this process as long as the store is open (directory_lock.h). Calls
 * may come from changing threads, one at a time; hence MDB_NOTLS. */
#include "daemon/directory_lock.h"
#include "daemon/store_driver.h"

#include <actor/memory.h>
#include <actor/units.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAP_SIZE_DEFAULT ((size_t) 1 << 30)
#define MAP_SIZE_MIN ((size_t) 64 << 10)

struct store_lmdb {
        struct actor_store base;
        char *directory;
        int lock_fd;
        size_t map_size;
        MDB_env *env;
        MDB_dbi meta, records;
};

/* The record in "meta" under the key "format". */
struct format_record {
        uint8_t version[4]; /* big-endian */
        char format[STORE_FORMAT_MAX + 1];
};

static int to_errno(int mdb)
{
        switch (mdb) {
        case MDB_MAP_FULL:
                return -ENOSPC;
        case MDB_INVALID:
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
        case MDB_VERSION_MISMATCH:
                return -EBADMSG;
        default:
                return mdb > 0 ? -mdb : -EIO;
        }
}

static int fail(const struct store_lmdb *store, int mdb, const char *what, struct actor_error *error)
{
        char size[32];
        int r = to_errno(mdb);
        switch (mdb) {
        case MDB_MAP_FULL:
                actor_bytes_print(store->map_size, size, sizeof size);
                return actor_error_set(
                        error, r,
                        "store %s: cannot %s: the %s it may grow to are used up; open it with a larger "
                        "limit",
                        store->directory, what, size);
        case ENOSPC:
                return actor_error_set(error, r, "store %s: cannot %s: the disk is full; make room there",
                                       store->directory, what);
        case MDB_INVALID:
        case MDB_VERSION_MISMATCH:
                return actor_error_set(
                        error, r,
                        "store %s: cannot %s: data.mdb is not a store of this kind (%s); give another "
                        "directory",
                        store->directory, what, mdb_strerror(mdb));
        default:
                return actor_error_set(error, r, "store %s: cannot %s: %s", store->directory, what,
                                       mdb_strerror(mdb));
        }
}

static int put(MDB_txn *txn, MDB_dbi map, const void *key, size_t key_size, const void *value,
               size_t value_size)
{
        MDB_val k = {key_size, (void *) key}, v = {value_size, (void *) value};
        return mdb_put(txn, map, &k, &v, 0);
}

static int erase(MDB_txn *txn, MDB_dbi map, const void *key, size_t key_size)
{
        MDB_val k = {key_size, (void *) key};
        int mdb = mdb_del(txn, map, &k, NULL);
        return mdb == MDB_NOTFOUND ? 0 : mdb;
}

/* ---- opening ---------------------------------------------------------------------------------- */

static int write_format(struct store_lmdb *store, MDB_txn *txn, const char *format, unsigned version,
                        struct actor_error *error)
{
        struct format_record record = {.version = {(uint8_t) (version >> 24), (uint8_t) (version >> 16),
                                                   (uint8_t) (version >> 8), (uint8_t) version}};
        size_t size = strlen(format);
        memcpy(record.format, format, size);
        int mdb = put(txn, store->meta, "format", strlen("format"), &record, sizeof record.version + size);
        return mdb == 0 ? 0 : fail(store, mdb, "write its format", error);
}

static int read_format(struct store_lmdb *store, const MDB_val *value, struct format_record *ret,
                       unsigned *ret_version, struct actor_error *error)
{
        memset(ret, 0, sizeof *ret);
        if (value->mv_size <= sizeof ret->version || value->mv_size > sizeof ret->version + STORE_FORMAT_MAX)
                return actor_error_set(
                        error, -EBADMSG, "store %s: its format record has %zu bytes; expected 5..%zu",
                        store->directory, value->mv_size, sizeof ret->version + STORE_FORMAT_MAX);
        memcpy(ret, value->mv_data, value->mv_size);
        *ret_version = (unsigned) ret->version[0] << 24 | (unsigned) ret->version[1] << 16 |
                       (unsigned) ret->version[2] << 8 | ret->version[3];
        return 0;
}

/* Refuses what this program cannot read; otherwise the store is marked with this program's version,
 * so that an older program will refuse it from now on. */
static int settle_format(struct store_lmdb *store, MDB_txn *txn, const char *format, unsigned version,
                         struct actor_error *error)
{
        MDB_val key = {strlen("format"), "format"}, value;
        int mdb = mdb_get(txn, store->meta, &key, &value);
        if (mdb == MDB_NOTFOUND)
                return write_format(store, txn, format, version, error);
        if (mdb != 0)
                return fail(store, mdb, "read its format", error);
        struct format_record found;
        unsigned found_version = 0;
        int r = read_format(store, &value, &found, &found_version, error);
        if (r == 0)
                r = store_check_version(store->directory, found.format, found_version, format, version,
                                        error);
        if (r == 0 && found_version < version)
                r = write_format(store, txn, format, version, error);
        return r;
}

static int open_maps(struct store_lmdb *store, const char *format, unsigned version,
                     struct actor_error *error)
{
        MDB_txn *txn = NULL;
        int mdb = mdb_txn_begin(store->env, NULL, 0, &txn);
        if (mdb != 0)
                return fail(store, mdb, "begin", error);
        mdb = mdb_dbi_open(txn, "meta", MDB_CREATE, &store->meta);
        if (mdb == 0)
                mdb = mdb_dbi_open(txn, "records", MDB_CREATE, &store->records);
        int r = mdb == 0 ? settle_format(store, txn, format, version, error)
                         : fail(store, mdb, "open", error);
        if (r != 0) {
                mdb_txn_abort(txn);
                return r;
        }
        mdb = mdb_txn_commit(txn);
        return mdb == 0 ? 0 : fail(store, mdb, "open", error);
}

/* The names of new files are durable only when their directory is. */
static int sync_directory(struct store_lmdb *store, struct actor_error *error)
{
        CLEANUP(actor_closep) int fd = open(store->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) != 0)
                return fail(store, errno, "sync its directory", error);
        return 0;
}

static int open_environment(struct store_lmdb *store, struct actor_error *error)
{
        int mdb = mdb_env_create(&store->env);
        if (mdb == 0)
                mdb = mdb_env_set_mapsize(store->env, store->map_size);
        if (mdb == 0)
                mdb = mdb_env_set_maxdbs(store->env, 2);
        if (mdb == 0)
                mdb = mdb_env_open(store->env, store->directory, MDB_NOTLS, 0600);
        if (mdb != 0)
                return fail(store, mdb, "open", error);
        assert(mdb_env_get_maxkeysize(store->env) >= STORE_KEY_MAX);
        return sync_directory(store, error);
}

static void lmdb_close(struct actor_store *base)
{
        struct store_lmdb *store = (struct store_lmdb *) base;
        if (store->env)
                mdb_env_close(store->env);
        actor_closep(&store->lock_fd);
        free(store->directory);
        free(store);
}

/* ---- using ------------------------------------------------------------------------------------ */

static int write_changes(struct store_lmdb *store, const struct actor_store_change *changes, size_t count)
{
        MDB_txn *txn = NULL;
        int mdb = mdb_txn_begin(store->env, NULL, 0, &txn);
        if (mdb != 0)
                return mdb;
        for (size_t i = 0; mdb == 0 && i < count; i++) {
                const struct actor_store_change *change = &changes[i];
                mdb = change->erase ? erase(txn, store->records, change->key, change->key_size)
                                    : put(txn, store->records, change->key, change->key_size, change->value,
                                          change->value_size);
        }
        if (mdb != 0) {
                mdb_txn_abort(txn);
                return mdb;
        }
        return mdb_txn_commit(txn);
}

static int lmdb_commit(struct actor_store *base, const struct actor_store_change *changes, size_t count,
                       bool sync, struct actor_error *error)
{
        struct store_lmdb *store = (struct store_lmdb *) base;
        int mdb = mdb_env_set_flags(store->env, MDB_NOMETASYNC, !sync);
        if (mdb == 0)
                mdb = write_changes(store, changes, count);
        if (mdb == 0 && sync && count == 0) /* earlier commits without sync may wait for this one */
                mdb = mdb_env_sync(store->env, 1);
        return mdb == 0 ? 0 : fail(store, mdb, "write", error);
}

static int walk(MDB_cursor *cursor, const void *prefix, size_t prefix_size, actor_store_each_fn each,
                void *arg, int *ret_answer)
{
        MDB_val key = {prefix_size, (void *) prefix}, value;
        int mdb = mdb_cursor_get(cursor, &key, &value, prefix_size > 0 ? MDB_SET_RANGE : MDB_FIRST);
        for (; mdb == 0; mdb = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
                if (key.mv_size < prefix_size ||
                    (prefix_size > 0 && memcmp(key.mv_data, prefix, prefix_size) != 0))
                        return 0;
                *ret_answer = each(arg, key.mv_data, key.mv_size, value.mv_data, value.mv_size);
                if (*ret_answer != 0)
                        return 0;
        }
        return mdb == MDB_NOTFOUND ? 0 : mdb;
}

static int lmdb_each(struct actor_store *base, const void *prefix, size_t prefix_size,
                     actor_store_each_fn each, void *arg, struct actor_error *error)
{
        struct store_lmdb *store = (struct store_lmdb *) base;
        MDB_txn *txn = NULL;
        int mdb = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
        if (mdb != 0)
                return fail(store, mdb, "read", error);
        int answer = 0;
        MDB_cursor *cursor = NULL;
        mdb = mdb_cursor_open(txn, store->records, &cursor);
        if (mdb == 0) {
                mdb = walk(cursor, prefix, prefix_size, each, arg, &answer);
                mdb_cursor_close(cursor);
        }
        mdb_txn_abort(txn);
        return mdb == 0 ? answer : fail(store, mdb, "read", error);
}

static const struct store_driver driver = {lmdb_close, lmdb_commit, lmdb_each};

int actor_store_open_lmdb(const char *directory, const char *format, unsigned version, size_t map_size,
                          struct actor_store **ret, struct actor_error *error)
{
        assert(directory && format && format[0] && strlen(format) <= STORE_FORMAT_MAX && ret);
        if (map_size != 0 && map_size < MAP_SIZE_MIN)
                return actor_error_set(error, -EINVAL,
                                       "store %s: a limit of %zu bytes is too small; at least %zu", directory,
                                       map_size, MAP_SIZE_MIN);
        struct store_lmdb *store = actor_zalloc(sizeof *store);
        store->base.driver = &driver;
        store->directory = actor_strdup(directory);
        store->map_size = map_size ? map_size : MAP_SIZE_DEFAULT;
        store->lock_fd = -1;
        int r = directory_lock(directory, &store->lock_fd, error);
        if (r == 0)
                r = open_environment(store, error);
        if (r == 0)
                r = open_maps(store, format, version, error);
        if (r != 0) {
                lmdb_close(&store->base);
                return r;
        }
        *ret = &store->base;
        return 0;
}
