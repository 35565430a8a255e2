/* SPDX-License-Identifier: Apache-2.0 */
#include "net/keyring.h"

#include <actor/hash_table.h>
#include <actor/memory.h>
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* The domain in which the handler is asked (RFC 27). It cannot be unset, so that the handler is asked of ipc
 * too. */
#define ZAP_DOMAIN "troupe"

struct entry {
        struct actor_certificate certificate;
        UT_hash_handle hh; /* by public key */
};

struct keyring {
        struct actor_certificate own;
        struct actor_certificates servers;
        pthread_mutex_t lock;
        struct entry *allowed;
};

static struct actor_certificates copy(const struct actor_certificates *from)
{
        struct actor_certificates ret = {.count = from->count};
        if (from->count > 0)
                ret.list = actor_memdup(from->list, from->count * sizeof *from->list);
        return ret;
}

static void entries_free(struct entry *entries)
{
        struct entry *entry, *next;
        HASH_ITER(hh, entries, entry, next)
        {
                HASH_DEL(entries, entry);
                free(entry);
        }
}

static struct entry *entries_new(const struct actor_certificates *certificates)
{
        struct entry *entries = NULL, *same;
        for (size_t i = 0; i < certificates->count; i++) {
                struct entry *entry = actor_zalloc(sizeof *entry);
                entry->certificate = certificates->list[i];
                HASH_REPLACE_STR(entries, certificate.public_key, entry, same);
                free(same);
        }
        return entries;
}

struct keyring *keyring_new(const struct actor_curve *curve)
{
        if (!curve)
                return NULL;
        struct keyring *keyring = actor_zalloc(sizeof *keyring);
        keyring->own = curve->own;
        keyring->servers = copy(&curve->servers);
        keyring->allowed = entries_new(&curve->allowed);
        pthread_mutex_init(&keyring->lock, NULL);
        return keyring;
}

void keyring_free(struct keyring *keyring)
{
        if (!keyring)
                return;
        entries_free(keyring->allowed);
        actor_certificates_done(&keyring->servers);
        actor_certificate_wipe(&keyring->own);
        pthread_mutex_destroy(&keyring->lock);
        free(keyring);
}

static bool is_ipc(const char *endpoint)
{
        return strncmp(endpoint, "ipc://", 6) == 0;
}

const char *keyring_demand(const struct keyring *keyring, const char *endpoint)
{
        if (!keyring || is_ipc(endpoint))
                return "";
        const char *for_all = NULL;
        for (size_t i = 0; i < keyring->servers.count; i++) {
                const struct actor_certificate *server = &keyring->servers.list[i];
                if (strcmp(server->endpoint, endpoint) == 0)
                        return server->public_key;
                if (server->endpoint[0] == '\0')
                        for_all = server->public_key;
        }
        return for_all;
}

/* The lock is held. */
static const struct entry *find(const struct keyring *keyring, const char *key)
{
        struct entry *entry = NULL;
        HASH_FIND_STR(keyring->allowed, key, entry);
        return entry;
}

bool keyring_lets_in(struct keyring *keyring, const char *key)
{
        if (!keyring)
                return true;
        pthread_mutex_lock(&keyring->lock);
        bool found = find(keyring, key) != NULL;
        pthread_mutex_unlock(&keyring->lock);
        return found;
}

static const char *server_principal(const struct keyring *keyring, const char *key)
{
        for (size_t i = 0; i < keyring->servers.count; i++)
                if (strcmp(keyring->servers.list[i].public_key, key) == 0)
                        return keyring->servers.list[i].principal;
        return "";
}

void keyring_principal(struct keyring *keyring, const char *key, bool dialed,
                       char ret[ACTOR_PRINCIPAL_MAX + 1])
{
        ret[0] = '\0';
        if (!keyring || key[0] == '\0')
                return;
        if (dialed)
                snprintf(ret, ACTOR_PRINCIPAL_MAX + 1, "%s", server_principal(keyring, key));
        if (ret[0])
                return;
        pthread_mutex_lock(&keyring->lock);
        const struct entry *entry = find(keyring, key);
        snprintf(ret, ACTOR_PRINCIPAL_MAX + 1, "%s", entry ? entry->certificate.principal : "");
        pthread_mutex_unlock(&keyring->lock);
}

void keyring_let_in(struct keyring *keyring, const struct actor_certificates *allowed)
{
        struct entry *entries = entries_new(allowed);
        pthread_mutex_lock(&keyring->lock);
        struct entry *former = keyring->allowed;
        keyring->allowed = entries;
        pthread_mutex_unlock(&keyring->lock);
        entries_free(former);
}

/* ---- sockets ------------------------------------------------------------------------------------ */

static void set_text(void *socket, int option, const char *value)
{
        int r = zmq_setsockopt(socket, option, value, strlen(value));
        assert(r == 0); /* the keys were checked when they were read */
}

void keyring_arm_dialer(const struct keyring *keyring, void *socket, const char *server_key)
{
        if (!keyring || server_key[0] == '\0')
                return;
        set_text(socket, ZMQ_CURVE_SERVERKEY, server_key);
        set_text(socket, ZMQ_CURVE_PUBLICKEY, keyring->own.public_key);
        set_text(socket, ZMQ_CURVE_SECRETKEY, keyring->own.secret_key);
}

/* libzmq gives each bind the options of its moment, so that one ROUTER can listen on both kinds. */
void keyring_arm_listener(const struct keyring *keyring, void *socket, bool plain)
{
        if (!keyring)
                return;
        int is_server = !plain;
        int r = zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &is_server, sizeof is_server);
        assert(r == 0);
        set_text(socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN);
        if (is_server)
                set_text(socket, ZMQ_CURVE_SECRETKEY, keyring->own.secret_key);
}
