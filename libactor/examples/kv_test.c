/* SPDX-License-Identifier: Apache-2.0 */
/* The store on one node, the owner of a key on a second, a watcher on a third; the same story on real nodes,
 * where the owner's node ends in order, and on simulated ones, where it crashes. */
#include "kv.h"
#include <actor/node.h>
#include <actor/sim.h>
#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 60000 };

/* ---- the owner: its key says that it is there ------------------------------------------------------ */

static int no_answer(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        return mail->error;
}

static int owner_init(void *state, struct actor *self, const void *config)
{
        Kv__Put *put = actor_msg_new(&kv_put_type);
        put->key = actor_msg_strdup(put, "leader");
        put->value = actor_msg_strdup(put, "me");
        put->has_while_alive = put->while_alive = true;
        actor_ask(self, *(const struct actor_ref *) config, put, TIMEOUT_MS, no_answer, NULL);
        return 0;
}

static const struct actor_handler owner_handlers[] = {ACTOR_HANDLER_END};
static const struct actor_class owner_class = {
        .name = "owner",
        .init = owner_init,
        .handlers = owner_handlers,
};

/* ---- the watcher: knows the value, and tells when it is the one somebody waits for ------------------ */

struct wish {
        bool is_there;
};
static ACTOR_LOCAL_TYPE(wish_type, struct wish);

struct watcher {
        bool is_there;
        bool is_awaited, awaited;
        struct actor_asker asker;
};

static void see(struct watcher *watcher, struct actor *self, bool is_there)
{
        watcher->is_there = is_there;
        if (watcher->is_awaited && watcher->awaited == is_there) {
                watcher->is_awaited = false;
                actor_reply_to(self, watcher->asker, actor_msg_new(&wish_type));
        }
}

static int on_value(struct watcher *watcher, const struct actor_mail *mail, const Kv__Value *msg)
{
        see(watcher, mail->self, msg->value != NULL);
        return 0;
}

static int on_first_value(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        return body ? on_value(state, mail, body) : mail->error;
}

static int on_wish(struct watcher *watcher, const struct actor_mail *mail, const struct wish *wish)
{
        watcher->is_awaited = true;
        watcher->awaited = wish->is_there;
        watcher->asker = actor_asker(mail);
        see(watcher, mail->self, watcher->is_there);
        return 0;
}

static int watcher_init(void *state, struct actor *self, const void *config)
{
        Kv__Watch *watch = actor_msg_new(&kv_watch_type);
        watch->key = actor_msg_strdup(watch, "leader");
        actor_ask(self, *(const struct actor_ref *) config, watch, TIMEOUT_MS, on_first_value, NULL);
        return 0;
}

ACTOR_BIND(on_value, struct watcher, Kv__Value)
ACTOR_BIND(on_wish, struct watcher, struct wish)

static const struct actor_handler watcher_handlers[] = {
        {&kv_value_type, on_value_bound, ACTOR_FROM_REMOTE},
        {&wish_type, on_wish_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static const struct actor_class watcher_class = {
        .name = "watcher",
        .state_size = sizeof(struct watcher),
        .init = watcher_init,
        .handlers = watcher_handlers,
};

/* ---- the story -------------------------------------------------------------------------------------- */

static int spawn_beside(struct actor_node *node, const struct actor_class *kind, const char *endpoint,
                        struct actor_ref *ret)
{
        char address[ACTOR_ENDPOINT_MAX + 16];
        struct actor_ref store;
        snprintf(address, sizeof address, "store@%s", strstr(endpoint, "://") + strlen("://"));
        int r = actor_node_resolve(node, address, &store, NULL);
        return r < 0 ? r : actor_node_spawn(node, kind, NULL, &store, ret);
}

static bool comes_to_see(struct actor_node *node, struct actor_ref watcher, bool is_there)
{
        struct wish *wish = actor_msg_new(&wish_type);
        void *answer;
        wish->is_there = is_there;
        if (actor_node_ask(node, watcher, wish, TIMEOUT_MS, &answer) < 0)
                return false;
        actor_msg_unref(answer);
        return true;
}

static bool key_is_there_and_watched(struct actor_node *nodes[3], const char *endpoint,
                                     struct actor_ref *watcher)
{
        struct actor_ref store, owner;
        return actor_node_spawn(nodes[0], &kv_store_class, "store", NULL, &store) == 0 &&
               spawn_beside(nodes[1], &owner_class, endpoint, &owner) == 0 &&
               spawn_beside(nodes[2], &watcher_class, endpoint, watcher) == 0 &&
               comes_to_see(nodes[2], *watcher, true);
}

static bool on_simulated_nodes(void)
{
        struct actor_sim *sim = actor_sim_new(7);
        struct actor_node_config config = {.types = kv_types};
        struct actor_node *nodes[3] = {actor_sim_node(sim, "tcp://home:1", &config),
                                       actor_sim_node(sim, "tcp://b:1", &config),
                                       actor_sim_node(sim, "tcp://c:1", &config)};
        struct actor_ref watcher;
        bool passed = key_is_there_and_watched(nodes, "tcp://home:1", &watcher);
        if (passed) {
                actor_sim_crash(sim, nodes[1]);
                passed = comes_to_see(nodes[2], watcher, false);
        }
        actor_sim_free(sim);
        return passed;
}

static bool on_real_nodes(void)
{
        struct actor_node_config config = {.workers = 1, .types = kv_types};
        struct actor_node *nodes[3] = {NULL};
        char endpoint[ACTOR_ENDPOINT_MAX + 1];
        struct actor_ref watcher;
        bool passed = true;
        for (int i = 0; i < 3; i++)
                passed = passed && actor_node_new(&config, &nodes[i]) == 0;
        passed = passed &&
                 actor_node_listen(nodes[0], "tcp://127.0.0.1:0", endpoint, sizeof endpoint, NULL) == 0 &&
                 key_is_there_and_watched(nodes, endpoint, &watcher);
        actor_node_free(nodes[1]);
        passed = passed && comes_to_see(nodes[2], watcher, false);
        actor_node_free(nodes[2]);
        actor_node_free(nodes[0]);
        return passed;
}

int main(void)
{
        bool simulated = on_simulated_nodes(), real = on_real_nodes();
        printf("the key goes with its owner: simulated %s, real %s\n", simulated ? "yes" : "no",
               real ? "yes" : "no");
        return simulated && real ? 0 : 1;
}
