/* SPDX-License-Identifier: Apache-2.0 */
/* ops.c — changes as decisions over records.
 *
 * The registry in memory is the records as they are in the store, packed. That makes "is it so
 * already" a comparison of bytes, and keeps a master of 100,000 agents from holding their infos
 * twice. A change is decided against records that may not be durable yet; that is safe because its answer
 * leaves only after they are. */
#include "registrar/ops.h"
#include <actor/hash_table.h>

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <proto/copy.h>
#include <string.h>
#include <troupe/registry.pb-c.h>

#define KEY_MAX 511

struct record {
        char *key;
        uint8_t *value;
        size_t size;
        UT_hash_handle hh;
};

struct registry {
        struct record *records; /* by key */
        size_t gone_count, completed_count;
        uint64_t epoch;
};

/* What a kind of record is called and holds. */
static const struct {
        const char *prefix; /* the whole key where it does not end with '/' */
        const ProtobufCMessageDescriptor *descriptor;
} kinds[] = {
        {"epoch", &registry__epoch_record__descriptor},
        {"agent/", &registry__agent_record__descriptor},
        {"gone/", &registry__end_record__descriptor},
        {"framework/", &registry__framework_record__descriptor},
        {"completed/", &registry__end_record__descriptor},
        {"weight/", &registry__weight_record__descriptor},
};

struct registry *registry_new(void)
{
        return actor_zalloc(sizeof(struct registry));
}

/* ---- records ------------------------------------------------------------------------------------ */

static struct record *record_find(const struct registry *registry, const char *key)
{
        struct record *record = NULL;
        HASH_FIND_STR(registry->records, key, record);
        return record;
}

/* How many of the bounded kinds there are. */
static void count_kind(struct registry *registry, const char *key, int more)
{
        if (strncmp(key, "gone/", 5) == 0)
                registry->gone_count += (size_t) more;
        else if (strncmp(key, "completed/", 10) == 0)
                registry->completed_count += (size_t) more;
}

static void record_put(struct registry *registry, const char *key, const void *value, size_t size)
{
        struct record *record = record_find(registry, key);
        if (record == NULL) {
                record = actor_zalloc(sizeof *record);
                record->key = actor_strdup(key);
                HASH_ADD_KEYPTR(hh, registry->records, record->key, strlen(record->key), record);
                count_kind(registry, key, 1);
        }
        free(record->value);
        record->value = actor_memdup(value, size);
        record->size = size;
}

static void record_erase(struct registry *registry, struct record *record)
{
        count_kind(registry, record->key, -1);
        HASH_DEL(registry->records, record);
        free(record->key);
        free(record->value);
        free(record);
}

void registry_free(struct registry *registry)
{
        if (registry == NULL)
                return;
        struct record *record, *next;
        HASH_ITER(hh, registry->records, record, next)
        {
                record_erase(registry, record);
        }
        free(registry);
}

static void *unpack(const ProtobufCMessageDescriptor *descriptor, const struct record *record,
                    ProtobufCAllocator *allocator)
{
        return protobuf_c_message_unpack(descriptor, allocator, record->size, record->value);
}

static int check_value(const char *key, const void *value, size_t size, struct actor_error *error)
{
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
                size_t prefix_size = strlen(kinds[i].prefix);
                bool whole = kinds[i].prefix[prefix_size - 1] != '/';
                if (whole ? strcmp(key, kinds[i].prefix) != 0
                          : strncmp(key, kinds[i].prefix, prefix_size) != 0)
                        continue;
                ProtobufCMessage *body = protobuf_c_message_unpack(kinds[i].descriptor, NULL, size, value);
                if (body == NULL)
                        return actor_error_set(error, -EPROTO, "registry: record \"%s\" is not a %s", key,
                                               kinds[i].descriptor->name);
                protobuf_c_message_free_unpacked(body, NULL);
                return 0;
        }
        return actor_error_set(error, -EPROTO, "registry: record \"%s\" is of no known kind", key);
}

int registry_load(struct registry *registry, const void *key, size_t key_size, const void *value,
                  size_t value_size, struct actor_error *error)
{
        CLEANUP(actor_freep) char *name = actor_strndup(key, key_size);
        int r = check_value(name, value, value_size, error);
        if (r != 0)
                return r;
        record_put(registry, name, value, value_size);
        if (strcmp(name, "epoch") == 0) {
                Registry__EpochRecord *epoch =
                        unpack(&registry__epoch_record__descriptor, record_find(registry, name), NULL);
                registry->epoch = epoch->epoch;
                protobuf_c_message_free_unpacked(&epoch->base, NULL);
        }
        return 0;
}

