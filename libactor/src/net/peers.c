/* SPDX-License-Identifier: Apache-2.0 */
/* peers.c — the table of peers, the links' lives, and time.
 *
 * A peer is wanted when mail waits for it. Then it is dialed; a failed dial is tried again after a
 * delay that doubles, with jitter. Mail waits no longer than a silent peer would be believed alive
 * (heartbeat × missed): then it is answered with -EHOSTUNREACH, and with nothing waiting nobody
 * dials. An idle node therefore does nothing but keep its open links alive.
 *
 * Time is looked at when something may be due (deadline_ns); with many links the looks are spread so
 * that keeping them alive costs the same whether ten or ten thousand are open. */
#include "net/cuts.h"
#include "net/peers_private.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NS_PER_MS = 1000000, LOOK_NS_PER_LINK = 20000 };

struct peers *peers_new(const struct peers_config *config)
{
        struct peers *peers = actor_zalloc(sizeof *peers);
        peers->config = *config->net;
        peers->endpoints = config->endpoints;
        peers->names = config->names;
        peers->keyring = config->keyring;
        peers->denials = config->denials;
        peers->identities = config->identities;
        peers->ops = config->ops;
        peers->driver = config->driver;
        peers->types = config->types;
        peers->outboxes = config->outboxes;
        peers->arrived_end = &peers->arrived;
        peers->deadline_ns = INT64_MAX;
        peers->silence_max_ns = peers->config.heartbeat_ms * peers->config.heartbeats_missed_max * NS_PER_MS;
        assert(peers->silence_max_ns > 0 && peers->config.incarnation != 0);
        return peers;
}

static void peer_free(struct peer *peer)
{
        if (!peer)
                return;
        for (size_t i = 0; i < peer->queue_count; i++) {
                struct waiting *waiting = &peer->queue[(peer->queue_first + i) & (peer->queue_capacity - 1)];
                mail_free(waiting->mail);
                if (waiting->packed)
                        packed_free(waiting->packed);
        }
        free(peer->queue);
        crossings_done(&peer->watches_out);
        crossings_done(&peer->watches_in);
        crossings_done(&peer->asks);
        crossings_done(&peer->asks_older);
        free(peer);
}

void peers_free(struct peers *peers)
{
        if (!peers)
                return;
        while (peers->links)
                link_drop(peers->links);
        for (uint32_t i = 0; i < peers->table_count; i++)
                peer_free(peers->table[i]);
        for (size_t i = 0; i < peers->own_count; i++)
                free(peers->own_endpoints[i]);
        free(peers->own_endpoints);
        free(peers->table);
        free(peers->incarnations);
        free(peers);
}

/* ---- the table ------------------------------------------------------------------------------- */

static void table_grow(struct peers *peers, uint32_t index)
{
        uint32_t count = peers->table_count ? peers->table_count : 16;
        while (count <= index)
                count *= 2;
        peers->table = actor_realloc_array(peers->table, count, sizeof *peers->table);
        peers->incarnations = actor_realloc_array(peers->incarnations, count, sizeof *peers->incarnations);
        for (uint32_t i = peers->table_count; i < count; i++) {
                peers->table[i] = NULL;
                peers->incarnations[i] = 0;
        }
        peers->table_count = count;
}

static bool is_own(const struct peers *peers, const char *endpoint)
{
        for (size_t i = 0; i < peers->own_count; i++)
                if (strcmp(peers->own_endpoints[i], endpoint) == 0)
                        return true;
        return false;
}

struct peer *peer_at(struct peers *peers, uint32_t index)
{
        assert(index != 0);
        if (index >= peers->table_count)
                table_grow(peers, index);
        if (!peers->table[index]) {
                struct peer *peer = actor_zalloc(sizeof *peer);
                peer->index = index;
                peer->endpoint = intern_text(peers->endpoints, index);
                assert(peer->endpoint);
                outboxes_make(peers->outboxes, index);
                peer->outbox = outboxes_at(peers->outboxes, index);
                peer->is_self = is_own(peers, peer->endpoint);
                peers->table[index] = peer;
        }
        return peers->table[index];
}

struct peer *peer_resolve(struct peer *peer)
{
        return peer->alias_of ? peer->alias_of : peer;
}

struct peer *peer_by_incarnation(struct peers *peers, uint64_t incarnation, uint32_t from)
{
        for (uint32_t i = from; i < peers->table_count; i++)
                if (peers->incarnations[i] == incarnation)
                        return peers->table[i];
        return NULL;
}

void peer_set_incarnation(struct peers *peers, struct peer *peer, uint64_t incarnation)
{
        peers->incarnations[peer->index] = incarnation;
}

