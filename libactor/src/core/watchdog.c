/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include <actor/inspect.h>
#include <actor/log.h>
#include <actor/memory.h>
#include <stdlib.h>
#include <time.h>

/* watchdog.c: sees a handler that does not return. A thread looks a few times per `watchdog_ms` at
 * what each worker runs: the same turn for that long is one handler (a turn ends soon after 200 µs).
 * Whoever waits for such a worker is given to the others, and where it is the net's thread that runs it,
 * another does that one's work.
 * While all workers sleep it sleeps too, without a time: the first worker that wakes wakes it.
 *
 * No worker runs unwatched: one that wakes has left the list of sleepers and then looks at `parked`;
 * the watchdog sets `parked` and then looks whether all are sleeping; both sequentially consistent. */
enum { LOOKS_PER_LIMIT = 4, LIMIT_MS_DEFAULT = 1000 };

/* What is known of one worker; `incident` only while `told`. */
struct watched {
        uint64_t turn;
        int64_t since_ns; /* 0: never looked at */
        bool told;
        struct actor_slow_handler incident;
};

static void log_incident(struct actor_node *node, const struct watched *w, int64_t now_ns, const char *event)
{
        actor_log_print(node->log, ACTOR_LOG_WARN, "actor: %s (%s) of %s %s a %s for %.3g s",
                        w->incident.name, w->incident.class_name, node->name, event, w->incident.type_name,
                        (double) (now_ns - w->since_ns) / 1e9);
}

/* The type of the message in the running handler. Actor and row may belong to different turns: the caller
 * finds that out and forgets the answer. */
static const char *type_of(const struct worker *worker, const struct actor *a)
{
        const struct actor_type *unlisted = CELL_GET(worker->unlisted);
        const struct kind *kind = CELL_GET(a->kind);
        unsigned row = CELL_GET(a->last_row);
        if (unlisted != NULL)
                return unlisted->name;
        return row < kind->row_count ? kind->rows[row].type->name : "message";
}

static void describe(struct worker *worker, struct actor *a, struct actor_slow_handler *ret)
{
        *ret = (struct actor_slow_handler){
                .ref = {0, a->slot, atomic_load_explicit(&a->generation, memory_order_acquire)},
                .worker = worker->index,
                .class_name = cell_class(a)->name,
                .type_name = type_of(worker, a),
        };
        actor_node_describe(worker->node, ret->ref, ret->name, sizeof ret->name);
}

/* The lock is held. */
static void look_at(struct worker *worker, struct watched *w, int64_t now_ns)
{
        struct watchdog *dog = &worker->node->watchdog;
        uint64_t turn = atomic_load_explicit(&worker->turns, memory_order_acquire);
        struct actor *a = CELL_GET(worker->running);
        if (a == NULL || turn != w->turn || w->since_ns == 0) {
                if (w->told)
                        log_incident(worker->node, w, now_ns, "has handled");
                *w = (struct watched){.turn = turn, .since_ns = now_ns};
                return;
        }
        if (CELL_GET(worker->is_borrowed))
                net_relieve(worker->node->net);
        sched_wake_net(worker->node); /* for what the handler has sent */
        if (worker->node->worker_count > 1)
                sched_rescue(worker, turn); /* who waits for this worker need not wait for the handler */
        if (w->told || now_ns - w->since_ns < dog->limit_ns)
                return;
        describe(worker, a, &w->incident);
        if (atomic_load(&worker->turns) != turn)
                return;
        w->told = true;
        CELL_SET(dog->incidents, CELL_GET(dog->incidents) + 1);
        log_incident(worker->node, w, now_ns, "has been handling");
}

static bool all_sleep(struct actor_node *node)
{
        return atomic_load(&node->idle_count) == node->worker_count;
}

static bool any_told(const struct actor_node *node)
{
        for (unsigned i = 0; i < node->worker_count; i++)
                if (node->watchdog.watched[i].told)
                        return true;
        return false;
}

/* The lock is held, but while waiting. */
static void wait_for_a_worker(struct actor_node *node)
{
        struct watchdog *dog = &node->watchdog;
        atomic_store(&dog->parked, true);
        while (atomic_load(&dog->parked) && !dog->quit && all_sleep(node))
                pthread_cond_wait(&dog->changed, &dog->lock);
        atomic_store(&dog->parked, false);
        for (unsigned i = 0; i < node->worker_count; i++)
                dog->watched[i].since_ns = 0; /* whatever runs now has begun now */
}

