/* SPDX-License-Identifier: Apache-2.0
 *
 * actors_lives.c: what actors and their timers cost. */
#include "actors_bench.h"

#include <errno.h>
#include <pthread.h>

#define SPAWN_WINDOW 100 /* actors made and not yet ended */
#define POPULATE_A_TURN 1000
#define DELAY_MS 1000 /* of a timer that is cancelled before */
#define BATCH 1024    /* timers armed in one turn and cancelled in another */

/* ---- spawn ----------------------------------------------------------------------------------------------
 */

static int on_last_words(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        actor_exit(mail->self, 0);
        return send_number(mail->self, mail->from, &answer_type, msg->value);
}
ACTOR_BIND(on_last_words, struct player, struct number)

HANDLERS(mayfly_handlers, {&item_type, on_last_words_bound, ACTOR_FROM_LOCAL});
static const struct actor_class mayfly_class = {
        .name = "mayfly", .state_size = sizeof(struct number), .handlers = mayfly_handlers};

static int spawn_one(struct player *p, struct actor *self)
{
        struct actor_ref child;
        int r = actor_spawn(self, &mayfly_class, NULL, NULL, &child);
        p->left--;
        p->waiting++;
        return r == 0 ? send_number(self, child, &item_type, p->left) : r;
}

static int on_spawn(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        int r = 0;
        while (r == 0 && p->left > 0 && p->waiting < SPAWN_WINDOW)
                r = spawn_one(p, mail->self);
        return r;
}
ACTOR_BIND(on_spawn, struct player, struct number)

static int on_ended(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        p->sum += msg->value;
        p->waiting--;
        if (p->left > 0)
                return spawn_one(p, mail->self);
        return p->waiting == 0 ? bench_done(mail->self) : 0;
}
ACTOR_BIND(on_ended, struct player, struct number)

HANDLERS(spawn_handlers, {&go_type, on_spawn_bound, ACTOR_FROM_LOCAL},
         {&answer_type, on_ended_bound, ACTOR_FROM_LOCAL});

static void begin_with(struct bench *bench, const struct actor_handler *handlers)
{
        struct setup setup = {.count = bench->count};
        node_send_number(bench->node, spawn_player(bench->node, handlers, setup), &go_type, 0);
}

static void spawning(struct bench *bench)
{
        bench->operations = (double) bench->count;
        begin_with(bench, spawn_handlers);
}

/* ---- idle -----------------------------------------------------------------------------------------------
 */

static double before_bytes;

static int on_populate(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        struct actor_ref child;
        for (int i = 0; i < POPULATE_A_TURN && p->left > 0; i++, p->left--)
                if (actor_spawn(mail->self, &mayfly_class, NULL, NULL, &child) != 0)
                        return -EAGAIN;
        if (p->left > 0)
                return send_number(mail->self, actor_self(mail->self), &go_type, p->left);
        bench_note((bench_resident_bytes() - before_bytes) / (double) the_bench()->count);
        return bench_done(mail->self);
}
ACTOR_BIND(on_populate, struct player, struct number)

HANDLERS(idle_handlers, {&go_type, on_populate_bound, ACTOR_FROM_LOCAL});

static void idle(struct bench *bench)
{
        before_bytes = bench_resident_bytes();
        begin_with(bench, idle_handlers);
}

/* ---- timers of the own worker
 * ------------------------------------------------------------------------------ */

static int on_timers(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        for (int i = 0; i < CHUNK && p->left > 0; i++, p->left--) {
                struct number *item = actor_msg_new(&item_type);
                item->value = p->left;
                actor_timer_cancel(mail->self, actor_after(mail->self, DELAY_MS + i, item));
        }
        return p->left > 0 ? send_number(mail->self, actor_self(mail->self), &go_type, p->left)
                           : bench_done(mail->self);
}
ACTOR_BIND(on_timers, struct player, struct number)

HANDLERS(timer_handlers, {&go_type, on_timers_bound, ACTOR_FROM_LOCAL});

static void timers(struct bench *bench)
{
        bench->operations = (double) bench->count;
        begin_with(bench, timer_handlers);
}

/* ---- timers of another worker -----------------------------------------------------------------------------
 *
 * A timer belongs to the wheel of the worker on which its actor ran when it armed it, and its actor alone
 * cancels it: so the actor has to move in between. An actor that a message wakes runs on its waker's worker.
 * Two hosts that always have a message of their own waiting keep both workers busy, so that nothing is
 * stolen and each stays on its worker; a traveller is woken by one, arms, tells the other, is woken by that,
 * cancels, tells the first. Two travellers go opposite ways. Counted are the timers for which the thread of
 * the cancel was another than that of the arming, nothing else; beside the rate stands their share. */

