/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_WAITING_H
#define MASTER_WAITING_H

/* What the continuation of an ask needs. An actor that ends hears no answer any more, so what it
 * allocated for one hangs in a list of its state, where its fini finds it. Embed as the first member. */
struct waiting {
        struct waiting *prev, *next;
        void (*release)(struct waiting *waiting); /* frees what it is embedded in */
};

void waiting_add(struct waiting **list, struct waiting *waiting, void (*release)(struct waiting *waiting));
/* Takes it out and releases it. */
void waiting_end(struct waiting **list, struct waiting *waiting);
/* Releases all: for fini. */
void waiting_done(struct waiting **list);

#endif
