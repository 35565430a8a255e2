/* SPDX-License-Identifier: Apache-2.0 */
#include "net/identities.h"

#include <actor/memory.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A node's generations begin at its incarnation and count up (ref.h); none has used so many. */
#define GENERATIONS_OF_ONE_NODE (UINT64_C(1) << 40)

struct identity {
        uint64_t incarnation;
        char *principal, *trouble; /* NULL: none */
};

struct identities {
        pthread_mutex_t lock;
        struct identity *table; /* by the peer's number */
        uint32_t count;
};

struct identities *identities_new(void)
{
        struct identities *identities = actor_zalloc(sizeof *identities);
        pthread_mutex_init(&identities->lock, NULL);
        return identities;
}

void identities_free(struct identities *identities)
{
        for (uint32_t i = 0; i < identities->count; i++) {
                free(identities->table[i].principal);
                free(identities->table[i].trouble);
        }
        free(identities->table);
        pthread_mutex_destroy(&identities->lock);
        free(identities);
}

/* The lock is held. */
static struct identity *at(struct identities *identities, uint32_t peer)
{
        uint32_t count = identities->count ? identities->count : 16;
        while (count <= peer)
                count *= 2;
        if (count != identities->count) {
                identities->table = actor_realloc_array(identities->table, count, sizeof *identities->table);
                memset(identities->table + identities->count, 0,
                       (count - identities->count) * sizeof *identities->table);
                identities->count = count;
        }
        return &identities->table[peer];
}

static void set(char **text, const char *value)
{
        free(*text);
        *text = value && value[0] ? actor_strdup(value) : NULL;
}

void identities_connected(struct identities *identities, uint32_t peer, uint64_t incarnation,
                          const char *principal)
{
        pthread_mutex_lock(&identities->lock);
        struct identity *identity = at(identities, peer);
        identity->incarnation = incarnation;
        set(&identity->principal, principal);
        set(&identity->trouble, NULL);
        pthread_mutex_unlock(&identities->lock);
}

bool identities_failed(struct identities *identities, uint32_t peer, const char *why)
{
        pthread_mutex_lock(&identities->lock);
        struct identity *identity = at(identities, peer);
        bool is_news =
                why ? !identity->trouble || strcmp(identity->trouble, why) != 0 : identity->trouble != NULL;
        if (is_news)
                set(&identity->trouble, why);
        pthread_mutex_unlock(&identities->lock);
        return is_news;
}

static bool tell(const char *text, char *ret, size_t size)
{
        snprintf(ret, size, "%s", text ? text : "");
        return text != NULL;
}

bool identities_principal(struct identities *identities, struct actor_ref ref, char *ret, size_t size)
{
        const char *principal = NULL;
        pthread_mutex_lock(&identities->lock);
        if (ref.peer != 0 && ref.peer < identities->count) {
                const struct identity *identity = &identities->table[ref.peer];
                bool is_of_it = ref.generation == 0 ||
                                ref.generation - identity->incarnation < GENERATIONS_OF_ONE_NODE;
                principal = is_of_it ? identity->principal : NULL;
        }
        bool known = tell(principal, ret, size);
        pthread_mutex_unlock(&identities->lock);
        return known;
}

bool identities_trouble(struct identities *identities, struct actor_ref ref, char *ret, size_t size)
{
        pthread_mutex_lock(&identities->lock);
        bool is_there = ref.peer != 0 && ref.peer < identities->count;
        bool known = tell(is_there ? identities->table[ref.peer].trouble : NULL, ret, size);
        pthread_mutex_unlock(&identities->lock);
        return known;
}
