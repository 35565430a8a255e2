/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_UTHASH_MEMORY_H
#define AGENT_UTHASH_MEMORY_H

#include <actor/memory.h>
#include <stdlib.h>
#include <string.h>

/* Hash tables (uthash) whose own memory comes from memory.h. */
#define uthash_malloc(size) actor_malloc(size)
#define uthash_free(memory, size) free(memory)
#include <uthash.h>

#endif
