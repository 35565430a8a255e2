/* SPDX-License-Identifier: Apache-2.0 */
#include "core/deliver.h"

#include "system/system.h"
#include <actor/log.h>
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* life.c: how an actor begins, fails, is restarted and ends.
 *
 * All of it happens in the cell's owner. A parent knows its children by a list through their cells that it
 * alone touches; a child that has ended is put among the parent's system mail, and its cell stays its own
 * until it is taken out there (where one worker does all, it most often just leaves the list). Children end
 * one after the other, the youngest first, each after the mail already sent to it; while they do, the parent
 * waits in one of the phases STOPPING, RESTARTING or ENDING, and proceed() is called again whenever one has
 * gone. */
enum { RESTARTS_MAX_DEFAULT = 5, RESTART_WINDOW_MS_DEFAULT = 10000 };

static void proceed(struct actor *a);

/* ---- children: a list through their cells, the youngest first ------------------------------------ */

static void add_child(struct actor *parent, struct actor *child)
{
        child->older_sibling = parent->youngest;
        child->younger_sibling = 0;
        if (parent->youngest != 0)
                cells_known(parent->node, parent->youngest)->younger_sibling = child->slot;
        parent->youngest = child->slot;
        CELL_SET(parent->ran_on, CELL_GET(child->ran_on)); /* it runs there just now */
}

static void remove_child(struct worker *worker, struct actor *parent, struct actor *child)
{
        struct actor_node *node = parent->node;
        if (child->older_sibling != 0)
                cells_known(node, child->older_sibling)->younger_sibling = child->younger_sibling;
        if (child->younger_sibling != 0)
                cells_known(node, child->younger_sibling)->older_sibling = child->older_sibling;
        else
                parent->youngest = child->older_sibling;
        child->state = NULL; /* was the link in the parent's stack */
        cells_give_back(node, worker, child);
}

void life_child_ended(struct actor *parent, struct actor *child)
{
        bool escalates = child->escalates && !child->unborn;
        int error = child->error;
        remove_child(parent->worker, parent, child);
        if (escalates && parent->phase != CELL_ENDING)
                life_fail(parent, error);
        else if (parent->phase != CELL_ALIVE)
                proceed(parent);
}

/* ---- beginning ----------------------------------------------------------------------------------- */

/* What an actor leaves behind when it is restarted or ends: nothing that could still speak to it. */
static void let_go(struct actor *a)
{
        if (a->timers != NULL)
                timers_drop_all(a);
        if (a->bonds == NULL)
                return;
        asks_done(&a->bonds->asks); /* their timers are gone already */
        bonds_drop_monitors(a);
        system_let_go(a);
}

static inline int begin(struct actor *a, const void *config)
{
        const struct actor_class *class = cell_class(a);
        int r = class->init != NULL ? class->init(a->state, a, config) : 0;
        assert(r <= 0);
        return r == 0 && a->exit_called ? a->error : r;
}

static inline void *new_state(struct actor *a, size_t size)
{
        uint8_t block_class = blocks_class(size);
        void *state = blocks_new(size, &block_class);
        a->state_class = block_class & 0xf;
        a->exit_called = a->escalates = a->unborn = a->is_paused = false; /* the same byte */
        return memset(state, 0, size);
}

/* As nothing the former tenant left would be right for the next. */
static inline void reset(struct actor *a)
{
        a->end_reason = 0;
        a->error = 0;
        CELL_SET(a->last_row, 0);
        CELL_SET(a->depth_most, 0);
        CELL_SET(a->handled, 0);
        CELL_SET(a->dropped, 0);
        CELL_SET(a->refused, 0);
        CELL_SET(a->restarts, 0);
        CELL_SET(a->busy_ns, 0);
        CELL_SET(a->slowest_us, 0);
        CELL_SET(a->slowest_row, 0);
}

