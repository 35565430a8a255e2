/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_MASTER_H
#define FAKE_MASTER_H

/* A master that the test plays: an actor "master" on a simulated node, which keeps every call, answers
 * SUBSCRIBE as told, and sends what the test orders. */

#include <actor/memory.h>
#include <actor/sim.h>
#include <check.h>
#include <proto/copy.h>
#include <proto/task_state.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_UNUSED __attribute__((unused))
#define FAKE_MASTER_ENDPOINT "tcp://m1:5050"

struct fake_master {
        struct actor_sim *sim;
        struct actor_node *node;
        struct actor_ref ref, scheduler;
        bool silent;
        const char *refusal; /* answer SUBSCRIBE with this ERROR */
        const char *id;      /* of the framework, where it brings none */
        const Sched__Call **calls;
        size_t count, max;
        bool scripted; /* every ACCEPT runs its tasks: RUNNING and `outcome` at once */
        V1__TaskState outcome;
        const char *failing; /* substring of ids of tasks that fail instead */
        unsigned marks;      /* for uuids */
        double cpus;         /* offered per agent again and again while scripted; 0: no offers */
        unsigned agents, offers;
        unsigned racks; /* agent i has the attribute rack:r(i mod racks); 0: none has one */
};

struct fake_order {
        const void *msg;
};
static ACTOR_LOCAL_TYPE(fake_order_type, struct fake_order);

static Sched__Event *fake_event(Sched__Event__Type type)
{
        Sched__Event *event = actor_msg_new(&sched_event_type);
        event->has_type = true;
        event->type = type;
        return event;
}

#define FAKE_NEW(msg, type, init)                                  \
        __extension__({                                            \
                type *new_ = actor_msg_alloc((msg), sizeof(type)); \
                *new_ = (type) init;                               \
                new_;                                              \
        })

static Sched__Event *fake_subscribed(const char *id)
{
        Sched__Event *event = fake_event(SCHED__EVENT__TYPE__SUBSCRIBED);
        event->subscribed = FAKE_NEW(event, Sched__Event__Subscribed, SCHED__EVENT__SUBSCRIBED__INIT);
        event->subscribed->framework_id = proto_framework_id(event, id);
        return event;
}

static Sched__Event *fake_error(const char *message)
{
        Sched__Event *event = fake_event(SCHED__EVENT__TYPE__ERROR);
        event->error = FAKE_NEW(event, Sched__Event__Error, SCHED__EVENT__ERROR__INIT);
        event->error->message = message;
        return event;
}

/* With a uuid of `mark`, or none if that is 0. */
static Sched__Event *fake_update(const char *task_id, V1__TaskState state, unsigned mark)
{
        Sched__Event *event = fake_event(SCHED__EVENT__TYPE__UPDATE);
        event->update = FAKE_NEW(event, Sched__Event__Update, SCHED__EVENT__UPDATE__INIT);
        V1__TaskStatus *status = FAKE_NEW(event, V1__TaskStatus, V1__TASK_STATUS__INIT);
        status->task_id = proto_task_id(event, task_id);
        status->agent_id = proto_agent_id(event, "A0");
        status->state = state;
        if (mark != 0) {
                status->has_uuid = true;
                status->uuid.len = 16;
                status->uuid.data = actor_msg_alloc(event, 16);
                memcpy(status->uuid.data, &mark, sizeof mark);
        }
        event->update->status = status;
        return event;
}

static V1__Resource *fake_scalar(void *msg, const char *name, double value)
{
        V1__Resource *resource = FAKE_NEW(msg, V1__Resource, V1__RESOURCE__INIT);
        resource->name = name;
        resource->type = V1__VALUE__TYPE__SCALAR;
        resource->scalar = FAKE_NEW(msg, V1__Value__Scalar, V1__VALUE__SCALAR__INIT);
        resource->scalar->value = value;
        resource->allocation_info =
                FAKE_NEW(msg, V1__Resource__AllocationInfo, V1__RESOURCE__ALLOCATION_INFO__INIT);
        resource->allocation_info->role = "*";
        return resource;
}

static V1__Attribute *fake_text(void *msg, const char *name, const char *value)
{
        V1__Attribute *attribute = FAKE_NEW(msg, V1__Attribute, V1__ATTRIBUTE__INIT);
        attribute->name = name;
        attribute->type = V1__VALUE__TYPE__TEXT;
        attribute->text = FAKE_NEW(msg, V1__Value__Text, V1__VALUE__TEXT__INIT);
        attribute->text->value = value;
        return attribute;
}

