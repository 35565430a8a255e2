/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client.h"
#include "command.h"
#include "placement/placement.h"
#include "placement/shortage.h"
#include "sandbox/sandbox.h"

#include <actor/inspect.h>
#include <actor/memory.h>
#include <actor/system.h>
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <proto/copy.h>
#include <proto/task_state.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* The framework ends when every task has: a task that can no longer be placed (interrupted, out of
 * time) ends without having begun. */
#define OUTPUT_MAX (16u << 20)
#define FAILED_TAIL_MAX 4096
#define REFUSE_SECONDS 5.0
#define REFUSE_LONG_SECONDS 3600.0
#define TELL_WAITING_MS 10000 /* after so long, say why tasks wait */
#define STATE_LINES_MAX 100   /* instances; with more, a line for each state tells nobody anything */

struct run_task {
        char *id;
        bool launched, ended;
        V1__TaskState state;
        struct roster_agent *agent; /* once launched */
};

struct run {
        const struct run_config *config;
        struct console *console;
        struct troupe_scheduler *driver;
        char *name;
        struct resources *need;
        struct roster roster;
        struct group *group; /* all tasks, also when they have ended */
        struct run_task *tasks;
        unsigned launched, ended, finished, failed, killed;
        unsigned unplaced; /* of the ended ones: never launched */
        unsigned next;     /* the first task that may still be unlaunched */
        unsigned readings; /* outputs being fetched */
        bool suppressed, giving_up;
        enum run_exit result; /* what giving up means; else decided at the end */
};

struct run_timer {
        enum { TIMER_CONNECT, TIMER_RESOURCES, TIMER_WAITING } what;
};
static ACTOR_LOCAL_TYPE(run_timer_type, struct run_timer);

struct output {
        struct run *run;
        const char *task_id;
        const char *file;
        FILE *stream;
};

static void timer_after(struct run *run, int64_t delay_ms, int what)
{
        struct run_timer *timer = actor_msg_new(&run_timer_type);
        timer->what = what;
        actor_after(troupe_scheduler_self(run->driver), delay_ms, timer);
}

static void show_progress(struct run *run)
{
        unsigned waiting = run->config->instances - run->launched - run->unplaced;
        console_progress(run->console, "%u of %u ended, %u running, %u waiting", run->ended, run->config->instances,
                         run->launched - (run->ended - run->unplaced), waiting);
}

/* ---- the end -------------------------------------------------------------------------------------- */

static void summarise(struct run *run)
{
        if (run->console->json)
                console_json(run->console, json_pack("{si, si, si, si}", "tasks", (int) run->config->instances,
                                                     "finished", (int) run->finished, "failed", (int) run->failed,
                                                     "killed", (int) run->killed));
        else if (run->config->instances > 1)
                console_note(run->console, "%u finished, %u failed, %u killed", run->finished, run->failed, run->killed);
        console_done(run->console);
}

static void finish_if_done(struct run *run)
{
        if (run->ended < run->config->instances || run->readings > 0 ||
            troupe_scheduler_status(run->driver) != TROUPE_SCHEDULER_RUNNING)
                return;
        if (!run->giving_up)
                run->result = run->finished == run->config->instances ? RUN_EXIT_FINISHED : RUN_EXIT_FAILED;
        summarise(run);
        troupe_scheduler_stop(run->driver, false);
}

/* Ends what runs, and what does not yet will not. */
static void give_up(struct run *run, enum run_exit result)
{
        run->giving_up = true;
        run->result = result;
        for (unsigned i = 0; i < run->config->instances; i++) {
                struct run_task *task = &run->tasks[i];
                V1__TaskID id = V1__TASK_ID__INIT;
                id.value = task->id;
                if (task->ended)
                        continue;
                if (task->launched) {
                        troupe_scheduler_kill_task(run->driver, &id, NULL, NULL);
                } else {
                        task->ended = true;
                        run->ended++;
                        run->unplaced++;
                        run->killed++;
                }
        }
        finish_if_done(run);
}

