/* SPDX-License-Identifier: Apache-2.0 */
#include "core/inside.h"

#include "system/system.h"
#include <actor/log.h>
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* life.c: how an actor begins, fails, is restarted and ends.
 *
 * All of it happens in the cell's owner. A parent knows its children by a list of refs that it alone
 * touches; a child says by a mail that it has ended. Children end one after the other, the youngest
 * first, each after the mail already sent to it; while they do, the parent waits in one of the phases
 * STOPPING, RESTARTING or ENDING, and proceed() is called again whenever one has gone. */
enum { RESTARTS_MAX_DEFAULT = 5, RESTART_WINDOW_MS_DEFAULT = 10000 };

static void proceed(struct actor *a);

/* ---- children ------------------------------------------------------------------------------------ */

static void add_child(struct actor *parent, struct actor_ref ref)
{
        struct bonds *bonds = cell_bonds(parent);
        struct child *child = actor_malloc(sizeof *child);
        *child = (struct child){.previous = bonds->children_last, .ref = ref};
        if (child->previous != NULL)
                child->previous->next = child;
        bonds->children_last = child;
        map_put(&bonds->children, ref_key(parent->node, ref), child);
}

static void remove_child(struct actor *parent, struct actor_ref ref)
{
        struct bonds *bonds = parent->bonds;
        struct child *child = map_take(&bonds->children, ref_key(parent->node, ref));
        assert(child != NULL);
        if (child->next != NULL)
                child->next->previous = child->previous;
        else
                bonds->children_last = child->previous;
        if (child->previous != NULL)
                child->previous->next = child->next;
        free(child);
}

void life_child_ended(struct actor *a, const struct mail *mail)
{
        remove_child(a, mail->from);
        if (mail->escalates && a->phase != CELL_ENDING)
                life_fail(a, mail->error);
        else if (a->phase != CELL_ALIVE)
                proceed(a);
}

/* ---- beginning ----------------------------------------------------------------------------------- */

/* What an actor leaves behind when it is restarted or ends: nothing that could still speak to it. */
static void let_go(struct actor *a)
{
        ask_drop_all(a);
        timers_drop_all(a);
        bonds_drop_monitors(a);
        system_let_go(a);
}

static int begin(struct actor *a)
{
        const struct actor_class *class = cell_class(a);
        int r = class->init != NULL ? class->init(a->state, a, a->config) : 0;
        assert(r <= 0);
        return r == 0 && a->exit_called && a->exit_reason != 0 ? a->exit_reason : r;
}

static void move_in(struct actor *a, const struct spawn *spawn)
{
        const struct actor_class *class = spawn->class;
        struct actor_ref parent = spawn->parent != NULL ? cell_ref(spawn->parent) : ACTOR_NOBODY;
        assert(a->state == NULL && a->name == NULL && a->timers == NULL && a->bonds == NULL);
        CELL_SET(a->class, class);
        CELL_SET(a->mailbox_max, class->mailbox_max ? class->mailbox_max : ACTOR_MAILBOX_DEFAULT);
        CELL_SET(a->drops_oldest, class->overflow == ACTOR_DROP_OLDEST);
        CELL_SET(a->parent_slot, parent.slot);
        CELL_SET(a->parent_generation, parent.generation);
        a->state = actor_zalloc(class->state_size ? class->state_size : 1);
        a->config = spawn->config;
        CELL_SET(a->hidden, spawn->hidden);
        a->phase = CELL_ALIVE;
        a->exit_called = a->escalates = a->unborn = false;
        a->end_reason = 0;
        a->end_error = 0;
        a->counter = 0;
        a->trace_id = 0;
        a->last_row = 0;
        a->born += a->born + 1 == 0 ? 2 : 1; /* 0 means nobody */
        atomic_store_explicit(&a->generation, a->born, memory_order_release);
}

static void reset_statistics(struct actor *a)
{
        CELL_SET(a->depth_most, 0);
        CELL_SET(a->restarts, 0);
        CELL_SET(a->handled, 0);
        CELL_SET(a->dropped, 0);
        CELL_SET(a->refused, 0);
        CELL_SET(a->busy_ns, 0);
        CELL_SET(a->slowest_ns, 0);
        CELL_SET(a->slowest_type, NULL);
}

