/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include "core/depot.h"
#include "inspect/inspect.h"
#include "sim/sim.h"
#include "system/system.h"
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

/* node.c: a node's making, its top-level actors and its end. */

#define SHUTDOWN_ASKED (UINT64_C(1) << 32)

/* ---- dice ---------------------------------------------------------------------------------------- */

static uint64_t rotate(uint64_t value, int by)
{
        return (value << by) | (value >> (64 - by));
}

/* xoshiro256** 1.0 (Blackman and Vigna, 2018; public domain). */
static uint64_t throw(uint64_t s[4])
{
        uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = rotate(s[3], 45);
        return result;
}

uint64_t node_dice(struct actor_node *node, struct worker *worker)
{
        if (node->sim != NULL)
                return sim_dice(node->sim);
        if (worker != NULL)
                return throw(worker->dice);
        pthread_mutex_lock(&node->dice_lock);
        uint64_t value = throw(node->dice);
        pthread_mutex_unlock(&node->dice_lock);
        return value;
}

static void load_dice(struct actor_node *node, uint64_t dice[4])
{
        for (int i = 0; i < 4; i++) {
                if (node->sim != NULL)
                        dice[i] = sim_dice(node->sim);
                else if (getrandom(&dice[i], sizeof dice[i], 0) != sizeof dice[i])
                        dice[i] = (uint64_t) node_now_ns(node) * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t) i;
        }
        dice[0] |= 1; /* all zero would stay so */
}

/* ---- making and unmaking ------------------------------------------------------------------------- */

static void init_locks(struct actor_node *node)
{
        pthread_mutex_init(&node->cells_lock, NULL);
        pthread_mutex_init(&node->drop_lock, NULL);
        pthread_mutex_init(&node->names.lock, NULL);
        pthread_mutex_init(&node->top.lock, NULL);
        pthread_cond_init(&node->top.changed, NULL);
        pthread_mutex_init(&node->inject_lock, NULL);
        pthread_mutex_init(&node->idle_lock, NULL);
        pthread_mutex_init(&node->dice_lock, NULL);
}

static void *map_pages(size_t size)
{
        void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
                fprintf(stderr, "libactor: out of memory for a node: %s\n", strerror(errno));
                abort();
        }
        return memory;
}

struct actor_node *node_make(const struct actor_node_config *config, unsigned workers, struct actor_sim *sim)
{
        struct actor_node *node = map_pages(sizeof *node);
        node->sim = sim;
        node->log = config->log;
        node->name = actor_strdup(config->name ? config->name : "node");
        init_locks(node);
        node->depot = depot_new();
        kinds_init(&node->kinds, config->statistics_off, workers == 1);
        pauses_init(&node->pauses);
        trace_ring_init(node);
        load_dice(node, node->dice);
        node->incarnation = throw(node->dice) | 1;
        cells_init(node);
        node->inject_end = &node->inject_first;
        node->worker_count = workers;
        node->boxed = workers == 1 && sim == NULL;
        node->workers = map_pages(workers * sizeof *node->workers);
        node->idle = actor_zalloc(workers * sizeof(struct worker *));
        for (unsigned i = 0; i < workers; i++) {
                struct worker *worker = &node->workers[i];
                worker->node = node;
                worker->index = i;
                blocks_init(&worker->blocks, node->depot);
                worker->untimed = TIMED_ONE_IN;
                worker->turn_messages = sim != NULL ? TURN_MESSAGES_SIM : TURN_MESSAGES;
                CELL_SET(worker->ready_slowly, sim != NULL);
                ticks_init(&worker->ticks);
                worker->heads_seen = actor_zalloc(workers * sizeof *worker->heads_seen);
                wheel_init(&worker->wheel, node_now_ns(node) / 1000000);
                load_dice(node, worker->dice);
        }
        if (config->types != NULL)
                node->types = inspect_types_with(config->types);
        watchdog_init(node, config);
        system_init(node, config);
        return node;
}

void node_sweep(struct actor_node *node)
{
        uint32_t count = atomic_load(&node->cell_count);
        box_done(node);
        for (uint32_t slot = count; --slot > 0;) /* children are mostly younger than their parents */
                life_discard(node, cells_known(node, slot));
}

void node_unmake(struct actor_node *node)
{
        cells_done(node);
        for (unsigned i = 0; i < node->worker_count; i++) {
                wheel_done(&node->workers[i].wheel);
                free(node->workers[i].heads_seen);
                blocks_done(&node->workers[i].blocks);
        }
        depot_release(node->depot);
        kinds_done(&node->kinds);
        pauses_done(&node->pauses);
        watchdog_done(node);
        trace_ring_done(node);
        system_done(node);
        names_done(node);
        (void) munmap(node->workers, node->worker_count * sizeof *node->workers);
        free(node->idle);
        free(node->top.refs);
        free(node->types);
        free(node->name);
        (void) munmap(node, sizeof *node);
}

