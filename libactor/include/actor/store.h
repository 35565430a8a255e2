/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_STORE_H
#define ACTOR_STORE_H

#include <actor/actor.h>
#include <actor/error.h>

ACTOR_API_BEGIN

/* Small durable records: a sorted map of byte keys to byte values, changed by atomic batches. One
 * interface, several drivers; this is the port. Not thread-safe per store: one thread at a time
 * (a room calls it inside actor_run_blocking(), so that fsync never stops a worker). */
struct actor_store;

struct actor_store_change {
        const void *key;
        size_t key_size; /* 1–511 bytes */
        const void *value;
        size_t value_size;
        bool erase; /* value is ignored */
};

/* Opens the LMDB store in `directory`, which is made if absent (mode 0700). The directory is locked
 * while open: a second opener gets -EBUSY naming the holder's pid. `format` names what the records
 * mean ("troupe-registry") and `version` their layout: another format, or a newer version, is
 * refused (-EPROTO) with both named. `map_size` bytes is the most it may grow to; 0 = 1 GiB. */
int actor_store_open_lmdb(const char *directory, const char *format, unsigned version, size_t map_size,
                          struct actor_store **ret, struct actor_error *error);

/* A disk in memory, for tests and simulations. It outlives the store that is opened on it. */
struct actor_disk;
struct actor_disk *actor_disk_new(void);
void actor_disk_free(struct actor_disk *disk); /* after its stores are closed */
/* The next `count`-th commit from now fails with `error` (-ENOSPC, -EIO, -EROFS). */
void actor_disk_fail_after(struct actor_disk *disk, unsigned count, int error);
/* Opens a store on such a disk, as actor_store_open_lmdb(): what was committed with sync before is found again. */
int actor_store_open_memory(struct actor_disk *disk, const char *format, unsigned version, struct actor_store **ret,
                            struct actor_error *error);

void actor_store_close(struct actor_store *store); /* NULL is fine */

/* Applies all changes or none. On 0 they are durable (synced) if `sync`. -ENOSPC, -EIO, … else. */
ACTOR_MUST_CHECK
int actor_store_commit(struct actor_store *store, const struct actor_store_change *changes, size_t count, bool sync,
                       struct actor_error *error);

/* Calls `each` for every record whose key begins with `prefix`, in key order, until it returns not 0,
 * which is returned. Key and value are borrowed for the call. */
typedef int (*actor_store_each_fn)(void *arg, const void *key, size_t key_size, const void *value, size_t value_size);
int actor_store_each(struct actor_store *store, const void *prefix, size_t prefix_size, actor_store_each_fn each,
                     void *arg, struct actor_error *error);

ACTOR_API_END

#endif