/* ---- outputs -------------------------------------------------------------------------------------- */

static void on_output(struct troupe_scheduler *s, void *arg, const char *data, size_t size, const char *error)
{
        struct output *output = arg;
        struct run *run = output->run;
        if (error != NULL)
                console_note(run->console, "cannot read %s of task %s: %s", output->file, output->task_id, error);
        if (size > 0)
                console_output(run->console, output->stream, output->task_id, output->file, data, size);
        free(output);
        run->readings--;
        finish_if_done(run);
}

static void fetch(struct run *run, const struct run_task *task, const char *file, FILE *stream)
{
        bool all = run->config->output || run->config->instances == 1;
        CLEANUP(actor_freep)
        char *path = sandbox_task_path(troupe_scheduler_framework_id(run->driver), task->id, file);
        struct sandbox_file request = {.endpoint = task->agent->endpoint,
                                       .path = path,
                                       .size_max = all ? OUTPUT_MAX : FAILED_TAIL_MAX,
                                       .tail = !all};
        struct output *output = actor_malloc(sizeof *output);
        *output = (struct output){.run = run, .task_id = task->id, .file = file, .stream = stream};
        run->readings++;
        sandbox_read(run->driver, &request, on_output, output);
}

static void fetch_outputs(struct run *run, const struct run_task *task)
{
        bool failed = task->state != V1__TASK_STATE__TASK_FINISHED && !run->giving_up;
        bool all = run->config->output || run->config->instances == 1;
        if ((!failed && !all) || task->agent->endpoint[0] == '\0')
                return;
        fetch(run, task, "stdout", all ? run->console->out : run->console->news);
        fetch(run, task, "stderr", run->console->news);
}

/* ---- callbacks ------------------------------------------------------------------------------------ */

static void on_registered(struct troupe_scheduler *s, void *data, const V1__FrameworkID *id,
                          const V1__MasterInfo *master)
{
        struct run *run = data;
        if (run->config->timeout_ms > 0)
                timer_after(run, run->config->timeout_ms, TIMER_RESOURCES);
        if (run->config->constraints != NULL && run->config->constraints[0] != NULL)
                timer_after(run, TELL_WAITING_MS, TIMER_WAITING);
        show_progress(run);
}

static void on_reregistered(struct troupe_scheduler *s, void *data, const V1__MasterInfo *master)
{
        struct run *run = data;
        console_note(run->console, "registered again");
        run->suppressed = false;
        troupe_scheduler_reconcile(s, NULL, 0);
}

static void on_disconnected(struct troupe_scheduler *s, void *data)
{
        console_note(((struct run *) data)->console, "lost the master, trying to reach it again");
}

static void on_agent_lost(struct troupe_scheduler *s, void *data, const V1__AgentID *agent_id)
{
        roster_lose(&((struct run *) data)->roster, agent_id->value);
}

static void fill_task(struct run *run, struct run_task *task, V1__TaskInfo *info, void *arena)
{
        info->name = actor_msg_strdup(arena, run->name);
        info->task_id = proto_task_id(arena, task->id);
        info->command = run_command(arena, run->config, info->resources, info->n_resources);
        task->launched = true;
        task->state = V1__TASK_STATE__TASK_STAGING;
        run->launched++;
}

/* The call that launches is sent by the handler that runs now, and so belongs to the trace. */
static void trace_first_launch(struct run *run, struct troupe_scheduler *s)
{
        if (!run->config->trace || run->launched > 0)
                return;
        console_note(run->console, "trace %" PRIx64, actor_trace(troupe_scheduler_self(s)));
}

