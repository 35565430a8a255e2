/* SPDX-License-Identifier: Apache-2.0 */
/* sim_network.c — the virtual network: every node's frames in one list ordered by virtual time.
 *
 * It keeps to what TCP does where it matters: a connection has two ends, frames of one direction
 * arrive in order, closing one end reaches the other after what was sent before (FIN), and a frame
 * for an end that is closed comes back as a break (RST). A cut swallows all of these, silently; so
 * after a heal the peers logic must find out for itself what it lost.
 *
 * All on the one thread of the simulation. Whatever has the same due time happens in the order it
 * was caused, so the same calls give the same run. */
#include "net/limits.h"
#include "net/net_private.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { NS_PER_MS = 1000000 };

/* One end of a wire, as the peers logic of that end knows it. */
struct connection {
        struct wire *wire;
        struct net *net;   /* NULL: the accepting end before its first frame */
        struct link *link; /* NULL: not yet, or closed */
        bool closed;
        int64_t due_ns; /* of the last frame sent to this end: later ones are not earlier */
};

/* What connects two nodes: ends[0] dialed, ends[1] accepted. Freed when both ends are closed and no
 * event speaks of it. */
struct wire {
        struct connection ends[2];
        char *endpoints[2];
        size_t event_count;
};

struct sent_frame {
        struct frame_buffer frame;
        struct lent_bytes trailer; /* without a holder: there is none */
};

struct event {
        int64_t due_ns;
        uint64_t order; /* among those due together */
        struct connection *to;
        bool is_end; /* the connection ends; otherwise a frame */
        struct sent_frame sent;
};

struct pair {
        char *a, *b;
        bool cut;
        int64_t delay_min_ns, delay_max_ns;
};

struct sim_network {
        int64_t (*now_ns)(void *arg);
        uint64_t (*random)(void *arg);
        void *arg;
        struct net **nets; /* in the order of their making */
        size_t net_count, net_capacity;
        struct event *events; /* a binary heap, the next one first */
        size_t event_count, event_capacity;
        uint64_t order;
        struct pair *pairs;
        size_t pair_count, pair_capacity;
        struct wire **wires;
        size_t wire_count, wire_capacity;
        bool has_closed; /* a wire may have come to its end */
};

struct sim_network *sim_network_new(int64_t (*now_ns)(void *arg), uint64_t (*random)(void *arg), void *arg)
{
        struct sim_network *network = actor_zalloc(sizeof *network);
        network->now_ns = now_ns;
        network->random = random;
        network->arg = arg;
        return network;
}

/* ---- pairs --------------------------------------------------------------------------------------- */

static struct pair *pair_find(struct sim_network *network, const char *a, const char *b)
{
        for (size_t i = 0; i < network->pair_count; i++) {
                struct pair *pair = &network->pairs[i];
                if ((strcmp(pair->a, a) == 0 && strcmp(pair->b, b) == 0) ||
                    (strcmp(pair->a, b) == 0 && strcmp(pair->b, a) == 0))
                        return pair;
        }
        return NULL;
}

static struct pair *pair_make(struct sim_network *network, const char *a, const char *b)
{
        struct pair *pair = pair_find(network, a, b);
        if (pair)
                return pair;
        ACTOR_ARRAY_RESERVE(network->pairs, network->pair_count, network->pair_capacity);
        pair = &network->pairs[network->pair_count++];
        *pair = (struct pair){.a = actor_strdup(a), .b = actor_strdup(b)};
        return pair;
}

static bool is_cut(struct sim_network *network, const struct wire *wire)
{
        const struct pair *pair = pair_find(network, wire->endpoints[0], wire->endpoints[1]);
        return pair && pair->cut;
}

static int64_t delay_of(struct sim_network *network, const struct wire *wire)
{
        const struct pair *pair = pair_find(network, wire->endpoints[0], wire->endpoints[1]);
        if (!pair || pair->delay_max_ns == 0)
                return 0;
        uint64_t span = (uint64_t) (pair->delay_max_ns - pair->delay_min_ns) + 1;
        return pair->delay_min_ns + (int64_t) (network->random(network->arg) % span);
}

