/* SPDX-License-Identifier: Apache-2.0 */
/* drf.c — a tree whose every level is an array sorted by share.
 *
 * Only the nodes on one path change when a client is given something, so each of them is taken out of its
 * parent's array and put back where it now belongs. A change of the cluster's total changes all
 * shares: noticed by its version, and paid for once by sorting the whole tree at the next drf_order().
 * The comparison is a total order (paths are unique), so both ways give the same result. */
#include "allocator/drf.h"
#include <actor/hash_table.h>

#include <assert.h>
#include <string.h>

struct drf_node {
        char *path;
        struct drf_node *parent;
        struct drf_node **children; /* sorted by node_before() */
        size_t child_count, child_capacity;
        struct drf_client *client; /* a leaf's; NULL for an inner node */
        size_t active_count;       /* active clients at or below */
        struct vector held;
        uint64_t given_count; /* times it was given something: the tie-break */
        double weight, share;
};

struct drf_client {
        char *path;
        void *user;
        bool active;
        struct drf_node *leaf;
        UT_hash_handle hh;
};

struct drf_weight {
        char *path;
        double weight;
        UT_hash_handle hh;
};

struct drf {
        const struct drf_total *total;
        uint64_t total_version; /* the shares were computed for */
        struct drf_node *root;
        struct drf_client *clients; /* by path */
        struct drf_weight *weights; /* by path */
        void **order;
        size_t order_count, order_capacity;
        bool order_stale;
};

/* ---- the tree --------------------------------------------------------------------------------- */

static bool node_before(const struct drf_node *a, const struct drf_node *b)
{
        if (a->share != b->share)
                return a->share < b->share;
        if (a->given_count != b->given_count)
                return a->given_count < b->given_count;
        return strcmp(a->path, b->path) < 0;
}

static void node_measure(const struct drf *drf, struct drf_node *node)
{
        node->share = vector_share(&node->held, &drf->total->quantities) / node->weight;
}