/* ---- batches ------------------------------------------------------------------------------------ */

void registry_batch_done(struct registry_batch *batch)
{
        for (size_t i = 0; i < batch->count; i++) {
                free((void *) batch->changes[i].key);
                free((void *) batch->changes[i].value);
        }
        free(batch->changes);
        *batch = (struct registry_batch){0};
}

static struct actor_store_change *batch_add(struct registry_batch *batch, const char *key)
{
        ACTOR_ARRAY_RESERVE(batch->changes, batch->count, batch->capacity);
        struct actor_store_change *change = &batch->changes[batch->count++];
        *change = (struct actor_store_change){.key = actor_strdup(key), .key_size = strlen(key)};
        return change;
}

static void erase(struct registry *registry, const char *key, struct registry_batch *batch)
{
        batch_add(batch, key)->erase = true;
        record_erase(registry, record_find(registry, key));
}

/* Puts a record, unless it is there with the same value. */
static enum registrar_outcome put(struct registry *registry, const char *key, const void *body,
                                  struct registry_batch *batch)
{
        size_t size = protobuf_c_message_get_packed_size(body);
        uint8_t *value = actor_malloc(size + 1); /* an empty message is no reason for NULL */
        protobuf_c_message_pack(body, value);
        const struct record *record = record_find(registry, key);
        if (record != NULL && record->size == size && memcmp(record->value, value, size) == 0) {
                free(value);
                return REGISTRAR_UNCHANGED;
        }
        record_put(registry, key, value, size);
        struct actor_store_change *change = batch_add(batch, key);
        change->value = value;
        change->value_size = size;
        return REGISTRAR_STORED;
}

/* ---- the longest gone are forgotten --------------------------------------------------------------- */

static int64_t ended_ns(const struct record *record)
{
        Registry__EndRecord *end = unpack(&registry__end_record__descriptor, record, NULL);
        int64_t when_ns = end->when_ns;
        protobuf_c_message_free_unpacked(&end->base, NULL);
        return when_ns;
}

static void forget_oldest(struct registry *registry, const char *prefix, struct registry_batch *batch)
{
        const struct record *record, *next, *oldest = NULL;
        int64_t oldest_ns = 0;
        HASH_ITER(hh, registry->records, record, next)
        {
                if (strncmp(record->key, prefix, strlen(prefix)) != 0)
                        continue;
                int64_t when_ns = ended_ns(record);
                if (oldest == NULL || when_ns < oldest_ns) {
                        oldest = record;
                        oldest_ns = when_ns;
                }
        }
        if (oldest == NULL)
                return;
        CLEANUP(actor_freep) char *key = actor_strdup(oldest->key);
        erase(registry, key, batch);
}

static void forget_beyond_limits(struct registry *registry, struct registry_batch *batch)
{
        if (registry->gone_count > REGISTRY_GONE_MAX)
                forget_oldest(registry, "gone/", batch);
        if (registry->completed_count > REGISTRY_COMPLETED_MAX)
                forget_oldest(registry, "completed/", batch);
}

/* ---- changes -------------------------------------------------------------------------------------- */

struct change {
        struct registry *registry;
        const struct registrar_change *asked;
        struct registry_batch *batch;
        struct actor_error *error;
        const char *id;      /* agent, framework or role */
        char *key, *end_key; /* "agent/ID" and "gone/ID", or "framework/ID" and "completed/ID" */
};

static enum registrar_outcome refuse(const struct change *c, const char *format, const char *id)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        actor_error_set(c->error, 0, format, id);
#pragma GCC diagnostic pop
        return REGISTRAR_REFUSED;
}

static enum registrar_outcome put_agent(const struct change *c, const V1__AgentInfo *info, int64_t since_ns)
{
        Registry__AgentRecord body = REGISTRY__AGENT_RECORD__INIT;
        body.info = (V1__AgentInfo *) info;
        body.has_unreachable_since_ns = since_ns != 0;
        body.unreachable_since_ns = since_ns;
        return put(c->registry, c->key, &body, c->batch);
}

static enum registrar_outcome admit_agent(const struct change *c)
{
        if (record_find(c->registry, c->end_key) != NULL)
                return refuse(c, "agent %s was marked gone and may not return", c->id);
        return put_agent(c, c->asked->agent, 0);
}