const char *connection_key(const struct peers *peers, const struct connection *connection)
{
        return peers->ops->key ? peers->ops->key(peers->driver, connection) : "";
}

void peer_identify(struct peer *peer, const struct link *link)
{
        peer_set_incarnation(link->peers, peer, link->incarnation);
        snprintf(peer->key, sizeof peer->key, "%s", connection_key(link->peers, link->connection));
}

/* Of the strangers that have left, the one that left first, if more have left than are kept. */
static struct peer *stranger_to_forget(struct peers *peers)
{
        struct peer *oldest = NULL;
        size_t left = 0;
        for (uint32_t i = 0; i < peers->table_count; i++) {
                struct peer *peer = peers->table[i];
                if (!peer || !peer->is_stranger || peer->link || peer->alias_of || peer->queue_count > 0)
                        continue;
                left++;
                if (!oldest || peer->left_ns < oldest->left_ns)
                        oldest = peer;
        }
        return left >= NET_STRANGERS_KEPT_MAX ? oldest : NULL;
}

struct peer *peer_stranger(struct peers *peers, uint64_t incarnation)
{
        /* Taking over an index is safe: refs into it carry generations of the node that left. */
        struct peer *peer = stranger_to_forget(peers);
        if (!peer) {
                uint32_t index = intern_add_unnamed(peers->endpoints, "inbound");
                if (index == 0)
                        return NULL;
                peer = peer_at(peers, index);
        }
        peer->is_stranger = true;
        peer->was_connected = false;
        peer_set_incarnation(peers, peer, incarnation);
        return peer;
}

void peers_listening(struct peers *peers, const char *endpoint)
{
        ACTOR_ARRAY_RESERVE(peers->own_endpoints, peers->own_count, peers->own_capacity);
        peers->own_endpoints[peers->own_count++] = actor_strdup(endpoint);
        for (uint32_t i = 0; i < peers->table_count; i++)
                if (peers->table[i] && strcmp(peers->table[i]->endpoint, endpoint) == 0)
                        peers->table[i]->is_self = true;
}

/* ---- links ----------------------------------------------------------------------------------- */

struct link *link_new(struct peers *peers, struct connection *connection, bool dialed)
{
        struct link *link = actor_zalloc(sizeof *link);
        link->peers = peers;
        link->connection = connection;
        link->dialed = dialed;
        link->state = dialed ? LINK_DIALED : LINK_ACCEPTED;
        link->began_ns = link->sent_ns = link->heard_ns = node_now_ns(peers->config.node);
        link->silence_max_ns = peers->silence_max_ns;
        if (!peers->links) /* without links nobody looked */
                peers->looked_ns = link->began_ns;
        link->next = peers->links;
        if (peers->links)
                peers->links->previous = link;
        peers->links = link;
        peers->link_count++;
        peers_due_by(peers, link->began_ns + peers->silence_max_ns);
        return link;
}

static void unlink_dirty(struct link *link)
{
        struct link **at = &link->peers->dirty;
        while (*at != link)
                at = &(*at)->next_dirty;
        *at = link->next_dirty;
}

static void link_free(struct link *link)
{
        struct peers *peers = link->peers;
        if (link->dirty)
                unlink_dirty(link);
        if (link->next)
                link->next->previous = link->previous;
        *(link->previous ? &link->previous->next : &peers->links) = link->next;
        peers->link_count--;
        if (link->connection)
                peers->ops->close(peers->driver, link->connection);
        cuts_end(link);
        joins_end(link);
        frame_buffer_done(&link->gather);
        free(link->claimed_endpoint);
        free(link);
}

void link_drop(struct link *link)
{
        struct peer *peer = link->peer;
        if (peer && peer->dialing == link)
                peer->dialing = NULL;
        if (peer && peer->link == link) {
                peer->link = NULL;
                outbox_close(peer->outbox);
        }
        link_free(link);
}

static void aliases_dissolve(struct peers *peers, struct peer *peer)
{
        for (uint32_t i = 0; peer->alias_count > 0 && i < peers->table_count; i++) {
                if (!peers->table[i] || peers->table[i]->alias_of != peer)
                        continue;
                peers->table[i]->alias_of = NULL;
                peer->alias_count--;
        }
        assert(peer->alias_count == 0);
}

