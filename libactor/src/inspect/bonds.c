/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/inspect.h"

#include "core/deliver.h"
#include "inspect/messages.h"

#include <actor/memory.h>

/* bonds.c: whom an actor is bound to. Its owner alone may look, so the question comes to it as system
 * mail, and the answer goes straight to whoever asked the inspector. */
enum { LIST_MAX = 64 };

struct list {
        char **texts;
        size_t count;
};

static void add(struct list *list, void *answer, struct actor_node *node, struct actor_ref ref)
{
        char text[ACTOR_NAME_MAX + ACTOR_ENDPOINT_MAX + 2];
        if (list->count == LIST_MAX)
                return;
        if (list->texts == NULL)
                list->texts = actor_msg_alloc(answer, LIST_MAX * sizeof *list->texts);
        actor_node_describe(node, ref, text, sizeof text);
        list->texts[list->count++] = actor_msg_strdup(answer, text);
}

static struct list list_of_map(void *answer, struct actor_node *node, const struct map *map)
{
        struct list list = {NULL, 0};
        for (size_t i = 0; i < map->capacity; i++)
                if (map->entries[i].key != 0)
                        add(&list, answer, node, ((struct watcher *) map->entries[i].value)->who);
        return list;
}

static void tell_lists(struct actor *a, void *answer, Actor__Inspect__Bonds *ret)
{
        struct bonds *bonds = a->bonds;
        struct list watchers = {NULL, 0};
        for (size_t i = 0; i < bonds->watcher_count; i++)
                add(&watchers, answer, a->node, bonds->watchers[i].who);
        struct list links = list_of_map(answer, a->node, &bonds->links);
        struct list watched = list_of_map(answer, a->node, &bonds->monitors);
        ret->watcher = watchers.texts;
        ret->n_watcher = watchers.count;
        ret->link = links.texts;
        ret->n_link = links.count;
        ret->watched = watched.texts;
        ret->n_watched = watched.count;
}

/* The youngest first. */
static void tell_children(const struct actor *a, void *answer, Actor__Inspect__Bonds *ret)
{
        struct list children = {NULL, 0};
        uint32_t count = 0;
        for (uint32_t slot = a->youngest; slot != 0; slot = cells_known(a->node, slot)->older_sibling) {
                add(&children, answer, a->node, cell_ref(cells_known(a->node, slot)));
                count++;
        }
        ret->child = children.texts;
        ret->n_child = children.count;
        INSPECT_SET(ret, children, count);
}

static void tell_counts(const struct actor *a, Actor__Inspect__Bonds *ret)
{
        const struct bonds *bonds = a->bonds;
        uint32_t timers = 0;
        for (const struct timer *timer = a->timers; timer != NULL; timer = timer->own_next)
                timers++;
        INSPECT_SET(ret, timers, timers);
        INSPECT_SET(ret, links, bonds != NULL ? (uint32_t) bonds->links.count : 0);
        INSPECT_SET(ret, watches, bonds != NULL ? (uint32_t) bonds->monitors.count : 0);
        INSPECT_SET(ret, watchers, bonds != NULL ? (uint32_t) bonds->watcher_count : 0);
        INSPECT_SET(ret, asks, bonds != NULL ? (uint32_t) bonds->asks.count : 0);
}

void inspect_tell_bonds(struct actor *a, const struct mail *mail)
{
        Actor__Inspect__Answer *answer = actor_msg_new(&inspect_answer_type);
        answer->bonds = INSPECT_NEW(answer, actor__inspect__bonds, Actor__Inspect__Bonds);
        tell_counts(a, answer->bonds);
        tell_children(a, answer, answer->bonds);
        if (a->bonds != NULL)
                tell_lists(a, answer, answer->bonds);
        struct mail *reply = mail_make(MAIL_REPLY, cell_ref(a), mail->from);
        reply->ask_id = mail->ask_id;
        reply->body = answer;
        (void) deliver(a->node, a->worker, reply);
}
