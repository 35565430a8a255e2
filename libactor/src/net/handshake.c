/* SPDX-License-Identifier: Apache-2.0 */
/* handshake.c — which connection counts.
 *
 *      dialer                     acceptor
 *      HELLO ───────────────────▶            who I am, where I listen, my limits
 *            ◀─────────────────── WELCOME    the same of me; or REDUNDANT
 *      CONFIRM ─────────────────▶            from here on both send data
 *
 * Between two nodes there is one open link. No data travels before CONFIRM, so a connection that
 * turns out to be one too many can be dropped without losing or reordering anything:
 *
 * - The acceptor has an open link that it dialed itself: REDUNDANT, the dialer uses that one.
 * - The dialer, on WELCOME, finds that it has an open link to that node (under another name): it
 *   drops the new connection and makes the entry an alias of the one with the link.
 * - Both dialed at once and each has welcomed the other: on WELCOME the node with the smaller
 *   incarnation drops its own dial and waits for the other's CONFIRM. If one side's CONFIRM was
 *   already on its way, the other answers that side's still unanswered HELLO with REDUNDANT.
 * - The acceptor has an open link that the same node dialed earlier: that node has given it up, and
 *   the CONFIRM replaces it. (Only the CONFIRM: see the second case.)
 *
 * What a dialer says of its own endpoint is believed only where no live link contradicts it;
 * otherwise it is a stranger, reachable through its connection alone. Two agents that both claim to
 * be at tcp://127.0.0.1:5051 of different machines so stay two.
 *
 * With CURVE a node is its incarnation and its key together. Who has proved to hold another key than
 * the one known for an incarnation is an impostor and gets no link; and a claim to an endpoint is believed
 * from those only who hold the key that we would demand there. */
#include "net/peers_private.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

static void encode_greeting(struct peers *peers, enum frame_type type, struct frame_buffer *ret)
{
        struct frame_hello hello = {
                .incarnation = peers->config.incarnation,
                .message_max = peers->config.message_max,
                .heartbeat_ms = (uint32_t) peers->config.heartbeat_ms,
        };
        snprintf(hello.name, sizeof hello.name, "%s", node_name(peers->config.node));
        if (peers->own_count > 0)
                snprintf(hello.endpoint, sizeof hello.endpoint, "%s", peers->own_endpoints[0]);
        for (char *at = hello.name; *at; at++)
                if (*at <= ' ' || *at >= 0x7f)
                        *at = '_';
        frame_hello_encode(ret, type, &hello);
}

static void link_greet(struct link *link, enum frame_type type)
{
        struct frame_buffer frame = {0};
        encode_greeting(link->peers, type, &frame);
        link_send(link, &frame, NULL);
}

/* Answers on a connection that becomes no link. */
static void answer(struct peers *peers, struct connection *connection, struct frame_buffer *frame)
{
        COUNT(peers->counters.frames_out, 1);
        COUNT(peers->counters.bytes_out, frame->size);
        peers->ops->send(peers->driver, connection, frame, NULL);
}

