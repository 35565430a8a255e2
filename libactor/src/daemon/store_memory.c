/* SPDX-License-Identifier: Apache-2.0 */
/* store_memory.c — a store on a disk that can lose what was not synced, and fail on request.
 *
 * The disk keeps the records that are durable. An open store works on its own copy and remembers
 * the changes since the last synced commit; a synced commit repeats them on the disk. Closing a
 * store therefore is like losing power: the next open finds the synced records only. A store that a
 * crash left behind open does not stand in the way of the next one, which takes the disk over: from
 * then on the old store's commits fail. */
#include "daemon/record_map.h"
#include "daemon/store_driver.h"

#include <actor/memory.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct actor_disk {
        struct record_map durable;
        char *format; /* NULL: never opened */
        unsigned version;
        unsigned commits_until_failure; /* 0: none is due */
        int failure;
        uint64_t opens; /* the store opened last is the one that may write */
};

struct store_memory {
        struct actor_store base;
        struct actor_disk *disk;
        uint64_t opened_as;
        struct record_map records;
        struct record_map unsynced; /* what to repeat on the disk; the first value byte says put or erase */
};

struct actor_disk *actor_disk_new(void)
{
        return actor_zalloc(sizeof(struct actor_disk));
}

void actor_disk_free(struct actor_disk *disk)
{
        if (!disk)
                return;
        record_map_done(&disk->durable);
        free(disk->format);
        free(disk);
}

void actor_disk_fail_after(struct actor_disk *disk, unsigned count, int error)
{
        assert(error < 0 || count == 0);
        disk->commits_until_failure = count;
        disk->failure = error;
}

static void apply(struct record_map *map, const struct actor_store_change *change)
{
        if (change->erase)
                record_map_erase(map, change->key, change->key_size);
        else
                record_map_put(map, change->key, change->key_size, change->value, change->value_size);
}

/* The last change of a key is the only one the disk needs. */
static void remember_unsynced(struct store_memory *store, const struct actor_store_change *change)
{
        size_t size = change->erase ? 0 : change->value_size;
        unsigned char *value = actor_malloc(size + 1);
        value[0] = change->erase;
        if (size > 0)
                memcpy(value + 1, change->value, size);
        record_map_put(&store->unsynced, change->key, change->key_size, value, size + 1);
        free(value);
}

static void sync_to_disk(struct store_memory *store)
{
        for (size_t i = 0; i < store->unsynced.count; i++) {
                const struct record *record = store->unsynced.records[i];
                const unsigned char *value = record->bytes + record->key_size;
                struct actor_store_change change = {.key = record->bytes,
                                                    .key_size = record->key_size,
                                                    .value = value + 1,
                                                    .value_size = record->value_size - 1,
                                                    .erase = value[0] != 0};
                apply(&store->disk->durable, &change);
        }
        record_map_done(&store->unsynced);
}

static int may_commit(struct store_memory *store, struct actor_error *error)
{
        struct actor_disk *disk = store->disk;
        if (store->opened_as != disk->opens)
                return actor_error_set(error, -EIO,
                                       "store in memory: its disk was opened again; this store is stale");
        if (disk->commits_until_failure > 0 && --disk->commits_until_failure == 0)
                return actor_error_set(error, disk->failure, "store in memory: the disk failed: %s",
                                       strerror(-disk->failure));
        return 0;
}

static int memory_commit(struct actor_store *base, const struct actor_store_change *changes, size_t count,
                         bool sync, struct actor_error *error)
{
        struct store_memory *store = (struct store_memory *) base;
        int r = may_commit(store, error);
        if (r != 0)
                return r;
        for (size_t i = 0; i < count; i++) {
                apply(&store->records, &changes[i]);
                remember_unsynced(store, &changes[i]);
        }
        if (sync)
                sync_to_disk(store);
        return 0;
}

static int memory_each(struct actor_store *base, const void *prefix, size_t prefix_size,
                       actor_store_each_fn each, void *arg, struct actor_error *error)
{
        struct store_memory *store = (struct store_memory *) base;
        size_t i = record_map_lower_bound(&store->records, prefix, prefix_size);
        for (; i < store->records.count; i++) {
                const struct record *record = store->records.records[i];
                if (!record_has_prefix(record, prefix, prefix_size))
                        return 0;
                int r = each(arg, record->bytes, record->key_size, record->bytes + record->key_size,
                             record->value_size);
                if (r != 0)
                        return r;
        }
        return 0;
}

static void memory_close(struct actor_store *base)
{
        struct store_memory *store = (struct store_memory *) base;
        record_map_done(&store->records);
        record_map_done(&store->unsynced);
        free(store);
}

static const struct store_driver driver = {memory_close, memory_commit, memory_each};

int actor_store_open_memory(struct actor_disk *disk, const char *format, unsigned version,
                            struct actor_store **ret, struct actor_error *error)
{
        assert(disk && format && ret);
        int r = disk->format ? store_check_version("in memory", disk->format, disk->version, format, version,
                                                   error)
                             : 0;
        if (r != 0)
                return r;
        if (!disk->format)
                disk->format = actor_strdup(format);
        disk->version = version;
        struct store_memory *store = actor_zalloc(sizeof *store);
        store->base.driver = &driver;
        store->disk = disk;
        store->opened_as = ++disk->opens;
        record_map_copy(&disk->durable, &store->records);
        *ret = &store->base;
        return 0;
}
