/* SPDX-License-Identifier: Apache-2.0 */
#include "task_table.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 16

static uint32_t hash_id(const char *id)
{
        uint32_t hash = 2166136261u; /* FNV-1a */
        for (; *id != '\0'; id++)
                hash = (hash ^ (unsigned char) *id) * 16777619u;
        return hash;
}

static struct task_entry **bucket_of(const struct task_table *table, uint32_t hash)
{
        return &table->buckets[hash & (table->bucket_count - 1)];
}

static void grow(struct task_table *table)
{
        struct task_table larger = {.bucket_count =
                                            table->bucket_count ? table->bucket_count * 2 : BUCKETS_MIN};
        larger.buckets = actor_zalloc(larger.bucket_count * sizeof(struct task_entry *));
        larger.count = table->count;
        for (size_t i = 0; i < table->bucket_count; i++) {
                struct task_entry *entry = table->buckets[i];
                while (entry != NULL) {
                        struct task_entry *next = entry->next, **bucket = bucket_of(&larger, entry->hash);
                        entry->next = *bucket;
                        *bucket = entry;
                        entry = next;
                }
        }
        free(table->buckets);
        *table = larger;
}

struct task_entry *task_table_find(const struct task_table *table, const char *id)
{
        if (table->count == 0)
                return NULL;
        uint32_t hash = hash_id(id);
        struct task_entry *entry = *bucket_of(table, hash);
        while (entry != NULL && (entry->hash != hash || strcmp(entry->id, id) != 0))
                entry = entry->next;
        return entry;
}

void task_table_add(struct task_table *table, struct task_entry *entry)
{
        if (table->count >= table->bucket_count)
                grow(table);
        entry->hash = hash_id(entry->id);
        struct task_entry **bucket = bucket_of(table, entry->hash);
        entry->next = *bucket;
        *bucket = entry;
        table->count++;
        if ((size_t) (bucket - table->buckets) < table->lowest)
                table->lowest = (size_t) (bucket - table->buckets);
}

void task_table_remove(struct task_table *table, struct task_entry *entry)
{
        assert(table->count > 0);
        struct task_entry **link = bucket_of(table, entry->hash);
        while (*link != entry) {
                assert(*link != NULL);
                link = &(*link)->next;
        }
        *link = entry->next;
        entry->next = NULL;
        table->count--;
}

struct task_entry *task_table_next(const struct task_table *table, const struct task_entry *entry)
{
        if (entry != NULL && entry->next != NULL)
                return entry->next;
        size_t bucket = entry == NULL ? table->lowest : (entry->hash & (table->bucket_count - 1)) + 1;
        for (; bucket < table->bucket_count; bucket++)
                if (table->buckets[bucket] != NULL)
                        return table->buckets[bucket];
        return NULL;
}

struct task_entry *task_table_pop(struct task_table *table)
{
        struct task_entry *entry = task_table_next(table, NULL);
        if (entry != NULL) {
                table->lowest = entry->hash & (table->bucket_count - 1);
                task_table_remove(table, entry);
        }
        return entry;
}

void task_table_done(struct task_table *table)
{
        free(table->buckets);
        *table = (struct task_table){0};
}