/* Rewrites an agent's record with another info (NULL: its own) or another time. */
static enum registrar_outcome rewrite_agent(const struct change *c, const V1__AgentInfo *info,
                                            bool keep_since, int64_t since_ns)
{
        const struct record *record = record_find(c->registry, c->key);
        if (record == NULL)
                return refuse(c, "agent %s is not admitted", c->id);
        Registry__AgentRecord *old = unpack(&registry__agent_record__descriptor, record, NULL);
        enum registrar_outcome outcome = put_agent(c, info != NULL ? info : old->info,
                                                   keep_since ? old->unreachable_since_ns : since_ns);
        protobuf_c_message_free_unpacked(&old->base, NULL);
        return outcome;
}

static enum registrar_outcome update_agent(const struct change *c)
{
        return rewrite_agent(c, c->asked->agent, true, 0);
}

static enum registrar_outcome mark_unreachable(const struct change *c)
{
        const struct record *record = record_find(c->registry, c->key);
        if (record != NULL) { /* a retry may bring a later time: the first one holds */
                Registry__AgentRecord *old = unpack(&registry__agent_record__descriptor, record, NULL);
                bool unreachable = old->has_unreachable_since_ns;
                protobuf_c_message_free_unpacked(&old->base, NULL);
                if (unreachable)
                        return REGISTRAR_UNCHANGED;
        }
        return rewrite_agent(c, NULL, false, c->asked->when_ns != 0 ? c->asked->when_ns : 1);
}

static enum registrar_outcome mark_reachable(const struct change *c)
{
        return rewrite_agent(c, NULL, false, 0);
}

static enum registrar_outcome remove_agent(const struct change *c)
{
        if (record_find(c->registry, c->key) == NULL)
                return REGISTRAR_UNCHANGED;
        erase(c->registry, c->key, c->batch);
        return REGISTRAR_STORED;
}

/* Moves what the key names to those that may not return. */
static enum registrar_outcome end(const struct change *c)
{
        if (record_find(c->registry, c->end_key) != NULL)
                return REGISTRAR_UNCHANGED;
        if (record_find(c->registry, c->key) != NULL)
                erase(c->registry, c->key, c->batch);
        Registry__EndRecord body = REGISTRY__END_RECORD__INIT;
        body.when_ns = c->asked->when_ns;
        enum registrar_outcome outcome = put(c->registry, c->end_key, &body, c->batch);
        forget_beyond_limits(c->registry, c->batch);
        return outcome;
}

static enum registrar_outcome mark_gone(const struct change *c)
{
        if (record_find(c->registry, c->key) == NULL && record_find(c->registry, c->end_key) == NULL)
                return refuse(c, "agent %s is not admitted", c->id);
        return end(c);
}

static enum registrar_outcome store_framework(const struct change *c)
{
        if (record_find(c->registry, c->end_key) != NULL)
                return refuse(c, "framework %s has been removed and may not return", c->id);
        Registry__FrameworkRecord body = REGISTRY__FRAMEWORK_RECORD__INIT;
        body.info = (V1__FrameworkInfo *) c->asked->framework;
        body.has_deadline_ns = c->asked->deadline_ns != 0;
        body.deadline_ns = c->asked->deadline_ns;
        return put(c->registry, c->key, &body, c->batch);
}

static enum registrar_outcome set_weight(const struct change *c)
{
        if (!isfinite(c->asked->weight) || c->asked->weight <= 0)
                return refuse(c, "the weight of role %s must be a finite number above 0", c->id);
        Registry__WeightRecord body = REGISTRY__WEIGHT_RECORD__INIT;
        body.weight = c->asked->weight;
        return put(c->registry, c->key, &body, c->batch);
}

static const struct {
        enum registrar_outcome (*apply)(const struct change *c);
        const char *prefix, *end_prefix;
} operations[] = {
        [REGISTRAR_ADMIT_AGENT] = {admit_agent, "agent/", "gone/"},
        [REGISTRAR_UPDATE_AGENT] = {update_agent, "agent/", "gone/"},
        [REGISTRAR_REMOVE_AGENT] = {remove_agent, "agent/", "gone/"},
        [REGISTRAR_MARK_UNREACHABLE] = {mark_unreachable, "agent/", "gone/"},
        [REGISTRAR_MARK_REACHABLE] = {mark_reachable, "agent/", "gone/"},
        [REGISTRAR_MARK_GONE] = {mark_gone, "agent/", "gone/"},
        [REGISTRAR_STORE_FRAMEWORK] = {store_framework, "framework/", "completed/"},
        [REGISTRAR_REMOVE_FRAMEWORK] = {end, "framework/", "completed/"},
        [REGISTRAR_SET_WEIGHT] = {set_weight, "weight/", ""},
};

