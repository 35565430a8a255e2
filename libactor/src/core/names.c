/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* names.c: who is called what in this node. Looked up when somebody resolves an address, seldom when
 * mail flows, so one lock will do. */
struct name_entry {
        struct name_entry *next;
        struct actor_ref ref;
        uint64_t hash;
        char name[];
};

bool name_is_valid(const char *name)
{
        size_t size = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:~-");
        return size > 0 && size <= ACTOR_NAME_MAX && name[size] == '\0';
}

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *name)
{
        uint64_t hash = UINT64_C(14695981039346656037);
        for (; *name != '\0'; name++)
                hash = (hash ^ (unsigned char) *name) * UINT64_C(1099511628211);
        return hash;
}

static struct name_entry **find(struct names *names, const char *name, uint64_t hash)
{
        struct name_entry **link = &names->buckets[hash & (names->capacity - 1)];
        while (*link != NULL && ((*link)->hash != hash || strcmp((*link)->name, name) != 0))
                link = &(*link)->next;
        return link;
}

static void grow(struct names *names)
{
        struct names old = *names;
        names->capacity = old.capacity ? old.capacity * 2 : 16;
        names->buckets = actor_zalloc(names->capacity * sizeof *names->buckets);
        for (size_t i = 0; i < old.capacity; i++) {
                for (struct name_entry *entry = old.buckets[i], *next; entry != NULL; entry = next) {
                        struct name_entry **bucket = &names->buckets[entry->hash & (names->capacity - 1)];
                        next = entry->next;
                        entry->next = *bucket;
                        *bucket = entry;
                }
        }
        free(old.buckets);
}

int names_add(struct actor_node *node, struct actor *a, const char *name)
{
        struct names *names = &node->names;
        uint64_t hash = hash_of(name);
        int r = -EEXIST;
        pthread_mutex_lock(&names->lock);
        if (names->count >= names->capacity)
                grow(names);
        struct name_entry **link = find(names, name, hash);
        if (*link == NULL) {
                size_t size = strlen(name) + 1;
                struct name_entry *entry = actor_zalloc(sizeof *entry + size);
                entry->ref = cell_ref(a);
                entry->hash = hash;
                memcpy(entry->name, name, size);
                *link = entry;
                map_put(&names->by_slot, a->slot, entry);
                names->count++;
                atomic_fetch_or(&a->flags, CELL_NAMED);
                r = 0;
        }
        pthread_mutex_unlock(&names->lock);
        return r;
}

void names_remove(struct actor_node *node, struct actor *a)
{
        struct names *names = &node->names;
        if (!cell_has(a, CELL_NAMED)) /* only the owner sets it, and we are the owner */
                return;
        pthread_mutex_lock(&names->lock);
        struct name_entry *entry = map_take(&names->by_slot, a->slot);
        struct name_entry **link = find(names, entry->name, entry->hash);
        assert(*link == entry);
        *link = entry->next;
        names->count--;
        atomic_fetch_and(&a->flags, (uint8_t) ~CELL_NAMED);
        pthread_mutex_unlock(&names->lock);
        free(entry);
}

bool node_find(struct actor_node *node, const char *name, struct actor_ref *ret)
{
        struct names *names = &node->names;
        bool found = false;
        pthread_mutex_lock(&names->lock);
        if (names->count > 0) {
                struct name_entry *entry = *find(names, name, hash_of(name));
                found = entry != NULL;
                if (found)
                        *ret = entry->ref;
        }
        pthread_mutex_unlock(&names->lock);
        return found;
}

void names_of(struct actor_node *node, struct actor_ref ref, char ret[ACTOR_NAME_MAX + 1])
{
        ret[0] = '\0';
        pthread_mutex_lock(&node->names.lock);
        const struct name_entry *entry = map_get(&node->names.by_slot, ref.slot);
        if (entry != NULL && actor_ref_equal(entry->ref, ref))
                memcpy(ret, entry->name, strlen(entry->name) + 1);
        pthread_mutex_unlock(&node->names.lock);
}

void names_done(struct actor_node *node)
{
        assert(node->names.count == 0);
        free(node->names.buckets);
        map_done(&node->names.by_slot);
        pthread_mutex_destroy(&node->names.lock);
}
