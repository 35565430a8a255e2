/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_PROBE_H
#define TEST_PROBE_H

#include "note.h"
#include "patience.h"

#include <actor/memory.h>
#include <actor/node.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* An actor of these tests: does what it is told, answers asks, and keeps a transcript of what it
 * sees. The transcript is read from the test's thread. */
struct probe {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        char transcript[16384];
        uint64_t notes;        /* received */
        uint64_t out_of_order; /* whose number was not the last one's plus one */
        uint64_t backwards;    /* whose number was not above the last one's */
        uint64_t last;
        uint64_t downs, errors; /* DOWNs; failed asks */
        bool is_quiet;          /* plain notes are counted but not written down */
        bool is_mute;           /* asks are not answered */
};

struct order {
        enum {
                ORDER_SEND,
                ORDER_SEND_RETURNABLE,
                ORDER_ASK,
                ORDER_MONITOR,
                ORDER_DEMONITOR,
                ORDER_SEND_MANY,
                ORDER_EXIT
        } what;
        struct actor_ref to;
        const struct actor_type *type; /* NULL: note_type */
        uint64_t number, count;
        size_t size;
};
static const struct actor_type order_type = {.name = "order", .size = sizeof(struct order)};

struct probe_state {
        struct probe *probe;
        uint64_t monitor;
};

