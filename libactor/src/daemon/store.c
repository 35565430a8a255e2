/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/store_driver.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int store_check_version(const char *where, const char *found_format, unsigned found_version,
                        const char *format, unsigned version, struct actor_error *error)
{
        assert(strlen(format) <= STORE_FORMAT_MAX);
        if (strcmp(found_format, format) != 0)
                return actor_error_set(error, -EPROTO,
                                       "store %s holds \"%.64s\" version %u, not \"%s\" version %u; "
                                       "give another directory",
                                       where, found_format, found_version, format, version);
        if (found_version > version)
                return actor_error_set(
                        error, -EPROTO,
                        "store %s was written as \"%s\" version %u, which is newer than version %u, the "
                        "newest this program knows; run the newer program or give another directory",
                        where, format, found_version, version);
        return 0;
}

void actor_store_close(struct actor_store *store)
{
        if (store)
                store->driver->close(store);
}

int actor_store_commit(struct actor_store *store, const struct actor_store_change *changes, size_t count,
                       bool sync, struct actor_error *error)
{
        assert(store && (changes || count == 0));
        for (size_t i = 0; i < count; i++) {
                if (changes[i].key_size < 1 || changes[i].key_size > STORE_KEY_MAX)
                        return actor_error_set(error, -EINVAL,
                                               "store: change %zu has a key of %zu bytes; expected 1..%d", i,
                                               changes[i].key_size, STORE_KEY_MAX);
                assert(changes[i].key &&
                       (changes[i].value || changes[i].value_size == 0 || changes[i].erase));
        }
        return store->driver->commit(store, changes, count, sync, error);
}

int actor_store_each(struct actor_store *store, const void *prefix, size_t prefix_size,
                     actor_store_each_fn each, void *arg, struct actor_error *error)
{
        assert(store && each && (prefix || prefix_size == 0));
        if (prefix_size > STORE_KEY_MAX) /* no key can begin with it */
                return 0;
        return store->driver->each(store, prefix, prefix_size, each, arg, error);
}
