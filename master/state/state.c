/* SPDX-License-Identifier: Apache-2.0 */
/* state.c — the read model's two actors.
 *
 * "state" takes events in and does nothing else that takes long: a question it passes on, with the
 * snapshot of that moment, to "state/query", which makes the answer and sends it. So whoever asks sees all
 * that was told before the question, and a large answer holds up neither the events nor those who send them.
 *
 * A SUBSCRIBE is a question whose answer begins a stream. The changes that follow go to the subscribers
 * through "state/query" too, so that they arrive after that answer and nothing is missed or told twice. */
#include "state/state.h"
#include "election/messages.h"
#include "state/answers.h"
#include "state/changes.h"
#include "state/subscribers.h"

#include <actor/log.h>
#include <actor/system.h>
#include <errno.h>
#include <malloc.h>
#include <proto/copy.h>
#include <stdlib.h>
#include <string.h>

/* ---- the actor that answers ----------------------------------------------------------------------- */

struct state_question {
        struct actor_asker asker;
        MasterApi__Call__Type type;
        const struct snapshot *snapshot; /* held */
        struct answer_facts facts;       /* what it points to lives as long as the state actor */
};
ACTOR_LOCAL_TYPE(state_question_type, struct state_question);

/* A change, and who is to hear of it. */
struct state_publication {
        const MasterApi__Event *event;
        const struct subscriber *subscribers;
        size_t subscriber_count;
};
ACTOR_LOCAL_TYPE(state_publication_type, struct state_publication);

struct query {
        char unused;
};

static int begin_stream(struct actor *self, const struct state_question *msg)
{
        MasterApi__Response *state =
                answer_make(msg->snapshot, &msg->facts, MASTER_API__CALL__TYPE__GET_STATE);
        MasterApi__Event *event = change_subscribed(state);
        actor_msg_unref(state); /* the event holds it now */
        return actor_reply_to(self, msg->asker, event);
}

static int on_question(struct query *q, const struct actor_mail *mail, const struct state_question *msg)
{
        if (msg->type == MASTER_API__CALL__TYPE__SUBSCRIBE)
                return begin_stream(mail->self, msg);
        MasterApi__Response *answer = answer_make(msg->snapshot, &msg->facts, msg->type);
        if (answer->type == MASTER_API__RESPONSE__TYPE__UNKNOWN)
                actor_log_debug(mail->self, "state: call of type %d is no question that is answered here",
                                (int) msg->type);
        return actor_reply_to(mail->self, msg->asker, answer);
}

static int on_publication(struct query *q, const struct actor_mail *mail, const struct state_publication *msg)
{
        for (size_t i = 0; i < msg->subscriber_count; i++)
                actor_send(mail->self, msg->subscribers[i].ref, actor_msg_ref(msg->event));
        return 0;
}
ACTOR_BIND(on_question, struct query, struct state_question)
ACTOR_BIND(on_publication, struct query, struct state_publication)

static const struct actor_handler query_handlers[] = {
        {&state_question_type, on_question_bound, ACTOR_FROM_PARENT},
        {&state_publication_type, on_publication_bound, ACTOR_FROM_PARENT},
        ACTOR_HANDLER_END,
};

static const struct actor_class query_class = {
        .name = "state_query",
        .state_size = sizeof(struct query),
        .handlers = query_handlers,
        .restart = ACTOR_ESCALATE,
};

/* ---- the actor that is fed -------------------------------------------------------------------------- */

struct state {
        struct actor *self;
        struct model *model;
        struct actor_ref query;
        struct subscribers subscribers;
        struct answer_facts facts; /* its master and tables are owned */
        struct state_metrics *metrics, unread;
        uint64_t settling;  /* the timer; 0: nothing to settle */
        size_t ended_count; /* tasks completed since the last time */
};

struct state_settle {
        bool unused;
};
static ACTOR_LOCAL_TYPE(state_settle_type, struct state_settle);

/* Long enough for a burst of ended tasks to have pushed out its own beginning. */
#define SETTLE_AFTER_MS 1000