static const char *id_of(const struct registrar_change *change)
{
        switch (change->kind) {
        case REGISTRAR_ADMIT_AGENT:
        case REGISTRAR_UPDATE_AGENT:
                return change->agent->id->value;
        case REGISTRAR_STORE_FRAMEWORK:
                return change->framework->id->value;
        case REGISTRAR_REMOVE_FRAMEWORK:
                return change->framework_id;
        case REGISTRAR_SET_WEIGHT:
                return change->role;
        default:
                return change->agent_id;
        }
}

enum registrar_outcome registry_apply(struct registry *registry, const struct registrar_change *change,
                                      struct registry_batch *batch, struct actor_error *error)
{
        assert((size_t) change->kind < sizeof operations / sizeof operations[0]);
        struct change c = {registry, change, batch, error, id_of(change), NULL, NULL};
        assert(c.id != NULL);
        CLEANUP(actor_freep) char *key = actor_asprintf("%s%s", operations[change->kind].prefix, c.id);
        CLEANUP(actor_freep)
        char *end_key = actor_asprintf("%s%s", operations[change->kind].end_prefix, c.id);
        c.key = key;
        c.end_key = end_key;
        if (strlen(key) > KEY_MAX)
                return refuse(&c, "the name \"%.64s…\" is too long for the registry", c.id);
        return operations[change->kind].apply(&c);
}

uint64_t registry_begin_epoch(struct registry *registry, struct registry_batch *batch)
{
        Registry__EpochRecord body = REGISTRY__EPOCH_RECORD__INIT;
        body.epoch = ++registry->epoch;
        put(registry, "epoch", &body, batch);
        return registry->epoch;
}

size_t registry_record_count(const struct registry *registry)
{
        return HASH_COUNT(registry->records);
}

/* ---- the whole of it -------------------------------------------------------------------------------- */

/* If the record is of that kind, its id in *ret. */
static bool is_kind(const struct record *record, const char *prefix, const char **ret)
{
        size_t size = strlen(prefix);
        if (strncmp(record->key, prefix, size) != 0)
                return false;
        *ret = record->key + size;
        return true;
}

static void content_add(struct registry_content *content, const struct record *record)
{
        ProtobufCAllocator *arena = actor_msg_allocator(content);
        const char *id;
        if (is_kind(record, "agent/", &id)) {
                Registry__AgentRecord *body = unpack(&registry__agent_record__descriptor, record, arena);
                struct registry_agent agent = {body->info, body->unreachable_since_ns};
                struct registry_agent *agents = (struct registry_agent *) content->agents;
                PROTO_APPEND(content, content->agent_count, agents, agent);
                content->agents = agents;
        } else if (is_kind(record, "framework/", &id)) {
                Registry__FrameworkRecord *body =
                        unpack(&registry__framework_record__descriptor, record, arena);
                struct registry_framework framework = {body->info, body->deadline_ns};
                struct registry_framework *frameworks = (struct registry_framework *) content->frameworks;
                PROTO_APPEND(content, content->framework_count, frameworks, framework);
                content->frameworks = frameworks;
        } else if (is_kind(record, "weight/", &id)) {
                Registry__WeightRecord *body = unpack(&registry__weight_record__descriptor, record, arena);
                struct registry_weight weight = {actor_msg_strdup(content, id), body->weight};
                struct registry_weight *weights = (struct registry_weight *) content->weights;
                PROTO_APPEND(content, content->weight_count, weights, weight);
                content->weights = weights;
        } else if (is_kind(record, "gone/", &id)) {
                const char **gone = (const char **) content->gone_agents;
                PROTO_APPEND(content, content->gone_count, gone, actor_msg_strdup(content, id));
                content->gone_agents = gone;
        } else if (is_kind(record, "completed/", &id)) {
                const char **completed = (const char **) content->completed_frameworks;
                PROTO_APPEND(content, content->completed_count, completed, actor_msg_strdup(content, id));
                content->completed_frameworks = completed;
        }
}

struct registry_content *registry_content(const struct registry *registry)
{
        struct registry_content *content = actor_msg_new(&registry_content_type);
        content->epoch = registry->epoch;
        const struct record *record, *next;
        HASH_ITER(hh, registry->records, record, next)
        {
                content_add(content, record);
        }
        return content;
}