void peers_dial(struct peers *peers, struct peer *peer)
{
        assert(!peer->dialing && !peer->link && !peer->is_stranger);
        struct link *link = link_new(peers, NULL, true);
        link->peer = peer;
        peer->dialing = link;
        if (!keyring_demand(peers->keyring, peer->endpoint)) {
                link_refused(link, "no certificate of a server there is known here", true);
                return;
        }
        link->connection = peers->ops->dial(peers->driver, peer->endpoint, link);
        if (!link->connection)
                link_end(link, "the endpoint cannot be dialed");
        else
                link_greet(link, FRAME_HELLO);
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Notes whom a link has brought, for whoever asks about a peer. */
static void make_known(const struct link *link, const struct peer *peer)
{
        struct peers *peers = link->peers;
        char principal[ACTOR_PRINCIPAL_MAX + 1];
        keyring_principal(peers->keyring, connection_key(peers, link->connection), link->dialed, principal);
        identities_connected(peers->identities, peer->index, link->incarnation, principal);
}

/* Everything else that is known to be this node now leads to its link. */
static void make_alias(struct peers *peers, struct peer *alias, struct peer *of)
{
        assert(alias != of && !alias->link && of->link);
        if (alias->dialing)
                link_drop(alias->dialing);
        if (!alias->alias_of) {
                alias->alias_of = of;
                of->alias_count++;
        }
        assert(alias->alias_of == of);
        make_known(of->link, alias);
        peer_move_waiting(peers, alias, of);
}

static void log_connected(struct peers *peers, const struct peer *peer)
{
        char principal[ACTOR_PRINCIPAL_MAX + 1];
        bool known = identities_principal(peers->identities, (struct actor_ref){.peer = peer->index},
                                          principal, sizeof principal);
        actor_log_print(node_log(peers->config.node), ACTOR_LOG_INFO, "net: peer %s of %s connected%s%s%s",
                        peer->endpoint, node_name(peers->config.node), known ? ", its key is that of \"" : "",
                        principal, known ? "\"" : "");
}

static void link_open(struct link *link, struct peer *peer)
{
        struct peers *peers = link->peers;
        assert(!peer->link && !peer->alias_of);
        if (peer->dialing && peer->dialing != link)
                link_drop(peer->dialing);
        link->state = LINK_OPEN;
        link->peer = peer;
        peer->dialing = NULL;
        peer->link = link;
        peer->dials_failed = 0;
        peer->dial_at_ns = 0;
        peers->waiting_count -= peer->queue_count > 0;
        peer_identify(peer, link);
        make_known(link, peer);
        COUNT(peers->counters.connected, 1);
        COUNT(peers->counters.reconnects, peer->was_connected);
        peer->was_connected = true;
        peers_due_by(peers, node_now_ns(peers->config.node) + peers->config.heartbeat_ms * 1000000);
        log_connected(peers, peer);
        uint32_t from = 1;
        for (struct peer *other; (other = peer_by_incarnation(peers, link->incarnation, from));) {
                from = other->index + 1;
                if (other != peer)
                        make_alias(peers, other, peer);
        }
        peer_drain(peers, peer);
}

/* The link already open to a node, NULL if none. */
static struct link *open_link(struct peers *peers, uint64_t incarnation)
{
        uint32_t from = 1;
        for (struct peer *peer; (peer = peer_by_incarnation(peers, incarnation, from));
             from = peer->index + 1)
                if (peer->link && peer->link->incarnation == incarnation)
                        return peer->link;
        return NULL;
}

static bool has_key(const struct link *link, const char *key)
{
        return strcmp(connection_key(link->peers, link->connection), key) == 0;
}

/* A connection that the node at the other end of a dial has opened to us at the same time. */
static struct link *accepted_link(const struct link *dial)
{
        const char *key = connection_key(dial->peers, dial->connection);
        for (struct link *link = dial->peers->links; link; link = link->next)
                if (link->state == LINK_ACCEPTED && link->incarnation == dial->incarnation &&
                    has_key(link, key))
                        return link;
        return NULL;
}

/* Whether an incarnation is known as that of somebody with another key. */
static bool is_impostor(struct peers *peers, uint64_t incarnation, const struct connection *connection)
{
        const char *key = connection_key(peers, connection);
        uint32_t from = 1;
        for (struct peer *peer; (peer = peer_by_incarnation(peers, incarnation, from));
             from = peer->index + 1)
                if (strcmp(peer->key, key) != 0)
                        return true;
        return false;
}

static bool is_endpoint(const char *text)
{
        return strncmp(text, "tcp://", 6) == 0 || strncmp(text, "ipc://", 6) == 0;
}

/* The entry under which an accepted connection's node is, or from now on will be, known. */
static struct peer *peer_of_accepted(struct peers *peers, const struct link *link)
{
        struct peer *peer = peer_by_incarnation(peers, link->incarnation, 1);
        if (peer)
                return peer_resolve(peer);
        if (is_endpoint(link->claimed_endpoint)) {
                uint32_t index = intern_add(peers->endpoints, link->claimed_endpoint);
                if (index == 0)
                        return NULL;
                peer = peer_at(peers, index);
                const char *demanded = keyring_demand(peers->keyring, peer->endpoint);
                bool may_be = demanded && has_key(link, demanded);
                if (may_be && !peer->is_self && !peer->link && !peer->alias_of)
                        return peer;
        }
        return peer_stranger(peers, link->incarnation);
}

/* ---- the acceptor ---------------------------------------------------------------------------- */

static void refuse_version(struct peers *peers, struct connection *connection, unsigned version)
{
        char text[128];
        struct frame_buffer frame = {0};
        snprintf(text, sizeof text, "this node speaks envelope version %d, the frame is of version %u",
                 FRAME_VERSION, version);
        frame_error_encode(&frame, text);
        answer(peers, connection, &frame);
}

static void note_greeting(struct link *link, const struct frame_hello *hello)
{
        uint32_t heartbeat_ms = hello->heartbeat_ms;
        if (heartbeat_ms > NET_HEARTBEAT_MS_MAX)
                heartbeat_ms = NET_HEARTBEAT_MS_MAX;
        if (heartbeat_ms < link->peers->config.heartbeat_ms)
                heartbeat_ms = (uint32_t) link->peers->config.heartbeat_ms;
        link->silence_max_ns = (int64_t) heartbeat_ms * link->peers->config.heartbeats_missed_max * 1000000;
        link->incarnation = hello->incarnation;
        link->message_max = hello->message_max;
}

/* A connection may outlive the permission to connect; who dials may say to be somebody else. */
static bool is_welcome(struct peers *peers, const struct connection *connection,
                       const struct frame_hello *hello)
{
        const char *key = connection_key(peers, connection), *why = NULL;
        char who[ACTOR_KEY_SIZE + 16] = "a peer without a key";
        if (key[0])
                snprintf(who, sizeof who, "key \"%s\"", key);
        if (key[0] && !keyring_lets_in(peers->keyring, key))
                why = "not in the list of those allowed any more";
        else if (is_impostor(peers, hello->incarnation, connection))
                why = "it says to be a node that holds another key";
        if (why)
                denials_note(peers->denials, who, why);
        return why == NULL;
}

static struct link *accept_hello(struct peers *peers, struct connection *connection,
                                 const struct frame_hello *hello)
{
        if (!is_welcome(peers, connection, hello))
                return NULL;
        struct link *open = open_link(peers, hello->incarnation);
        bool is_self = hello->incarnation == peers->config.incarnation;
        if (is_self || (open && open->dialed)) {
                struct frame_buffer frame = {0};
                encode_greeting(peers, FRAME_REDUNDANT, &frame);
                answer(peers, connection, &frame);
                return NULL;
        }
        struct link *link = link_new(peers, connection, false);
        note_greeting(link, hello);
        link->claimed_endpoint = actor_strdup(hello->endpoint);
        link_greet(link, FRAME_WELCOME);
        return link;
}

struct link *peers_accept(struct peers *peers, struct connection *connection, const uint8_t *data,
                          size_t size)
{
        struct frame_header header;
        struct frame_hello hello;
        COUNT(peers->counters.frames_in, 1);
        COUNT(peers->counters.bytes_in, size);
        int r = frame_header_decode(data, size, &header);
        if (r == 0 && header.type == FRAME_HELLO && frame_hello_decode(data, size, &hello) == 0)
                return accept_hello(peers, connection, &hello);
        if (r == 0 && header.type != FRAME_HELLO) { /* the rest of a link that has ended here */
                struct frame_buffer frame = {0};
                frame_begin(&frame, FRAME_GOODBYE);
                if (header.type != FRAME_GOODBYE)
                        answer(peers, connection, &frame);
                frame_buffer_done(&frame);
                return NULL;
        }
        peers_count_rejected(peers);
        if (r == FRAME_E_VERSION)
                refuse_version(peers, connection, header.version);
        return NULL;
}

static void on_confirm(struct link *link)
{
        struct peers *peers = link->peers;
        bool impostor = is_impostor(peers, link->incarnation, link->connection);
        struct link *open = impostor ? NULL : open_link(peers, link->incarnation);
        if (open)
                link_end(open, "it has connected anew");
        struct peer *peer = impostor ? NULL : peer_of_accepted(peers, link);
        if (!peer) {
                link_drop(link);
                return;
        }
        link_open(link, peer);
}

/* ---- the dialer ------------------------------------------------------------------------------ */

/* The endpoint turned out to be our own: its mail is delivered here. */
static void peer_is_self(struct peers *peers, struct link *link)
{
        struct peer *peer = link->peer;
        link_drop(link);
        peer->is_self = true;
        peer_move_waiting(peers, peer, peer);
}

static void on_welcome(struct link *link, const struct frame_hello *hello)
{
        struct peers *peers = link->peers;
        struct peer *peer = link->peer;
        note_greeting(link, hello);
        if (is_impostor(peers, hello->incarnation, link->connection)) {
                link_end(link, "it says to be a node that holds another key");
                return;
        }
        struct link *open = open_link(peers, hello->incarnation);
        if (open) {
                peer_identify(peer, link);
                make_alias(peers, peer, open->peer);
                return;
        }
        struct link *accepted = accepted_link(link);
        if (accepted && peers->config.incarnation < hello->incarnation) {
                peer_identify(peer, link);
                link_end(link, "the other side's connection is used"); /* dials again should that one fail */
                return;
        }
        if (accepted)
                link_drop(accepted);
        link_say(link, FRAME_CONFIRM);
        link_open(link, peer);
}

static void on_redundant(struct link *link, const struct frame_hello *hello)
{
        struct peers *peers = link->peers;
        struct peer *peer = link->peer;
        if (hello->incarnation == peers->config.incarnation) {
                peer_is_self(peers, link);
                return;
        }
        note_greeting(link, hello);
        if (is_impostor(peers, hello->incarnation, link->connection)) {
                link_end(link, "it says to be a node that holds another key");
                return;
        }
        peer_identify(peer, link);
        struct link *open = open_link(peers, hello->incarnation);
        if (open)
                make_alias(peers, peer, open->peer);
        else
                link_end(link, "it has a connection already"); /* or will soon know that it has not */
}

void link_on_handshake(struct link *link, const struct frame_header *header, const uint8_t *data, size_t size)
{
        struct frame_hello hello;
        if (header->type == FRAME_CONFIRM && link->state == LINK_ACCEPTED) {
                on_confirm(link);
                return;
        }
        if (link->state == LINK_ACCEPTED && (header->type == FRAME_DATA || header->type == FRAME_ALIVE)) {
                link_end(link, "a frame was lost"); /* the CONFIRM */
                return;
        }
        bool is_answer = header->type == FRAME_WELCOME || header->type == FRAME_REDUNDANT;
        if (!is_answer || link->state != LINK_DIALED || frame_hello_decode(data, size, &hello) != 0) {
                peers_count_rejected(link->peers);
                link_end(link, "it does not keep to the handshake");
                return;
        }
        if (header->type == FRAME_WELCOME)
                on_welcome(link, &hello);
        else
                on_redundant(link, &hello);
}
