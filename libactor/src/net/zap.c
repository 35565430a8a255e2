/* SPDX-License-Identifier: Apache-2.0 */
/* zap.c — the ZAP handler.
 *
 * libzmq's threads ask over inproc, one request a handshake: version, request id, domain, address,
 * identity, mechanism, and for CURVE the client's key. The answer's user id comes back with every
 * message of the connection; it is the key, so that the list may change while connections live. */
#include "net/zap.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_VERSION "1.0"
enum {
        PART_VERSION,
        PART_ID,
        PART_DOMAIN,
        PART_ADDRESS,
        PART_IDENTITY,
        PART_MECHANISM,
        PART_KEY,
        PART_COUNT
};
enum { PART_BYTES_MAX = 255, KEY_BYTES = 32 };

struct zap {
        void *socket;
        struct keyring *keyring;
        struct denials *denials;
        pthread_t thread;
};

struct request {
        uint8_t parts[PART_COUNT][PART_BYTES_MAX + 1]; /* each with a zero byte after it */
        size_t sizes[PART_COUNT];
        size_t count; /* may be larger than PART_COUNT; what is more is not kept */
};

/* 0, or -ETERM at the context's end. */
static int read_request(void *socket, struct request *ret)
{
        int more = 1;
        *ret = (struct request){.count = 0};
        while (more) {
                uint8_t part[PART_BYTES_MAX];
                int size;
                do
                        size = zmq_recv(socket, part, sizeof part, 0);
                while (size < 0 && errno == EINTR);
                if (size < 0)
                        return -errno;
                if (ret->count < PART_COUNT) {
                        ret->sizes[ret->count] = (size_t) size > sizeof part ? sizeof part : (size_t) size;
                        memcpy(ret->parts[ret->count], part, ret->sizes[ret->count]);
                }
                ret->count++;
                size_t more_size = sizeof more;
                int r = zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_size);
                if (r != 0)
                        return -errno;
        }
        return 0;
}

static bool part_is(const struct request *request, int part, const char *text)
{
        return strcmp((const char *) request->parts[part], text) == 0;
}

/* The key asked about; NULL where the request is not one for CURVE. */
static const char *key_in(const struct request *request, char ret[ACTOR_KEY_SIZE + 1])
{
        bool sound = request->count == PART_COUNT && part_is(request, PART_VERSION, ZAP_VERSION) &&
                     part_is(request, PART_MECHANISM, "CURVE") && request->sizes[PART_KEY] == KEY_BYTES;
        return sound ? zmq_z85_encode(ret, request->parts[PART_KEY], KEY_BYTES) : NULL;
}

/* libzmq writes "localhost:UID:GID:PID" for who came over ipc; an address of tcp is a number. */
static bool is_ipc(const char *address)
{
        return strncmp(address, "localhost:", strlen("localhost:")) == 0;
}

static bool is_plain_ipc(const struct request *request)
{
        return request->count > PART_MECHANISM && part_is(request, PART_MECHANISM, "NULL") &&
               is_ipc((const char *) request->parts[PART_ADDRESS]);
}

static void answer(void *socket, const struct request *request, const char *status, const char *text,
                   const char *user)
{
        (void) zmq_send(socket, ZAP_VERSION, strlen(ZAP_VERSION), ZMQ_SNDMORE);
        (void) zmq_send(socket, request->parts[PART_ID], request->sizes[PART_ID], ZMQ_SNDMORE);
        (void) zmq_send(socket, status, strlen(status), ZMQ_SNDMORE);
        (void) zmq_send(socket, text, strlen(text), ZMQ_SNDMORE);
        (void) zmq_send(socket, user, strlen(user), ZMQ_SNDMORE);
        (void) zmq_send(socket, "", 0, 0); /* fails only at the context's end, as the next read will */
}

/* IPv4 as seen by a socket of both kinds, in its own form. */
static const char *shown(const char *address)
{
        return strncmp(address, "::ffff:", 7) == 0 && strchr(address, '.') ? address + 7 : address;
}

static void judge(struct zap *zap, const struct request *request)
{
        char key[ACTOR_KEY_SIZE + 1], who[PART_BYTES_MAX + ACTOR_KEY_SIZE + 32];
        if (is_plain_ipc(request)) {
                answer(zap->socket, request, "200", "OK", "");
        } else if (key_in(request, key) == NULL) {
                denials_note(zap->denials, "a peer", "it does not speak CURVE");
                answer(zap->socket, request, "400", "CURVE is spoken here", "");
        } else if (keyring_lets_in(zap->keyring, key)) {
                answer(zap->socket, request, "200", "OK", key);
        } else {
                snprintf(who, sizeof who, "key \"%s\"", key);
                char why[PART_BYTES_MAX + 64];
                snprintf(why, sizeof why, "not in the list of those allowed; it came from %.64s",
                         shown((const char *) request->parts[PART_ADDRESS]));
                denials_note(zap->denials, who, why);
                answer(zap->socket, request, "400", "key not allowed", "");
        }
}

static void *serve(void *arg)
{
        struct zap *zap = arg;
        struct request request;
        while (read_request(zap->socket, &request) == 0)
                judge(zap, &request);
        int linger = 0;
        (void) zmq_setsockopt(zap->socket, ZMQ_LINGER, &linger, sizeof linger);
        zmq_close(zap->socket);
        return NULL;
}

/* Signals for the program interrupt other threads than this. */
static int start_thread(struct zap *zap)
{
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        int r = pthread_create(&zap->thread, NULL, serve, zap);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        return -r;
}

int zap_start(void *context, struct keyring *keyring, struct denials *denials, struct zap **ret)
{
        struct zap *zap = actor_zalloc(sizeof *zap);
        *zap = (struct zap){.keyring = keyring, .denials = denials, .socket = zmq_socket(context, ZMQ_REP)};
        int r = zap->socket && zmq_bind(zap->socket, ZAP_ENDPOINT) == 0 ? start_thread(zap) : -errno;
        if (r == 0) {
                *ret = zap;
                return 0;
        }
        if (zap->socket)
                zmq_close(zap->socket);
        free(zap);
        return r;
}

void zap_join(struct zap *zap)
{
        if (!zap)
                return;
        pthread_join(zap->thread, NULL);
        free(zap);
}

bool zap_key_of(const struct keyring *keyring, zmq_msg_t *message, char ret[ACTOR_KEY_SIZE + 1])
{
        ret[0] = '\0';
        if (!keyring)
                return true;
        /* The address is there before anything a peer says of itself; over ipc a user id may be its own word.
         */
        const char *address = zmq_msg_gets(message, "Peer-Address");
        if (address && is_ipc(address))
                return true;
        const char *user = address ? zmq_msg_gets(message, "User-Id") : NULL;
        if (!user || strlen(user) != ACTOR_KEY_SIZE)
                return false;
        memcpy(ret, user, ACTOR_KEY_SIZE + 1);
        return true;
}
