/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PROBE_H
#define TESTS_PROBE_H

#include <actor/log.h>
#include <actor/memory.h>
#include <actor/sim.h>
#include <books.h>
#include <check_main.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A test actor: its class's handlers are the test's functions, its config says who it is. What
 * happens is written into a transcript that all threads share. */

/* The one message of these tests. */
struct note {
        int what;
        uint64_t value;
        struct actor_ref ref;
};
extern const struct actor_type note_type;
const struct actor_type note_type = {.name = "note", .size = sizeof(struct note)};

static inline struct note *note(int what, uint64_t value)
{
        struct note *msg = actor_msg_new(&note_type);
        msg->what = what;
        msg->value = value;
        return msg;
}

struct transcript {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        char text[1 << 16];
        size_t size;
};

static struct transcript transcript = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                       .changed = PTHREAD_COND_INITIALIZER};

static inline void tell(const char *format, ...)
{
        va_list args;
        pthread_mutex_lock(&transcript.lock);
        va_start(args, format);
        transcript.size += (size_t) vsnprintf(transcript.text + transcript.size,
                                              sizeof transcript.text - transcript.size, format, args);
        va_end(args);
        ck_assert_uint_lt(transcript.size, sizeof transcript.text);
        pthread_cond_broadcast(&transcript.changed);
        pthread_mutex_unlock(&transcript.lock);
}

/* Compares what was told since the last call. */
static inline void expect_told(const char *text)
{
        ck_assert_str_eq(transcript.text, text);
        transcript.size = 0;
        transcript.text[0] = '\0';
}

/* Waits (on real nodes) until `text` has been told; the test's own time limit is the bound. */
static inline void await_told(const char *text)
{
        pthread_mutex_lock(&transcript.lock);
        while (strstr(transcript.text, text) == NULL)
                pthread_cond_wait(&transcript.changed, &transcript.lock);
        pthread_mutex_unlock(&transcript.lock);
}

static inline struct actor_node *real_node(unsigned workers)
{
        struct actor_node *node = NULL;
        struct actor_node_config config = {.name = "test", .workers = workers};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        return node;
}

static inline struct actor_ref spawn(struct actor_node *node, const struct actor_class *class,
                                     const char *name, const void *config)
{
        struct actor_ref ref = ACTOR_NOBODY;
        ck_assert_int_eq(actor_node_spawn(node, class, name, config, &ref), 0);
        return ref;
}

static inline struct actor_ref spawn_child(struct actor *self, const struct actor_class *class,
                                           const char *name, const void *config)
{
        struct actor_ref ref = ACTOR_NOBODY;
        ck_assert_int_eq(actor_spawn(self, class, name, config, &ref), 0);
        return ref;
}

#endif
