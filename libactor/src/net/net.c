/* SPDX-License-Identifier: Apache-2.0 */
/* net.c — the front of the room: what the core calls from any thread. */
#include "net/net_private.h"
#include "net/limits.h"
#include "net/parcel.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct net *net_new(const struct net_config *config, const struct net_backend *backend, void *driver)
{
        struct net *net = actor_zalloc(sizeof *net);
        net->config = *config;
        net->backend = backend;
        net->driver = driver;
        net->endpoints = intern_new(NET_PEERS_MAX);
        net->names = intern_new(NET_NAMES_MAX);
        net->types = type_table_new(config->types);
        pthread_mutex_init(&net->frames.lock, NULL);
        net->outboxes = outboxes_new(net->names, net->types, &net->frames);
        net->keyring = keyring_new(backend->driver.key ? config->curve
                                                       : NULL); /* keys need a driver that asks for them */
        net->config.curve = NULL;
        net->denials = denials_new(config->node);
        net->identities = identities_new();
        net->peers = peers_new(&(struct peers_config){
                .net = config,
                .endpoints = net->endpoints,
                .names = net->names,
                .types = net->types,
                .outboxes = net->outboxes,
                .keyring = net->keyring,
                .denials = net->denials,
                .identities = net->identities,
                .ops = &backend->driver,
                .driver = driver,
        });
        return net;
}

void net_done(struct net *net)
{
        struct mail *next;
        for (struct mail *mail = post_box_take(&net->posts); mail; mail = next) {
                next = atomic_load_explicit(&mail->next, memory_order_relaxed);
                if (mail->kind != MAIL_OUTBOX)
                        mail_free(mail);
        }
        peers_free(net->peers);
        outboxes_free(net->outboxes);
        frame_pool_done(&net->frames);
        type_table_free(net->types);
        intern_free(net->endpoints);
        intern_free(net->names);
        keyring_free(net->keyring);
        denials_free(net->denials);
        identities_free(net->identities);
        free(atomic_load(&net->endpoint));
        free(net->driver);
        free(net);
}

void net_listening(struct net *net, const char *endpoint)
{
        peers_listening(net->peers, endpoint);
        if (!atomic_load(&net->endpoint))
                atomic_store(&net->endpoint, actor_strdup(endpoint));
}

bool net_take_posts(struct net *net)
{
        struct mail *chain = post_box_take(&net->posts);
        peers_post(net->peers, chain);
        return chain != NULL;
}

int net_listen(struct net *net, const char *endpoint, char *bound, size_t bound_size,
               struct actor_error *error)
{
        if (net->backend->listen)
                return net->backend->listen(net, endpoint, bound, bound_size, error);
        if (bound)
                snprintf(bound, bound_size, "%s", net_endpoint(net));
        return 0; /* a simulated node listens from its making */
}

uint32_t net_peer(struct net *net, const char *endpoint)
{
        net->backend->start(net);
        uint32_t peer = intern_add(net->endpoints, endpoint);
        if (peer != 0)
                outboxes_make(net->outboxes, peer);
        return peer;
}

uint32_t net_name(struct net *net, const char *name)
{
        return intern_add(net->names, name);
}

/* What is to be done for what was packed; as net_post_quietly(). */
static bool after_packing(struct net *net, struct outbox *outbox, enum outbox_result result)
{
        if (result == OUTBOX_BEGUN)
                return post_box_push(&net->posts, &outbox->marker);
        if (result == OUTBOX_FULL)
                net->backend->wake(net);
        return false;
}

static __attribute__((noinline)) enum net_packed pack_other(struct net *net, struct actor_ref from,
                                                            struct actor_ref to, const void *msg)
{
        const struct outgoing message = {.to = to, .from = from, .body = msg};
        struct outbox *outbox = outboxes_at(net->outboxes, to.peer);
        enum outbox_result result = outbox ? outbox_pack(net->outboxes, outbox, &message) : OUTBOX_NO;
        if (result == OUTBOX_NO)
                return NET_UNPACKED;
        return after_packing(net, outbox, result) ? NET_PACKED_UNTOLD : NET_PACKED;
}

