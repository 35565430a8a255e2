/* SPDX-License-Identifier: Apache-2.0
 *
 * What is attainable: the barest core that can still be called actors, for the cases of actors_bench.c that
 * are nothing but messages. Usage: bare_core CASE WORKERS COUNT; prints operations per second. A message
 * is its sender and one number, made for each send and read by the receiver.
 *
 * It has what a message cannot do without: an intrusive queue of many producers and one consumer (D.
 * Vyukov's, with bit 0 of its head saying that nobody runs the actor), a ring of runnable actors a worker
 * from which others steal, a run-next slot, messages from slabs. It has nothing of what makes a runtime: no
 * types, tables, bounds, timers, links, names, statistics, generations, sleeping, end of an actor, memory
 * given back, other nodes. It is there to be measured against, and used for nothing. */
#include <actor/memory.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
        WORKERS_MAX = 64,
        RING_SIZE = 1024,
        TURN_MAX = 100,  /* messages */
        STREAK_MAX = 32, /* uses of the run-next slot in a row */
        SLAB = 256,      /* messages that are made, and come back, together */
        CHUNK = 64,      /* as in actors_bench.h */
        FORK_COUNT = 60,
        FORK_ITEMS = 10000,
        RING_COUNT = 503,
};

struct actor;
struct mail {
        _Atomic(struct mail *) next;
        struct mail *slab_next; /* while it waits to be used again with others */
        struct actor *from;
        int64_t number;
};

struct worker {
        _Alignas(64) _Atomic uint64_t head; /* of the ring: anybody takes */
        _Alignas(64) _Atomic uint64_t tail; /* the worker alone adds */
        _Atomic(struct actor *) ring[RING_SIZE];
        struct actor *next;
        unsigned streak;
        struct mail *free, *spare;
        size_t free_count;
};

struct actor {
        _Alignas(64) _Atomic uintptr_t head; /* the newest mail; bit 0: idle */
        _Alignas(64) struct mail *tail;      /* the last one handled, which stays until the next is */
        void (*handle)(struct worker *worker, struct actor *self, const struct mail *mail);
        struct actor *peer, **peers;
        int64_t left, waiting, sum;
};

static struct worker workers[WORKERS_MAX];
static unsigned worker_count;
static atomic_bool over;
static _Atomic(struct mail *) returned; /* slabs, by slab_next of their first */

/* ---- messages ---------------------------------------------------------------------------------------- */

static struct mail *make_slab(void)
{
        struct mail *slab = actor_zalloc(SLAB * sizeof *slab);
        for (size_t i = 0; i + 1 < SLAB; i++)
                atomic_init(&slab[i].next, &slab[i + 1]);
        return slab;
}

static struct mail *mail_new(struct worker *worker)
{
        if (worker->free == NULL) {
                if (worker->spare == NULL)
                        worker->spare = atomic_exchange_explicit(&returned, NULL, memory_order_acquire);
                struct mail *slab = worker->spare;
                worker->spare = slab != NULL ? slab->slab_next : NULL;
                worker->free = slab != NULL ? slab : make_slab();
                worker->free_count = SLAB;
        }
        struct mail *mail = worker->free;
        worker->free = atomic_load_explicit(&mail->next, memory_order_relaxed);
        worker->free_count--;
        return mail;
}

/* Returns SLAB of them at once, so that who frees does not keep what others have to make anew. */
static void mail_free(struct worker *worker, struct mail *mail)
{
        if (worker->free_count == SLAB) {
                struct mail *first = atomic_load_explicit(&returned, memory_order_relaxed);
                do {
                        worker->free->slab_next = first;
                } while (!atomic_compare_exchange_weak_explicit(&returned, &first, worker->free,
                                                                memory_order_release, memory_order_relaxed));
                worker->free = NULL;
                worker->free_count = 0;
        }
        atomic_store_explicit(&mail->next, worker->free, memory_order_relaxed);
        worker->free = mail;
        worker->free_count++;
}

/* ---- who runs ------------------------------------------------------------------------------------------ */