static void peer_lost(struct peers *peers, struct peer *peer, const char *why)
{
        actor_log_print(node_log(peers->config.node), ACTOR_LOG_INFO, "net: peer %s of %s lost: %s",
                        peer->endpoint, node_name(peers->config.node), why);
        COUNT(peers->counters.connected, (uint64_t) -1);
        peer->link = NULL;
        outbox_close(peer->outbox);
        peer->left_ns = node_now_ns(peers->config.node);
        aliases_dissolve(peers, peer);
        peer_end_crossings(peers, peer);
        if (peer->queue_count > 0) {
                peers->waiting_count++;
                peer->waiting_since_ns = peer->left_ns;
                peer_dial_failed(peers, peer);
        }
}

/* Returns the peer that was dialed, if it was. */
static struct peer *end(struct link *link, const char *why)
{
        struct peers *peers = link->peers;
        struct peer *peer = link->peer;
        bool was_open = link->state == LINK_OPEN;
        bool was_dial = peer && peer->dialing == link;
        if (was_dial)
                peer->dialing = NULL;
        link_free(link);
        if (was_open)
                peer_lost(peers, peer, why);
        if (was_dial)
                peer_dial_failed(peers, peer);
        return was_dial ? peer : NULL;
}

static void log_unreached(struct peers *peers, enum actor_log_level level, const struct peer *peer,
                          const char *why)
{
        actor_log_print(node_log(peers->config.node), level, "net: peer %s of %s not reached: %s",
                        peer->endpoint, node_name(peers->config.node), why);
}

void link_end(struct link *link, const char *why)
{
        struct peers *peers = link->peers;
        const struct peer *dialed = end(link, why);
        if (!dialed)
                return;
        identities_failed(peers->identities, dialed->index, NULL);
        log_unreached(peers, ACTOR_LOG_DEBUG, dialed, why);
}

void link_refused(struct link *link, const char *why, bool for_good)
{
        struct peers *peers = link->peers;
        struct peer *dialed = end(link, why);
        if (!dialed)
                return;
        /* Told once, until it is another reason or a connection comes about. */
        bool is_news = identities_failed(peers->identities, dialed->index, why);
        log_unreached(peers, is_news ? ACTOR_LOG_WARN : ACTOR_LOG_DEBUG, dialed, why);
        bool was_no_chance = for_good || !is_news; /* the same twice in a row */
        if (was_no_chance && dialed->queue_count > 0 && !dialed->link)
                peer_fail_waiting(peers, dialed, -EHOSTUNREACH);
}

void peers_unwelcome(struct link *link, const char *why, bool for_good)
{
        link_refused(link, why, for_good);
}

void peers_revise(struct peers *peers)
{
        for (struct link *link = peers->links, *next; link; link = next) {
                next = link->next;
                const char *key = link->dialed ? "" : connection_key(peers, link->connection);
                if (key[0] == '\0' || keyring_lets_in(peers->keyring, key))
                        continue;
                link_say(link, FRAME_GOODBYE);
                link_end(link, "its key is not allowed any more");
        }
}

void peers_broken(struct link *link, const char *why)
{
        link_end(link, why);
}

/* ---- time ------------------------------------------------------------------------------------ */

void peers_due_by(struct peers *peers, int64_t at_ns)
{
        if (at_ns < peers->deadline_ns)
                peers->deadline_ns = at_ns;
}

int64_t peers_deadline(const struct peers *peers)
{
        return peers->deadline_ns;
}

/* Half of a delay is certain, half is chance, so that those who lost one peer together do not come
 * back together. */
static int64_t with_jitter(struct peers *peers, int64_t delay_ns)
{
        return delay_ns / 2 + (int64_t) (node_random(peers->config.node) % (uint64_t) (delay_ns / 2 + 1));
}

void peer_dial_failed(struct peers *peers, struct peer *peer)
{
        int64_t delay_ms = peers->config.reconnect_min_ms;
        for (unsigned i = 0; i < peer->dials_failed && delay_ms < peers->config.reconnect_max_ms; i++)
                delay_ms *= 2;
        if (delay_ms > peers->config.reconnect_max_ms)
                delay_ms = peers->config.reconnect_max_ms;
        peer->dials_failed++;
        peer->dial_at_ns = node_now_ns(peers->config.node) + with_jitter(peers, delay_ms * NS_PER_MS);
        if (peer->queue_count > 0)
                peers_due_by(peers, peer->dial_at_ns);
}

void peer_want_link(struct peers *peers, struct peer *peer)
{
        int64_t now = node_now_ns(peers->config.node);
        peers->waiting_count++;
        peer->waiting_since_ns = now;
        peers_due_by(peers, now + peers->silence_max_ns);
        if (peer->is_stranger || peer->dialing)
                return;
        /* Mail is never given up without a try. */
        if (peer->dial_at_ns > now + peers->silence_max_ns / 2)
                peer->dial_at_ns = now + with_jitter(peers, peers->silence_max_ns / 2);
        if (peer->dial_at_ns <= now)
                peers_dial(peers, peer);
        else
                peers_due_by(peers, peer->dial_at_ns);
}

