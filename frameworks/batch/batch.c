/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include "attempt.h"
#include "client/client.h"
#include "placement/shortage.h"
#include "plan.h"
#include "report.h"
#include "sandbox/sandbox.h"

#include <actor/memory.h>
#include <actor/system.h>
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <proto/copy.h>
#include <proto/ids.h>
#include <proto/task_state.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* The plan (pure) says what may run, the placement (pure) where; this actor launches, hears how it went, and
 * tells. */
#define OUTPUT_MAX (64u << 20)
#define TAIL_MAX 4096
#define REFUSE_SECONDS 1.0
#define REFUSE_LONG_SECONDS 3600.0
#define MISSES_MAX 64 /* ready tasks of a group without a place; its next ones will hardly have one */

struct batch {
        const struct batch_config *config;
        const struct job *job;
        struct console *console;
        struct troupe_scheduler *driver;
        char *name; /* the job's and four digits of chance: the prefix of all task ids */
        struct plan *plan;
        struct roster roster;
        struct group **groups;        /* one for each of the job's: the tasks that run now */
        unsigned *misses;             /* one a group, of this batch of offers */
        struct report_row *rows;      /* one a task */
        struct attempt_place *places; /* one a task: id owned, agent the roster's */
        uint64_t starve_timer;
        unsigned readings;
        bool suppressed, output_asked, giving_up;
        enum batch_exit result;
};

struct batch_timer {
        enum { TIMER_CONNECT, TIMER_STARVED } what;
};
static ACTOR_LOCAL_TYPE(batch_timer_type, struct batch_timer);

struct reading {
        struct batch *batch;
        size_t index;
        const char *file;
        bool result; /* what --output asked for; else a failed task's */
};

static uint64_t timer_after(struct batch *b, int64_t delay_ms, int what)
{
        struct batch_timer *timer = actor_msg_new(&batch_timer_type);
        timer->what = what;
        return actor_after(troupe_scheduler_self(b->driver), delay_ms, timer);
}

static void show_progress(struct batch *b)
{
        size_t waiting = plan_count(b->plan, PLAN_WAITING) + plan_count(b->plan, PLAN_READY);
        size_t lost = plan_count(b->plan, PLAN_FAILED) + plan_count(b->plan, PLAN_SKIPPED);
        console_progress(b->console, "%s: %zu of %zu done, %zu running, %zu waiting%s", b->job->name,
                         plan_count(b->plan, PLAN_DONE), b->job->task_count,
                         plan_count(b->plan, PLAN_RUNNING), waiting, lost > 0 ? ", some failed" : "");
}

/* ---- the end -------------------------------------------------------------------------------------- */

static void read_file(struct batch *b, size_t index, const char *file, bool result);

static void ask_output(struct batch *b)
{
        long index = b->config->output != NULL ? job_find(b->job, b->config->output) : -1;
        b->output_asked = true;
        if (index < 0)
                return;
        if (plan_state(b->plan, (size_t) index) == PLAN_DONE)
                read_file(b, (size_t) index, "stdout", true);
        else
                console_note(b->console, "task \"%s\" has no output to print: %s", b->config->output,
                             plan_state_name(plan_state(b->plan, (size_t) index)));
}

static void finish_if_over(struct batch *b)
{
        if (!plan_is_over(b->plan) || troupe_scheduler_status(b->driver) != TROUPE_SCHEDULER_RUNNING)
                return;
        if (!b->output_asked)
                ask_output(b);
        if (b->readings > 0)
                return;
        if (!b->giving_up && b->result == BATCH_EXIT_DONE &&
            plan_count(b->plan, PLAN_DONE) < b->job->task_count)
                b->result = BATCH_EXIT_FAILED;
        console_done(b->console);
        report_print(b->console, b->job, b->plan, b->rows, b->config->output != NULL);
        troupe_scheduler_stop(b->driver, false);
}

static void give_up(struct batch *b, enum batch_exit result)
{
        b->giving_up = true;
        b->result = result;
        plan_cancel(b->plan);
        for (size_t i = 0; i < b->job->task_count; i++) {
                V1__TaskID id = V1__TASK_ID__INIT;
                id.value = b->places[i].id;
                if (plan_state(b->plan, i) == PLAN_RUNNING)
                        troupe_scheduler_kill_task(b->driver, &id, NULL, NULL);
        }
        finish_if_over(b);
}

/* ---- outputs -------------------------------------------------------------------------------------- */