static void move_out(struct actor *a)
{
        free(a->state);
        a->state = NULL;
        atomic_store_explicit(&a->generation, 0, memory_order_release);
        a->phase = CELL_EMPTY;
}

/* The first steps of a named or nameless child that is known to its parent; 0 or init's error. */
static int grow_up(struct actor *a)
{
        int r = begin(a);
        if (r < 0) {
                a->unborn = true;
                names_remove(a->node, a);
                life_end(a, ACTOR_DOWN_FAILED, r);
        } else if (a->exit_called) {
                life_end(a, ACTOR_DOWN_FINISHED, 0);
        }
        return r;
}

int life_spawn(struct actor_node *node, struct worker *worker, const struct spawn *spawn,
               struct actor_ref *ret)
{
        assert(spawn->class != NULL && spawn->class->name != NULL);
        if (spawn->name != NULL && !name_is_valid(spawn->name))
                return -EINVAL;
        struct actor *a = cells_take(node);
        a->worker = worker;
        a->now_ns = spawn->parent != NULL ? spawn->parent->now_ns : node_now_ns(node);
        reset_statistics(a);
        move_in(a, spawn);
        struct actor_ref ref = cell_ref(a);
        int r = spawn->name != NULL ? names_add(node, a, spawn->name) : 0;
        if (r == 0 && spawn->parent == NULL && !spawn->hidden) {
                r = top_add(node, ref);
                if (r != 0)
                        names_remove(node, a);
        }
        if (r != 0) {
                move_out(a);
                cells_give_back(node, a);
        } else {
                COUNT(node, worker, spawned);
                if (spawn->parent != NULL)
                        add_child(spawn->parent, ref);
                r = grow_up(a);
                if (r == 0)
                        *ret = ref;
        }
        if (!cell_release(a))
                sched_ready(node, worker, a);
        return r;
}

int actor_spawn(struct actor *self, const struct actor_class *class, const char *name, const void *config,
                struct actor_ref *ret)
{
        struct actor_ref ref;
        if (self->phase != CELL_ALIVE) /* else an actor that goes on spawning would never come to its end */
                return -ESHUTDOWN;
        struct spawn spawn = {.class = class, .name = name, .config = config, .parent = self};
        int r = life_spawn(self->node, self->worker, &spawn, &ref);
        if (r == 0 && ret != NULL)
                *ret = ref;
        return r;
}

/* ---- failing and restarting ---------------------------------------------------------------------- */

/* Whether one more restart is within the class's intensity; remembers it if so. */
static bool may_restart(struct actor *a)
{
        const struct actor_class *class = cell_class(a);
        struct bonds *bonds = cell_bonds(a);
        size_t max = class->restarts_max ? class->restarts_max : RESTARTS_MAX_DEFAULT;
        int64_t window_ms = class->restart_window_ms ? class->restart_window_ms : RESTART_WINDOW_MS_DEFAULT;
        int64_t now_ms = node_now_ns(a->node) / 1000000;
        if (bonds->restarts_ms == NULL)
                bonds->restarts_ms = actor_malloc(max * sizeof *bonds->restarts_ms);
        if (bonds->restart_count == max) {
                if (now_ms - bonds->restarts_ms[0] <= window_ms)
                        return false;
                memmove(bonds->restarts_ms, bonds->restarts_ms + 1, (max - 1) * sizeof *bonds->restarts_ms);
                bonds->restart_count--;
        }
        bonds->restarts_ms[bonds->restart_count++] = now_ms;
        return true;
}

static void complain(struct actor *a, int error, const char *what)
{
        char text[ACTOR_NAME_MAX + ACTOR_ENDPOINT_MAX + 2];
        actor_node_describe(a->node, cell_ref(a), text, sizeof text);
        actor_log_warn(a, "actor: %s (%s) failed, %s: %s", text, cell_class(a)->name, what, strerror(-error));
}

void life_fail(struct actor *a, int error)
{
        assert(error < 0);
        if (a->phase == CELL_EMPTY || a->phase == CELL_ENDING)
                return;
        enum actor_restart rule = cell_class(a)->restart;
        if (rule == ACTOR_RESTART && a->phase != CELL_STOPPING && may_restart(a)) {
                complain(a, error, "restarting");
                a->phase = CELL_RESTARTING;
                let_go(a);
                proceed(a);
                return;
        }
        complain(a, error, rule == ACTOR_STOP ? "ending" : "ending, and so does its parent");
        a->escalates = rule != ACTOR_STOP;
        life_end(a, ACTOR_DOWN_FAILED, error);
}