struct traveller {
        struct actor_ref hosts[2], judge;
        int64_t left, moved;
        pthread_t armed_on;
        bool armed;
        uint64_t timers[BATCH];
};

static int arm_batch(struct traveller *t, struct actor *self)
{
        for (int i = 0; i < BATCH; i++) {
                struct number *item = actor_msg_new(&item_type);
                item->value = i;
                t->timers[i] = actor_after(self, DELAY_MS + i % CHUNK, item);
        }
        t->armed_on = pthread_self();
        t->armed = true;
        return send_number(self, t->hosts[1], &item_type, BATCH);
}

static int cancel_batch(struct traveller *t, struct actor *self)
{
        for (int i = 0; i < BATCH; i++)
                actor_timer_cancel(self, t->timers[i]);
        t->armed = false;
        t->left -= BATCH;
        t->moved += pthread_equal(t->armed_on, pthread_self()) ? 0 : BATCH;
        return t->left > 0 ? send_number(self, t->hosts[0], &item_type, BATCH)
                           : send_number(self, t->judge, &item_type, t->moved);
}

static int on_woken(struct traveller *t, const struct actor_mail *mail, const struct number *msg)
{
        return t->armed ? cancel_batch(t, mail->self) : arm_batch(t, mail->self);
}
ACTOR_BIND(on_woken, struct traveller, struct number)

static int traveller_init(void *state, struct actor *self, const void *config)
{
        *(struct traveller *) state = *(const struct traveller *) config;
        return 0;
}

HANDLERS(traveller_handlers, {&token_type, on_woken_bound, ACTOR_FROM_LOCAL});
static const struct actor_class traveller_class = {.name = "traveller",
                                                   .state_size = sizeof(struct traveller),
                                                   .init = traveller_init,
                                                   .handlers = traveller_handlers};

static int on_guest(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        return send_number(mail->self, mail->from, &token_type, msg->value);
}
ACTOR_BIND(on_guest, struct player, struct number)

static int on_stay_busy(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        return send_number(mail->self, actor_self(mail->self), &go_type, msg->value + 1);
}
ACTOR_BIND(on_stay_busy, struct player, struct number)

HANDLERS(host_handlers, {&item_type, on_guest_bound, ACTOR_FROM_LOCAL},
         {&go_type, on_stay_busy_bound, ACTOR_FROM_LOCAL});

static int on_arrived(struct player *p, const struct actor_mail *mail, const struct number *msg)
{
        struct bench *bench = the_bench();
        bench->operations += (double) msg->value;
        if (--p->left > 0)
                return 0;
        bench_note(bench->operations / (double) p->peer_count);
        return bench_done(mail->self);
}
ACTOR_BIND(on_arrived, struct player, struct number)

HANDLERS(arrival_handlers, {&item_type, on_arrived_bound, ACTOR_FROM_LOCAL});

static int on_arrivals_init(void *state, struct actor *self, const void *config)
{
        struct player *p = state;
        p->left = 2;
        p->peer_count = *(const size_t *) config;
        return 0;
}

static const struct actor_class arrivals_class = {.name = "arrivals",
                                                  .state_size = sizeof(struct player),
                                                  .init = on_arrivals_init,
                                                  .handlers = arrival_handlers};

static void timers_other(struct bench *bench)
{
        int64_t batches = bench->count / 2 / BATCH + 1;
        size_t total = (size_t) (2 * batches * BATCH);
        struct traveller t = {.left = batches * BATCH,
                              .judge = spawn_of(bench->node, &arrivals_class, &total)};
        for (int i = 0; i < 2; i++)
                t.hosts[i] = spawn_player(bench->node, host_handlers, (struct setup){.count = 0});
        for (int i = 0; i < 2; i++)
                node_send_number(bench->node, t.hosts[i], &go_type, 0);
        struct traveller back = t;
        back.hosts[0] = t.hosts[1];
        back.hosts[1] = t.hosts[0];
        node_send_number(bench->node, spawn_of(bench->node, &traveller_class, &t), &token_type, 0);
        node_send_number(bench->node, spawn_of(bench->node, &traveller_class, &back), &token_type, 0);
}

const struct bench_case life_cases[] = {
        {"spawn", spawning, NULL}, {"idle", idle, NULL},
        {"timers", timers, NULL},  {"timers-other", timers_other, NULL},
        {NULL, NULL, NULL},
};
