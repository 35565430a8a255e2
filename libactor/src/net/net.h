/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_NET_H
#define NET_NET_H

#include "core/mail_chain.h"
#include <actor/curve.h>

/* The network room: everything about other nodes. It keeps the table of peers, packs mail into
 * frames and unpacks frames into mail, holds connections alive and knows when one is lost. Beneath
 * it lies a driver that moves frames: ZeroMQ, or the simulated network. The core hands it every mail
 * whose `to.peer` is not 0, and gets from it mail for local actors.
 *
 * Remote monitors are mails like any other: MAIL_MONITOR travels to the other node, whose core
 * answers one day with MAIL_DOWN. What this room adds: it remembers the watches that cross each peer,
 * and when the peer is lost it makes the DOWNs (unreachable) that will now never come, and cancels
 * in the core the watches that came from there.  */
struct net;
struct worker;

struct net_config {
        struct actor_node *node;
        const struct actor_type *const *types;
        size_t message_max;
        int64_t heartbeat_ms;
        unsigned heartbeats_missed_max;
        int64_t reconnect_min_ms, reconnect_max_ms;
        uint64_t incarnation;            /* random, not 0: the base of this node's generations */
        const struct actor_curve *curve; /* read while the net is made; NULL: no CURVE */
};

/* ---- the core calls (any thread) -------------------------------------------------------------- */

/* With ZeroMQ: one thread owns the sockets; started on the first listen or peer. */
int net_new_zmq(const struct net_config *config, struct net **ret);
int net_listen(struct net *net, const char *endpoint, char *bound, size_t bound_size,
               struct actor_error *error);

/* The peer at an endpoint (made on first mention, connected on first mail) and the slot of an
 * interned name; a ref {peer, slot, 0} then means that name there. 0 where the table is full (limits.h). */
uint32_t net_peer(struct net *net, const char *endpoint);
uint32_t net_name(struct net *net, const char *name);

/* Sends a mail to another node; takes it. Never blocks. What cannot go is answered through
 * node_deliver(): MAIL_REPLY with -EHOSTUNREACH for an ask, MAIL_UNDELIVERED for a returnable, and
 * counted. Mail waits for a peer that is being connected, or does not read, up to the queue's bound
 * (limits.h; beyond: -ENOBUFS) and at most heartbeat × missed without a connection. */
void net_post(struct net *net, struct mail *mail_take);
/* The same; but where it returns true nobody may know that there is something to send before net_wake(). So
 * who sends much wakes seldom. */
bool net_post_quietly(struct net *net, struct mail *mail_take);
void net_wake(struct net *net);
/* Packs a message that is part of no trace and that nobody has to be told of where it lies: so it costs no
 * mail. It stays the caller's. UNTOLD: nobody may know of it, as above. UNPACKED: it is to be posted. */
enum net_packed { NET_UNPACKED, NET_PACKED, NET_PACKED_UNTOLD };
enum net_packed net_pack(struct net *net, struct actor_ref from, struct actor_ref to, const void *msg);

/* "tcp://…" of the peer, the name of an interned slot (NULL if the ref is not by name). Borrowed for
 * the life of the net. */
const char *net_peer_endpoint(struct net *net, uint32_t peer);
const char *net_slot_name(struct net *net, uint32_t slot);
/* This node's own endpoint (the first listened on), "" if none. */
const char *net_endpoint(struct net *net);

void net_totals(struct net *net, struct actor_node_totals *ret); /* fills the wire_* and peer fields */

/* As their twins in actor/curve.h. */
int net_allow(struct net *net, const struct actor_certificates *allowed);
bool net_principal(struct net *net, struct actor_ref ref, char *ret, size_t size);
bool net_trouble(struct net *net, struct actor_ref ref, char *ret, size_t size);

/* A handler that the net's thread runs, in node_run_borrowed(), does not return: another thread does that one's
 * work from now on. From a thread that is none of both. */
void net_relieve(struct net *net);

/* Hands the messages of a parcel to node_unpacked(), one by one. A worker's thread, or one that takes its
 * place. */
void net_unpack(struct net *net, const void *parcel, struct worker *worker);

/* Sends what waits (bounded by 1 s of real time), says goodbye to peers, ends the thread. */
void net_stop(struct net *net);
/* Stops if that has not been done, and frees; NULL is fine. */
void net_free(struct net *net);

/* ---- the net calls (from its thread; the core implements these in core/deliver.c) -------------- */

/* Puts a mail for a local actor (to.peer == 0) into its mailbox; takes it. If there is no such
 * actor the core answers the sender by the mail's kind, through net_post() if it is remote. */
void node_deliver(struct actor_node *node, struct mail *mail_take);
/* The same for a chain of mails, linked by `next` and in this order, to any receivers: a frame's. Where all
 * workers sleep the calling thread takes the place of one, which is returned; else NULL. */
struct worker *node_deliver_chain(struct actor_node *node, struct mail *first_take);
/* Runs the receivers for a moment, and is that worker no more. What the net does meanwhile on another thread
 * keeps its order. */
void node_run_borrowed(struct worker *worker);
/* The chain may be one parcel (a MAIL_PARCEL, whose body is for net_unpack()) while this says so: its
 * messages will be mails once a worker has time for them, and before all that is delivered after. */
bool node_takes_parcel(struct actor_node *node);
/* A message of a parcel, by the thread that unpacks it. */
void node_unpacked(struct actor_node *node, struct worker *worker, struct mail *mail_take);
/* The same for a chain of them that has one receiver. */
void node_unpacked_chain(struct actor_node *node, struct worker *worker, const struct mail_chain *chain_take);
/* The calling thread, which is the net's, makes and releases mail from now on as the workers do: from
 * pools of its own / ends that. */
struct block_cache;
struct block_cache *node_lend_pools(struct actor_node *node);
void node_return_pools(struct block_cache *pools);
/* The local actor of that name; false if none. */
bool node_find(struct actor_node *node, const char *name, struct actor_ref *ret);
int64_t node_now_ns(struct actor_node *node);
int64_t node_wall_ns(struct actor_node *node);
uint64_t node_random(struct actor_node *node);
struct actor_log *node_log(struct actor_node *node);
const char *node_name(struct actor_node *node);

/* ---- simulation: one virtual network, all nodes on one thread (net/sim_network.c) --------------- */

struct sim_network;
/* `now_ns` and `random` are the simulation's clock and dice. */
struct sim_network *sim_network_new(int64_t (*now_ns)(void *arg), uint64_t (*random)(void *arg), void *arg);
void sim_network_free(struct sim_network *network);
int net_new_simulated(const struct net_config *config, struct sim_network *network, const char *endpoint,
                      struct net **ret);
/* Ends a node's net at once, unsaid: its peers see their connections break. The net is freed. */
void net_crash(struct net *net);

/* Does all network work that is due now; says whether there was any. */
bool sim_network_step(struct sim_network *network);
/* When the network next needs to run (a delayed frame, a heartbeat, a reconnect), in virtual ns; INT64_MAX:
 * never. */
int64_t sim_network_deadline(struct sim_network *network);
void sim_network_cut(struct sim_network *network, const char *a, const char *b);
void sim_network_heal(struct sim_network *network, const char *a, const char *b);
void sim_network_break(struct sim_network *network, const char *a, const char *b);
void sim_network_delay(struct sim_network *network, const char *a, const char *b, int64_t min_ms,
                       int64_t max_ms);

#endif
