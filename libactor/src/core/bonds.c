/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include "system/pool.h"
#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* bonds.c: monitors and links. The watcher keeps its watches by number and the watched keeps its
 * watchers, each in its own state; mails keep the two in step. A DOWN is handed on only while its
 * number is known to the watcher: that makes it exactly one, and none after a demonitor. */

const struct actor_type actor_down_type = {.name = "actor_down", .size = sizeof(struct actor_down)};

uint64_t ref_key(const struct actor_node *node, struct actor_ref ref)
{
        assert(!actor_ref_is_remote(ref));
        return (ref.generation - node->incarnation) << 32 | ref.slot;
}

static void tell(struct actor *a, enum mail_kind kind, struct actor_ref to, uint64_t number)
{
        struct mail *mail = mail_make(kind, cell_ref(a), to);
        mail->ask_id = number;
        (void) deliver(a->node, a->worker, mail);
}

/* ---- monitors ------------------------------------------------------------------------------------ */

uint64_t actor_monitor(struct actor *self, struct actor_ref who)
{
        uint64_t number = ++cell_bonds(self)->counter;
        struct watcher *watch = actor_malloc(sizeof *watch);
        *watch = (struct watcher){who, number};
        map_put(&cell_bonds(self)->monitors, number, watch);
        tell(self, MAIL_MONITOR, who, number);
        return number;
}

void actor_demonitor(struct actor *self, uint64_t monitor)
{
        struct watcher *watch = self->bonds != NULL ? map_take(&self->bonds->monitors, monitor) : NULL;
        if (watch == NULL)
                return;
        tell(self, MAIL_DEMONITOR, watch->who, monitor);
        free(watch);
}

void bonds_drop_monitors(struct actor *a)
{
        uint64_t number;
        void *watch;
        while (a->bonds != NULL && map_take_any(&a->bonds->monitors, &number, &watch)) {
                tell(a, MAIL_DEMONITOR, ((struct watcher *) watch)->who, number);
                free(watch);
        }
}

void bonds_on_monitor(struct actor *a, const struct mail *mail)
{
        struct bonds *bonds = cell_bonds(a);
        ACTOR_ARRAY_RESERVE(bonds->watchers, bonds->watcher_count, bonds->watcher_capacity);
        bonds->watchers[bonds->watcher_count++] = (struct watcher){mail->from, mail->ask_id};
}

void bonds_on_demonitor(struct actor *a, const struct mail *mail)
{
        struct bonds *bonds = cell_bonds(a);
        for (size_t i = bonds->watcher_count; i-- > 0;) { /* the newest watch ends soonest */
                struct watcher *watcher = &bonds->watchers[i];
                if (watcher->monitor != mail->ask_id || !actor_ref_equal(watcher->who, mail->from))
                        continue;
                memmove(watcher, watcher + 1, (bonds->watcher_count - i - 1) * sizeof *watcher);
                bonds->watcher_count--;
                return;
        }
}

void bonds_on_down(struct actor *a, const struct mail *mail)
{
        struct watcher *watch = a->bonds != NULL ? map_take(&a->bonds->monitors, mail->ask_id) : NULL;
        if (watch == NULL)
                return;
        struct actor_down down = {watch->who, mail->ask_id, mail->reason, mail->error};
        free(watch);
        turn_dispatch_down(a, &down);
}

/* ---- links --------------------------------------------------------------------------------------- */

static void add_link(struct actor *a, struct actor_ref who)
{
        struct map *links = &cell_bonds(a)->links;
        if (map_get(links, ref_key(a->node, who)) != NULL)
                return;
        struct watcher *link = actor_malloc(sizeof *link);
        *link = (struct watcher){who, 0};
        map_put(links, ref_key(a->node, who), link);
}

static bool remove_link(struct actor *a, struct actor_ref who)
{
        void *link = a->bonds != NULL ? map_take(&a->bonds->links, ref_key(a->node, who)) : NULL;
        free(link);
        return link != NULL;
}

void actor_link(struct actor *self, struct actor_ref who)
{
        assert(!actor_ref_is_remote(who) && !actor_ref_is_nobody(who));
        if (actor_ref_equal(who, cell_ref(self)))
                return;
        add_link(self, who);
        tell(self, MAIL_LINK, who, 0);
}

void actor_unlink(struct actor *self, struct actor_ref who)
{
        if (remove_link(self, who))
                tell(self, MAIL_UNLINK, who, 0);
}

void bonds_on_link(struct actor *a, const struct mail *mail)
{
        add_link(a, mail->from);
}

void bonds_on_unlink(struct actor *a, const struct mail *mail)
{
        (void) remove_link(a, mail->from);
}

void bonds_on_exit(struct actor *a, const struct mail *mail)
{
        if (!remove_link(a, mail->from))
                return; /* unlinked meanwhile */
        if (a->phase == CELL_ENDING)
                return;
        if (cell_class(a)->traps_exits && a->phase != CELL_RESTARTING)
                turn_dispatch_down(a, &(struct actor_down){mail->from, 0, mail->reason, mail->error});
        else if (mail->reason != ACTOR_DOWN_FINISHED && !cell_class(a)->traps_exits)
                life_fail(a, mail->error);
}

/* ---- the end ------------------------------------------------------------------------------------- */

static void tell_end(struct actor *a, struct mail *mail, uint64_t number)
{
        mail->ask_id = number;
        mail->reason = a->end_reason;
        mail->error = a->error;
        (void) deliver(a->node, a->worker, mail);
}

void bonds_tell_the_end(struct actor *a, struct actor_ref ref)
{
        struct bonds *bonds = a->bonds;
        uint64_t key;
        void *link;
        if (bonds == NULL)
                return;
        for (size_t i = 0; i < bonds->watcher_count; i++)
                tell_end(a, mail_make(MAIL_DOWN, ref, bonds->watchers[i].who), bonds->watchers[i].monitor);
        bonds->watcher_count = 0;
        while (map_take_any(&bonds->links, &key, &link)) {
                tell_end(a, mail_make(MAIL_EXIT, ref, ((struct watcher *) link)->who), 0);
                free(link);
        }
}

static void free_values(struct map *map)
{
        uint64_t key;
        void *value;
        while (map->count > 0 && map_take_any(map, &key, &value))
                free(value);
        map_done(map);
}

void bonds_done(struct actor *a)
{
        struct bonds *bonds = a->bonds;
        if (bonds == NULL)
                return;
        free_values(&bonds->monitors);
        free_values(&bonds->links);
        asks_done(&bonds->asks);
        map_done(&bonds->watches);
        free(bonds->watchers);
        free(bonds->unknown);
        free(bonds->restarts_ms);
        pool_line_unref(bonds->jobs);
        blocks_free(bonds, bonds->block_class);
        a->bonds = NULL;
}

bool bonds_first_unknown(struct actor *a, const struct actor_type *type)
{
        struct bonds *bonds = cell_bonds(a);
        for (size_t i = 0; i < bonds->unknown_count; i++) {
                if (bonds->unknown[i] == type)
                        return false;
        }
        ACTOR_ARRAY_RESERVE(bonds->unknown, bonds->unknown_count, bonds->unknown_capacity);
        bonds->unknown[bonds->unknown_count++] = type;
        return true;
}
