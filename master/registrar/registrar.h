/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_REGISTRAR_REGISTRAR_H
#define MASTER_REGISTRAR_REGISTRAR_H

#include <actor/node.h>
#include <actor/store.h>

/* The registrar is the one writer of the registry: what the next leader must know. What it receives
 * and answers is messages.h. */

struct registrar_metrics; /* metrics.h */

struct registrar_config {
        const char *directory;   /* the LMDB store's; NULL: in memory, on `disk` */
        struct actor_disk *disk; /* for tests; borrowed, must outlive the node; ignored with a directory */
        struct registrar_metrics *metrics; /* borrowed, must outlive the node; NULL: not counted */
};

/* Opens the store and starts the node's actor "registrar", whose address goes to *ret. Blocks while
 * the store opens. A store that fails later ends the actor and so the node, after everyone who
 * waited was answered REGISTRAR_FAILED. Returns 0; -EBUSY, -EPROTO, … with a sentence in *error for a store
 * that cannot be opened; or what actor_node_spawn() returns; *ret is then left alone. Any thread but a
 * handler's. */
ACTOR_MUST_CHECK
int registrar_spawn(struct actor_node *node, const struct registrar_config *config, struct actor_ref *ret,
                    struct actor_error *error);

#endif
