/* SPDX-License-Identifier: Apache-2.0
 *
 * What actors of one node cost. Usage: actors_bench CASE WORKERS COUNT [statistics-off]; prints figures
 * in one line, of most cases operations per second. Beside it, the same cases: peers/actors.erl,
 * peers/actors_caf.cpp, bare_core.c.
 *
 *   ping-pong    round trips of one message between two actors; pairs: of four pairs a worker
 *   fan-in       messages of one sender to one receiver, and resident MiB afterwards; fan-in-8: of eight
 *   fork-join    messages of one actor to sixty, ten thousand to each in turn, COUNT times over
 *   ring         hops of one message around 503 actors
 *   big          questions: each of 120 actors asks every other and waits for all answers, COUNT times
 *   ask          asks with a timeout, answered
 *   spawn        actors that are made, get one message, answer it and end
 *   idle         COUNT actors that wait: bytes each
 *   timers       timers armed and cancelled by their actor; timers-other: cancelled on another worker
 *   tail         ping-pong beside 100 actors that always have work: p50, p99, p99.9, fair share, all in
 *                microseconds; most ÷ least work of a busy one
 *   wake-up      from a foreign thread's send to the handler on an idle node, and of a bare futex: p50, µs
 *   idle-cpu     COUNT seconds of 10,000 idle actors: percent of a processor
 *
 * What is equal: a message is a type and one 64-bit number, made anew for each send, read by its receiver.
 * What is not: a handler of ours runs to its end, so whoever sends much sends CHUNK messages, then a
 * message to itself, and others run in between (CAF's the same); an Erlang process is preempted after
 * 4,000 reductions wherever it is. */
#include "actors_bench.h"

#include <actor/memory.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct actor_type token_type = {.name = "token", .size = sizeof(struct number)};
const struct actor_type go_type = {.name = "go", .size = sizeof(struct number)};
const struct actor_type item_type = {.name = "item", .size = sizeof(struct number)};
const struct actor_type answer_type = {.name = "answer", .size = sizeof(struct number)};

static struct bench bench;

struct bench *the_bench(void)
{
        return &bench;
}

void bench_note(double figure)
{
        bench.notes[bench.note_count++] = figure;
}

double bench_now(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

void bench_stop_clock(void)
{
        bench.ended = bench_now();
}

int bench_done(struct actor *self)
{
        if (bench.ended == 0)
                bench_stop_clock();
        actor_node_shutdown(actor_node(self), 0);
        return 0;
}

double bench_resident_bytes(void)
{
        long pages = 0;
        FILE *file = fopen("/proc/self/statm", "re");
        if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
                abort();
        fclose(file);
        return (double) pages * (double) sysconf(_SC_PAGESIZE);
}

/* ---- players ---------------------------------------------------------------------------------------- */

static void *new_number(const struct actor_type *type, int64_t value)
{
        struct number *msg = actor_msg_new(type);
        msg->value = value;
        return msg;
}

int send_number(struct actor *self, struct actor_ref to, const struct actor_type *type, int64_t value)
{
        return actor_send(self, to, new_number(type, value));
}

void node_send_number(struct actor_node *node, struct actor_ref to, const struct actor_type *type,
                      int64_t value)
{
        if (actor_node_send(node, to, new_number(type, value)) != 0)
                abort();
}

int player_init(void *state, struct actor *self, const void *config)
{
        struct player *p = state;
        const struct setup *setup = config;
        if (setup != NULL) {
                p->left = setup->count;
                p->peer = setup->peer;
                p->judge = setup->judge;
        }
        return 0;
}

void player_fini(void *state)
{
        free(((struct player *) state)->peers);
}

struct actor_ref spawn_of(struct actor_node *node, const struct actor_class *class, const void *config)
{
        struct actor_ref ref;
        if (actor_node_spawn(node, class, NULL, config, &ref) != 0)
                abort();
        return ref;
}

struct actor_ref spawn_player(struct actor_node *node, const struct actor_handler *handlers,
                              struct setup setup)
{
        /* The node reads the class as long as the actor lives, and the cases live as long as the program. */
        struct actor_class *class = actor_zalloc(sizeof *class);
        *class = (struct actor_class){.name = "player",
                                      .state_size = sizeof(struct player),
                                      .init = player_init,
                                      .fini = player_fini,
                                      .handlers = handlers};
        return spawn_of(node, class, &setup);
}

static int on_verdict(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        p->sum += msg->value;
        return --p->left == 0 ? bench_done(mail->self) : 0;
}
ACTOR_BIND(on_verdict, struct player, struct number)

HANDLERS(judge_handlers, {&item_type, on_verdict_bound, ACTOR_FROM_LOCAL});

struct actor_ref spawn_judge(struct actor_node *node, int64_t count)
{
        return spawn_player(node, judge_handlers, (struct setup){.count = count});
}

/* ---- measuring -------------------------------------------------------------------------------------- */

static int measure(const struct bench_case *chosen, struct actor_node_config config)
{
        if (actor_node_new(&config, &bench.node) != 0)
                return 1;
        double begin = bench_now();
        chosen->begin(&bench);
        int status = actor_node_wait(bench.node);
        if (status == 0 && bench.operations > 0)
                printf("%.0f ", bench.operations / (bench.ended - begin));
        return status != 0;
}

static const struct bench_case *find(const char *name)
{
        const struct bench_case *groups[] = {message_cases, life_cases, latency_cases};
        for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
                for (const struct bench_case *row = groups[i]; row->name != NULL; row++)
                        if (strcmp(row->name, name) == 0)
                                return row;
        return NULL;
}

int main(int argc, char **argv)
{
        bool statistics_off = argc == 5 && strcmp(argv[4], "statistics-off") == 0;
        const struct bench_case *chosen = argc == 4 || statistics_off ? find(argv[1]) : NULL;
        if (chosen == NULL) {
                fputs("usage: actors_bench CASE WORKERS COUNT [statistics-off]\n", stderr);
                return 2;
        }
        bench.workers = (unsigned) strtoul(argv[2], NULL, 10);
        bench.count = strtoll(argv[3], NULL, 10);
        struct actor_node_config config = {
                .name = "bench", .workers = bench.workers, .statistics_off = statistics_off};
        int status = chosen->run != NULL ? chosen->run(&bench) : measure(chosen, config);
        for (int i = 0; i < bench.note_count; i++)
                printf("%.3f ", bench.notes[i]);
        printf("\n");
        fflush(stdout);
        _exit(status); /* the measured is over; a million actors need not be ended one by one */
}