/* Into a cell that nothing belongs to but its mailbox. */
static inline void move_in(struct actor *a, struct kind *kind, const struct spawn *spawn)
{
        const struct actor_class *class = kind->class;
        unsigned max = class->mailbox_max ? class->mailbox_max : ACTOR_MAILBOX_DEFAULT;
        assert(a->timers == NULL && a->bonds == NULL && a->youngest == 0);
        reset(a);
        CELL_SET(a->kind, kind);
        CELL_SET(a->parent, spawn->parent);
        a->state = new_state(a, class->state_size ? class->state_size : 1);
        if (class->restart == ACTOR_RESTART)
                cell_bonds(a)->config = spawn->config;
        unsigned overflow = class->overflow == ACTOR_DROP_OLDEST    ? CELL_DROPS_OLDEST
                            : class->overflow == ACTOR_PAUSE_SENDER ? CELL_PAUSES
                                                                    : 0;
        unsigned flags = CELL_LIVES | overflow | (spawn->hidden ? CELL_HIDDEN : 0u);
        cell_let(a, flags, max < INT32_MAX ? max : INT32_MAX);
        cell_enter(a, CELL_ALIVE);
}

/* Others may write to the flags only where somebody waits for this mailbox or this actor for another. */
static inline void lower_lives(struct actor *a)
{
        if (CELL_GET(a->kind)->pauses || a->is_paused)
                (void) atomic_fetch_and(&a->flags, (uint8_t) ~CELL_LIVES);
        else
                atomic_store_explicit(&a->flags, CELL_GET(a->flags) & (uint8_t) ~CELL_LIVES,
                                      memory_order_release);
}

/* From here on its refs are nobody's; the next tenant's will differ. */
static inline void move_out(struct actor *a)
{
        uint64_t next = a->tenant + 1 != 0 ? a->tenant + 1 : 1; /* 0 means nobody */
        blocks_free(a->state, a->state_class);
        a->state = NULL;
        lower_lives(a);
        atomic_store_explicit(&a->generation, next, memory_order_release);
        a->tenant = next;
        cell_enter(a, CELL_EMPTY);
}

/* The first steps of a named or nameless child that is known to its parent; 0 or init's error. */
static int grow_up(struct actor *a, const void *config)
{
        int r = begin(a, config);
        if (r < 0) {
                a->unborn = true;
                names_remove(a->node, a);
                life_end(a, ACTOR_DOWN_FAILED, r);
        } else if (a->exit_called) {
                life_end(a, ACTOR_DOWN_FINISHED, 0);
        }
        return r;
}

/* The class as this node knows it; remembered by the worker, where there is one. */
static inline struct kind *kind_of(struct actor_node *node, struct worker *worker,
                                   const struct actor_class *class)
{
        if (worker == NULL)
                return kinds_of(&node->kinds, class);
        struct kind **known = &worker->kinds[(uintptr_t) class / sizeof *class % KINDS_KEPT];
        bool is_known = *known != NULL && (*known)->class == class && (*known)->handlers == class->handlers;
        if (!is_known && !kind_is_of(*known, class)) /* it has no rows, or it is unknown */
                *known = kinds_of(&node->kinds, class);
        return *known;
}

/* Makes known who is to be found by name or ends with the node; 0, -EEXIST or -ESHUTDOWN. */
static int make_known(struct actor *a, const struct spawn *spawn)
{
        int r = spawn->name != NULL ? names_add(a->node, a, spawn->name) : 0;
        if (r != 0 || spawn->parent != NULL || spawn->hidden)
                return r;
        r = top_add(a->node, a);
        if (r != 0)
                names_remove(a->node, a);
        return r;
}

int life_spawn(struct actor_node *node, struct worker *worker, const struct spawn *spawn,
               struct actor_ref *ret)
{
        assert(spawn->class != NULL && spawn->class->name != NULL);
        if (spawn->name != NULL && !name_is_valid(spawn->name))
                return -EINVAL;
        struct actor *a = cells_take(node, worker);
        a->worker = worker;
        CELL_SET(a->ran_on, worker != NULL ? (uint8_t) worker->index : node->boxed ? RAN_ON_NONE : 0);
        move_in(a, kind_of(node, worker, spawn->class), spawn);
        struct actor_ref ref = cell_ref(a);
        int r = spawn->name != NULL || spawn->parent == NULL ? make_known(a, spawn) : 0;
        if (r != 0) {
                bonds_done(a);
                move_out(a);
                cells_give_back(node, worker, a);
        } else {
                COUNT(node, worker, spawned);
                if (spawn->parent != NULL)
                        add_child(spawn->parent, a);
                r = grow_up(a, spawn->config);
                if (r == 0)
                        *ret = ref;
        }
        /* Where one worker does all, it also gives up what another thread has made. */
        if ((worker == NULL && node->boxed) || !cell_release(a))
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
                cell_enter(a, CELL_RESTARTING);
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
        if (CELL_GET(a->restarts) < UINT16_MAX)
                CELL_SET(a->restarts, CELL_GET(a->restarts) + 1);
        a->exit_called = false;
        cell_enter(a, CELL_ALIVE);
        a->error = 0;
        int r = begin(a, cell_bonds(a)->config);
        if (r < 0)
                life_fail(a, r);
        else if (a->exit_called)
                life_end(a, ACTOR_DOWN_FINISHED, 0);
}

