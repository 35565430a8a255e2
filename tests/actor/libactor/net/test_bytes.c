/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: messages of bytes arrive at another node as they were sent, in order, however large and whoever else
 * refers to them.
 *
 * Method: two real nodes on loopback, of one worker and of two; one actor sends, one compares. */
#include <check.h>

#include "quiet.h"

enum { COUNT = 4000, AT_ONCE = 100, LARGEST = 100000 };

static ACTOR_BYTES_TYPE(lump_type, "test.Lump");
static const struct actor_type *const lump_types[] = {&lump_type, NULL};

/* What message `number` is like: most are small; some are empty, and a few too large for the sender to pack,
 * or for one frame.
 */
static size_t size_of(unsigned number)
{
        if (number % 1000 == 999)
                return LARGEST;
        if (number % 500 == 499)
                return 20000;
        return number % 7 == 0 ? 0 : number * 37 % 600;
}

static struct actor_bytes *lump_of(unsigned number)
{
        uint8_t *data = actor_malloc(LARGEST);
        memset(data, (int) number, size_of(number));
        struct actor_bytes *lump = actor_msg_bytes(&lump_type, data, size_of(number));
        free(data);
        return lump;
}

static bool is_lump(const struct actor_bytes *lump, unsigned number)
{
        bool same = lump->size == size_of(number);
        for (size_t i = 0; same && i < lump->size; i++)
                same = lump->data[i] == (uint8_t) number;
        return same;
}

/* ---- the sender -------------------------------------------------------------------------------------- */

struct sender {
        struct actor_ref to;
        unsigned number;
};
static const struct actor_type go_type = {.name = "go", .size = sizeof(int)};

static int sender_init(void *state, struct actor *self, const void *config)
{
        struct sender *sender = state;
        sender->to = *(const struct actor_ref *) config;
        return 0;
}

static void send_one(struct sender *sender, struct actor *self)
{
        struct actor_bytes *lump = lump_of(sender->number);
        bool keep = sender->number % 10 == 0; /* so that it has two owners while it is sent */
        (void) actor_send(self, sender->to, keep ? actor_msg_ref(lump) : lump);
        if (keep)
                actor_msg_unref(lump);
        sender->number++;
}

/* The first go is for one message, which connects. */
static int on_go(struct sender *sender, const struct actor_mail *mail, const int *go)
{
        if (sender->number == 0) {
                send_one(sender, mail->self);
                return 0;
        }
        for (int i = 0; i < AT_ONCE && sender->number < COUNT; i++)
                send_one(sender, mail->self);
        return sender->number < COUNT
                       ? actor_send(mail->self, actor_self(mail->self), actor_msg_new(&go_type))
                       : 0;
}
ACTOR_BIND(on_go, struct sender, int)

static const struct actor_handler sender_handlers[] = {{&go_type, on_go_bound, ACTOR_FROM_ANY},
                                                       ACTOR_HANDLER_END};
static const struct actor_class sender_class = {.name = "sender",
                                                .state_size = sizeof(struct sender),
                                                .init = sender_init,
                                                .handlers = sender_handlers};

/* ---- the receiver ------------------------------------------------------------------------------------ */

struct receiver {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        unsigned count, wrong;
};

static int receiver_init(void *state, struct actor *self, const void *config)
{
        *(struct receiver **) state = *(struct receiver *const *) config;
        return 0;
}

static int on_lump(struct receiver **state, const struct actor_mail *mail, const struct actor_bytes *lump)
{
        struct receiver *receiver = *state;
        pthread_mutex_lock(&receiver->lock);
        receiver->wrong += !is_lump(lump, receiver->count);
        receiver->count++;
        pthread_cond_broadcast(&receiver->changed);
        pthread_mutex_unlock(&receiver->lock);
        return 0;
}
ACTOR_BIND(on_lump, struct receiver *, struct actor_bytes)

static const struct actor_handler receiver_handlers[] = {{&lump_type, on_lump_bound, ACTOR_FROM_REMOTE},
                                                         ACTOR_HANDLER_END};
static const struct actor_class receiver_class = {.name = "receiver",
                                                  .state_size = sizeof(struct receiver *),
                                                  .init = receiver_init,
                                                  .handlers = receiver_handlers};

static void await_lumps(struct receiver *receiver, unsigned count)
{
        struct timespec limit = patience_limit();
        pthread_mutex_lock(&receiver->lock);
        while (receiver->count < count)
                if (pthread_cond_timedwait(&receiver->changed, &receiver->lock, &limit) != 0)
                        break;
        ck_assert_uint_eq(receiver->count, count);
        ck_assert_uint_eq(receiver->wrong, 0);
        pthread_mutex_unlock(&receiver->lock);
}

static struct actor_node *node_of(unsigned workers)
{
        static struct actor_log *log;
        struct actor_node *node;
        if (!log)
                log = actor_log_new_function(keep_line, NULL, ACTOR_LOG_ERROR);
        struct actor_node_config config = {.name = "node",
                                           .workers = workers,
                                           .types = lump_types,
                                           .heartbeat_ms = HEARTBEAT_MS,
                                           .log = log};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        return node;
}

START_TEST(bytes_arrive_as_they_were_sent)
{
        char bound[256];
        struct actor_error error;
        struct actor_ref sender, ref;
        static struct receiver receiver = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
        struct receiver *config = &receiver;
        struct actor_node *a = node_of((unsigned) _i), *b = node_of((unsigned) _i);
        ck_assert_int_eq(actor_node_listen(b, "tcp://127.0.0.1:*", bound, sizeof bound, &error), 0);
        ck_assert_int_eq(actor_node_spawn(b, &receiver_class, "q", &config, &ref), 0);
        struct actor_ref to = resolve(a, "q", bound);
        ck_assert_int_eq(actor_node_spawn(a, &sender_class, NULL, &to, &sender), 0);
        (void) actor_node_send(a, sender, actor_msg_new(&go_type));
        await_lumps(&receiver, 1);
        (void) actor_node_send(a, sender, actor_msg_new(&go_type));
        await_lumps(&receiver, COUNT);
        ck_assert_uint_eq(totals_of(b).wire_rejected, 0);
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_loop_test(tcase, bytes_arrive_as_they_were_sent, 1, 3);
}

TEST_MAIN("bytes", add_tests)
