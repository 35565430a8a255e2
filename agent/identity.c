/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include "registration/messages.h"
#include "updates/messages.h"
#include <actor/memory.h>
#include <proto/attributes.h>
#include <proto/resources.h>
#include <stdlib.h>
#include <string.h>

struct reading {
        struct identity *identity;
        size_t broken;
};

static int read_agent(void *arg, const void *key, size_t key_size, const void *value, size_t value_size)
{
        struct reading *reading = arg;
        if (key_size != strlen(REGISTRATION_RECORD))
                return 0;
        reading->identity->agent = (V1__AgentInfo *) protobuf_c_message_unpack(&v1__agent_info__descriptor,
                                                                               NULL, value_size, value);
        if (reading->identity->agent && reading->identity->agent->id == NULL) {
                protobuf_c_message_free_unpacked(&reading->identity->agent->base, NULL);
                reading->identity->agent = NULL;
        }
        reading->broken += reading->identity->agent == NULL;
        return 0;
}

/* All that the rooms need of a record is there. */
static bool update_is_whole(const Troupe__StatusUpdate *update)
{
        const V1__FrameworkInfo *framework = update->framework;
        return update->status->has_uuid && update->status->uuid.len == 16 && framework && framework->id &&
               strcmp(framework->id->value, update->framework_id->value) == 0;
}

static int read_update(void *arg, const void *key, size_t key_size, const void *value, size_t value_size)
{
        struct reading *reading = arg;
        struct identity *identity = reading->identity;
        size_t prefix = strlen(UPDATES_RECORD_PREFIX);
        Troupe__StatusUpdate *update = actor_msg_unpack(&status_update_type, value, value_size);
        if (key_size != prefix + 16 || update == NULL || !update_is_whole(update)) {
                actor_msg_unref(update);
                reading->broken++;
                return 0;
        }
        char digits[17] = "";
        memcpy(digits, (const char *) key + prefix, 16);
        ACTOR_ARRAY_RESERVE(identity->updates, identity->update_count, identity->update_capacity);
        identity->updates[identity->update_count++] = (struct updates_recovered){
                .record = strtoull(digits, NULL, 16), .update = update, .framework = update->framework};
        update->framework = NULL; /* the record's own: the master is not told again and again */
        return 0;
}

int identity_read(struct actor_store *store, struct identity *ret, size_t *ret_broken,
                  struct actor_error *error)
{
        *ret = (struct identity){0};
        struct reading reading = {.identity = ret};
        int r = actor_store_each(store, REGISTRATION_RECORD, strlen(REGISTRATION_RECORD), read_agent,
                                 &reading, error);
        if (r == 0)
                r = actor_store_each(store, UPDATES_RECORD_PREFIX, strlen(UPDATES_RECORD_PREFIX), read_update,
                                     &reading, error);
        if (r != 0)
                identity_done(ret);
        *ret_broken = reading.broken;
        return r;
}

void identity_done(struct identity *identity)
{
        if (identity->agent)
                protobuf_c_message_free_unpacked(&identity->agent->base, NULL);
        for (size_t i = 0; i < identity->update_count; i++)
                actor_msg_unref(identity->updates[i].update);
        actor_freep(&identity->updates);
        *identity = (struct identity){0};
}

static bool same_resources(const V1__AgentInfo *a, const V1__AgentInfo *b)
{
        CLEANUP(resources_freep) struct resources *left = NULL;
        CLEANUP(resources_freep) struct resources *right = NULL;
        return resources_from_v1(a->resources, a->n_resources, &left, NULL) == 0 &&
               resources_from_v1(b->resources, b->n_resources, &right, NULL) == 0 &&
               resources_equal(left, right);
}

const char *identity_id_for(const struct identity *identity, const V1__AgentInfo *now)
{
        const V1__AgentInfo *before = identity->agent;
        if (before == NULL || strcmp(before->hostname, now->hostname) != 0 || !same_resources(before, now) ||
            !attributes_equal(before->attributes, before->n_attributes, now->attributes, now->n_attributes))
                return NULL;
        return before->id->value;
}
