/* SPDX-License-Identifier: Apache-2.0 */
#include "net/denials.h"
#include "net/frame.h"
#include "net/limits.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct denials {
        struct actor_node *node;
        _Atomic uint64_t count;
        pthread_mutex_t lock;
        int64_t period_began_ns;             /* 0: none yet */
        uint64_t told[NET_DENIALS_TOLD_MAX]; /* hashes of those told of in this period */
        unsigned told_count;
        uint64_t untold; /* in this period, since the last line */
};

struct denials *denials_new(struct actor_node *node)
{
        struct denials *denials = actor_zalloc(sizeof *denials);
        denials->node = node;
        pthread_mutex_init(&denials->lock, NULL);
        return denials;
}

void denials_free(struct denials *denials)
{
        pthread_mutex_destroy(&denials->lock);
        free(denials);
}

/* The lock is held. */
static void begin_period_if_due(struct denials *denials)
{
        int64_t now = node_now_ns(denials->node);
        if (denials->period_began_ns != 0 &&
            now - denials->period_began_ns < (int64_t) NET_DENIALS_PERIOD_MS * 1000000)
                return;
        denials->period_began_ns = now;
        denials->told_count = 0;
}

/* The lock is held. */
static bool is_news(struct denials *denials, const char *who)
{
        uint64_t hash = frame_type_hash(who);
        for (unsigned i = 0; i < denials->told_count; i++)
                if (denials->told[i] == hash)
                        return false;
        if (denials->told_count == NET_DENIALS_TOLD_MAX)
                return false;
        denials->told[denials->told_count++] = hash;
        return true;
}

void denials_note(struct denials *denials, const char *who, const char *why)
{
        atomic_fetch_add_explicit(&denials->count, 1, memory_order_relaxed);
        pthread_mutex_lock(&denials->lock);
        begin_period_if_due(denials);
        bool tell = is_news(denials, who);
        unsigned long long untold = denials->untold;
        denials->untold = tell ? 0 : untold + 1;
        pthread_mutex_unlock(&denials->lock);
        if (!tell)
                return;
        struct actor_log *log = node_log(denials->node);
        actor_log_print(log, ACTOR_LOG_WARN, "net: %s denied %s: %s", node_name(denials->node), who, why);
        if (untold > 0)
                actor_log_print(log, ACTOR_LOG_WARN, "net: %s denied %llu more since the last such line",
                                node_name(denials->node), untold);
}

uint64_t denials_count(const struct denials *denials)
{
        return atomic_load_explicit(&denials->count, memory_order_relaxed);
}