/* ---- events -------------------------------------------------------------------------------------- */

static bool is_sooner(const struct event *a, const struct event *b)
{
        return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void events_swap(struct event *a, struct event *b)
{
        struct event moved = *a;
        *a = *b;
        *b = moved;
}

static void event_push(struct sim_network *network, const struct event *event)
{
        ACTOR_ARRAY_RESERVE(network->events, network->event_count, network->event_capacity);
        size_t at = network->event_count++;
        network->events[at] = *event;
        event->to->wire->event_count++;
        for (; at > 0 && is_sooner(&network->events[at], &network->events[(at - 1) / 2]); at = (at - 1) / 2)
                events_swap(&network->events[at], &network->events[(at - 1) / 2]);
}

static struct event event_pop(struct sim_network *network)
{
        struct event *events = network->events;
        struct event first = events[0];
        events[0] = events[--network->event_count];
        for (size_t at = 0;;) {
                size_t least = at, left = 2 * at + 1;
                for (size_t child = left; child < left + 2 && child < network->event_count; child++)
                        if (is_sooner(&events[child], &events[least]))
                                least = child;
                if (least == at)
                        break;
                events_swap(&events[at], &events[least]);
                at = least;
        }
        first.to->wire->event_count--;
        network->has_closed |= first.to->wire->ends[0].closed;
        return first;
}

static struct connection *other_end(const struct connection *end)
{
        struct wire *wire = end->wire;
        return end == &wire->ends[0] ? &wire->ends[1] : &wire->ends[0];
}

static void sent_done(struct sent_frame *sent)
{
        frame_buffer_done(&sent->frame);
        actor_msg_unref(sent->trailer.holder);
}

/* Sends a frame to an end; NULL: the end of the connection. */
static void send_to(struct sim_network *network, struct connection *to, const struct sent_frame *sent_take)
{
        int64_t due_ns = network->now_ns(network->arg) + delay_of(network, to->wire);
        if (due_ns < to->due_ns)
                due_ns = to->due_ns;
        to->due_ns = due_ns;
        struct event event = {.due_ns = due_ns, .order = network->order++, .to = to, .is_end = !sent_take};
        if (sent_take)
                event.sent = *sent_take;
        event_push(network, &event);
}

/* ---- wires --------------------------------------------------------------------------------------- */

static struct wire *wire_new(struct sim_network *network, const char *from, const char *to)
{
        struct wire *wire = actor_zalloc(sizeof *wire);
        wire->ends[0].wire = wire->ends[1].wire = wire;
        wire->endpoints[0] = actor_strdup(from);
        wire->endpoints[1] = actor_strdup(to);
        ACTOR_ARRAY_RESERVE(network->wires, network->wire_count, network->wire_capacity);
        network->wires[network->wire_count++] = wire;
        return wire;
}

static void wire_free(struct wire *wire)
{
        free(wire->endpoints[0]);
        free(wire->endpoints[1]);
        free(wire);
}

static void wires_reap(struct sim_network *network)
{
        size_t kept = 0;
        if (!network->has_closed)
                return;
        network->has_closed = false;
        for (size_t i = 0; i < network->wire_count; i++) {
                struct wire *wire = network->wires[i];
                bool accepted = wire->ends[1].net != NULL;
                if (wire->event_count == 0 && wire->ends[0].closed && (wire->ends[1].closed || !accepted))
                        wire_free(wire);
                else
                        network->wires[kept++] = wire;
        }
        network->wire_count = kept;
}

static struct net *net_at(struct sim_network *network, const char *endpoint)
{
        for (size_t i = 0; i < network->net_count; i++)
                if (strcmp(net_endpoint(network->nets[i]), endpoint) == 0)
                        return network->nets[i];
        return NULL;
}

/* ---- the driver port ----------------------------------------------------------------------------- */

/* A node's part of the network. */
struct sim_driver {
        struct sim_network *network;
        struct net *net;
};

static struct connection *sim_dial(void *arg, const char *endpoint, struct link *link)
{
        struct sim_driver *driver = arg;
        struct wire *wire = wire_new(driver->network, net_endpoint(driver->net), endpoint);
        wire->ends[0].net = driver->net;
        wire->ends[0].link = link;
        return &wire->ends[0];
}

static void sim_send(void *arg, struct connection *connection, struct frame_buffer *frame_take,
                     const struct lent_bytes *trailer_take)
{
        struct sim_driver *driver = arg;
        struct sent_frame sent = {.frame = *frame_take};
        if (trailer_take)
                sent.trailer = *trailer_take;
        *frame_take = (struct frame_buffer){0};
        assert(!connection->closed);
        send_to(driver->network, other_end(connection), &sent);
}

static void sim_close(void *arg, struct connection *connection)
{
        struct sim_driver *driver = arg;
        assert(!connection->closed);
        connection->closed = true;
        connection->link = NULL;
        driver->network->has_closed = true;
        if (!other_end(connection)->closed)
                send_to(driver->network, other_end(connection), NULL);
}

/* ---- delivering ---------------------------------------------------------------------------------- */

/* The first frame at the accepting end: whoever lives there now gets it. */
static void accept_frame(struct sim_network *network, struct connection *end,
                         const struct frame_buffer *frame)
{
        struct net *net = net_at(network, end->wire->endpoints[1]);
        if (!net) {
                end->closed = true;
                send_to(network, other_end(end), NULL);
                return;
        }
        end->net = net;
        end->link = peers_accept(net->peers, end, frame->data, frame->size);
        if (!end->link && !end->closed)
                sim_close(net->driver, end);
}

static void deliver_frame(struct sim_network *network, struct connection *end, const struct sent_frame *sent)
{
        struct frame_trailer trailer = {sent->trailer.data, sent->trailer.size};
        if (end->closed) {
                if (!other_end(end)->closed)
                        send_to(network, other_end(end), NULL);
        } else if (end->link) {
                peers_receive(end->link, sent->frame.data, sent->frame.size,
                              sent->trailer.holder ? &trailer : NULL);
                struct mail *arrived = peers_take_arrived(end->net->peers);
                if (arrived)
                        (void) node_deliver_chain(end->net->config.node, arrived);
        } else {
                accept_frame(network, end, &sent->frame);
        }
}

static void deliver_event(struct sim_network *network, struct event *event)
{
        struct connection *end = event->to;
        bool lost = is_cut(network, end->wire);
        if (!lost && !event->is_end)
                deliver_frame(network, end, &event->sent);
        else if (!lost && !end->closed && end->link)
                peers_broken(end->link, "its connection has ended");
        else if (!lost)
                end->closed = true;
        sent_done(&event->sent);
}

/* ---- running ------------------------------------------------------------------------------------- */

static bool deliver_due(struct sim_network *network)
{
        bool any = false;
        int64_t now = network->now_ns(network->arg);
        while (network->event_count > 0 && network->events[0].due_ns <= now) {
                struct event event = event_pop(network);
                deliver_event(network, &event);
                any = true;
        }
        return any;
}

bool sim_network_step(struct sim_network *network)
{
        bool any = false, again = true;
        while (again) {
                again = deliver_due(network);
                for (size_t i = 0; i < network->net_count; i++) {
                        struct net *net = network->nets[i];
                        again |= net_take_posts(net);
                        if (peers_deadline(net->peers) <= network->now_ns(network->arg)) {
                                peers_tick(net->peers);
                                again = true;
                        }
                        peers_flush(net->peers);
                }
                any |= again;
        }
        wires_reap(network);
        return any;
}

int64_t sim_network_deadline(struct sim_network *network)
{
        int64_t deadline = network->event_count > 0 ? network->events[0].due_ns : INT64_MAX;
        for (size_t i = 0; i < network->net_count; i++) {
                int64_t at = peers_deadline(network->nets[i]->peers);
                if (at < deadline)
                        deadline = at;
                if (!post_box_is_empty(&network->nets[i]->posts))
                        return network->now_ns(network->arg);
        }
        return deadline;
}

/* ---- what the simulation does to it --------------------------------------------------------------- */

void sim_network_cut(struct sim_network *network, const char *a, const char *b)
{
        pair_make(network, a, b)->cut = true;
}

void sim_network_heal(struct sim_network *network, const char *a, const char *b)
{
        pair_make(network, a, b)->cut = false;
}

void sim_network_delay(struct sim_network *network, const char *a, const char *b, int64_t min_ms,
                       int64_t max_ms)
{
        assert(min_ms >= 0 && max_ms >= min_ms);
        struct pair *pair = pair_make(network, a, b);
        pair->delay_min_ns = min_ms * NS_PER_MS;
        pair->delay_max_ns = max_ms * NS_PER_MS;
}

/* Frames under way vanish: they find their end closed. */
static void wire_break(struct wire *wire)
{
        for (int i = 0; i < 2; i++) {
                if (wire->ends[i].link)
                        peers_broken(wire->ends[i].link, "its connection broke");
                wire->ends[i].closed = true;
        }
}

void sim_network_break(struct sim_network *network, const char *a, const char *b)
{
        size_t count = network->wire_count; /* what breaks may dial anew: those stay */
        for (size_t i = 0; i < count; i++) {
                struct wire *wire = network->wires[i];
                bool is_between =
                        (strcmp(wire->endpoints[0], a) == 0 && strcmp(wire->endpoints[1], b) == 0) ||
                        (strcmp(wire->endpoints[0], b) == 0 && strcmp(wire->endpoints[1], a) == 0);
                if (is_between)
                        wire_break(wire);
        }
}

/* ---- nodes come and go ---------------------------------------------------------------------------- */

static void nothing(struct net *net)
{
        (void) net; /* the simulation looks at every post box at each step */
}

static void leave(struct net *net)
{
        struct sim_driver *driver = net->driver;
        struct sim_network *network = driver->network;
        size_t i = 0;
        while (network->nets[i] != net)
                i++;
        memmove(&network->nets[i], &network->nets[i + 1],
                (network->net_count - i - 1) * sizeof(*network->nets));
        network->net_count--;
}

static void sim_stop(struct net *net)
{
        net_take_posts(net);
        peers_goodbye(net->peers);
        leave(net);
}

static const struct net_backend backend = {
        .driver = {.dial = sim_dial, .send = sim_send, .close = sim_close},
        .start = nothing,
        .wake = nothing,
        .stop = sim_stop,
};

int net_new_simulated(const struct net_config *config, struct sim_network *network, const char *endpoint,
                      struct net **ret)
{
        struct sim_driver *driver = actor_zalloc(sizeof *driver);
        driver->network = network;
        driver->net = net_new(config, &backend, driver);
        if (endpoint && endpoint[0] != '\0')
                net_listening(driver->net, endpoint);
        ACTOR_ARRAY_RESERVE(network->nets, network->net_count, network->net_capacity);
        network->nets[network->net_count++] = driver->net;
        *ret = driver->net;
        return 0;
}

void net_crash(struct net *net)
{
        leave(net);
        net_done(net);
}

void sim_network_free(struct sim_network *network)
{
        if (!network)
                return;
        assert(network->net_count == 0);
        while (network->event_count > 0) {
                struct event event = event_pop(network);
                sent_done(&event.sent);
        }
        for (size_t i = 0; i < network->wire_count; i++)
                wire_free(network->wires[i]);
        for (size_t i = 0; i < network->pair_count; i++) {
                free(network->pairs[i].a);
                free(network->pairs[i].b);
        }
        free(network->nets);
        free(network->events);
        free(network->pairs);
        free(network->wires);
        free(network);
}