static void on_offers(struct troupe_scheduler *s, void *data, V1__Offer *const *offers, size_t count)
{
        struct run *run = data;
        struct placement_need need = {
                .resources = run->need, .ports = run->config->ports, .group = run->group};
        struct placement *placement = placement_new(&run->roster, offers, count);
        while (!run->giving_up && run->next < run->config->instances) {
                struct run_task *task = &run->tasks[run->next];
                void *arena = NULL;
                V1__TaskInfo *info = placement_add(placement, &need, &task->agent, &arena);
                if (info == NULL)
                        break;
                trace_first_launch(run, s);
                fill_task(run, task, info, arena);
                run->next++;
        }
        bool all_placed = run->giving_up || run->next == run->config->instances;
        placement_answer(placement, s, all_placed ? REFUSE_LONG_SECONDS : REFUSE_SECONDS);
        placement_free(placement);
        if (all_placed && !run->suppressed) {
                run->suppressed = true;
                troupe_scheduler_suppress(s, NULL, 0);
        }
        show_progress(run);
}

static void count_end(struct run *run, struct run_task *task)
{
        task->ended = true;
        task->agent->tasks--;
        run->ended++;
        if (task->state == V1__TASK_STATE__TASK_FINISHED)
                run->finished++;
        else if (task->state == V1__TASK_STATE__TASK_KILLED)
                run->killed++;
        else
                run->failed++;
}

static bool is_worth_a_line(const struct run *run, V1__TaskState state)
{
        bool failed = task_state_is_terminal(state) && state != V1__TASK_STATE__TASK_FINISHED;
        return failed || run->config->instances <= STATE_LINES_MAX || run->console->json;
}

static void on_update(struct troupe_scheduler *s, void *data, const V1__TaskStatus *status)
{
        struct run *run = data;
        long index = run_task_index(run->name, status->task_id->value, run->config->instances);
        struct run_task *task = index >= 0 ? &run->tasks[index] : NULL;
        if (task == NULL || !task->launched || task->ended || task->state == status->state)
                return;
        bool terminal = task_state_is_terminal(status->state);
        bool expected = status->state == V1__TASK_STATE__TASK_FINISHED || !terminal;
        task->state = status->state;
        if (is_worth_a_line(run, task->state))
                console_state(run->console, task->id, task->state, task->agent->hostname,
                              expected ? NULL : status->message);
        if (terminal) {
                count_end(run, task);
                fetch_outputs(run, task);
        }
        show_progress(run);
        finish_if_done(run);
}

static void on_error(struct troupe_scheduler *s, void *data, const char *message)
{
        struct run *run = data;
        run->result = RUN_EXIT_UNREACHABLE;
        console_note(run->console, "the master refused: %s", message);
}

static void tell_line(void *arg, const char *line)
{
        console_note(arg, "  %s", line);
}

/* How many tasks wait, for what, and why no agent will do. */
static void tell_waiting(struct run *run, const char *outcome)
{
        CLEANUP(actor_freep) char *need = resources_print(run->need);
        console_note(run->console, "%u of %u tasks found no agent with %s free %s",
                     run->config->instances - run->next, run->config->instances, need, outcome);
        shortage_tell(&run->roster, run->group, tell_line, run->console);
}

static void on_timer(struct run *run, const struct run_timer *timer)
{
        const struct run_config *config = run->config;
        bool waiting = run->next < config->instances && !run->giving_up;
        if (timer->what == TIMER_CONNECT && troupe_scheduler_framework_id(run->driver)[0] == '\0') {
                console_note(run->console, "no answer from a master at %s; is it running? (--master, TROUPE_MASTER)",
                             troupe_scheduler_default_master(config->master));
                run->result = RUN_EXIT_UNREACHABLE;
                troupe_scheduler_abort(run->driver);
        } else if (timer->what == TIMER_RESOURCES && waiting) {
                tell_waiting(run, "in time, giving up");
                give_up(run, RUN_EXIT_NO_RESOURCES);
        } else if (timer->what == TIMER_WAITING && waiting) {
                tell_waiting(run, "yet, and wait");
        }
}

