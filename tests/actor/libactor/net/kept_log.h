/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_KEPT_LOG_H
#define TEST_KEPT_LOG_H

#include <actor/log.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* What real nodes log, for the tests that look. */
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

#endif