static void on_read(struct troupe_scheduler *s, void *arg, const char *data, size_t size, const char *error)
{
        struct reading *reading = arg;
        struct batch *b = reading->batch;
        const char *id = b->job->tasks[reading->index].id;
        if (error != NULL) {
                console_note(b->console, "cannot read %s of task %s: %s", reading->file, id, error);
                if (reading->result && !b->giving_up)
                        b->result = BATCH_EXIT_FAILED;
        }
        b->console->headings = !reading->result;
        if (size > 0)
                console_output(b->console, reading->result ? b->console->out : b->console->news, id,
                               reading->file, data, size);
        free(reading);
        b->readings--;
        finish_if_over(b);
}

static void read_file(struct batch *b, size_t index, const char *file, bool result)
{
        const struct attempt_place *place = &b->places[index];
        CLEANUP(actor_freep)
        char *path = sandbox_task_path(troupe_scheduler_framework_id(b->driver), place->id, file);
        struct sandbox_file request = {.endpoint = place->agent->endpoint,
                                       .path = path,
                                       .size_max = result ? OUTPUT_MAX : TAIL_MAX,
                                       .tail = !result};
        struct reading *reading = actor_malloc(sizeof *reading);
        *reading = (struct reading){.batch = b, .index = index, .file = file, .result = result};
        b->readings++;
        sandbox_read(b->driver, &request, on_read, reading);
}

/* ---- offers --------------------------------------------------------------------------------------- */

static void launch(struct batch *b, size_t index, V1__TaskInfo *info, struct roster_agent *agent, void *arena)
{
        const struct job_task *task = &b->job->tasks[index];
        unsigned attempt = plan_begin(b->plan, index);
        struct attempt_place *place = &b->places[index];
        struct report_row *row = &b->rows[index];
        free((char *) place->id);
        place->id = attempt_id(b->name, task->id, attempt);
        place->agent = agent;
        row->agent = agent;
        row->begun_ns = actor_now_ns(troupe_scheduler_self(b->driver));
        row->state = V1__TASK_STATE__TASK_STAGING;
        info->name = actor_msg_strdup(arena, task->id);
        info->task_id = proto_task_id(arena, place->id);
        info->command = attempt_command(arena, task, troupe_scheduler_framework_id(b->driver),
                                        b->config->user, b->places);
}

static bool place_one(struct batch *b, struct placement *placement, size_t index)
{
        const struct job_task *task = &b->job->tasks[index];
        CLEANUP(resources_freep) struct resources *amounts = attempt_need(task);
        struct placement_need need = {.resources = amounts, .group = b->groups[task->group]};
        struct roster_agent *agent = NULL;
        void *arena = NULL;
        V1__TaskInfo *info = placement_add(placement, &need, &agent, &arena);
        if (info != NULL)
                launch(b, index, info, agent, arena);
        return info != NULL;
}

static unsigned place_ready(struct batch *b, struct placement *placement)
{
        unsigned placed = 0;
        size_t hopeless = 0; /* groups */
        memset(b->misses, 0, b->job->group_count * sizeof *b->misses);
        for (long index = plan_first_ready(b->plan), next; index >= 0 && hopeless < b->job->group_count;
             index = next) {
                unsigned *misses = &b->misses[b->job->tasks[index].group];
                next = plan_next_ready(b->plan, index);
                if (*misses == MISSES_MAX)
                        continue;
                if (place_one(b, placement, (size_t) index))
                        placed++;
                else
                        hopeless += ++*misses == MISSES_MAX;
        }
        return placed;
}

/* With nothing ready, offers are of no use until something ends: declined for long, and asked for again. */
static void want_offers(struct batch *b, bool wanted)
{
        if (wanted != b->suppressed)
                return;
        b->suppressed = !wanted;
        if (wanted)
                troupe_scheduler_revive(b->driver, NULL, 0);
        else
                troupe_scheduler_suppress(b->driver, NULL, 0);
}

static void watch_starvation(struct batch *b, bool anew)
{
        struct actor *self = troupe_scheduler_self(b->driver);
        bool starving = plan_first_ready(b->plan) >= 0;
        if (b->config->timeout_ms <= 0 || (starving && b->starve_timer != 0 && !anew))
                return;
        actor_timer_cancel(self, b->starve_timer);
        b->starve_timer = starving ? timer_after(b, b->config->timeout_ms, TIMER_STARVED) : 0;
}

static void on_offers(struct troupe_scheduler *s, void *data, V1__Offer *const *offers, size_t count)
{
        struct batch *b = data;
        struct placement *placement = placement_new(&b->roster, offers, count);
        unsigned placed = place_ready(b, placement);
        bool wanted = plan_first_ready(b->plan) >= 0;
        placement_answer(placement, s, wanted ? REFUSE_SECONDS : REFUSE_LONG_SECONDS);
        placement_free(placement);
        want_offers(b, wanted);
        watch_starvation(b, placed > 0);
        show_progress(b);
}

