/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXECUTOR_TASK_TABLE_H
#define EXECUTOR_TASK_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Records found by task id in O(1), however many there are. The record embeds the entry; the table owns
 * neither. Not thread-safe. */
struct task_entry {
        struct task_entry *next;
        const char *id; /* borrowed: lives as long as the record */
        uint32_t hash;
};

struct task_table {
        struct task_entry **buckets;
        size_t bucket_count; /* a power of two, or 0 */
        size_t count;
        size_t lowest; /* no entry lies in a bucket below it */
};

/* The entry of `id`, or NULL. */
struct task_entry *task_table_find(const struct task_table *table, const char *id);
/* Adds an entry whose id is set and not in the table yet. */
void task_table_add(struct task_table *table, struct task_entry *entry);
/* Takes out an entry that is in the table. */
void task_table_remove(struct task_table *table, struct task_entry *entry);
/* The entries one after the other: NULL gives the first, NULL comes after the last. The one before may
 * not be removed in between; collect first, then remove. O(1) on average. */
struct task_entry *task_table_next(const struct task_table *table, const struct task_entry *entry);
/* Takes out any entry, NULL from an empty table: to take a table down. */
struct task_entry *task_table_pop(struct task_table *table);
/* Frees the table's own memory. */
void task_table_done(struct task_table *table);

#endif
