/* SPDX-License-Identifier: Apache-2.0 */
/* A handler that blocks while the bridge runs it does not hold up what comes from other nodes. */
#include "check_main.h"
#include "probe.h"

#include <actor/log.h>
#include <check.h>
#include <unistd.h>

enum { BLOCK = 1, WATCHDOG_MS = 40 };

/* Where a handler stands until somebody opens. */
static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;
static bool stands_there, is_open, stays_open;

static void stand_at_gate(void)
{
        pthread_mutex_lock(&gate_lock);
        stands_there = true;
        pthread_cond_broadcast(&gate_changed);
        while (!is_open && !stays_open)
                pthread_cond_wait(&gate_changed, &gate_lock);
        stands_there = is_open = false;
        pthread_cond_broadcast(&gate_changed);
        pthread_mutex_unlock(&gate_lock);
}

static void await_somebody(bool there)
{
        struct timespec limit = patience_limit();
        pthread_mutex_lock(&gate_lock);
        while (stands_there != there && pthread_cond_timedwait(&gate_changed, &gate_lock, &limit) == 0)
                ;
        ck_assert(stands_there == there);
        pthread_mutex_unlock(&gate_lock);
}

/* For who stands there, or for good. */
static void open_gate(bool for_good)
{
        pthread_mutex_lock(&gate_lock);
        is_open = true;
        stays_open = for_good;
        pthread_cond_broadcast(&gate_changed);
        pthread_mutex_unlock(&gate_lock);
}

static bool is_worker(void)
{
        char name[16] = "";
        (void) pthread_getname_np(pthread_self(), name, sizeof name);
        return strncmp(name, "actors/", 7) == 0;
}

struct empty {
        char unused;
};

/* Answers, until the bridge is the one that asks it to block. */
static int on_block(struct empty *state, const struct actor_mail *mail, const struct note *note)
{
        if (note->number == BLOCK && !is_worker())
                stand_at_gate();
        return actor_reply(mail, note_of(&note_type, note->number, 0));
}
ACTOR_BIND(on_block, struct empty, struct note)

static int on_open(struct empty *state, const struct actor_mail *mail, const struct note *note)
{
        open_gate(false);
        return 0;
}
ACTOR_BIND(on_open, struct empty, struct note)

static const struct actor_handler blocker_handlers[] = {{&note_type, on_block_bound, ACTOR_FROM_ANY},
                                                        ACTOR_HANDLER_END};
static const struct actor_handler opener_handlers[] = {{&note_type, on_open_bound, ACTOR_FROM_ANY},
                                                       ACTOR_HANDLER_END};
static const struct actor_class blocker = {
        .name = "blocker", .state_size = sizeof(struct empty), .handlers = blocker_handlers};
static const struct actor_class opener = {
        .name = "opener", .state_size = sizeof(struct empty), .handlers = opener_handlers};

/* Asks the blocker, a question at a time, until it has been held up once. */
struct asker {
        struct actor_ref blocker;
};

static int on_answer(void *state, const struct actor_mail *mail, const void *body, void *arg);

static int ask_on(struct actor *self, const struct asker *asker)
{
        actor_ask(self, asker->blocker, note_of(&note_type, BLOCK, 0), 60000, on_answer, NULL);
        return 0;
}

static int on_answer(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        return body == NULL ? 0 : ask_on(mail->self, state);
}

static int asker_init(void *state, struct actor *self, const void *config)
{
        *(struct asker *) state = *(const struct asker *) config;
        return ask_on(self, state);
}

static const struct actor_class asker_class = {
        .name = "asker", .state_size = sizeof(struct asker), .init = asker_init};

static struct actor_node *quiet_node(unsigned workers)
{
        static struct actor_log *log;
        struct actor_node *node;
        if (!log)
                log = actor_log_new(STDERR_FILENO, ACTOR_LOG_ERROR, false);
        struct actor_node_config config = {.name = "node",
                                           .workers = workers,
                                           .types = note_types,
                                           .watchdog_ms = WATCHDOG_MS,
                                           .log = log};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        return node;
}

struct pair {
        struct actor_node *near, *far;
        struct actor_ref probe;
        char bound[256];
};

static struct probe probe;

static void begin(struct pair *pair, unsigned workers)
{
        struct actor_error error;
        struct actor_ref ref;
        *pair = (struct pair){.near = quiet_node(1), .far = quiet_node(workers)};
        ck_assert_int_eq(
                actor_node_listen(pair->far, "tcp://127.0.0.1:*", pair->bound, sizeof pair->bound, &error),
                0);
        ck_assert_int_eq(actor_node_spawn(pair->far, &blocker, "blocker", NULL, &ref), 0);
        ck_assert_int_eq(actor_node_spawn(pair->far, &opener, "opener", NULL, &ref), 0);
        struct asker asker = {resolve(pair->near, "blocker", pair->bound)};
        ck_assert_int_eq(actor_node_spawn(pair->near, &asker_class, "asker", &asker, &ref), 0);
        pair->probe = probe_spawn(pair->near, "probe", &probe);
}

static void end(struct pair *pair)
{
        actor_node_free(pair->near);
        actor_node_free(pair->far);
}

/* Goal: whom a blocked handler waits for can be another node. Method: the handler blocks on the bridge until
 * a message has come over the same connection; three times, so that the duty goes there and back. */
START_TEST(a_handler_can_wait_for_what_the_bridge_it_blocks_will_bring)
{
        struct pair pair;
        begin(&pair, 2);
        struct actor_ref opener_there = resolve(pair.near, "opener", pair.bound);
        for (int i = 0; i < 3; i++) {
                await_somebody(true);
                probe_order(pair.near, pair.probe, (struct order){.what = ORDER_SEND, .to = opener_there});
                await_somebody(false);
        }
        open_gate(true);
        end(&pair);
}
END_TEST

/* Where the only worker is blocked, the node's connections still live: what needs no actor is answered. */
START_TEST(a_blocked_only_worker_does_not_hold_up_the_links)
{
        struct pair pair;
        begin(&pair, 1);
        await_somebody(true);
        probe_order(pair.near, pair.probe,
                    (struct order){.what = ORDER_ASK, .to = resolve(pair.near, "nobody", pair.bound)});
        probe_await(&probe, "reply ESRCH\n");
        open_gate(true);
        end(&pair);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_test(tcase, a_handler_can_wait_for_what_the_bridge_it_blocks_will_bring);
        tcase_add_test(tcase, a_blocked_only_worker_does_not_hold_up_the_links);
}

TEST_MAIN("stand_in", add_tests)
