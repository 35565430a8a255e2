/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include <actor/sim.h>
#include <assert.h>
#include <errno.h>

/* outside.c: what threads that are no actors say to actors. An ask from outside is put by a small
 * actor of the runtime's own, so that answers, timeouts and the network need not know the difference. */

int actor_node_send(struct actor_node *node, struct actor_ref to, void *msg_take)
{
        assert(msg_take != NULL);
        struct mail *mail = mail_make(MAIL_MESSAGE, ACTOR_NOBODY, to);
        mail->body = msg_take;
        mail->trace_id = CELL_GET(node->outside_trace);
        return deliver(node, node->sim != NULL ? node->workers : NULL, mail);
}

uint64_t actor_node_random(struct actor_node *node)
{
        return node_random(node);
}

struct question {
        struct actor_node *node;
        struct actor_ref to;
        void *msg;
        int64_t timeout_ms;
        pthread_mutex_t lock;
        pthread_cond_t answered;
        bool done;
        int error;
        void *answer;
};

struct asker {
        struct question *question; /* on the stack of the thread that waits; ours until it is done */
};

static int on_answer(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct question *question = arg;
        (void) state;
        actor_exit(mail->self, 0);
        pthread_mutex_lock(&question->lock);
        question->error = mail->error;
        question->answer = body != NULL ? actor_msg_ref(body) : NULL;
        question->done = true;
        pthread_cond_signal(&question->answered);
        pthread_mutex_unlock(&question->lock);
        return 0;
}

static int asker_init(void *state, struct actor *self, const void *config)
{
        struct asker *asker = state;
        asker->question = *(struct question *const *) config;
        actor_ask(self, asker->question->to, asker->question->msg, asker->question->timeout_ms, on_answer,
                  asker->question);
        return 0;
}

static const struct actor_class asker_class = {
        .name = "asker",
        .state_size = sizeof(struct asker),
        .init = asker_init,
};

static bool is_answered(void *question)
{
        return ((struct question *) question)->done;
}

static void await(struct question *question)
{
        if (question->node->sim != NULL) {
                bool answered = actor_sim_run_until(question->node->sim, is_answered, question, INT64_MAX);
                assert(answered); /* at the latest by its timeout */
                return;
        }
        pthread_mutex_lock(&question->lock);
        while (!question->done)
                pthread_cond_wait(&question->answered, &question->lock);
        pthread_mutex_unlock(&question->lock);
}

int actor_node_ask(struct actor_node *node, struct actor_ref to, void *msg_take, int64_t timeout_ms,
                   void **ret)
{
        assert(timeout_ms > 0 && msg_take != NULL);
        struct question question = {.node = node, .to = to, .msg = msg_take, .timeout_ms = timeout_ms};
        struct question *config = &question;
        struct spawn spawn = {.class = &asker_class, .config = &config, .hidden = true};
        struct actor_ref ref;
        pthread_mutex_init(&question.lock, NULL);
        pthread_cond_init(&question.answered, NULL);
        int r = life_spawn(node, node->sim != NULL ? node->workers : NULL, &spawn, &ref);
        assert(r == 0);
        await(&question);
        pthread_mutex_destroy(&question.lock);
        pthread_cond_destroy(&question.answered);
        if (question.error != 0)
                return question.error;
        if (ret != NULL)
                *ret = question.answer;
        else
                actor_msg_unref(question.answer);
        return 0;
}
