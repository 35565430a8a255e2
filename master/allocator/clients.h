/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_ALLOCATOR_CLIENTS_H
#define MASTER_ALLOCATOR_CLIENTS_H

#include "allocator/drf.h"
#include "allocator/ledger.h"
#include "allocator/messages.h"
#include "allocator/wishes.h"

/* Who competes: frameworks, the roles they are subscribed in, and for each pair a client, which holds
 * pieces and has its place in the orders. A client lives while its framework is subscribed in the
 * role or something of it is in the books; its role and framework live as long as a client or a
 * registration needs them. So tasks of a framework that has not come back yet are charged already.
 * Pure; one thread. */

struct client {
        struct framework *framework;
        struct role *role;
        struct drf_client *place; /* in role->frameworks */
        bool subscribed;          /* the framework's info names the role */
        bool suppressed;
        struct ledger_piece *pieces; /* held, through all agents */
        struct vector *minima;       /* the framework's own min_allocatable_resources for the role */
        size_t minimum_count;
        bool has_minima;
        size_t column;       /* its place in every agent's memory of what is held back (policy_state.h) */
        struct client *next; /* of the framework */
};

struct framework {
        char *id;
        uint64_t number;                           /* in order of appearance */
        const struct allocator_add_framework *msg; /* a reference; NULL: not registered */
        bool active;
        bool gpu_aware, revocable_aware, shared_aware, refinement_aware, region_aware;
        struct client *clients;
        struct wishes wishes;
        UT_hash_handle hh;
};

struct role {
        char *name;
        struct drf *frameworks;   /* users: struct client */
        struct drf_client *place; /* in clients.roles_order */
        size_t client_count, subscribed_count;
        UT_hash_handle hh;
};

struct clients {
        struct vector_names *names;    /* borrowed */
        const struct drf_total *total; /* borrowed */
        struct drf *roles_order;       /* users: struct role */
        struct role *roles;
        struct framework *frameworks;
        uint64_t frameworks_seen;
        size_t client_count, next_column;
        uint64_t columns_generation; /* grows when columns are given out anew */
};

void clients_init(struct clients *clients, struct vector_names *names, const struct drf_total *total);
/* All pieces must have been discharged, or their ledgers be done. */
void clients_done(struct clients *clients);

struct framework *clients_framework(const struct clients *clients, const char *framework_id);
/* Makes framework, role and client as needed. */
struct client *clients_for(struct clients *clients, const char *framework_id, const char *role)
        __attribute__((returns_nonnull));
/* NULL if the framework has no such client. */
struct client *framework_client(const struct framework *framework, const char *role);

/* Registers or updates a framework: its roles, suppressed roles, capabilities. Takes a reference to
 * msg. Clients of roles it has left stay, unsubscribed, for the caller to tidy. */
struct framework *clients_register(struct clients *clients, const struct allocator_add_framework *msg);
/* It is subscribed nowhere any more; freed at once if nothing of it is in the books. */
void clients_unregister(struct clients *clients, struct framework *framework);
/* Call after a client may have lost its last piece or subscription: frees what is not needed any more. */
void clients_tidy(struct clients *clients, struct client *client);

/* Whether it is in the orders: active, subscribed, and not suppressed or with a wish. Call
 * client_refresh() after anything of that changed. */
void client_refresh(struct clients *clients, struct client *client);

/* Gives the client a fresh column: what agents remember of it is void. */
void client_forget_held(struct clients *clients, struct client *client);

/* Enters a piece in the client's list and shares; `counts`: as a turn (drf_allocated). */
void client_charge(struct clients *clients, struct client *client, struct ledger_piece *piece, bool counts);
void client_discharge(struct clients *clients, struct client *client, struct ledger_piece *piece);

#endif
