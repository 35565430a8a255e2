/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_HASH_TABLE_H
#define ACTOR_HASH_TABLE_H

#include <actor/memory.h>
#include <stdlib.h>

/* Hash tables (uthash) that allocate as the house does: never failing. */
#define uthash_malloc(size) actor_malloc(size)
#define uthash_fatal(message) abort()
#include <uthash.h>

#endif