static void restart(struct actor *a)
{
        const struct actor_class *class = cell_class(a);
        if (class->fini != NULL)
                class->fini(a->state);
        memset(a->state, 0, class->state_size);
        CELL_SET(a->restarts, CELL_GET(a->restarts) + 1);
        a->phase = CELL_ALIVE;
        a->exit_called = false;
        int r = begin(a);
        if (r < 0)
                life_fail(a, r);
        else if (a->exit_called)
                life_end(a, ACTOR_DOWN_FINISHED, 0);
}

/* ---- ending -------------------------------------------------------------------------------------- */

static void bury_mail(struct actor *a)
{
        struct mail *mail;
        struct mail next;
        while ((mail = cell_pop_system(a)) != NULL)
                deliver_dead(a->node, a->worker, mail, -ESRCH);
        while ((mail = a->stash) != NULL) {
                a->stash = atomic_load_explicit(&mail->next, memory_order_relaxed);
                deliver_dead(a->node, a->worker, mail, -ESRCH);
        }
        while (cell_pop(a, &next))
                deliver_dead(a->node, a->worker, mail_copy(&next), -ESRCH);
}

static void tell_parent(struct actor *a)
{
        struct actor_ref parent = cell_parent(a);
        if (CELL_GET(a->hidden))
                return;
        if (actor_ref_is_nobody(parent)) {
                top_child_ended(a);
                return;
        }
        struct mail *mail = mail_make(MAIL_CHILD_ENDED, cell_ref(a), parent);
        mail->reason = a->end_reason;
        mail->error = a->end_error;
        mail->escalates = a->escalates && !a->unborn;
        (void) deliver(a->node, a->worker, mail);
}

static void finish(struct actor *a)
{
        const struct actor_class *class = cell_class(a);
        if (class->fini != NULL)
                class->fini(a->state);
        names_remove(a->node, a);
        move_out(a);
        bonds_tell_the_end(a);
        bury_mail(a);
        bonds_done(a);
        COUNT(a->node, a->worker, ended);
        tell_parent(a);
        cells_give_back(a->node, a);
}

void life_end(struct actor *a, unsigned reason, int error)
{
        if (a->phase == CELL_EMPTY || a->phase == CELL_ENDING)
                return;
        a->phase = CELL_ENDING;
        a->end_reason = (uint8_t) reason;
        a->end_error = error;
        let_go(a);
        proceed(a);
}

void life_stop(struct actor *a)
{
        if (a->phase == CELL_RESTARTING) {
                life_end(a, ACTOR_DOWN_FINISHED, 0);
        } else if (a->phase == CELL_ALIVE) {
                a->phase = CELL_STOPPING;
                proceed(a);
        }
}

/* Takes the next step of whatever waits for the children to end. */
static void proceed(struct actor *a)
{
        if (a->bonds != NULL && a->bonds->children_last != NULL) {
                actor_stop(a, a->bonds->children_last->ref);
                return;
        }
        switch (a->phase) {
        case CELL_STOPPING:
                life_end(a, ACTOR_DOWN_FINISHED, 0);
                break;
        case CELL_RESTARTING:
                restart(a);
                break;
        case CELL_ENDING:
                finish(a);
                break;
        }
}

void actor_exit(struct actor *self, int reason)
{
        assert(reason <= 0);
        self->exit_called = true;
        self->exit_reason = reason;
}

/* The end of the node, or its crash: nobody is told. */
void life_discard(struct actor_node *node, struct actor *a)
{
        struct mail *mail;
        struct mail next;
        const struct actor_class *class = cell_class(a);
        a->worker = NULL;
        if (a->phase != CELL_EMPTY) {
                if (class->fini != NULL)
                        class->fini(a->state);
                names_remove(node, a);
                bonds_done(a);
                move_out(a);
        }
        while ((mail = cell_pop_system(a)) != NULL)
                mail_free(mail);
        while ((mail = a->stash) != NULL) {
                a->stash = atomic_load_explicit(&mail->next, memory_order_relaxed);
                mail_free(mail);
        }
        while (cell_pop(a, &next))
                actor_msg_unref(next.body);
        mail_free(a->tail);
}
