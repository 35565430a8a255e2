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
enum { LET_GO_AT_ONCE = 256 }; /* children that have ended */

static void proceed(struct actor *a);

/* ---- children: a list through their cells, the youngest first ------------------------------------ */

static inline void add_child(struct actor *parent, struct actor *child)
{
        uint32_t slot = child->slot, older = parent->youngest;
        child->older_sibling = older;
        child->younger_sibling = 0;
        if (older != 0)
                cells_known(parent->node, older)->younger_sibling = slot;
        parent->youngest = slot;
}

static inline void remove_child(struct worker *worker, struct actor *parent, struct actor *child)
{
        struct actor_node *node = parent->node;
        uint32_t older = child->older_sibling, younger = child->younger_sibling;
        if (older != 0)
                cells_known(node, older)->younger_sibling = younger;
        if (likely(younger != 0))
                cells_known(node, younger)->older_sibling = older;
        else
                parent->youngest = older;
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

bool life_let_ended_go(struct actor *parent)
{
        struct mail *rest = cell_take_system(parent);
        for (unsigned left = LET_GO_AT_ONCE; left > 0; left--) {
                struct actor *child = cell_ended_child(rest);
                if (child == NULL || unlikely(child->escalates))
                        break;
                rest = atomic_load_explicit(&child->ended_link, memory_order_relaxed);
                remove_child(parent->worker, parent, child);
        }
        if (likely(rest == NULL))
                return true;
        cell_leave_system(parent, rest);
        return false;
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

/* Zeroed; most states are small. */
static inline void *new_state(struct actor *a, const struct cell_terms *terms)
{
        uint8_t block_class = terms->state_class;
        void *state = blocks_new(terms->state_size, &block_class);
        a->state_class = block_class & 0xf;
        a->exit_called = a->escalates = a->unborn = a->is_paused = false; /* the same byte */
        return likely(block_class == 0) ? memset(state, 0, block_sizes[0])
                                        : memset(state, 0, terms->state_size);
}

/* As nothing the former tenant left would be right for the next. */
static inline void reset(struct actor *a)
{
        _Static_assert(sizeof a->history == 4 * sizeof a->history[0], "all of it");
        CELL_SET(a->refused, 0);
        CELL_SET(a->restarts, 0);
        CELL_SET(a->history[0], 0);
        CELL_SET(a->history[1], 0);
        CELL_SET(a->history[2], 0);
        CELL_SET(a->history[3], 0);
        a->error = 0;
}

/* A new tenant in a cell of its own, which the caller owns. `flags` come on top of those of its kind. */
static inline __attribute__((always_inline)) struct actor *move_in(struct actor_node *node,
                                                                   struct worker *worker, struct kind *kind,
                                                                   struct actor *parent, unsigned flags)
{
        const struct cell_terms *terms = &kind->terms;
        struct actor *a = cells_take(node, worker);
        a->worker = worker;
        CELL_SET(a->ran_on, worker != NULL ? (uint8_t) worker->index : node->boxed ? RAN_ON_NONE : 0);
        cell_let(a, terms, flags);
        CELL_SET(a->kind, kind);
        CELL_SET(a->parent, parent);
        reset(a);
        a->state = new_state(a, terms);
        a->phase = CELL_ALIVE;
        a->end_reason = 0;
        a->is_plain = true;
        if (unlikely(terms->flags & CELL_DROPS_OLDEST))
                cell_judge(a);
        return a;
}

/* From here on its refs are nobody's; the next tenant's will differ. */
static inline void end_tenancy(struct actor *a)
{
        uint64_t next = a->tenant + 1;
        next += next == 0; /* means nobody */
        blocks_free(a->state, a->state_class);
        atomic_store_explicit(&a->generation, next, memory_order_release);
        a->tenant = next;
}

/* Others may write to the flags only where somebody waits for this mailbox or this actor for another. */
static void move_out(struct actor *a)
{
        if (CELL_GET(a->kind)->pauses || a->is_paused)
                (void) atomic_fetch_and(&a->flags, (uint8_t) ~CELL_LIVES);
        else
                atomic_store_explicit(&a->flags, CELL_GET(a->flags) & (uint8_t) ~CELL_LIVES,
                                      memory_order_release);
        end_tenancy(a);
        cell_enter(a, CELL_EMPTY);
}

/* The first steps of a named or nameless child that is known to its parent; 0 or init's error. */
static int grow_up(struct actor *a, const void *config)
{
        if (cell_class(a)->restart == ACTOR_RESTART)
                cell_bonds(a)->config = config;
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
        if (unlikely(*known == NULL) || unlikely(!kind_is_of(*known, class)))
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

/* Where one worker does all, it also gives up what another thread has made. */
static inline void set_free(struct actor_node *node, struct worker *worker, struct actor *a)
{
        if (unlikely(worker == NULL && node->boxed) || unlikely(!cell_release(a)))
                sched_ready(node, worker, a);
}

int life_spawn(struct actor_node *node, struct worker *worker, const struct spawn *spawn,
               struct actor_ref *ret)
{
        assert(spawn->class != NULL && spawn->class->name != NULL);
        if (spawn->name != NULL && !name_is_valid(spawn->name))
                return -EINVAL;
        struct actor *a = move_in(node, worker, kind_of(node, worker, spawn->class), spawn->parent,
                                  spawn->hidden ? CELL_HIDDEN : 0u);
        struct actor_ref ref = cell_ref(a);
        int r = spawn->name != NULL || spawn->parent == NULL ? make_known(a, spawn) : 0;
        if (r != 0) {
                move_out(a);
                cells_give_back(node, worker, a);
        } else {
                COUNT(node, worker, spawned);
                if (spawn->parent != NULL) {
                        add_child(spawn->parent, a);
                        CELL_SET(spawn->parent->ran_on, CELL_GET(a->ran_on)); /* it runs there just now */
                }
                r = grow_up(a, spawn->config);
                if (r == 0 && ret != NULL)
                        *ret = ref;
        }
        set_free(node, worker, a);
        return r;
}

static __attribute__((noinline)) int spawn_slowly(struct actor *self, const struct actor_class *class,
                                                  const char *name, const void *config, struct actor_ref *ret)
{
        struct spawn spawn = {.class = class, .name = name, .config = config, .parent = self};
        return life_spawn(self->node, self->worker, &spawn, ret);
}

/* life_spawn() of what most actors are: nameless, and made by a worker. */
int actor_spawn(struct actor *self, const struct actor_class *class, const char *name, const void *config,
                struct actor_ref *ret)
{
        struct worker *worker = self->worker;
        if (unlikely(self->phase != CELL_ALIVE)) /* else an actor that goes on spawning would never end */
                return -ESHUTDOWN;
        if (unlikely(name != NULL) || unlikely(worker == NULL))
                return spawn_slowly(self, class, name, config, ret);
        assert(class->name != NULL);
        struct actor *a = move_in(self->node, worker, kind_of(self->node, worker, class), self, 0);
        struct actor_ref ref = {0, a->slot, a->tenant};
        COUNT(self->node, worker, spawned);
        add_child(self, a);
        CELL_SET(self->ran_on, (uint8_t) worker->index);
        bool as_it_is = likely(class->init == NULL) && likely(class->restart != ACTOR_RESTART);
        int r = likely(as_it_is) ? 0 : grow_up(a, config);
        if (likely(r == 0) && likely(ret != NULL))
                *ret = ref;
        if (as_it_is && a->is_alone)
                CELL_SET(a->head, CELL_IDLE); /* nobody can have written to it */
        else
                set_free(self->node, worker, a);
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

/* A parent's list is ours too, and it need not be told, where its init runs on this foreign thread; or where
 * one worker does all, and has run the parent, so that its init on a foreign thread is over. */
static inline __attribute__((always_inline)) void leave(struct actor *a, struct worker *worker,
                                                        struct actor *parent)
{
        if (unlikely(worker == NULL) || (a->is_alone && likely(CELL_GET(parent->ran_on) == worker->index) &&
                                         likely(parent->phase == CELL_ALIVE) && likely(!a->escalates)))
                remove_child(worker, parent, a);
        else if (cell_push_ended(parent, a))
                sched_ready(a->node, worker, parent);
}

static void tell_parent(struct actor *a, struct actor_ref ref)
{
        struct actor *parent = CELL_GET(a->parent);
        if (parent == NULL && cell_has(a, CELL_HIDDEN))
                cells_give_back(a->node, a->worker, a);
        else if (parent == NULL)
                top_child_ended(a, ref);
        else
                leave(a, a->worker, parent);
}

static __attribute__((noinline)) void finish(struct actor *a)
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
        a->is_plain = !a->drops_oldest; /* late mail is taken as plain mail is, and found to be for nobody */
        COUNT(a->node, a->worker, ended);
        tell_parent(a, ref);
}

static __attribute__((noinline)) void end_slowly(struct actor *a, unsigned reason, int error)
{
        if (a->phase == CELL_EMPTY || a->phase == CELL_ENDING)
                return;
        cell_enter(a, CELL_ENDING);
        a->end_reason = (uint8_t) reason;
        a->error = error;
        let_go(a);
        proceed(a);
}

/* Nobody is to hear of its end but a parent, and nothing is to be done for it. */
static inline bool ends_quietly(const struct actor *a)
{
        uintptr_t has = (uintptr_t) a->timers | (uintptr_t) a->bonds | a->youngest;
        return likely(a->phase == CELL_ALIVE) && likely(has == 0) && likely(!(a->escalates | a->is_paused)) &&
               likely(cell_class(a)->fini == NULL) &&
               likely((CELL_GET(a->flags) & ~(CELL_LIVES | CELL_ALONE)) == 0);
}

/* finish() of such a one. */
static inline void finish_quietly(struct actor *a, struct worker *worker, struct actor *parent)
{
        atomic_store_explicit(&a->flags, a->is_alone ? CELL_ALONE : 0, memory_order_release);
        end_tenancy(a);
        a->phase = CELL_EMPTY;
        a->end_reason = 0;
        a->is_plain = true; /* as in finish() */
        uintptr_t mail =
                (uintptr_t) a->system_list | (uintptr_t) CELL_GET(a->system) | (uintptr_t) cell_first(a);
        if (unlikely(mail != 0))
                bury_mail(a);
        COUNT(a->node, worker, ended);
        leave(a, worker, parent);
}

void life_end(struct actor *a, unsigned reason, int error)
{
        struct actor *parent = CELL_GET(a->parent);
        struct worker *worker = a->worker;
        if (likely(worker != NULL) && likely(parent != NULL) && ends_quietly(a))
                finish_quietly(a, worker, parent);
        else
                end_slowly(a, reason, error);
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