static void wait_for_the_next_look(struct watchdog *dog)
{
        struct timespec until;
        int64_t pause_ns = dog->limit_ns / LOOKS_PER_LIMIT;
        (void) clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += pause_ns % 1000000000;
        until.tv_sec += pause_ns / 1000000000 + until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        while (!dog->quit && pthread_cond_timedwait(&dog->changed, &dog->lock, &until) == 0)
                continue;
}

static void look_at_all(struct actor_node *node)
{
        for (unsigned i = 0; i < node->worker_count; i++)
                look_at(&node->workers[i], &node->watchdog.watched[i], node_now_ns(node));
}

/* Whoever wakes us pays for it: hence, once awake, we stay so until the next look. A node that hears of
 * another once in 100 µs sleeps as often. */
static void *watchdog_main(void *arg)
{
        struct actor_node *node = arg;
        struct watchdog *dog = &node->watchdog;
        pthread_mutex_lock(&dog->lock);
        while (!dog->quit) {
                look_at_all(node);
                if (all_sleep(node) && !any_told(node)) {
                        wait_for_a_worker(node);
                        look_at_all(node);
                }
                wait_for_the_next_look(dog);
        }
        pthread_mutex_unlock(&dog->lock);
        return NULL;
}

void watchdog_unpark(struct actor_node *node)
{
        struct watchdog *dog = &node->watchdog;
        pthread_mutex_lock(&dog->lock);
        atomic_store(&dog->parked, false);
        pthread_cond_signal(&dog->changed);
        pthread_mutex_unlock(&dog->lock);
}

/* ---- beginning and end --------------------------------------------------------------------------- */

void watchdog_init(struct actor_node *node, const struct actor_node_config *config)
{
        struct watchdog *dog = &node->watchdog;
        pthread_condattr_t monotonic;
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&dog->changed, &monotonic);
        pthread_condattr_destroy(&monotonic);
        pthread_mutex_init(&dog->lock, NULL);
        if (node->sim != NULL || config->watchdog_ms < 0)
                return;
        dog->limit_ns = (config->watchdog_ms ? config->watchdog_ms : LIMIT_MS_DEFAULT) * 1000000;
        dog->watched = actor_zalloc(node->worker_count * sizeof *dog->watched);
}

int watchdog_start(struct actor_node *node)
{
        struct watchdog *dog = &node->watchdog;
        if (dog->limit_ns == 0)
                return 0;
        int r = pthread_create(&dog->thread, NULL, watchdog_main, node);
        if (r != 0)
                return -r;
        (void) pthread_setname_np(dog->thread, "watchdog");
        dog->started = true;
        return 0;
}

void watchdog_stop(struct actor_node *node)
{
        struct watchdog *dog = &node->watchdog;
        if (!dog->started)
                return;
        pthread_mutex_lock(&dog->lock);
        dog->quit = true;
        pthread_cond_signal(&dog->changed);
        pthread_mutex_unlock(&dog->lock);
        (void) pthread_join(dog->thread, NULL);
        dog->started = false;
}

void watchdog_done(struct actor_node *node)
{
        struct watchdog *dog = &node->watchdog;
        pthread_cond_destroy(&dog->changed);
        pthread_mutex_destroy(&dog->lock);
        free(dog->watched);
}

size_t actor_node_slow_handlers(struct actor_node *node, struct actor_slow_handler *ret, size_t max)
{
        struct watchdog *dog = &node->watchdog;
        size_t count = 0;
        if (dog->watched == NULL)
                return 0;
        pthread_mutex_lock(&dog->lock);
        int64_t now_ns = node_now_ns(node);
        for (unsigned i = 0; i < node->worker_count && count < max; i++) {
                if (!dog->watched[i].told)
                        continue;
                ret[count] = dog->watched[i].incident;
                ret[count++].busy_ns = now_ns - dog->watched[i].since_ns;
        }
        pthread_mutex_unlock(&dog->lock);
        return count;
}