static void ring_push(struct worker *worker, struct actor *actor)
{
        uint64_t tail = atomic_load_explicit(&worker->tail, memory_order_relaxed);
        if (tail - atomic_load_explicit(&worker->head, memory_order_acquire) == RING_SIZE)
                abort(); /* no case has that many actors */
        atomic_store_explicit(&worker->ring[tail % RING_SIZE], actor, memory_order_relaxed);
        atomic_store_explicit(&worker->tail, tail + 1, memory_order_release);
}

static struct actor *ring_take(struct worker *worker)
{
        uint64_t head = atomic_load_explicit(&worker->head, memory_order_acquire);
        for (;;) {
                if (head == atomic_load_explicit(&worker->tail, memory_order_acquire))
                        return NULL;
                struct actor *actor =
                        atomic_load_explicit(&worker->ring[head % RING_SIZE], memory_order_relaxed);
                if (atomic_compare_exchange_weak_explicit(&worker->head, &head, head + 1,
                                                          memory_order_acq_rel, memory_order_acquire))
                        return actor;
        }
}

static void make_ready(struct worker *worker, struct actor *actor)
{
        if (worker->next != NULL)
                ring_push(worker, worker->next);
        worker->next = actor;
}

static void send_to(struct worker *worker, struct actor *from, struct actor *to, int64_t number)
{
        struct mail *mail = mail_new(worker);
        mail->from = from;
        mail->number = number;
        atomic_store_explicit(&mail->next, NULL, memory_order_relaxed);
        uintptr_t before = atomic_exchange_explicit(&to->head, (uintptr_t) mail, memory_order_acq_rel);
        struct mail *last = (struct mail *) (before & ~(uintptr_t) 1);
        atomic_store_explicit(&last->next, mail, memory_order_release);
        if (before & 1)
                make_ready(worker, to);
}

/* Handles what is there, up to a turn's length; whoever has more goes to the end of the ring. */
static void run_turn(struct worker *worker, struct actor *actor)
{
        struct mail *newest =
                (struct mail *) (atomic_load_explicit(&actor->head, memory_order_acquire) & ~(uintptr_t) 1);
        for (int i = 0; i < TURN_MAX && actor->tail != newest; i++) {
                struct mail *mail = atomic_load_explicit(&actor->tail->next, memory_order_acquire);
                if (mail == NULL)
                        break; /* its sender is between the exchange and the link */
                mail_free(worker, actor->tail);
                actor->tail = mail;
                actor->handle(worker, actor, mail);
        }
        uintptr_t last = (uintptr_t) actor->tail;
        if (!atomic_compare_exchange_strong_explicit(&actor->head, &last, last | 1, memory_order_release,
                                                     memory_order_relaxed))
                ring_push(worker, actor);
}

static struct actor *find_work(struct worker *worker)
{
        struct actor *actor = worker->next;
        if (actor != NULL && worker->streak++ < STREAK_MAX) {
                worker->next = NULL;
                return actor;
        }
        worker->streak = 0;
        for (unsigned i = 0; i < worker_count; i++) {
                struct actor *found = ring_take(&workers[(worker - workers + i) % worker_count]);
                if (found != NULL)
                        return found;
        }
        worker->next = NULL;
        return actor;
}

static void *work(void *arg)
{
        struct worker *worker = arg;
        while (!atomic_load_explicit(&over, memory_order_relaxed)) {
                struct actor *actor = find_work(worker);
                if (actor != NULL)
                        run_turn(worker, actor);
                else
                        sched_yield();
        }
        return NULL;
}

/* ---- the cases -------------------------------------------------------------------------------------------
 */

typedef void handler_fn(struct worker *, struct actor *, const struct mail *);

static struct actor *make(handler_fn *handle, int64_t left, struct actor *peer)
{
        struct actor *actor = aligned_alloc(_Alignof(struct actor), sizeof *actor);
        if (actor == NULL)
                abort();
        memset(actor, 0, sizeof *actor);
        actor->tail = mail_new(&workers[0]);
        atomic_store(&actor->tail->next, NULL);
        atomic_init(&actor->head, (uintptr_t) actor->tail | 1);
        actor->handle = handle;
        actor->left = left;
        actor->peer = peer;
        return actor;
}