/* ---- ending -------------------------------------------------------------------------------------- */

static void bury_mail(struct actor *a)
{
        struct mail *mail;
        struct mail contents;
        while ((mail = cell_pop_system(a)) != NULL)
                deliver_dead(a->node, a->worker, mail, -ESRCH);
        while ((mail = cell_unstash(a)) != NULL)
                deliver_dead(a->node, a->worker, mail, -ESRCH);
        while (cell_pop(a, &contents)) {
                deliver_dead_in_place(a->node, a->worker, &contents, -ESRCH);
        }
}

/* Whether the parent's list is ours too, and it need not be told: its init runs on this foreign thread; or
 * one worker does all, and has run the parent, so that its init on a foreign thread is over. */
static inline bool may_just_leave(const struct actor *a, const struct actor *parent)
{
        if (a->worker == NULL)
                return true;
        return cell_has(a, CELL_ALONE) && CELL_GET(parent->ran_on) == a->worker->index &&
               parent->phase == CELL_ALIVE && !a->escalates;
}

static void tell_parent(struct actor *a, struct actor_ref ref)
{
        struct actor *parent = CELL_GET(a->parent);
        if (parent == NULL && cell_has(a, CELL_HIDDEN))
                cells_give_back(a->node, a->worker, a);
        else if (parent == NULL)
                top_child_ended(a, ref);
        else if (may_just_leave(a, parent))
                remove_child(a->worker, parent, a);
        else if (cell_push_ended(parent, a))
                sched_ready(a->node, a->worker, parent);
}

static void finish(struct actor *a)
{
        const struct actor_class *class = cell_class(a);
        if (class->fini != NULL)
                class->fini(a->state);
        if (cell_has(a, CELL_NAMED))
                names_remove(a->node, a);
        struct actor_ref ref = cell_ref(a);
        move_out(a);
        if (a->is_paused)
                pause_forget(a);
        if (CELL_GET(a->kind)->pauses)
                pause_end_of(a);
        if (a->bonds != NULL)
                bonds_tell_the_end(a, ref);
        if (!cell_is_empty(a))
                bury_mail(a);
        if (a->bonds != NULL)
                bonds_done(a);
        COUNT(a->node, a->worker, ended);
        tell_parent(a, ref);
}

void life_end(struct actor *a, unsigned reason, int error)
{
        if (a->phase == CELL_EMPTY || a->phase == CELL_ENDING)
                return;
        cell_enter(a, CELL_ENDING);
        a->end_reason = (uint8_t) reason;
        a->error = error;
        let_go(a);
        proceed(a);
}

void life_stop(struct actor *a)
{
        if (a->phase == CELL_RESTARTING) {
                life_end(a, ACTOR_DOWN_FINISHED, 0);
        } else if (a->phase == CELL_ALIVE) {
                cell_enter(a, CELL_STOPPING);
                proceed(a);
        }
}

/* Takes the next step of whatever waits for the children to end. */
static void proceed(struct actor *a)
{
        if (a->youngest != 0) {
                /* It may have ended already: its cell buries what comes before it is lived in anew. */
                actor_stop(a, cell_ref(cells_known(a->node, a->youngest)));
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
        self->is_plain = false;
        self->error = reason;
}

/* The end of the node, or its crash: nobody is told. */
void life_discard(struct actor_node *node, struct actor *a)
{
        a->worker = NULL;
        if (a->phase != CELL_EMPTY) {
                const struct actor_class *class = cell_class(a);
                struct mail *mail;
                if (class->fini != NULL)
                        class->fini(a->state);
                names_remove(node, a);
                while ((mail = cell_unstash(a)) != NULL)
                        mail_free(mail);
                bonds_done(a);
                move_out(a);
        }
        cell_done(a);
}