/* What so many tasks took is worth giving back to the system: malloc keeps it else, in pieces that rows
 * which stay lie between. It takes milliseconds, so not here. */
#define BURST_TASKS 1000
struct state_memory {
        bool unused;
};
static ACTOR_LOCAL_TYPE(state_memory_type, struct state_memory);

static void give_memory_back(void *body)
{
        (void) body;
        malloc_trim(0);
}

/* As many as may follow; one more closes the oldest's stream, as v1's max_operator_event_stream_subscribers.
 */
#define SUBSCRIBERS_MAX 1000

static void subscribe(struct state *s, struct actor_ref who)
{
        if (subscribers_has(&s->subscribers, who))
                return;
        if (s->subscribers.count == SUBSCRIBERS_MAX)
                actor_demonitor(s->self, subscribers_take_oldest(&s->subscribers).monitor);
        subscribers_add(&s->subscribers, (struct subscriber){who, actor_monitor(s->self, who)});
}

static int on_down(struct state *s, const struct actor_mail *mail, const struct actor_down *down)
{
        subscribers_remove(&s->subscribers, down->monitor);
        return 0;
}

/* Takes the event; NULL is no change. */
static void publish(struct state *s, MasterApi__Event *event_take)
{
        if (event_take == NULL)
                return;
        struct state_publication *publication = actor_msg_new(&state_publication_type);
        publication->event = event_take;
        actor_msg_hold(publication, event_take);
        actor_msg_unref(event_take); /* the publication holds it now */
        publication->subscriber_count = s->subscribers.count;
        publication->subscribers = actor_msg_memdup(publication, s->subscribers.list,
                                                    s->subscribers.count * sizeof *s->subscribers.list);
        actor_send(s->self, s->query, publication);
}

static int on_call(struct state *s, const struct actor_mail *mail, const MasterApi__Call *call)
{
        if (call->type == MASTER_API__CALL__TYPE__SUBSCRIBE)
                subscribe(s, mail->from);
        struct state_question *question = actor_msg_new(&state_question_type);
        question->asker = actor_asker(mail);
        question->type = call->type;
        question->snapshot = model_snapshot(s->model);
        actor_msg_hold(question, question->snapshot);
        actor_msg_unref(question->snapshot); /* the question holds it now */
        question->facts = s->facts;
        ACTOR_METRIC_ADD(s->metrics->queries, 1);
        return actor_send(s->self, s->query, question);
}

static int on_agent(struct state *s, const struct actor_mail *mail, const struct state_agent *event)
{
        if (s->subscribers.count > 0)
                publish(s, change_of_agent(s->model, event));
        model_agent(s->model, event);
        return 0;
}

static int on_framework(struct state *s, const struct actor_mail *mail, const struct state_framework *event)
{
        if (s->subscribers.count > 0)
                publish(s, change_of_framework(s->model, event));
        model_framework(s->model, event);
        return 0;
}

static int on_task(struct state *s, const struct actor_mail *mail, const struct state_task *event)
{
        if (s->subscribers.count > 0)
                publish(s, change_of_task(s->model, event));
        model_task(s->model, event);
        s->ended_count += event->completed;
        if (s->settling == 0 && !model_is_settled(s->model))
                s->settling = actor_after(s->self, SETTLE_AFTER_MS, actor_msg_new(&state_settle_type));
        return 0;
}

static int on_settle(struct state *s, const struct actor_mail *mail, const struct state_settle *msg)
{
        s->settling = 0;
        model_settle(s->model);
        if (s->ended_count >= BURST_TASKS)
                actor_run_blocking(s->self, give_memory_back, actor_msg_new(&state_memory_type));
        s->ended_count = 0;
        return 0;
}

static int on_memory(struct state *s, const struct actor_mail *mail, const struct state_memory *msg)
{
        return 0; /* it was for the doing */
}

static int on_executor(struct state *s, const struct actor_mail *mail, const struct state_executor *event)
{
        model_executor(s->model, event);
        return 0;
}