static void on_token(struct worker *worker, struct actor *self, const struct mail *mail)
{
        if (mail->number == 0)
                atomic_store(&over, true);
        else
                send_to(worker, self, self->peer, mail->number - 1);
}

static void on_produce(struct worker *worker, struct actor *self, const struct mail *mail)
{
        for (int i = 0; i < CHUNK && self->left > 0; i++, self->left--)
                send_to(worker, self, self->peer, self->left);
        if (self->left > 0)
                send_to(worker, self, self, self->left);
}

static void on_item(struct worker *worker, struct actor *self, const struct mail *mail)
{
        self->sum += mail->number;
        if (--self->left > 0)
                return;
        if (self->peer != NULL)
                send_to(worker, self, self->peer, -1); /* a worker's last words to the forker */
        else
                atomic_store(&over, true);
}

static void begin_round(struct worker *worker, struct actor *self)
{
        for (int i = 0; i < FORK_COUNT; i++)
                self->peers[i]->left = FORK_ITEMS;
        self->waiting = FORK_COUNT;
        send_to(worker, self, self, FORK_ITEMS);
}

static void on_fork(struct worker *worker, struct actor *self, const struct mail *mail)
{
        if (mail->number > 0) {
                for (int i = 0; i < FORK_COUNT; i++)
                        send_to(worker, self, self->peers[i], mail->number);
                if (mail->number > 1)
                        send_to(worker, self, self, mail->number - 1);
        } else if (mail->number == 0) {
                begin_round(worker, self);
        } else if (--self->waiting == 0) {
                if (--self->left > 0)
                        begin_round(worker, self);
                else
                        atomic_store(&over, true);
        }
}

static double ring_of(int members, int64_t hops)
{
        struct actor *first = make(on_token, 0, NULL), *next = first;
        for (int i = 1; i < members; i++)
                next = make(on_token, 0, next);
        first->peer = next;
        send_to(&workers[0], NULL, first, hops);
        return (double) hops;
}

static double fan_in(int64_t senders, int64_t count)
{
        int64_t each = count / senders;
        struct actor *sink = make(on_item, each * senders, NULL);
        for (int64_t i = 0; i < senders; i++)
                send_to(&workers[0], NULL, make(on_produce, each, sink), 0);
        return (double) (each * senders);
}

/* The workers serve all rounds: here no actor ends. */
static double fork_join(int64_t rounds)
{
        static struct actor *peers[FORK_COUNT];
        struct actor *forker = make(on_fork, rounds, NULL);
        for (int i = 0; i < FORK_COUNT; i++)
                peers[i] = make(on_item, 0, forker);
        forker->peers = peers;
        send_to(&workers[0], NULL, forker, 0);
        return (double) rounds * FORK_COUNT * FORK_ITEMS;
}

static double begin(const char *name, int64_t count)
{
        if (strcmp(name, "ping-pong") == 0)
                return ring_of(2, 2 * count) / 2;
        if (strcmp(name, "ring") == 0)
                return ring_of(RING_COUNT, count);
        if (strcmp(name, "fan-in") == 0)
                return fan_in(1, count);
        if (strcmp(name, "fan-in-8") == 0)
                return fan_in(8, count);
        return strcmp(name, "fork-join") == 0 ? fork_join(count) : 0;
}

static double now(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
        worker_count = argc == 4 ? (unsigned) strtoul(argv[2], NULL, 10) : 0;
        double operations = worker_count > 0 && worker_count <= WORKERS_MAX
                                    ? begin(argv[1], strtoll(argv[3], NULL, 10))
                                    : 0;
        if (operations <= 0) {
                fputs("usage: bare_core CASE WORKERS COUNT\n", stderr);
                return 2;
        }
        pthread_t threads[WORKERS_MAX];
        double begun = now();
        for (unsigned i = 0; i < worker_count; i++)
                if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
                        abort();
        for (unsigned i = 0; i < worker_count; i++)
                pthread_join(threads[i], NULL);
        printf("%.0f\n", operations / (now() - begun));
        return 0;
}
