/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_POLICY_STATE_H
#define MASTER_ALLOCATOR_POLICY_STATE_H

#include "allocator/clients.h"
#include "allocator/filters.h"
#include "allocator/policy.h"

/* What policy.c (messages into books) and policy_run.c (books into offers) share. */

struct policy_agent {
        char *id;
        const struct allocator_add_agent *msg; /* a reference */
        struct ledger ledger;
        bool active, dirty;
        bool remote;                              /* in another region than the master */
        bool has_gpus, has_reserved, has_special; /* special: revocable, shared or refined entries */

        /* What is known about its free resources as they are in `known_free`, at that version of the ledger.
         * They come and go (offered, declined), so the knowledge outlives the version. */
        struct resources *known_free; /* NULL: nothing is known */
        struct vector known_quantities;
        uint64_t known_version;
        int64_t *held_until_ns; /* by client->column: filtered until then; 0: not known */
        size_t held_count;
        uint64_t held_generation;
        /* Nothing of them could be offered when the clients had this version, until then; 0: not known. */
        uint64_t idle_clients_version;
        int64_t idle_until_ns;
        UT_hash_handle hh;
};

struct policy {
        char *master_id;
        uint64_t offer_next, offer_step;
        int64_t interval_ns, next_batch_ns;
        uint64_t batch_count;
        char *region; /* the master's; NULL: none */
        struct allocator_metrics *metrics;

        struct vector_names names;
        struct drf_total total;
        struct vector *minima; /* one of them must be contained; none: any agent will do */
        size_t minimum_count;

        struct clients clients;
        uint64_t clients_version; /* grows when a client may want what it was not offered before */
        size_t wishing_count;     /* frameworks with wishes */
        struct filters *filters;
        int64_t filters_reported; /* in the metric, which all shards share */

        struct policy_agent *agents;
        struct policy_agent **dirty;
        size_t dirty_count, dirty_capacity;
        bool all_dirty;

        struct policy_outbox outbox;
        struct role **roles_scratch;
        struct client **clients_scratch;
        size_t roles_scratch_capacity, clients_scratch_capacity;
};

/* The last of a framework's wishes was met, or they were replaced: keeps wishing_count. */
void policy_wishes_changed(struct policy *policy, struct framework *framework, size_t previous_count);

#endif