static void probe_write(struct probe *probe, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void probe_write(struct probe *probe, const char *format, ...)
{
        va_list args;
        size_t used = strlen(probe->transcript);
        va_start(args, format);
        vsnprintf(probe->transcript + used, sizeof probe->transcript - used, format, args);
        va_end(args);
        pthread_cond_broadcast(&probe->changed);
}

static int probe_on_note(struct probe_state *state, const struct actor_mail *mail, const struct note *note)
{
        struct probe *probe = state->probe;
        bool answer;
        pthread_mutex_lock(&probe->lock);
        probe->out_of_order += note->number != probe->last + 1;
        probe->backwards += note->number <= probe->last;
        probe->last = note->number;
        probe->notes++;
        if (!probe->is_quiet)
                probe_write(probe, "note %llu\n", (unsigned long long) note->number);
        pthread_cond_broadcast(&probe->changed);
        answer = mail->ask_id != 0 && !probe->is_mute;
        pthread_mutex_unlock(&probe->lock);
        return answer ? actor_reply(mail, note_of(&note_type, note->number + 1000, 0)) : 0;
}

static int probe_on_reply(void *state_arg, const struct actor_mail *mail, const void *body, void *arg)
{
        struct probe *probe = ((struct probe_state *) state_arg)->probe;
        pthread_mutex_lock(&probe->lock);
        probe->errors += body == NULL;
        if (body)
                probe_write(probe, "reply %llu\n", (unsigned long long) ((const struct note *) body)->number);
        else
                probe_write(probe, "reply %s\n", strerrorname_np(-mail->error));
        pthread_mutex_unlock(&probe->lock);
        return 0;
}

static int probe_on_down(struct probe_state *state, const struct actor_mail *mail,
                         const struct actor_down *down)
{
        static const char *const reasons[] = {"?", "finished", "failed", "not found", "unreachable"};
        pthread_mutex_lock(&state->probe->lock);
        state->probe->downs++;
        probe_write(state->probe, "down %s\n", reasons[down->reason]);
        pthread_mutex_unlock(&state->probe->lock);
        return 0;
}

static int probe_on_undelivered(struct probe_state *state, const struct actor_mail *mail,
                                const struct actor_undelivered *undelivered)
{
        pthread_mutex_lock(&state->probe->lock);
        probe_write(state->probe, "undelivered %llu %s\n",
                    (unsigned long long) ((const struct note *) undelivered->msg)->number,
                    strerrorname_np(-undelivered->reason));
        pthread_mutex_unlock(&state->probe->lock);
        return 0;
}

static int probe_on_order(struct probe_state *state, const struct actor_mail *mail, const struct order *order)
{
        const struct actor_type *type = order->type ? order->type : &note_type;
        switch (order->what) {
        case ORDER_SEND:
                (void) actor_send(mail->self, order->to, note_of(type, order->number, order->size));
                break;
        case ORDER_SEND_MANY:
                for (uint64_t i = 0; i < order->count; i++)
                        (void) actor_send(mail->self, order->to,
                                          note_of(type, order->number + i, order->size));
                break;
        case ORDER_SEND_RETURNABLE:
                (void) actor_send_returnable(mail->self, order->to,
                                             note_of(type, order->number, order->size));
                break;
        case ORDER_ASK:
                actor_ask(mail->self, order->to, note_of(type, order->number, order->size), PATIENCE_S * 1000,
                          probe_on_reply, NULL);
                break;
        case ORDER_MONITOR:
                state->monitor = actor_monitor(mail->self, order->to);
                break;
        case ORDER_DEMONITOR:
                actor_demonitor(mail->self, state->monitor);
                break;
        case ORDER_EXIT:
                actor_exit(mail->self, 0);
                break;
        }
        return 0;
}

ACTOR_BIND(probe_on_note, struct probe_state, struct note)
ACTOR_BIND(probe_on_order, struct probe_state, struct order)
ACTOR_BIND(probe_on_down, struct probe_state, struct actor_down)
ACTOR_BIND(probe_on_undelivered, struct probe_state, struct actor_undelivered)

static const struct actor_handler probe_handlers[] = {
        {&note_type, probe_on_note_bound, ACTOR_FROM_ANY},
        {&order_type, probe_on_order_bound, ACTOR_FROM_ANY},
        {&actor_down_type, probe_on_down_bound, ACTOR_FROM_ANY},
        {&actor_undelivered_type, probe_on_undelivered_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};

static int probe_init(void *state, struct actor *self, const void *config)
{
        ((struct probe_state *) state)->probe = *(struct probe *const *) config;
        return 0;
}

static const struct actor_class probe_class = {
        .name = "probe",
        .state_size = sizeof(struct probe_state),
        .init = probe_init,
        .handlers = probe_handlers,
};

static inline struct actor_ref probe_spawn(struct actor_node *node, const char *name, struct probe *probe)
{
        struct actor_ref ref;
        pthread_mutex_init(&probe->lock, NULL);
        pthread_cond_init(&probe->changed, NULL);
        int r = actor_node_spawn(node, &probe_class, name, &probe, &ref);
        ck_assert_int_eq(r, 0);
        return ref;
}

static inline void probe_order(struct actor_node *node, struct actor_ref probe, struct order order)
{
        struct order *msg = actor_msg_new(&order_type);
        *msg = order;
        (void) actor_node_send(node, probe, msg);
}

/* Empties the transcript and compares what was in it. */
static inline void probe_expect(struct probe *probe, const char *transcript)
{
        pthread_mutex_lock(&probe->lock);
        ck_assert_str_eq(probe->transcript, transcript);
        probe->transcript[0] = '\0';
        pthread_mutex_unlock(&probe->lock);
}

/* Waits, on a real node, until the transcript is this. */
static inline void probe_await(struct probe *probe, const char *transcript)
{
        struct timespec limit = patience_limit();
        pthread_mutex_lock(&probe->lock);
        while (strcmp(probe->transcript, transcript) != 0)
                if (pthread_cond_timedwait(&probe->changed, &probe->lock, &limit) != 0)
                        break;
        ck_assert_str_eq(probe->transcript, transcript);
        probe->transcript[0] = '\0';
        pthread_mutex_unlock(&probe->lock);
}

/* Waits until the transcript has this in it. */
static inline void probe_await_text(struct probe *probe, const char *text)
{
        struct timespec limit = patience_limit();
        pthread_mutex_lock(&probe->lock);
        while (!strstr(probe->transcript, text))
                if (pthread_cond_timedwait(&probe->changed, &probe->lock, &limit) != 0)
                        break;
        ck_assert_msg(strstr(probe->transcript, text) != NULL, "%s", probe->transcript);
        pthread_mutex_unlock(&probe->lock);
}

/* Waits until that many notes have come in all. */
static inline void probe_await_notes(struct probe *probe, uint64_t count)
{
        struct timespec limit = patience_limit();
        pthread_mutex_lock(&probe->lock);
        while (probe->notes < count)
                if (pthread_cond_timedwait(&probe->changed, &probe->lock, &limit) != 0)
                        break;
        ck_assert_uint_eq(probe->notes, count);
        pthread_mutex_unlock(&probe->lock);
}

static inline struct actor_ref resolve(struct actor_node *node, const char *name, const char *endpoint)
{
        char address[600];
        struct actor_ref ref;
        struct actor_error error;
        bool is_ipc = strncmp(endpoint, "ipc://", 6) == 0;
        snprintf(address, sizeof address, "%s@%s%s", name, is_ipc ? "ipc:" : "", endpoint + 6);
        int r = actor_node_resolve(node, address, &ref, &error);
        ck_assert_msg(r == 0, "%s", error.text);
        return ref;
}

static inline struct actor_node_totals totals_of(struct actor_node *node)
{
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        return totals;
}

#endif