static void on_interrupt(struct run *run)
{
        int fd = run->config->interrupt_fd;
        bool interrupted = interrupt_take(fd) != 0;
        if (interrupted && !run->giving_up) {
                console_note(run->console, "interrupted, killing %u tasks (once more: leave at once)",
                             run->launched - (run->ended - run->unplaced));
                give_up(run, RUN_EXIT_INTERRUPTED);
        } else if (interrupted) {
                run->result = RUN_EXIT_INTERRUPTED;
                troupe_scheduler_stop(run->driver, false);
        }
        if (troupe_scheduler_status(run->driver) == TROUPE_SCHEDULER_RUNNING)
                (void) actor_fd_watch(troupe_scheduler_self(run->driver), fd, POLLIN);
}

static int on_other(struct troupe_scheduler *s, void *data, const struct actor_mail *mail, const void *body)
{
        if (actor_msg_type(body) == &run_timer_type)
                on_timer(data, body);
        else if (actor_msg_type(body) == &actor_fd_ready_type)
                on_interrupt(data);
        return 0;
}

static void on_started(struct troupe_scheduler *s, void *data)
{
        struct run *run = data;
        if (run->config->interrupt_fd >= 0)
                (void) actor_fd_watch(troupe_scheduler_self(s), run->config->interrupt_fd, POLLIN);
        if (run->config->connect_timeout_ms > 0)
                timer_after(run, run->config->connect_timeout_ms, TIMER_CONNECT);
}

/* ---- making it ------------------------------------------------------------------------------------ */

static void make_tasks(struct run *run)
{
        uint64_t dice = 0;
        (void) !getrandom(&dice, sizeof dice, 0);
        const struct run_config *config = run->config;
        run->name = config->name != NULL ? actor_strdup(config->name) : run_make_name(config->command, dice);
        run->tasks = actor_zalloc(config->instances * sizeof *run->tasks);
        for (unsigned i = 0; i < config->instances; i++)
                run->tasks[i].id = run_task_id(run->name, i);
}

static int make_need(struct run *run, struct actor_error *error)
{
        const struct run_config *config = run->config;
        CLEANUP(actor_freep)
        char *text = actor_asprintf("cpus:%.3f;mem:%.3f;disk:%.3f", config->cpus, config->mem, config->disk);
        return resources_parse(text, NULL, &run->need, error);
}

static int make_driver(struct run *run, struct actor_error *error)
{
        const struct run_config *config = run->config;
        const struct client_config client = {.master = config->master,
                                             .curve_key = config->curve_key,
                                             .curve_server_key = config->curve_server_key,
                                             .name = run->name,
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
        return client_driver(&client, &callbacks, run, &run->driver, error);
}

int run_new(const struct run_config *config, struct run **ret, struct actor_error *error)
{
        int r = run_check(config, error);
        if (r != 0)
                return r;
        struct group *group = NULL;
        if ((r = group_new(config->constraints, &group, error)) != 0)
                return actor_error_prefix(error, r, "--constraint");
        struct run *run = actor_zalloc(sizeof *run);
        run->config = config;
        run->group = group;
        run->console = config->console;
        run->result = RUN_EXIT_FAILED;
        make_tasks(run);
        if ((r = make_need(run, error)) != 0 || (r = make_driver(run, error)) != 0) {
                run_free(run);
                return r;
        }
        *ret = run;
        return 0;
}

void run_free(struct run *run)
{
        if (run == NULL)
                return;
        troupe_scheduler_free(run->driver);
        for (unsigned i = 0; i < run->config->instances; i++)
                free(run->tasks[i].id);
        free(run->tasks);
        free(run->name);
        resources_free(run->need);
        group_free(run->group);
        roster_done(&run->roster);
        free(run);
}

struct troupe_scheduler *run_driver(struct run *run)
{
        return run->driver;
}

enum run_exit run_result(const struct run *run)
{
        return run->result;
}
