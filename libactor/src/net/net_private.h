/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_NET_PRIVATE_H
#define NET_NET_PRIVATE_H

/* What net.c (the front, called from any thread) and the two drivers share. */
#include "net/frame_pool.h"
#include "net/outbox.h"
#include "net/denials.h"
#include "net/identities.h"
#include "net/keyring.h"
#include "net/peers.h"
#include "net/post_box.h"

struct net_backend {
        struct net_driver driver;
        int (*listen)(struct net *net, const char *endpoint, char *bound, size_t bound_size,
                      struct actor_error *error); /* NULL: not needed */
        void (*start)(
                struct net *net); /* once something may have to be sent; any thread, any number of times */
        void (*wake)(struct net *net); /* the post box is no longer empty; any thread */
        void (*revise)(
                struct net *net); /* those let in are others now: calls peers_revise(); NULL: not needed */
        void (*relieve)(struct net *net); /* as net_relieve(); NULL: not needed */
        void (*stop)(struct net *net);    /* says what can be said and ends the driver's work */
        void (*done)(struct net *net);    /* frees what wake() still needs then; NULL: not needed */
};

struct net {
        struct net_config config;
        const struct net_backend *backend;
        void *driver; /* the backend's own, one block: freed with the net */
        struct intern *endpoints, *names;
        struct type_table *types;
        struct frame_pool frames;
        struct outboxes *outboxes;
        struct keyring *keyring; /* NULL: no CURVE */
        struct denials *denials;
        struct identities *identities;
        struct peers *peers; /* touched by the driver's thread only, but for its counters */
        struct post_box posts;
        bool stopped;
        _Atomic(char *) endpoint; /* the first listened on; set once */
};

struct net *net_new(const struct net_config *config, const struct net_backend *backend, void *driver);
/* Frees what net_new() made; the driver has ended. */
void net_done(struct net *net);
/* Notes where this node listens. On the driver's thread. */
void net_listening(struct net *net, const char *endpoint);
/* Takes posts and routes them. On the driver's thread. Says whether there were any. */
bool net_take_posts(struct net *net);

#endif