static int start_workers(struct actor_node *node)
{
        for (unsigned i = 0; i < node->worker_count; i++) {
                struct worker *worker = &node->workers[i];
                int r = pthread_create(&worker->thread, NULL, sched_main, worker);
                if (r != 0) {
                        node->threads = i;
                        return -r;
                }
                char name[16];
                (void) snprintf(name, sizeof name, "actors/%u", i % (WORKERS_MAX * 2));
                (void) pthread_setname_np(worker->thread, name);
        }
        node->threads = node->worker_count;
        return 0;
}

static void stop_workers(struct actor_node *node)
{
        atomic_store(&node->quit, true);
        atomic_store(&node->attention, true);
        for (unsigned i = 0; i < node->threads; i++)
                sched_kick(&node->workers[i]);
        for (unsigned i = 0; i < node->threads; i++)
                (void) pthread_join(node->workers[i].thread, NULL);
}

static void tear_down(struct actor_node *node)
{
        watchdog_stop(node);
        system_stop(node);
        if (node->net != NULL)
                net_stop(node->net);
        stop_workers(node);
        net_free(node->net);
        node->net = NULL;
        node_sweep(node);
        node_unmake(node);
}

static unsigned cores(void)
{
        long count = sysconf(_SC_NPROCESSORS_ONLN);
        return count < 1 ? 1 : count > WORKERS_MAX ? WORKERS_MAX : (unsigned) count;
}

static bool is_valid(const struct actor_node_config *config)
{
        return config->workers <= WORKERS_MAX && config->heartbeat_ms >= 0 && config->reconnect_min_ms >= 0 &&
               config->reconnect_max_ms >= 0 &&
               (config->reconnect_max_ms == 0 || config->reconnect_min_ms <= config->reconnect_max_ms);
}

struct net_config node_net_config(struct actor_node *node, const struct actor_node_config *config)
{
        return (struct net_config){
                .node = node,
                .types = node->types,
                .message_max = config->message_max ? config->message_max : ACTOR_MESSAGE_MAX_DEFAULT,
                .heartbeat_ms = config->heartbeat_ms ? config->heartbeat_ms : 5000,
                .heartbeats_missed_max = config->heartbeats_missed_max ? config->heartbeats_missed_max : 3,
                .reconnect_min_ms = config->reconnect_min_ms ? config->reconnect_min_ms : 100,
                .reconnect_max_ms = config->reconnect_max_ms ? config->reconnect_max_ms : 30000,
                .incarnation = node->incarnation,
                .curve = config->curve,
        };
}

int actor_node_new(const struct actor_node_config *config, struct actor_node **ret)
{
        static const struct actor_node_config all_defaults;
        if (config == NULL)
                config = &all_defaults;
        if (!is_valid(config))
                return -EINVAL;
        struct actor_node *node = node_make(config, config->workers ? config->workers : cores(), NULL);
        int r = 0;
        if (config->types != NULL) {
                struct net_config net = node_net_config(node, config);
                r = net_new_zmq(&net, &node->net);
        }
        if (r == 0)
                r = start_workers(node);
        if (r == 0)
                r = watchdog_start(node);
        if (r != 0) {
                tear_down(node);
                return r;
        }
        *ret = node;
        return 0;
}

int actor_node_spawn(struct actor_node *node, const struct actor_class *class, const char *name,
                     const void *config, struct actor_ref *ret)
{
        struct actor_ref ref;
        struct spawn spawn = {.class = class, .name = name, .config = config};
        int r = life_spawn(node, node->sim != NULL ? node->workers : NULL, &spawn, &ref);
        if (r == 0 && ret != NULL)
                *ret = ref;
        return r;
}

/* ---- top-level actors and shutdown --------------------------------------------------------------- */

/* Whose place in the list is kept where a child of an actor keeps a sibling. */
int top_add(struct actor_node *node, struct actor *a)
{
        struct top *top = &node->top;
        int r = -ESHUTDOWN;
        pthread_mutex_lock(&top->lock);
        if (!top->stopping) {
                ACTOR_ARRAY_RESERVE(top->refs, top->used, top->capacity);
                a->older_sibling = (uint32_t) top->used;
                top->refs[top->used++] = cell_ref(a);
                top->count++;
                r = 0;
        }
        pthread_mutex_unlock(&top->lock);
        return r;
}

