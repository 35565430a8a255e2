/* SPDX-License-Identifier: Apache-2.0
 *
 * actors_latency.c: how long a message waits, and what a node costs that has nothing to do. */
#include "actors_bench.h"

#include <actor/memory.h>

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BUSY_COUNT 100
#define WORK_S 1e-6
#define PAUSE_NS 2000000 /* between two wake-ups: long enough for a worker to sleep */
#define IDLE_COUNT 10000
#define SETTLE_NS 1000000000

static int by_size(const void *a, const void *b)
{
        double x = *(const double *) a, y = *(const double *) b;
        return (x > y) - (x < y);
}

/* Sorts. */
static double quantile(double *samples, size_t count, double q)
{
        qsort(samples, count, sizeof *samples, by_size);
        return samples[(size_t) (q * (double) (count - 1))];
}

static void must(bool ok)
{
        if (!ok)
                abort();
}

/* A pause is part of what is measured here, not a way to wait for anything. */
static void pause_ns(int64_t ns)
{
        int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
        struct itimerspec when = {.it_value = {ns / 1000000000, ns % 1000000000}};
        uint64_t expired;
        must(timer >= 0 && timerfd_settime(timer, 0, &when, NULL) == 0);
        must(read(timer, &expired, sizeof expired) == sizeof expired);
        close(timer);
}

/* ---- tail -------------------------------------------------------------------------------------------------
 *
 * Each busy actor has one message to itself waiting, always, and works a microsecond on it. On W workers,
 * taking turns fairly, whoever becomes runnable waits for the turns of 100 ÷ W others; a round trip becomes
 * runnable twice. With w, what a turn of a busy actor took, all told (elapsed × W ÷ turns, measured in the
 * same seconds as the round trips): fair share = 2 × (100 ÷ W) × w. */

static int64_t loops; /* of work() in WORK_S */
static _Atomic int64_t turns[BUSY_COUNT];
static struct {
        double *samples; /* owned */
        double sent, began;
        int64_t wanted, warm_up, seen;
        int64_t turns_before[BUSY_COUNT];
} tail;

static void work(int64_t count)
{
        for (uint64_t x = 1; count > 0; count--) {
                x = x * 6364136223846793005u + 1442695040888963407u;
                __asm__ volatile("" : "+r"(x));
        }
}

static void calibrate(void)
{
        double best = 1;
        for (int i = 0; i < 20; i++) {
                double begin = bench_now();
                work(1000000);
                double took = bench_now() - begin;
                best = took < best ? took : best;
        }
        loops = (int64_t) (WORK_S / (best / 1e6));
}

static int on_busy(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        _Atomic int64_t *own = &turns[msg->value];
        work(loops);
        atomic_store_explicit(own, atomic_load_explicit(own, memory_order_relaxed) + 1, memory_order_relaxed);
        return send_number(mail->self, actor_self(mail->self), &go_type, msg->value);
}
ACTOR_BIND(on_busy, struct player, struct number)

static void tail_begins(void)
{
        tail.began = bench_now();
        for (int i = 0; i < BUSY_COUNT; i++)
                tail.turns_before[i] = atomic_load_explicit(&turns[i], memory_order_relaxed);
}

static void tail_ends(void)
{
        double elapsed = bench_now() - tail.began;
        int64_t all = 0, most = 0, least = INT64_MAX;
        for (int i = 0; i < BUSY_COUNT; i++) {
                int64_t own = atomic_load_explicit(&turns[i], memory_order_relaxed) - tail.turns_before[i];
                all += own;
                most = own > most ? own : most;
                least = own < least ? own : least;
        }
        const double quantiles[] = {0.5, 0.99, 0.999};
        for (int i = 0; i < 3; i++)
                bench_note(quantile(tail.samples, (size_t) tail.wanted, quantiles[i]) * 1e6);
        /* 2 × (100 ÷ W) × (elapsed × W ÷ turns): the workers cancel out */
        bench_note(2 * BUSY_COUNT * elapsed / (double) all * 1e6);
        bench_note(least > 0 ? (double) most / (double) least : (double) most);
}

static int on_ball(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        double now = bench_now();
        if (tail.seen == tail.warm_up)
                tail_begins();
        if (tail.seen > tail.warm_up)
                tail.samples[tail.seen - tail.warm_up - 1] = now - tail.sent;
        if (tail.seen++ == tail.warm_up + tail.wanted) {
                tail_ends();
                return bench_done(mail->self);
        }
        tail.sent = bench_now();
        return send_number(mail->self, p->peer, &token_type, msg->value + 1);
}
ACTOR_BIND(on_ball, struct player, struct number)

static int on_return(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        return send_number(mail->self, mail->from, &token_type, msg->value);
}
ACTOR_BIND(on_return, struct player, struct number)

HANDLERS(busy_handlers, {&go_type, on_busy_bound, ACTOR_FROM_LOCAL});
HANDLERS(ball_handlers, {&token_type, on_ball_bound, ACTOR_FROM_LOCAL});
HANDLERS(return_handlers, {&token_type, on_return_bound, ACTOR_FROM_LOCAL});

static void begin_tail(struct bench *bench)
{
        calibrate();
        tail.wanted = bench->count;
        tail.warm_up = bench->count / 10;
        tail.samples = actor_malloc((size_t) bench->count * sizeof *tail.samples);
        struct setup setup = {.count = 0};
        setup.peer = spawn_player(bench->node, return_handlers, setup);
        struct actor_ref ping = spawn_player(bench->node, ball_handlers, setup);
        for (int i = 0; i < BUSY_COUNT; i++)
                node_send_number(bench->node, spawn_player(bench->node, busy_handlers, setup), &go_type, i);
        node_send_number(bench->node, ping, &token_type, 0);
}