/* ---- updates -------------------------------------------------------------------------------------- */

static void on_end(struct batch *b, size_t index, const V1__TaskStatus *status)
{
        struct report_row *row = &b->rows[index];
        bool success = status->state == V1__TASK_STATE__TASK_FINISHED;
        row->agent->tasks--;
        group_leave(b->groups[b->job->tasks[index].group], row->agent);
        row->ended_ns = actor_now_ns(troupe_scheduler_self(b->driver));
        enum plan_state state = plan_end(b->plan, index, success);
        if (!success && !b->giving_up)
                console_note(b->console, "task %s %s on %s%s%s%s", b->job->tasks[index].id,
                             console_state_name(status->state), row->agent->hostname,
                             status->message != NULL ? ": " : "",
                             status->message != NULL ? status->message : "",
                             state == PLAN_READY ? "; once more" : "");
        if (state == PLAN_FAILED && !b->giving_up)
                read_file(b, index, "stderr", false);
        want_offers(b, plan_first_ready(b->plan) >= 0);
        watch_starvation(b, false);
        finish_if_over(b);
}

static void on_update(struct troupe_scheduler *s, void *data, const V1__TaskStatus *status)
{
        struct batch *b = data;
        unsigned attempt = 0;
        long index = attempt_parse(b->name, b->job, status->task_id->value, &attempt);
        if (index < 0 || plan_state(b->plan, (size_t) index) != PLAN_RUNNING ||
            attempt != plan_attempt(b->plan, (size_t) index) || b->rows[index].state == status->state)
                return;
        b->rows[index].state = status->state;
        if (b->console->json)
                console_state(b->console, b->job->tasks[index].id, status->state,
                              b->rows[index].agent->hostname, status->message);
        if (task_state_is_terminal(status->state))
                on_end(b, (size_t) index, status);
        show_progress(b);
}

/* ---- the other callbacks -------------------------------------------------------------------------- */

static void on_started(struct troupe_scheduler *s, void *data)
{
        struct batch *b = data;
        if (b->config->interrupt_fd >= 0)
                (void) actor_fd_watch(troupe_scheduler_self(s), b->config->interrupt_fd, POLLIN);
        if (b->config->connect_timeout_ms > 0)
                timer_after(b, b->config->connect_timeout_ms, TIMER_CONNECT);
}

static void on_registered(struct troupe_scheduler *s, void *data, const V1__FrameworkID *id,
                          const V1__MasterInfo *master)
{
        watch_starvation(data, true);
        show_progress(data);
}

static void on_reregistered(struct troupe_scheduler *s, void *data, const V1__MasterInfo *master)
{
        struct batch *b = data;
        console_note(b->console, "registered again");
        b->suppressed = false;
        troupe_scheduler_reconcile(s, NULL, 0);
}

static void on_disconnected(struct troupe_scheduler *s, void *data)
{
        console_note(((struct batch *) data)->console, "lost the master, trying to reach it again");
}

static void on_agent_lost(struct troupe_scheduler *s, void *data, const V1__AgentID *agent_id)
{
        roster_lose(&((struct batch *) data)->roster, agent_id->value);
}

static void on_error(struct troupe_scheduler *s, void *data, const char *message)
{
        struct batch *b = data;
        b->result = BATCH_EXIT_UNREACHABLE;
        console_note(b->console, "the master refused: %s", message);
}

static void tell_line(void *arg, const char *line)
{
        console_note(arg, "  %s", line);
}

/* Why the first of those that are ready finds no place. */
static void tell_shortage(struct batch *b)
{
        const struct job_task *task = &b->job->tasks[plan_first_ready(b->plan)];
        CLEANUP(resources_freep) struct resources *amounts = attempt_need(task);
        CLEANUP(actor_freep) char *need = resources_print(amounts);
        console_note(b->console, "task %s found no agent with %s free", task->id, need);
        shortage_tell(&b->roster, b->groups[task->group], tell_line, b->console);
}

static void on_timer(struct batch *b, const struct batch_timer *timer)
{
        if (timer->what == TIMER_CONNECT && troupe_scheduler_framework_id(b->driver)[0] == '\0') {
                console_note(b->console,
                             "no answer from a master at %s; is it running? (--master, TROUPE_MASTER)",
                             troupe_scheduler_default_master(b->config->master));
                b->result = BATCH_EXIT_UNREACHABLE;
                troupe_scheduler_abort(b->driver);
        } else if (timer->what == TIMER_STARVED && !b->giving_up) {
                b->starve_timer = 0;
                console_note(b->console,
                             "%zu tasks are ready, but no agent had room for them in time, giving up",
                             plan_count(b->plan, PLAN_READY));
                if (plan_first_ready(b->plan) >= 0)
                        tell_shortage(b);
                give_up(b, BATCH_EXIT_NO_RESOURCES);
        }
}

