/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_TYPE_TABLE_H
#define NET_TYPE_TABLE_H

#include <actor/message.h>

/* The message types a node understands from others, found by the hash that stands in each item. */
struct type_table;

/* `types` ends with NULL and may be NULL itself; its entries are borrowed. Two types of one hash, or
 * one that cannot travel, are errors of the program: assert. */
struct type_table *type_table_new(const struct actor_type *const *types);
void type_table_free(struct type_table *table);
/* NULL if this node does not know the type. */
const struct actor_type *type_table_find(const struct type_table *table, uint64_t hash);
/* A type's hash, remembered; `type` need not be in the table. Any thread. */
uint64_t type_table_hash(struct type_table *table, const struct actor_type *type);

#endif