static int on_offer(struct state *s, const struct actor_mail *mail, const struct state_offer *event)
{
        model_offer(s->model, event);
        return 0;
}

static int on_weight(struct state *s, const struct actor_mail *mail, const struct state_weight *event)
{
        model_weight(s->model, event);
        return 0;
}

static int on_election(struct state *s, const struct actor_mail *mail, const struct election_changed *msg)
{
        s->facts.elected_ns = msg->leading ? actor_wall_ns(s->self) : 0;
        return 0;
}

ACTOR_BIND(on_call, struct state, MasterApi__Call)
ACTOR_BIND(on_down, struct state, struct actor_down)
ACTOR_BIND(on_agent, struct state, struct state_agent)
ACTOR_BIND(on_framework, struct state, struct state_framework)
ACTOR_BIND(on_task, struct state, struct state_task)
ACTOR_BIND(on_settle, struct state, struct state_settle)
ACTOR_BIND(on_memory, struct state, struct state_memory)
ACTOR_BIND(on_executor, struct state, struct state_executor)
ACTOR_BIND(on_offer, struct state, struct state_offer)
ACTOR_BIND(on_weight, struct state, struct state_weight)
ACTOR_BIND(on_election, struct state, struct election_changed)

static const struct actor_handler handlers[] = {
        {&master_call_type, on_call_bound, ACTOR_FROM_ANY},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        {&state_agent_type, on_agent_bound, ACTOR_FROM_LOCAL},
        {&state_framework_type, on_framework_bound, ACTOR_FROM_LOCAL},
        {&state_task_type, on_task_bound, ACTOR_FROM_LOCAL},
        {&state_settle_type, on_settle_bound, ACTOR_FROM_SELF},
        {&state_memory_type, on_memory_bound, ACTOR_FROM_SELF | ACTOR_FROM_SYSTEM},
        {&state_executor_type, on_executor_bound, ACTOR_FROM_LOCAL},
        {&state_offer_type, on_offer_bound, ACTOR_FROM_LOCAL},
        {&state_weight_type, on_weight_bound, ACTOR_FROM_LOCAL},
        {&election_changed_type, on_election_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

#define COMPLETED_FRAMEWORKS_MAX 50
#define COMPLETED_TASKS_MAX 1000

static const struct actor_metric_table *tables_copy(const struct state_config *config)
{
        size_t size = config->table_count * sizeof *config->tables;
        return size > 0 ? memcpy(actor_malloc(size), config->tables, size) : NULL;
}

static int state_init(void *state, struct actor *self, const void *arg)
{
        struct state *s = state;
        const struct state_config *config = arg;
        s->self = self;
        s->metrics = config->metrics != NULL ? config->metrics : &s->unread;
        s->facts = (struct answer_facts){
                .master = proto_dup(config->master),
                .flags = config->flags,
                .flag_values = config->flag_values,
                .tables = tables_copy(config),
                .table_count = config->table_count,
                .started_ns = actor_wall_ns(self),
        };
        s->model = model_new(config->completed_frameworks_max ? config->completed_frameworks_max
                                                              : COMPLETED_FRAMEWORKS_MAX,
                             config->completed_tasks_max ? config->completed_tasks_max : COMPLETED_TASKS_MAX,
                             s->metrics);
        return actor_spawn(self, &query_class, "state/query", NULL, &s->query);
}

static void state_fini(void *state)
{
        struct state *s = state;
        model_free(s->model);
        subscribers_done(&s->subscribers);
        proto_free((void *) s->facts.master);
        free((void *) s->facts.tables);
}

static const struct actor_class state_class = {
        .name = "state",
        .state_size = sizeof(struct state),
        .init = state_init,
        .fini = state_fini,
        .handlers = handlers,
};

int state_spawn(struct actor_node *node, const struct state_config *config, struct actor_ref *ret)
{
        if (config->master == NULL)
                return -EINVAL;
        return actor_node_spawn(node, &state_class, "state", config, ret);
}