enum net_packed net_pack(struct net *net, struct actor_ref from, struct actor_ref to, const void *msg)
{
        struct outbox *outbox = outboxes_at(net->outboxes, to.peer);
        if (likely(outbox && body_travels(msg) && outbox_pack_same(outbox, from, to, msg, body_size(msg))))
                return NET_PACKED;
        return pack_other(net, from, to, msg);
}

static enum outbox_result pack_mail(struct net *net, struct outbox *outbox, const struct mail *mail)
{
        if (!outbox || mail->kind != MAIL_MESSAGE || mail->returnable)
                return OUTBOX_NO;
        const struct outgoing message = {
                .to = mail->to, .from = mail->from, .trace_id = mail->trace_id, .body = mail->body};
        return outbox_pack(net->outboxes, outbox, &message);
}

bool net_post_quietly(struct net *net, struct mail *mail_take)
{
        assert(mail_take->to.peer != 0);
        struct outbox *outbox = outboxes_at(net->outboxes, mail_take->to.peer);
        enum outbox_result packed = pack_mail(net, outbox, mail_take);
        if (packed != OUTBOX_NO) {
                mail_free(mail_take);
                return after_packing(net, outbox, packed);
        }
        bool may_drop = mail_take->kind == MAIL_MESSAGE && !mail_take->returnable;
        if (may_drop && atomic_load_explicit(&net->posts.count, memory_order_relaxed) >= NET_POSTED_MAX) {
                peers_count_refused(net->peers);
                mail_free(mail_take);
                return false;
        }
        if (outbox)
                atomic_fetch_add(&outbox->posted, 1);
        return post_box_push(&net->posts, mail_take);
}

void net_post(struct net *net, struct mail *mail_take)
{
        if (net_post_quietly(net, mail_take))
                net->backend->wake(net);
}

void net_wake(struct net *net)
{
        if (!post_box_is_empty(&net->posts))
                net->backend->wake(net);
}

const char *net_peer_endpoint(struct net *net, uint32_t peer)
{
        return intern_text(net->endpoints, peer);
}

const char *net_slot_name(struct net *net, uint32_t slot)
{
        return intern_text(net->names, slot);
}

const char *net_endpoint(struct net *net)
{
        const char *endpoint = atomic_load(&net->endpoint);
        return endpoint ? endpoint : "";
}

void net_totals(struct net *net, struct actor_node_totals *ret)
{
        peers_totals(net->peers, ret);
        ret->wire_denied = denials_count(net->denials);
}

int net_allow(struct net *net, const struct actor_certificates *allowed)
{
        if (!net->keyring)
                return -EINVAL;
        if (!allowed)
                return 0;
        for (size_t i = 0; i < allowed->count; i++)
                if (allowed->list[i].principal[0] == '\0')
                        return -EINVAL;
        keyring_let_in(net->keyring, allowed);
        if (net->backend->revise)
                net->backend->revise(net);
        return 0;
}

bool net_principal(struct net *net, struct actor_ref ref, char *ret, size_t size)
{
        return identities_principal(net->identities, ref, ret, size);
}

bool net_trouble(struct net *net, struct actor_ref ref, char *ret, size_t size)
{
        return identities_trouble(net->identities, ref, ret, size);
}

void net_relieve(struct net *net)
{
        if (net->backend->relieve)
                net->backend->relieve(net);
}

void net_unpack(struct net *net, const void *parcel, struct worker *worker)
{
        parcel_unpack(parcel, net->peers, worker);
}

void net_stop(struct net *net)
{
        if (!net->stopped)
                net->backend->stop(net);
        net->stopped = true;
}

void net_free(struct net *net)
{
        if (!net)
                return;
        net_stop(net);
        if (net->backend->done)
                net->backend->done(net);
        net_done(net);
}
