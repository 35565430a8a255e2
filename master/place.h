/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_PLACE_H
#define MASTER_PLACE_H

#include "flags.h"
#include <actor/node.h>
#include <actor/ref.h>

/* Where the master is found. */
struct place {
        char address[ACTOR_ENDPOINT_MAX + 8]; /* "host:port" that others reach the node under */
        char hostname[256];
};

/* Listens as the flags say, and settles the place: --advertise where given, else what was bound.
 * Returns 0, or -errno with a sentence; blocking. */
int place_listen(struct actor_node *node, const struct master_flags *flags, struct place *ret,
                 struct actor_error *error);

/* Writes "host:port http_port" to a file, beside and renamed, so that a reader never sees half a line.
 * `path` NULL: nothing is written. Returns 0, or -errno with a sentence; blocking. */
int place_write(const struct place *place, uint16_t http_port, const char *path, struct actor_error *error);

#endif