static void on_interrupt(struct batch *b)
{
        int fd = b->config->interrupt_fd;
        bool interrupted = interrupt_take(fd) != 0;
        if (interrupted && !b->giving_up) {
                console_note(b->console, "interrupted, killing %zu tasks (once more: leave at once)",
                             plan_count(b->plan, PLAN_RUNNING));
                give_up(b, BATCH_EXIT_INTERRUPTED);
        } else if (interrupted) {
                b->result = BATCH_EXIT_INTERRUPTED;
                troupe_scheduler_stop(b->driver, false);
        }
        if (troupe_scheduler_status(b->driver) == TROUPE_SCHEDULER_RUNNING)
                (void) actor_fd_watch(troupe_scheduler_self(b->driver), fd, POLLIN);
}

static int on_other(struct troupe_scheduler *s, void *data, const struct actor_mail *mail, const void *body)
{
        if (actor_msg_type(body) == &batch_timer_type)
                on_timer(data, body);
        else if (actor_msg_type(body) == &actor_fd_ready_type)
                on_interrupt(data);
        return 0;
}

/* ---- making it ------------------------------------------------------------------------------------ */

static int make_driver(struct batch *b, struct actor_error *error)
{
        const struct batch_config *config = b->config;
        const struct client_config client = {.master = config->master,
                                             .curve_key = config->curve_key,
                                             .curve_server_key = config->curve_server_key,
                                             .name = config->job->name,
                                             .role = config->role,
                                             .user = config->user,
                                             .node = config->node,
                                             .log = config->log};
        static const struct troupe_scheduler_callbacks callbacks = {.started = on_started,
                                                                    .registered = on_registered,
                                                                    .reregistered = on_reregistered,
                                                                    .disconnected = on_disconnected,
                                                                    .resource_offers = on_offers,
                                                                    .status_update = on_update,
                                                                    .agent_lost = on_agent_lost,
                                                                    .error = on_error,
                                                                    .other = on_other};
        return client_driver(&client, &callbacks, b, &b->driver, error);
}

static int make_groups(struct batch *b, struct actor_error *error)
{
        int r = 0;
        b->groups = actor_zalloc(b->job->group_count * sizeof(struct group *));
        b->misses = actor_zalloc(b->job->group_count * sizeof *b->misses);
        for (size_t i = 0; r == 0 && i < b->job->group_count; i++)
                r = group_new(b->job->groups[i], &b->groups[i], error);
        return r;
}

int batch_new(const struct batch_config *config, struct batch **ret, struct actor_error *error)
{
        uint64_t dice = 0;
        int r = role_validate(config->role, error);
        if (r != 0)
                return actor_error_prefix(error, r, "--role");
        if (config->output != NULL && job_find(config->job, config->output) < 0)
                return actor_error_set(error, -EINVAL, "--output \"%s\": the job has no such task",
                                       config->output);
        (void) !getrandom(&dice, sizeof dice, 0);
        struct batch *b = actor_zalloc(sizeof *b);
        b->config = config;
        b->job = config->job;
        b->console = config->console;
        b->name = actor_asprintf("%s-%04x", b->job->name, (unsigned) (dice & 0xffff));
        b->plan = plan_new(b->job);
        b->rows = actor_zalloc(b->job->task_count * sizeof *b->rows);
        b->places = actor_zalloc(b->job->task_count * sizeof *b->places);
        r = make_groups(b, error);
        if (r == 0)
                r = make_driver(b, error);
        if (r != 0) {
                batch_free(b);
                return r;
        }
        *ret = b;
        return 0;
}

void batch_free(struct batch *b)
{
        if (b == NULL)
                return;
        troupe_scheduler_free(b->driver);
        for (size_t i = 0; i < b->job->task_count; i++)
                free((char *) b->places[i].id);
        free(b->places);
        free(b->rows);
        plan_free(b->plan);
        for (size_t i = 0; i < b->job->group_count; i++)
                group_free(b->groups[i]);
        free(b->groups);
        free(b->misses);
        roster_done(&b->roster);
        free(b->name);
        free(b);
}

struct troupe_scheduler *batch_driver(struct batch *b)
{
        return b->driver;
}

enum batch_exit batch_result(const struct batch *b)
{
        return b->result;
}
