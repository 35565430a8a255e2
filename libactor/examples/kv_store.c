/* SPDX-License-Identifier: Apache-2.0 */
#include "kv.h"
#include <actor/hash_table.h>
#include <string.h>

ACTOR_PROTO_TYPE(kv_put_type, "kv.Put", Kv__Put, kv__put__descriptor);
ACTOR_PROTO_TYPE(kv_get_type, "kv.Get", Kv__Get, kv__get__descriptor);
ACTOR_PROTO_TYPE(kv_watch_type, "kv.Watch", Kv__Watch, kv__watch__descriptor);
ACTOR_PROTO_TYPE(kv_value_type, "kv.Value", Kv__Value, kv__value__descriptor);

const struct actor_type *const kv_types[] = {&kv_put_type, &kv_get_type, &kv_watch_type, &kv_value_type,
                                             NULL};

struct watch {
        struct watch *next;
        struct actor_ref who;
};

struct entry {
        UT_hash_handle hh;
        char *key;
        char *value;            /* NULL: only watched */
        struct actor_ref owner; /* the value goes with it; ACTOR_NOBODY: stays */
        struct watch *watches;
};

/* An actor the store has a reason to monitor. */
struct client {
        struct client *next;
        struct actor_ref who;
        uint64_t monitor;
};

struct store {
        struct entry *entries;
        struct client *clients;
};

/* ---- the books ------------------------------------------------------------------------------------ */

static struct entry *find_entry(const struct store *store, const char *key)
{
        struct entry *entry;
        HASH_FIND_STR(store->entries, key, entry);
        return entry;
}

static struct entry *entry_of(struct store *store, const char *key)
{
        struct entry *entry = find_entry(store, key);
        if (entry)
                return entry;
        entry = actor_zalloc(sizeof *entry);
        entry->key = actor_strdup(key);
        entry->owner = ACTOR_NOBODY;
        HASH_ADD_KEYPTR(hh, store->entries, entry->key, strlen(entry->key), entry);
        return entry;
}

static void remove_watches(struct entry *entry, struct actor_ref who)
{
        struct watch **link = &entry->watches;
        while (*link) {
                struct watch *watch = *link;
                if (actor_ref_equal(watch->who, who)) {
                        *link = watch->next;
                        free(watch);
                } else {
                        link = &watch->next;
                }
        }
}

static void entry_free(struct store *store, struct entry *entry)
{
        HASH_DEL(store->entries, entry);
        while (entry->watches)
                remove_watches(entry, entry->watches->who);
        free(entry->key);
        free(entry->value);
        free(entry);
}

/* One monitor for each actor, however many keys it owns and watches. */
static void keep_an_eye_on(struct store *store, struct actor *self, struct actor_ref who)
{
        for (const struct client *client = store->clients; client; client = client->next)
                if (actor_ref_equal(client->who, who))
                        return;
        struct client *client = actor_zalloc(sizeof *client);
        client->who = who;
        client->monitor = actor_monitor(self, who);
        client->next = store->clients;
        store->clients = client;
}

/* ---- saying what is ------------------------------------------------------------------------------- */

static Kv__Value *value_of(const char *key, const struct entry *entry)
{
        Kv__Value *msg = actor_msg_new(&kv_value_type);
        msg->key = actor_msg_strdup(msg, key);
        if (entry && entry->value)
                msg->value = actor_msg_strdup(msg, entry->value);
        return msg;
}

static void tell_watchers(const struct entry *entry, struct actor *self)
{
        Kv__Value *msg = value_of(entry->key, entry);
        for (const struct watch *watch = entry->watches; watch; watch = watch->next)
                actor_send(self, watch->who, actor_msg_ref(msg));
        actor_msg_unref(msg);
}

/* ---- handlers ------------------------------------------------------------------------------------- */

static int on_put(struct store *store, const struct actor_mail *mail, const Kv__Put *put)
{
        struct entry *entry = entry_of(store, put->key);
        free(entry->value);
        entry->value = actor_strdup(put->value);
        entry->owner = put->while_alive ? mail->from : ACTOR_NOBODY;
        if (put->while_alive)
                keep_an_eye_on(store, mail->self, mail->from);
        tell_watchers(entry, mail->self);
        return mail->ask_id ? actor_reply(mail, value_of(put->key, entry)) : 0;
}

static int on_get(struct store *store, const struct actor_mail *mail, const Kv__Get *get)
{
        return actor_reply(mail, value_of(get->key, find_entry(store, get->key)));
}

static int on_watch(struct store *store, const struct actor_mail *mail, const Kv__Watch *msg)
{
        struct entry *entry = entry_of(store, msg->key);
        remove_watches(entry, mail->from); /* asked twice, told once */
        struct watch *watch = actor_zalloc(sizeof *watch);
        watch->who = mail->from;
        watch->next = entry->watches;
        entry->watches = watch;
        keep_an_eye_on(store, mail->self, mail->from);
        return actor_reply(mail, value_of(msg->key, entry));
}

static void forget_client(struct store *store, uint64_t monitor)
{
        struct client **link = &store->clients;
        while (*link && (*link)->monitor != monitor)
                link = &(*link)->next;
        struct client *client = *link;
        if (client) {
                *link = client->next;
                free(client);
        }
}

static int on_down(struct store *store, const struct actor_mail *mail, const struct actor_down *down)
{
        struct entry *entry, *next;
        forget_client(store, down->monitor);
        HASH_ITER(hh, store->entries, entry, next)
        {
                remove_watches(entry, down->who);
                if (actor_ref_equal(entry->owner, down->who)) {
                        free(entry->value);
                        entry->value = NULL;
                        entry->owner = ACTOR_NOBODY;
                        tell_watchers(entry, mail->self);
                }
                if (!entry->value && !entry->watches)
                        entry_free(store, entry);
        }
        return 0;
}

static void store_fini(void *state)
{
        struct store *store = state;
        while (store->entries)
                entry_free(store, store->entries);
        while (store->clients)
                forget_client(store, store->clients->monitor);
}

ACTOR_BIND(on_put, struct store, Kv__Put)
ACTOR_BIND(on_get, struct store, Kv__Get)
ACTOR_BIND(on_watch, struct store, Kv__Watch)
ACTOR_BIND(on_down, struct store, struct actor_down)

static const struct actor_handler handlers[] = {
        {&kv_put_type, on_put_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_REMOTE},
        {&kv_get_type, on_get_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_REMOTE},
        {&kv_watch_type, on_watch_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_REMOTE},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

const struct actor_class kv_store_class = {
        .name = "kv-store",
        .state_size = sizeof(struct store),
        .fini = store_fini,
        .handlers = handlers,
};