/* Where `node` belongs among the first `count` of its parent's children. */
static size_t place_for(const struct drf_node *parent, size_t count, const struct drf_node *node)
{
        size_t low = 0, high = count;
        while (low < high) {
                size_t middle = (low + high) / 2;
                if (node_before(parent->children[middle], node))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static size_t index_of(const struct drf_node *parent, const struct drf_node *node)
{
        for (size_t i = 0; i < parent->child_count; i++)
                if (parent->children[i] == node)
                        return i;
        assert(!"a node is among its parent's children");
        return 0;
}

static void child_take_out(struct drf_node *parent, struct drf_node *node)
{
        size_t i = index_of(parent, node);
        parent->child_count--;
        memmove(&parent->children[i], &parent->children[i + 1],
                (parent->child_count - i) * sizeof *parent->children);
}

static void child_put_in(struct drf_node *parent, struct drf_node *node)
{
        ACTOR_ARRAY_RESERVE(parent->children, parent->child_count, parent->child_capacity);
        size_t i = place_for(parent, parent->child_count, node);
        memmove(&parent->children[i + 1], &parent->children[i],
                (parent->child_count - i) * sizeof *parent->children);
        parent->children[i] = node;
        parent->child_count++;
        node->parent = parent;
}

/* Gives the node and those above it the place their share now earns. */
static void settle_upwards(struct drf *drf, struct drf_node *node)
{
        for (; node->parent != NULL; node = node->parent) {
                child_take_out(node->parent, node);
                node_measure(drf, node);
                child_put_in(node->parent, node);
        }
        drf->order_stale = true;
}

static struct drf_node *node_new(struct drf *drf, const char *path)
{
        struct drf_node *node = actor_zalloc(sizeof *node);
        struct drf_weight *weight = NULL;
        node->path = actor_strdup(path);
        HASH_FIND_STR(drf->weights, path, weight);
        node->weight = weight ? weight->weight : 1.0;
        return node;
}

static void node_free(struct drf_node *node)
{
        for (size_t i = 0; i < node->child_count; i++)
                node_free(node->children[i]);
        free(node->children);
        free(node->path);
        free(node);
}

static int compare_nodes(const void *a, const void *b)
{
        const struct drf_node *left = *(struct drf_node *const *) a, *right = *(struct drf_node *const *) b;
        return node_before(left, right) ? -1 : node_before(right, left);
}

static void measure_all(struct drf *drf, struct drf_node *node)
{
        for (size_t i = 0; i < node->child_count; i++) {
                node_measure(drf, node->children[i]);
                measure_all(drf, node->children[i]);
        }
        if (node->child_count > 1)
                qsort(node->children, node->child_count, sizeof *node->children, compare_nodes);
}

static struct drf_node *child_with_path(const struct drf_node *parent, const char *path, size_t size)
{
        for (size_t i = 0; i < parent->child_count; i++) {
                const char *candidate = parent->children[i]->path;
                if (strncmp(candidate, path, size) == 0 && candidate[size] == '\0')
                        return parent->children[i];
        }
        return NULL;
}

/* An inner node where a client stood: the client moves into the leaf "." below, with all it holds. */
static void push_client_down(struct drf *drf, struct drf_node *node)
{
        CLEANUP(actor_freep) char *path = actor_asprintf("%s/.", node->path);
        struct drf_node *leaf = node_new(drf, path);
        leaf->client = node->client;
        leaf->client->leaf = leaf;
        leaf->held = node->held;
        leaf->given_count = node->given_count;
        leaf->active_count = node->active_count;
        node->client = NULL;
        node_measure(drf, leaf);
        child_put_in(node, leaf);
}

/* A "." that is left alone below its path becomes that path's leaf again. */
static void pull_client_up(struct drf_node *node)
{
        if (node->parent == NULL || node->child_count != 1 || node->children[0]->client == NULL)
                return;
        struct drf_node *leaf = node->children[0];
        if (strcmp(leaf->client->path, node->path) != 0)
                return;
        node->client = leaf->client;
        node->client->leaf = node;
        node->child_count = 0;
        node_free(leaf);
}

static struct drf_node *child_new(struct drf *drf, struct drf_node *parent, const char *path)
{
        if (parent->client != NULL)
                push_client_down(drf, parent);
        struct drf_node *node = node_new(drf, path);
        child_put_in(parent, node);
        return node;
}

static struct drf_node *leaf_for(struct drf *drf, const char *path)
{
        struct drf_node *node = drf->root;
        for (const char *end = path; *end != '\0';) {
                end = strchrnul(end + (*end == '/'), '/');
                size_t size = (size_t) (end - path);
                struct drf_node *child = child_with_path(node, path, size);
                if (child == NULL) {
                        CLEANUP(actor_freep) char *prefix = actor_strndup(path, size);
                        child = child_new(drf, node, prefix);
                }
                node = child;
        }
        if (node->child_count == 0)
                return node;
        CLEANUP(actor_freep) char *own = actor_asprintf("%s/.", path);
        return child_new(drf, node, own);
}

/* ---- the door --------------------------------------------------------------------------------- */

struct drf *drf_new(const struct drf_total *total)
{
        struct drf *drf = actor_zalloc(sizeof *drf);
        drf->total = total;
        drf->total_version = total->version;
        drf->root = node_new(drf, "");
        return drf;
}

static void client_free(struct drf *drf, struct drf_client *client)
{
        HASH_DEL(drf->clients, client);
        free(client->path);
        free(client);
}

void drf_free(struct drf *drf)
{
        if (drf == NULL)
                return;
        struct drf_client *client, *next_client;
        HASH_ITER(hh, drf->clients, client, next_client)
        {
                client_free(drf, client);
        }
        struct drf_weight *weight, *next_weight;
        HASH_ITER(hh, drf->weights, weight, next_weight)
        {
                HASH_DEL(drf->weights, weight);
                free(weight->path);
                free(weight);
        }
        node_free(drf->root);
        free(drf->order);
        free(drf);
}

struct drf_client *drf_add(struct drf *drf, const char *path, void *user)
{
        assert(*path != '\0' && drf_find(drf, path) == NULL);
        struct drf_client *client = actor_zalloc(sizeof *client);
        client->path = actor_strdup(path);
        client->user = user;
        HASH_ADD_KEYPTR(hh, drf->clients, client->path, strlen(client->path), client);
        client->leaf = leaf_for(drf, path);
        assert(client->leaf->client == NULL);
        client->leaf->client = client;
        drf->order_stale = true;
        return client;
}

void drf_remove(struct drf *drf, struct drf_client *client)
{
        drf_activate(drf, client, false);
        struct drf_node *node = client->leaf;
        struct vector held = node->held;
        for (struct drf_node *n = node; n != NULL; n = n->parent)
                vector_subtract(&n->held, &held);
        node->client = NULL;
        while (node->parent != NULL && node->child_count == 0 && node->client == NULL) {
                struct drf_node *parent = node->parent;
                child_take_out(parent, node);
                node_free(node);
                node = parent;
        }
        pull_client_up(node);
        settle_upwards(drf, node);
        client_free(drf, client);
}

struct drf_client *drf_find(const struct drf *drf, const char *path)
{
        struct drf_client *client = NULL;
        HASH_FIND_STR(drf->clients, path, client);
        return client;
}

size_t drf_count(const struct drf *drf)
{
        return HASH_COUNT(drf->clients);
}

void drf_activate(struct drf *drf, struct drf_client *client, bool active)
{
        if (client->active == active)
                return;
        client->active = active;
        for (struct drf_node *node = client->leaf; node != NULL; node = node->parent)
                node->active_count += active ? 1 : (size_t) -1;
        drf->order_stale = true;
}

void drf_allocated(struct drf *drf, struct drf_client *client, const struct vector *quantities)
{
        for (struct drf_node *node = client->leaf; node != NULL; node = node->parent)
                node->given_count++;
        drf_adjusted(drf, client, quantities);
}

void drf_adjusted(struct drf *drf, struct drf_client *client, const struct vector *more)
{
        for (struct drf_node *node = client->leaf; node != NULL; node = node->parent)
                vector_add(&node->held, more);
        settle_upwards(drf, client->leaf);
}

void drf_unallocated(struct drf *drf, struct drf_client *client, const struct vector *quantities)
{
        for (struct drf_node *node = client->leaf; node != NULL; node = node->parent)
                vector_subtract(&node->held, quantities);
        settle_upwards(drf, client->leaf);
}

static struct drf_node *node_at(const struct drf *drf, const char *path)
{
        struct drf_node *node = drf->root;
        for (const char *end = path; *end != '\0' && node != NULL;) {
                end = strchrnul(end + (*end == '/'), '/');
                node = child_with_path(node, path, (size_t) (end - path));
        }
        return node;
}

void drf_set_weight(struct drf *drf, const char *path, double weight)
{
        assert(weight > 0);
        struct drf_weight *entry = NULL;
        HASH_FIND_STR(drf->weights, path, entry);
        if (entry == NULL) {
                entry = actor_zalloc(sizeof *entry);
                entry->path = actor_strdup(path);
                HASH_ADD_KEYPTR(hh, drf->weights, entry->path, strlen(entry->path), entry);
        }
        entry->weight = weight;
        struct drf_node *node = node_at(drf, path);
        if (node == NULL)
                return;
        node->weight = weight;
        settle_upwards(drf, node);
}

static void gather(struct drf *drf, const struct drf_node *node)
{
        if (node->active_count == 0)
                return;
        if (node->client != NULL) {
                ACTOR_ARRAY_RESERVE(drf->order, drf->order_count, drf->order_capacity);
                drf->order[drf->order_count++] = node->client->user;
        }
        for (size_t i = 0; i < node->child_count; i++)
                gather(drf, node->children[i]);
}

void *const *drf_order(struct drf *drf, size_t *ret_count)
{
        if (drf->total_version != drf->total->version) {
                drf->total_version = drf->total->version;
                measure_all(drf, drf->root);
                drf->order_stale = true;
        }
        if (drf->order_stale) {
                drf->order_count = 0;
                gather(drf, drf->root);
                drf->order_stale = false;
        }
        *ret_count = drf->order_count;
        return drf->order;
}

const struct vector *drf_held(const struct drf_client *client)
{
        return &client->leaf->held;
}

double drf_fair_share(const struct drf *drf, const struct drf_client *client)
{
        double share = 1.0;
        for (const struct drf_node *node = client->leaf; node != drf->root; node = node->parent) {
                double weights = 0;
                for (size_t i = 0; i < node->parent->child_count; i++) {
                        const struct drf_node *sibling = node->parent->children[i];
                        if (sibling->active_count > 0 || sibling == node)
                                weights += sibling->weight;
                }
                share *= node->weight / weights;
        }
        return share;
}