static void peer_tick(struct peers *peers, struct peer *peer, int64_t now)
{
        if (peer->queue_count == 0 || peer->link)
                return;
        if (now >= peer->waiting_since_ns + peers->silence_max_ns) {
                peer_fail_waiting(peers, peer, -EHOSTUNREACH);
                return;
        }
        peers_due_by(peers, peer->waiting_since_ns + peers->silence_max_ns);
        if (peer->is_stranger || peer->dialing)
                return;
        if (now >= peer->dial_at_ns)
                peers_dial(peers, peer);
        else
                peers_due_by(peers, peer->dial_at_ns);
}

static void link_tick(struct link *link, int64_t now)
{
        struct peers *peers = link->peers;
        int64_t last = link->state == LINK_OPEN ? link->heard_ns : link->began_ns;
        if (now >= last + link->silence_max_ns) {
                if (link->state == LINK_OPEN)
                        link_say(link, FRAME_GOODBYE);
                link_end(link, "it has gone silent");
                return;
        }
        peers_due_by(peers, last + link->silence_max_ns);
        if (link->state != LINK_OPEN)
                return;
        /* A little early, so that links whose turns are close share one look. */
        int64_t heartbeat_ns = peers->config.heartbeat_ms * NS_PER_MS;
        if (now >= link->sent_ns + heartbeat_ns - heartbeat_ns / 8)
                link_say(link, FRAME_ALIVE);
        peers_due_by(peers, link->sent_ns + heartbeat_ns);
}

/* Where we ourselves stood still (a stopped process, a paused machine) nobody can be blamed for not
 * having been heard meanwhile. */
static void forgive_own_silence(struct peers *peers, int64_t now)
{
        int64_t gap_ns = now - peers->looked_ns;
        peers->looked_ns = now;
        if (gap_ns <= peers->config.heartbeat_ms * NS_PER_MS + peers->silence_max_ns / 2)
                return;
        for (struct link *link = peers->links; link; link = link->next)
                link->heard_ns = link->heard_ns + gap_ns < now ? link->heard_ns + gap_ns : now;
}

void peers_tick(struct peers *peers)
{
        int64_t now = node_now_ns(peers->config.node);
        forgive_own_silence(peers, now);
        if (likely(now < peers->deadline_ns))
                return;
        peers->deadline_ns = INT64_MAX;
        for (struct link *link = peers->links, *next; link; link = next) {
                next = link->next;
                link_tick(link, now);
        }
        int64_t soonest = now + (int64_t) peers->link_count * LOOK_NS_PER_LINK;
        if (peers->deadline_ns < soonest)
                peers->deadline_ns = soonest;
        for (uint32_t i = 0; peers->waiting_count > 0 && i < peers->table_count; i++)
                if (peers->table[i])
                        peer_tick(peers, peers->table[i], now);
}

/* ---- the end, the numbers -------------------------------------------------------------------- */

bool peers_are_drained(const struct peers *peers)
{
        for (uint32_t i = 0; i < peers->table_count; i++) {
                const struct peer *peer = peers->table[i];
                if (peer && peer->queue_count > 0 && (peer->link || peer->dialing))
                        return false;
        }
        return true;
}

void peers_goodbye(struct peers *peers)
{
        peers_flush(peers);
        for (struct link *link = peers->links, *next; link; link = next) {
                next = link->next;
                link_say(link, FRAME_GOODBYE);
                link_drop(link);
        }
}

void peers_count_rejected(struct peers *peers)
{
        COUNT_SHARED(peers->counters.rejected, 1);
}

void peers_count_refused(struct peers *peers)
{
        COUNT_SHARED(peers->counters.refused, 1);
}

void peers_totals(const struct peers *peers, struct actor_node_totals *ret)
{
        const struct peers_counters *counters = &peers->counters;
        ret->wire_sent = counters->sent;
        ret->wire_received = counters->received;
        ret->wire_frames_out = counters->frames_out;
        ret->wire_frames_in = counters->frames_in;
        ret->wire_bytes_out = counters->bytes_out;
        ret->wire_bytes_in = counters->bytes_in;
        ret->wire_rejected = counters->rejected;
        ret->wire_refused = counters->refused;
        ret->peers = counters->connected;
        ret->reconnects = counters->reconnects;
}