/* ---- wake-up ----------------------------------------------------------------------------------------------
 *
 * The sender is a foreign thread on the first processor; the node's threads and the bare one share all the
 * others. In turn: a pause, a send to the sleeping node, a pause, a wake of the sleeping bare thread. */

static double ran_at;
static int ran_event; /* counts; what was written before its write is seen after its read */
static _Atomic uint32_t bare_word;

static void say_ran(void)
{
        uint64_t once = 1;
        must(write(ran_event, &once, sizeof once) == sizeof once);
}

static void await_runs(uint64_t wanted)
{
        for (uint64_t runs; wanted > 0; wanted -= runs)
                must(read(ran_event, &runs, sizeof runs) == sizeof runs);
}

static int on_alarm(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        ran_at = bench_now();
        say_ran();
        return 0;
}
ACTOR_BIND(on_alarm, struct player, struct number)

HANDLERS(alarm_handlers, {&item_type, on_alarm_bound, ACTOR_FROM_LOCAL});

static void futex(int operation, uint32_t value)
{
        (void) syscall(SYS_futex, &bare_word, operation, value, NULL, NULL, 0);
}

static void *bare_sleeper(void *unused)
{
        for (;;) {
                while (atomic_exchange(&bare_word, 0) == 0)
                        futex(FUTEX_WAIT_PRIVATE, 0);
                ran_at = bench_now();
                say_ran();
        }
        return NULL;
}

/* Both wake, and return when they began to. The message is made before: what is measured is its way. */
static double wake_node(struct actor_node *node, struct actor_ref alarm)
{
        struct number *msg = actor_msg_new(&item_type);
        double begin = bench_now();
        must(actor_node_send(node, alarm, msg) == 0);
        return begin;
}

static double wake_bare(struct actor_node *node, struct actor_ref alarm)
{
        double begin = bench_now();
        atomic_store(&bare_word, 1);
        futex(FUTEX_WAKE_PRIVATE, 1);
        return begin;
}

static double sample(double (*wake)(struct actor_node *, struct actor_ref), struct actor_node *node,
                     struct actor_ref alarm)
{
        pause_ns(PAUSE_NS);
        double begin = wake(node, alarm);
        await_runs(1);
        return ran_at - begin;
}

/* Splits the processors this process may use into the sender's and the others'; with one there is no split.
 */
static void split_processors(cpu_set_t *sender, cpu_set_t *others)
{
        sched_getaffinity(0, sizeof *others, others);
        *sender = *others;
        if (CPU_COUNT(others) < 2)
                return;
        int first = 0;
        while (!CPU_ISSET(first, others))
                first++;
        CPU_ZERO(sender);
        CPU_SET(first, sender);
        CPU_CLR(first, others);
}

static int wake_up(struct bench *bench)
{
        cpu_set_t sender, others;
        split_processors(&sender, &others);
        sched_setaffinity(0, sizeof others, &others); /* what is started from here on inherits it */
        struct actor_node_config config = {.name = "bench", .workers = bench->workers};
        pthread_t thread;
        ran_event = eventfd(0, EFD_CLOEXEC);
        if (actor_node_new(&config, &bench->node) != 0 ||
            pthread_create(&thread, NULL, bare_sleeper, NULL) != 0)
                return 1;
        sched_setaffinity(0, sizeof sender, &sender);
        struct actor_ref alarm = spawn_player(bench->node, alarm_handlers, (struct setup){.count = 0});
        size_t count = (size_t) bench->count;
        double *ours = actor_malloc(count * sizeof *ours), *bare = actor_malloc(count * sizeof *bare);
        for (size_t i = 0; i < count; i++) {
                ours[i] = sample(wake_node, bench->node, alarm);
                bare[i] = sample(wake_bare, bench->node, alarm);
        }
        bench_note(quantile(ours, count, 0.5) * 1e6);
        bench_note(quantile(bare, count, 0.5) * 1e6);
        free(ours);
        free(bare);
        return 0;
}

/* ---- idle-cpu
 * ----------------------------------------------------------------------------------------------- */

static double processor_seconds(void)
{
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int on_only_message(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        say_ran();
        return 0;
}
ACTOR_BIND(on_only_message, struct player, struct number)

HANDLERS(idler_handlers, {&item_type, on_only_message_bound, ACTOR_FROM_LOCAL});

static int idle_cpu(struct bench *bench)
{
        struct actor_node_config config = {.name = "bench", .workers = bench->workers};
        ran_event = eventfd(0, EFD_CLOEXEC);
        if (actor_node_new(&config, &bench->node) != 0)
                return 1;
        for (int i = 0; i < IDLE_COUNT; i++) {
                struct actor_ref idler =
                        spawn_player(bench->node, idler_handlers, (struct setup){.count = 0});
                node_send_number(bench->node, idler, &item_type, i);
        }
        await_runs(IDLE_COUNT); /* each has run once */
        pause_ns(SETTLE_NS);
        double begin = bench_now(), before = processor_seconds();
        pause_ns(bench->count * 1000000000);
        bench_note((processor_seconds() - before) / (bench_now() - begin) * 100);
        return 0;
}

const struct bench_case latency_cases[] = {
        {"tail", begin_tail, NULL},
        {"wake-up", NULL, wake_up},
        {"idle-cpu", NULL, idle_cpu},
        {NULL, NULL, NULL},
};