/* The lock is held. Stops the youngest; when it has ended, this is called again. */
static void stop_youngest(struct actor_node *node, struct worker *worker)
{
        struct top *top = &node->top;
        if (top->count > 0)
                (void) deliver(node, worker, mail_make(MAIL_STOP, ACTOR_NOBODY, top->refs[top->used - 1]));
        else
                pthread_cond_broadcast(&top->changed);
}

/* The lock is held. The first to say why the node ends decides its status. */
static void begin_shutdown(struct actor_node *node, struct worker *worker, int status)
{
        struct top *top = &node->top;
        if (!top->status_known) {
                top->status_known = true;
                top->status = status;
        }
        if (top->stopping)
                return;
        top->stopping = true;
        stop_youngest(node, worker);
}

static void close_gaps(struct actor_node *node)
{
        struct top *top = &node->top;
        size_t kept = 0;
        for (size_t i = 0; i < top->used; i++) {
                if (actor_ref_is_nobody(top->refs[i]))
                        continue;
                cells_known(node, top->refs[i].slot)->older_sibling = (uint32_t) kept;
                top->refs[kept++] = top->refs[i];
        }
        top->used = kept;
}

/* The lock is held. A gap stays until all younger ones have ended, or the gaps are most of the list. */
static void top_remove(struct actor_node *node, const struct actor *child, struct actor_ref ref)
{
        struct top *top = &node->top;
        struct actor_ref *place = &top->refs[child->older_sibling];
        assert(actor_ref_equal(*place, ref));
        *place = ACTOR_NOBODY;
        top->count--;
        while (top->used > 0 && actor_ref_is_nobody(top->refs[top->used - 1]))
                top->used--;
        if (top->used / 2 > top->count + TOP_GAPS)
                close_gaps(node);
}

void top_child_ended(struct actor *child, struct actor_ref ref)
{
        struct actor_node *node = child->node;
        struct top *top = &node->top;
        pthread_mutex_lock(&top->lock);
        top_remove(node, child, ref);
        if (top->stopping)
                stop_youngest(node, child->worker);
        else if (child->end_reason == ACTOR_DOWN_FAILED && !child->unborn)
                begin_shutdown(node, child->worker, child->error);
        if (top->count == 0)
                pthread_cond_broadcast(&top->changed);
        pthread_mutex_unlock(&top->lock);
        cells_give_back(node, child->worker, child);
}

void node_begin_shutdown(struct actor_node *node, int status)
{
        pthread_mutex_lock(&node->top.lock);
        begin_shutdown(node, node->sim != NULL ? node->workers : NULL, status);
        pthread_mutex_unlock(&node->top.lock);
}

void actor_node_shutdown(struct actor_node *node, int status)
{
        uint64_t none = 0;
        (void) atomic_compare_exchange_strong(&node->shutdown_asked, &none,
                                              SHUTDOWN_ASKED | (uint32_t) status);
        atomic_store(&node->attention, true);
        for (unsigned i = 0; i < node->threads; i++)
                sched_kick(&node->workers[i]);
}

void node_poll_shutdown(struct actor_node *node)
{
        uint64_t asked = atomic_load(&node->shutdown_asked);
        if (asked == 0 || atomic_exchange(&node->shutdown_seen, true))
                return;
        node_begin_shutdown(node, (int) (uint32_t) asked);
}

bool node_is_down(struct actor_node *node)
{
        pthread_mutex_lock(&node->top.lock);
        bool down = node->top.stopping && node->top.count == 0;
        pthread_mutex_unlock(&node->top.lock);
        return down;
}

bool node_end_if_deserted(struct actor_node *node)
{
        pthread_mutex_lock(&node->top.lock);
        if (node->top.count == 0 && !node->top.stopping)
                begin_shutdown(node, NULL, 0);
        bool down = node->top.stopping && node->top.count == 0;
        pthread_mutex_unlock(&node->top.lock);
        return down;
}

static bool is_down(void *node)
{
        return node_end_if_deserted(node);
}

int actor_node_wait(struct actor_node *node)
{
        struct top *top = &node->top;
        if (node->sim != NULL) {
                if (!actor_sim_run_until(node->sim, is_down, node, INT64_MAX))
                        return -EDEADLK;
                return top->status;
        }
        pthread_mutex_lock(&top->lock);
        while (top->count > 0)
                pthread_cond_wait(&top->changed, &top->lock);
        begin_shutdown(node, NULL, 0); /* the last one has ended: so does the node */
        int status = top->status;
        pthread_mutex_unlock(&top->lock);
        return status;
}

void actor_node_free(struct actor_node *node)
{
        if (node == NULL)
                return;
        if (node->sim != NULL) {
                sim_node_free(node->sim, node);
                return;
        }
        node_begin_shutdown(node, 0);
        (void) actor_node_wait(node);
        tear_down(node);
}
