/* SPDX-License-Identifier: Apache-2.0 */
/* on_allocator.c: allocations become offers. */
#include "session.h"
#include "state/messages.h"
#include <actor/log.h>
#include <proto/copy.h>
#include <stdlib.h>
#include <string.h>

ACTOR_LOCAL_TYPE(framework_offers_expired_type, struct framework_offers_expired);

static void report_offer(struct framework_session *s, const V1__Offer *v1, const void *held, bool gone)
{
        struct state_offer *event = actor_msg_new(&state_offer_type);
        actor_msg_hold(event, held);
        event->offer = v1;
        event->gone = gone;
        actor_send(s->self, s->rooms.state, event);
}

void framework_offer_close(struct framework_session *s, struct offer *offer)
{
        report_offer(s, offer->v1, offer->held[0], true);
        framework_offers_drop(&s->offers, offer);
        ACTOR_METRIC_ADD(s->rooms.metrics->offers_outstanding, -1);
}

void framework_offers_close_all(struct framework_session *s)
{
        struct offer *offer, *next;
        HASH_ITER(hh, s->offers.table, offer, next)
        framework_offer_close(s, offer);
}

static void add_executor_ids(struct framework_session *s, Sched__Event *event, V1__Offer *v1)
{
        struct host *host = framework_tasks_host(&s->tasks, v1->agent_id->value);
        if (host == NULL)
                return;
        struct executor *executor, *next;
        HASH_ITER(hh, host->executors, executor, next)
        {
                V1__ExecutorID *id = proto_executor_id(event, executor->info->executor_id->value);
                PROTO_APPEND(event, v1->n_executor_ids, v1->executor_ids, id);
        }
}

/* Clients resolve nothing: `ip` is the address by which the agent itself is reached, `hostname` the name it
 * bears. */
static V1__URL *agent_url(Sched__Event *event, const struct allocator_offer *offer)
{
        const char *address = offer->agent_address != NULL ? offer->agent_address : "";
        const char *colon = strrchr(address, ':');
        V1__URL *url = actor_msg_alloc(event, sizeof *url);
        v1__url__init(url);
        url->scheme = "http";
        url->path = "/slave(1)";
        url->address = actor_msg_alloc(event, sizeof *url->address);
        v1__address__init(url->address);
        url->address->hostname = offer->agent->hostname;
        url->address->port = offer->agent->port;
        if (colon != NULL) {
                url->address->ip = actor_msg_printf(event, "%.*s", (int) (colon - address), address);
                url->address->port = (int32_t) strtol(colon + 1, NULL, 10);
        }
        return url;
}

/* Strings and structs stay in the allocation, which the event holds. */
static V1__Offer *offer_to_v1(struct framework_session *s, Sched__Event *event,
                              const struct allocator_offer *from)
{
        V1__Offer *v1 = actor_msg_alloc(event, sizeof *v1);
        v1__offer__init(v1);
        v1->id = proto_offer_id(event, from->offer_id);
        v1->framework_id = s->info->id;
        v1->agent_id = proto_agent_id(event, from->agent_id);
        v1->hostname = from->agent->hostname;
        v1->url = agent_url(event, from);
        v1->domain = from->agent->domain;
        v1->attributes = from->agent->attributes;
        v1->n_attributes = from->agent->n_attributes;
        v1->allocation_info = actor_msg_alloc(event, sizeof *v1->allocation_info);
        v1__resource__allocation_info__init(v1->allocation_info);
        v1->allocation_info->role = from->role;
        resources_to_v1(from->resources, event, &v1->n_resources, &v1->resources);
        add_executor_ids(s, event, v1);
        return v1;
}

static void offer_open(struct framework_session *s, Sched__Event *event,
                       const struct allocator_allocation *msg, const struct allocator_offer *from)
{
        if (framework_offers_find(&s->offers, from->offer_id) != NULL)
                return;
        V1__Offer *v1 = offer_to_v1(s, event, from);
        PROTO_APPEND(event, event->offers->n_offers, event->offers->offers, v1);
        struct offer *offer = actor_zalloc(sizeof *offer);
        offer->id = v1->id->value;
        offer->agent_id = v1->agent_id->value;
        offer->role = from->role;
        offer->agent_session = from->agent_session;
        offer->resources = from->resources;
        offer->v1 = v1;
        offer->held[0] = actor_msg_ref(event);
        offer->held[1] = actor_msg_ref(msg);
        framework_offers_add(&s->offers, offer);
        report_offer(s, v1, event, false);
}

static void expire_later(struct framework_session *s, const struct allocator_allocation *msg)
{
        if (s->rooms.offer_timeout_ms == 0)
                return;
        struct framework_offers_expired *timer = actor_msg_new(&framework_offers_expired_type);
        const char **ids = actor_msg_alloc(timer, (msg->offer_count + 1) * sizeof *ids);
        for (size_t i = 0; i < msg->offer_count; i++)
                ids[i] = actor_msg_strdup(timer, msg->offers[i].offer_id);
        timer->offer_ids = ids;
        timer->count = msg->offer_count;
        actor_after(s->self, s->rooms.offer_timeout_ms, timer);
}

static void give_all_back(struct framework_session *s, const struct allocator_allocation *msg)
{
        for (size_t i = 0; i < msg->offer_count; i++)
                framework_allocator_return(s, msg->offers[i].agent_id, msg->offers[i].offer_id, 0);
}

int framework_on_allocation(struct framework_session *s, const struct actor_mail *mail,
                            const struct allocator_allocation *msg)
{
        if (!s->connected || s->ending) {
                give_all_back(s, msg); /* it crossed our word that the scheduler is away */
                return 0;
        }
        Sched__Event *event = actor_msg_new(&sched_event_type);
        event->has_type = true;
        event->type = SCHED__EVENT__TYPE__OFFERS;
        event->offers = actor_msg_alloc(event, sizeof *event->offers);
        sched__event__offers__init(event->offers);
        actor_msg_hold(event, s->card);
        actor_msg_hold(event, msg);
        for (size_t i = 0; i < msg->offer_count; i++)
                offer_open(s, event, msg, &msg->offers[i]);
        ACTOR_METRIC_ADD(s->rooms.metrics->offers_made, (int64_t) event->offers->n_offers);
        ACTOR_METRIC_ADD(s->rooms.metrics->offers_outstanding, (int64_t) event->offers->n_offers);
        framework_scheduler_send(s, event);
        expire_later(s, msg);
        return 0;
}

int framework_on_rescind(struct framework_session *s, const struct actor_mail *mail,
                         const struct allocator_rescind *msg)
{
        struct offer *offer = framework_offers_find(&s->offers, msg->offer_id);
        if (offer == NULL)
                return 0; /* answered meanwhile */
        framework_offer_close(s, offer);
        ACTOR_METRIC_ADD(s->rooms.metrics->offers_rescinded, 1);
        framework_scheduler_send(s, framework_event_rescind(msg->offer_id));
        return 0;
}

int framework_on_offers_expired(struct framework_session *s, const struct actor_mail *mail,
                                const struct framework_offers_expired *msg)
{
        for (size_t i = 0; i < msg->count; i++) {
                struct offer *offer = framework_offers_find(&s->offers, msg->offer_ids[i]);
                if (offer == NULL)
                        continue;
                framework_allocator_return(s, offer->agent_id, offer->id, 0);
                framework_scheduler_send(s, framework_event_rescind(offer->id));
                framework_offer_close(s, offer);
                ACTOR_METRIC_ADD(s->rooms.metrics->offers_rescinded, 1);
        }
        return 0;
}
