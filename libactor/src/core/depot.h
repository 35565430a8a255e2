/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_DEPOT_H
#define CORE_DEPOT_H

#include "core/blocks.h"
#include <stdbool.h>

/* Where the caches of a node's threads exchange batches of blocks, and where blocks come from: slabs
 * of one class each, mapped when needed and given back to the system when the last of their blocks has
 * come back, so that what a burst took does not stay. A depot keeps a few batches of each class ready
 * for exchange; beyond that blocks go home to their slabs. It outlives its node until its last block is
 * released. Any thread. */
struct depot *depot_new(void) __attribute__((returns_nonnull));
/* The node lets go; the depot ends with its last block. */
void depot_release(struct depot *depot);

/* BATCH_BLOCKS blocks, linked by next. */
struct block *depot_take(struct depot *depot, unsigned block_class) __attribute__((returns_nonnull));
/* Takes a batch of BATCH_BLOCKS, whosever slabs they came from. */
void depot_give(struct depot *depot, unsigned block_class, struct block *batch);
/* Sends blocks, linked by next (NULL: none), home to their slabs. */
void depot_free(struct block *blocks);
/* Sends home what is kept for exchange: a block that is kept keeps its slab. */
void depot_empty(struct depot *depot);

/* For those who watch memory: how many slabs are mapped / have ever been. */
size_t depot_slabs(struct depot *depot);
size_t depot_slabs_ever(struct depot *depot);

#endif
