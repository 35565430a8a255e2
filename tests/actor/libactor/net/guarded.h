/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_GUARDED_H
#define TEST_GUARDED_H

#include "note.h"
#include "patience.h"

#include <actor/curve.h>
#include <actor/log.h>
#include <actor/node.h>
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

/* Real nodes with keys: a server, somebody it lets in, and a stranger; and what they log. */

enum { HEARTBEAT_MS = 10000 }; /* patience for machines that do much else */

/* ---- what the nodes log -------------------------------------------------------------------------- */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t log_changed = PTHREAD_COND_INITIALIZER;
static char log_text[65536];

static inline void keep_line(void *arg, enum actor_log_level level, const char *line)
{
        pthread_mutex_lock(&log_lock);
        size_t used = strlen(log_text);
        snprintf(log_text + used, sizeof log_text - used, "%s\n", line);
        pthread_cond_broadcast(&log_changed);
        pthread_mutex_unlock(&log_lock);
}

/* The lock is held. */
static inline unsigned count_in_log(const char *text)
{
        unsigned count = 0;
        for (const char *at = log_text; (at = strstr(at, text)); at++)
                count++;
        return count;
}

static inline unsigned times_logged(const char *text)
{
        pthread_mutex_lock(&log_lock);
        unsigned count = count_in_log(text);
        pthread_mutex_unlock(&log_lock);
        return count;
}

static inline void await_either_log(const char *text, const char *other)
{
        struct timespec limit = patience_limit();
        pthread_mutex_lock(&log_lock);
        while (count_in_log(text) + count_in_log(other) == 0)
                if (pthread_cond_timedwait(&log_changed, &log_lock, &limit) != 0)
                        break;
        ck_assert_msg(count_in_log(text) + count_in_log(other) > 0, "neither \"%s\" nor \"%s\" is in: %s",
                      text, other, log_text);
        pthread_mutex_unlock(&log_lock);
}

static inline void await_log(const char *text)
{
        await_either_log(text, text);
}

static inline void forget_log(void)
{
        pthread_mutex_lock(&log_lock);
        log_text[0] = '\0';
        pthread_mutex_unlock(&log_lock);
}

/* ---- keys ---------------------------------------------------------------------------------------- */

static struct actor_certificate server, ops, stranger;

static inline struct actor_certificate made(const char *principal)
{
        struct actor_certificate certificate;
        struct actor_error error;
        ck_assert_msg(actor_certificate_make(principal, &certificate, &error) == 0, "%s", error.text);
        return certificate;
}

static inline void make_keys(void)
{
        ck_assert_int_eq(zmq_has("curve"), 1);
        server = made("server");
        ops = made("ops");
        stranger = made("stranger");
}

/* ---- nodes --------------------------------------------------------------------------------------- */

static inline struct actor_node *node_with(const struct actor_curve *curve, int64_t heartbeat_ms)
{
        static struct actor_log *log;
        struct actor_node *node;
        if (!log)
                log = actor_log_new_function(keep_line, NULL, ACTOR_LOG_INFO);
        struct actor_node_config config = {.name = "node",
                                           .workers = 1,
                                           .types = note_types,
                                           .heartbeat_ms = heartbeat_ms,
                                           .log = log,
                                           .curve = curve};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        return node;
}

static inline struct actor_node *listening(const struct actor_curve *curve, const char *endpoint, char *bound,
                                           size_t size)
{
        struct actor_error error;
        struct actor_node *node = node_with(curve, HEARTBEAT_MS);
        ck_assert_msg(actor_node_listen(node, endpoint, bound, size, &error) == 0, "%s", error.text);
        return node;
}

/* The server, which lets in `allowed` and nobody else. */
static inline struct actor_node *server_node(const struct actor_certificate *allowed, char *bound,
                                             size_t size)
{
        struct actor_certificate list[] = {*allowed};
        struct actor_curve curve = {.own = server, .allowed = {list, 1}};
        return listening(&curve, "tcp://127.0.0.1:0", bound, size);
}

/* A node that holds `own` and takes every endpoint for that of whoever holds `of_servers`. */
static inline struct actor_node *client_node(const struct actor_certificate *own,
                                             const struct actor_certificate *of_servers)
{
        struct actor_certificate list[] = {*of_servers};
        list[0].secret_key[0] = '\0';
        struct actor_curve curve = {.own = *own, .servers = {list, 1}};
        return node_with(&curve, HEARTBEAT_MS);
}

static inline uint64_t denied(struct actor_node *node)
{
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        return totals.wire_denied;
}

#endif