/* One offer of each of `agents` agents A0, A1, …: so many cpus and plenty of memory. */
static Sched__Event *fake_offers(struct fake_master *m, unsigned agents, double cpus)
{
        Sched__Event *event = fake_event(SCHED__EVENT__TYPE__OFFERS);
        event->offers = FAKE_NEW(event, Sched__Event__Offers, SCHED__EVENT__OFFERS__INIT);
        for (unsigned i = 0; i < agents; i++) {
                V1__Offer *offer = FAKE_NEW(event, V1__Offer, V1__OFFER__INIT);
                offer->id = proto_offer_id(event, actor_msg_printf(event, "O%u", m->offers++));
                offer->agent_id = proto_agent_id(event, actor_msg_printf(event, "A%u", i));
                offer->framework_id = proto_framework_id(event, m->id);
                offer->hostname = actor_msg_printf(event, "host%u", i);
                if (m->racks > 0)
                        PROTO_APPEND(event, offer->n_attributes, offer->attributes,
                                     fake_text(event, "rack", actor_msg_printf(event, "r%u", i % m->racks)));
                PROTO_APPEND(event, offer->n_resources, offer->resources, fake_scalar(event, "cpus", cpus));
                PROTO_APPEND(event, offer->n_resources, offer->resources, fake_scalar(event, "mem", 100000));
                PROTO_APPEND(event, event->offers->n_offers, event->offers->offers, offer);
        }
        return event;
}

static void fake_run_task(struct fake_master *m, const struct actor_mail *mail, const char *id)
{
        bool fails = m->failing != NULL && strstr(id, m->failing) != NULL;
        actor_send(mail->self, mail->from, fake_update(id, V1__TASK_STATE__TASK_RUNNING, ++m->marks));
        actor_send(mail->self, mail->from,
                   fake_update(id, fails ? V1__TASK_STATE__TASK_FAILED : m->outcome, ++m->marks));
}

static void fake_accept(struct fake_master *m, const struct actor_mail *mail,
                        const Sched__Call__Accept *accept)
{
        for (size_t i = 0; i < accept->n_operations; i++)
                for (size_t k = 0; k < accept->operations[i]->launch->n_task_infos; k++)
                        fake_run_task(m, mail, accept->operations[i]->launch->task_infos[k]->task_id->value);
}

static int fake_on_call(void *state, const struct actor_mail *mail, const void *body)
{
        struct fake_master *m = *(struct fake_master **) state;
        const Sched__Call *call = body;
        ACTOR_ARRAY_RESERVE(m->calls, m->count, m->max);
        m->calls[m->count++] = actor_msg_ref(body);
        m->scheduler = mail->from;
        if (call->type == SCHED__CALL__TYPE__SUBSCRIBE && !m->silent) {
                const char *id = call->framework_id != NULL ? call->framework_id->value : m->id;
                actor_send(mail->self, mail->from,
                           m->refusal != NULL ? fake_error(m->refusal) : fake_subscribed(id));
        }
        if (!m->scripted)
                return 0;
        if (call->type == SCHED__CALL__TYPE__ACCEPT)
                fake_accept(m, mail, call->accept);
        if (m->cpus > 0 &&
            (call->type == SCHED__CALL__TYPE__SUBSCRIBE || call->type == SCHED__CALL__TYPE__ACCEPT ||
             call->type == SCHED__CALL__TYPE__REVIVE))
                actor_send(mail->self, mail->from, fake_offers(m, m->agents, m->cpus));
        return 0;
}

static int fake_on_order(void *state, const struct actor_mail *mail, const void *body)
{
        struct fake_master *m = *(struct fake_master **) state;
        actor_send(mail->self, m->scheduler, actor_msg_ref(((const struct fake_order *) body)->msg));
        return 0;
}

static int fake_init(void *state, struct actor *self, const void *config)
{
        memcpy(state, config, sizeof(struct fake_master *));
        return 0;
}

static const struct actor_handler fake_handlers[] = {
        {&sched_call_type, fake_on_call, ACTOR_FROM_ANY},
        {&fake_order_type, fake_on_order, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};

static const struct actor_class fake_class = {
        .name = "fake-master",
        .state_size = sizeof(struct fake_master *),
        .init = fake_init,
        .handlers = fake_handlers,
};

/* Starts it on its node: `m` lives as long as the sim. */
FAKE_UNUSED static void fake_start(struct fake_master *m, struct actor_sim *sim)
{
        static const struct actor_node_config config = {.name = "m1", .types = proto_wire_types};
        m->sim = sim;
        if (m->id == NULL)
                m->id = "F1";
        m->node = actor_sim_node(sim, FAKE_MASTER_ENDPOINT, &config);
        ck_assert_int_eq(actor_node_spawn(m->node, &fake_class, "master", &m, &m->ref), 0);
}

/* Sends an event to the scheduler and lets everything settle. Takes the message. */
FAKE_UNUSED static void fake_send(struct fake_master *m, void *msg_take)
{
        struct fake_order *order = actor_msg_new(&fake_order_type);
        order->msg = msg_take;
        actor_msg_hold(order, msg_take);
        actor_msg_unref(msg_take);
        actor_node_send(m->node, m->ref, order);
        actor_sim_settle(m->sim);
}

/* How many calls of a type came, and the last of them. */
FAKE_UNUSED static size_t fake_count(const struct fake_master *m, Sched__Call__Type type,
                                     const Sched__Call **ret_last)
{
        size_t count = 0;
        for (size_t i = 0; i < m->count; i++)
                if (m->calls[i]->type == type) {
                        count++;
                        if (ret_last != NULL)
                                *ret_last = m->calls[i];
                }
        return count;
}

FAKE_UNUSED static void fake_done(struct fake_master *m)
{
        for (size_t i = 0; i < m->count; i++)
                actor_msg_unref(m->calls[i]);
        free(m->calls);
        m->calls = NULL;
        m->count = m->max = 0;
}

#endif
