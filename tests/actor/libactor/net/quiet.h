/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_NET_QUIET_H
#define TESTS_NET_QUIET_H

/* Real nodes on ZeroMQ that keep what they log to themselves. */
#include <check.h>

#include "probe.h"
#include "check_main.h"

#include <actor/log.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { HEARTBEAT_MS = 10000 }; /* patience for machines that do much else */

/* What the nodes log, for the tests that look. */
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_text[65536];

static void keep_line(void *arg, enum actor_log_level level, const char *line)
{
        pthread_mutex_lock(&log_lock);
        size_t used = strlen(log_text);
        snprintf(log_text + used, sizeof log_text - used, "%s\n", line);
        pthread_mutex_unlock(&log_lock);
}

static inline bool was_logged(const char *text)
{
        pthread_mutex_lock(&log_lock);
        bool found = strstr(log_text, text) != NULL;
        pthread_mutex_unlock(&log_lock);
        return found;
}

static inline struct actor_node *quiet_node(void)
{
        static struct actor_log *log;
        struct actor_node *node;
        if (!log)
                log = actor_log_new_function(keep_line, NULL, ACTOR_LOG_WARN);
        struct actor_node_config config = {.name = "node",
                                           .workers = 1,
                                           .types = note_types,
                                           .message_max = 1 << 20,
                                           .heartbeat_ms = HEARTBEAT_MS,
                                           .log = log};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        return node;
}

static inline struct actor_node *listening_node(const char *endpoint, char *bound, size_t size)
{
        struct actor_error error;
        struct actor_node *node = quiet_node();
        ck_assert_msg(actor_node_listen(node, endpoint, bound, size, &error) == 0, "%s", error.text);
        return node;
}

#endif
