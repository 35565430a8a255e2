/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_STORE_DRIVER_H
#define DAEMON_STORE_DRIVER_H

#include <actor/store.h>

/* What a driver of the store port provides. store.c has checked every argument before it calls: keys
 * are 1–511 bytes, pointers are there. A driver's struct begins with a struct actor_store. */
struct store_driver {
        void (*close)(struct actor_store *store);
        int (*commit)(struct actor_store *store, const struct actor_store_change *changes, size_t count,
                      bool sync, struct actor_error *error);
        int (*each)(struct actor_store *store, const void *prefix, size_t prefix_size,
                    actor_store_each_fn each, void *arg, struct actor_error *error);
};

struct actor_store {
        const struct store_driver *driver;
};

#define STORE_KEY_MAX 511
#define STORE_FORMAT_MAX 255

/* Whether records of `found_format` and `found_version` may be opened as `format` and `version`:
 * 0, or -EPROTO with both named. `where` says which store. */
int store_check_version(const char *where, const char *found_format, unsigned found_version,
                        const char *format, unsigned version, struct actor_error *error);

#endif
