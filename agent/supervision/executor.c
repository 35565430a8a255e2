/* SPDX-License-Identifier: Apache-2.0 */
/* executor.c — the life of one executor.
 *
 * The start is a chain of asks, each of which may find the executor already told to end:
 *
 *     make sandbox ─▶ fetch URIs ─▶ start process ─▶ (SUBSCRIBE within the timeout)
 *
 * The end always comes the same way: the process is gone (or never was), the tasks left over get
 * their last status, supervision is told, the actor exits. One timer serves the phase at hand:
 * registration, grace after SHUTDOWN, or idleness. */
#include "supervision/executor.h"

#include "containerizer/messages.h"
#include "fetcher/messages.h"
#include "layout.h"
#include "supervision/events.h"
#include "supervision/executor_state.h"
#include <actor/log.h>
#include <actor/units.h>
#include <assert.h>
#include <errno.h>
#include <proto/command.h>
#include <proto/copy.h>
#include <stdio.h>

ACTOR_LOCAL_TYPE(task_batch_type, struct task_batch);
ACTOR_LOCAL_TYPE(executor_stop_type, struct executor_stop);
ACTOR_LOCAL_TYPE(executor_closing_type, struct executor_closing);
ACTOR_LOCAL_TYPE(executor_ended_type, struct executor_ended);
ACTOR_LOCAL_TYPE(executor_started_type, struct executor_started);

struct executor_due {
        bool unused;
};
static ACTOR_LOCAL_TYPE(executor_due_type, struct executor_due);
struct executor_begin {
        bool unused;
};
static ACTOR_LOCAL_TYPE(executor_begin_type, struct executor_begin);

#define CONTAINER_TIMEOUT_MS (5 * 60 * 1000)

void executor_timer(struct executor *e, struct actor *self, int64_t delay_ms)
{
        actor_timer_cancel(self, e->timer);
        e->timer = delay_ms < 0 ? 0 : actor_after(self, delay_ms, actor_msg_new(&executor_due_type));
}

void executor_send(struct executor *e, struct actor *self, Exec__Event *event_take)
{
        actor_send(self, e->process, event_take);
}

void executor_check_idle(struct executor *e, struct actor *self)
{
        if (e->config.command && e->state == EXECUTOR_RUNNING)
                executor_timer(e, self, e->tasks.live == 0 ? e->settings->command_idle_ms : -1);
}

void executor_set_cause(struct executor *e, V1__TaskState state, V1__TaskStatus__Reason reason,
                        const char *text)
{
        if (e->cause.message)
                return;
        snprintf(e->cause_text, sizeof e->cause_text, "%s", text);
        e->cause = (struct status_cause){.state = state, .reason = reason, .message = e->cause_text};
}

/* ---- the end ----------------------------------------------------------------------------------- */

static void executor_over(struct executor *e, struct actor *self, int status)
{
        int r = executor_move(&e->state, EXECUTOR_TERMINATED);
        assert(r == 0);
        executor_timer(e, self, -1);
        executor_end_tasks(e, self);
        struct executor_ended *ended = actor_msg_new(&executor_ended_type);
        ended->container_id = actor_msg_strdup(ended, e->container_id);
        ended->status = status;
        ended->unregistered = e->unregistered;
        ended->silent = e->config.command || e->silent;
        actor_send(self, e->config.supervision, ended);
        actor_log_debug(self, "executor %s: over", e->container_id);
        actor_exit(self, 0);
}

static void tell_closing(struct executor *e, struct actor *self)
{
        struct executor_closing *closing = actor_msg_new(&executor_closing_type);
        closing->container_id = actor_msg_strdup(closing, e->container_id);
        actor_send(self, e->config.supervision, closing);
}

static void destroy(struct executor *e, struct actor *self)
{
        struct container_destroy *order = actor_msg_new(&container_destroy_type);
        order->container_id = actor_msg_strdup(order, e->container_id);
        actor_send(self, e->settings->containerizer, order);
}

/* Its process has the grace period to end by itself. */
static void wait_for_end(struct executor *e, struct actor *self)
{
        const V1__DurationInfo *period = e->info->shutdown_grace_period;
        int64_t grace_ms = period ? period->nanoseconds / 1000000 : e->settings->shutdown_grace_ms;
        executor_timer(e, self, grace_ms > 0 ? grace_ms : 0);
}

void executor_leave(struct executor *e, struct actor *self)
{
        e->unregistered = true;
        executor_set_cause(e, V1__TASK_STATE__TASK_DROPPED,
                           V1__TASK_STATUS__REASON__REASON_EXECUTOR_UNREGISTERED, "Executor unregistered");
        if (executor_move(&e->state, EXECUTOR_TERMINATING) != 0)
                return;
        tell_closing(e, self);
        wait_for_end(e, self);
}

void executor_begin_stop(struct executor *e, struct actor *self)
{
        bool registered = e->state == EXECUTOR_RUNNING;
        if (executor_move(&e->state, EXECUTOR_TERMINATING) != 0)
                return;
        tell_closing(e, self);
        executor_timer(e, self, -1);
        if (registered) {
                executor_send(e, self, event_shutdown());
                wait_for_end(e, self);
        } else if (e->pid > 0) {
                destroy(e, self);
        } else if (!e->launching) {
                executor_over(e, self, -1);
        } /* else the step under way finds out */
}

static void executor_failed(struct executor *e, struct actor *self, V1__TaskStatus__Reason reason,
                            const char *text)
{
        actor_log_warn(self, "executor %s of framework %s: %s", e->info->executor_id->value, e->framework_id,
                       text);
        executor_set_cause(e, V1__TASK_STATE__TASK_FAILED, reason, text);
        if (e->pid > 0) {
                if (executor_move(&e->state, EXECUTOR_TERMINATING) == 0)
                        tell_closing(e, self);
                destroy(e, self);
        } else {
                executor_over(e, self, -1);
        }
}

static int on_due(struct executor *e, const struct actor_mail *mail, const struct executor_due *msg)
{
        char within[64], text[160];
        e->timer = 0;
        switch (e->state) {
        case EXECUTOR_REGISTERING:
                actor_duration_print(e->settings->registration_timeout_ms * 1000000, within, sizeof within);
                snprintf(text, sizeof text, "Executor did not register within %s", within);
                executor_failed(e, mail->self, V1__TASK_STATUS__REASON__REASON_EXECUTOR_REGISTRATION_TIMEOUT,
                                text);
                break;
        case EXECUTOR_RUNNING: /* idle */
                if (e->tasks.live == 0)
                        executor_begin_stop(e, mail->self);
                break;
        case EXECUTOR_TERMINATING: /* the grace period is over */
                destroy(e, mail->self);
                break;
        default:
                break;
        }
        return 0;
}

static int on_exited(struct executor *e, const struct actor_mail *mail, const struct container_exited *msg)
{
        char how[80], text[128];
        e->pid = 0;
        status_describe_exit(msg->status_known, msg->status, how, sizeof how);
        snprintf(text, sizeof text, "Executor %s", how);
        executor_set_cause(e, V1__TASK_STATE__TASK_FAILED,
                           V1__TASK_STATUS__REASON__REASON_EXECUTOR_TERMINATED, text);
        actor_log_info(mail->self, "executor %s of framework %s: %s", e->info->executor_id->value,
                       e->framework_id, how);
        executor_over(e, mail->self, msg->status_known ? msg->status : -1);
        return 0;
}

static int on_stop(struct executor *e, const struct actor_mail *mail, const struct executor_stop *msg)
{
        static const char *const texts[] = {
                [EXECUTOR_STOP_ASKED] = "Executor was shut down by its framework",
                [EXECUTOR_STOP_FRAMEWORK] = "Framework was removed",
                [EXECUTOR_STOP_AGENT] = "Agent was shut down",
        };
        if (msg->reason == EXECUTOR_STOP_FRAMEWORK)
                e->silent = true;
        executor_set_cause(e,
                           msg->reason == EXECUTOR_STOP_AGENT ? V1__TASK_STATE__TASK_KILLED
                                                              : V1__TASK_STATE__TASK_FAILED,
                           V1__TASK_STATUS__REASON__REASON_EXECUTOR_TERMINATED, texts[msg->reason]);
        executor_begin_stop(e, mail->self);
        return 0;
}

/* ---- the start --------------------------------------------------------------------------------- */

/* Each step's answer: false where the start ends here. */
static bool step_goes_on(struct executor *e, const struct actor_mail *mail, bool answered, const char *error)
{
        e->launching = false;
        if (e->state == EXECUTOR_TERMINATING) {
                executor_over(e, mail->self, -1);
                return false;
        }
        if (answered && error == NULL)
                return true;
        char text[600];
        snprintf(text, sizeof text, "Executor cannot be launched: %s",
                 error ? error : strerror(-mail->error));
        executor_failed(e, mail->self, V1__TASK_STATUS__REASON__REASON_CONTAINER_LAUNCH_FAILED, text);
        return false;
}

static int on_launched(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct executor *e = state;
        const struct container_launched *launched = body;
        if (launched && launched->pid > 0)
                e->pid = launched->pid;
        if (e->state == EXECUTOR_TERMINATING && e->pid > 0) { /* told to end meanwhile */
                e->launching = false;
                destroy(e, mail->self);
                return 0;
        }
        if (!step_goes_on(e, mail, launched != NULL, launched ? launched->error : NULL))
                return 0;
        struct executor_started *started = actor_msg_new(&executor_started_type);
        started->container_id = actor_msg_strdup(started, e->container_id);
        started->pid = e->pid;
        actor_send(mail->self, e->config.supervision, started);
        if (e->state == EXECUTOR_REGISTERING) /* its SUBSCRIBE may have overtaken this answer */
                executor_timer(e, mail->self, e->settings->registration_timeout_ms);
        return 0;
}

/* What the executor's own info asks of its process. 0, or -EINVAL with a sentence where it asks the
 * impossible. */
static int plan_process(const V1__ExecutorInfo *info, struct container_launch *launch,
                        struct actor_error *error)
{
        const char **argv;
        struct actor_process_rlimit *rlimits;
        const V1__RLimitInfo *limits = info->container != NULL ? info->container->rlimit_info : NULL;
        int r = command_argv(launch, info->command, &argv, error);
        if (r == 0)
                r = rlimits_from_v1(launch, limits, &launch->rlimit_count, &rlimits, error);
        if (r != 0)
                return r;
        launch->argv = argv;
        launch->rlimits = rlimits;
        return 0;
}

static void start_process(struct executor *e, const struct actor_mail *mail)
{
        struct actor_error error;
        struct container_launch *launch = actor_msg_new(&container_launch_type);
        if (plan_process(e->info, launch, &error) != 0) {
                actor_msg_unref(launch);
                (void) step_goes_on(e, mail, true, error.text);
                return;
        }
        const struct environment_facts facts = {
                .settings = e->settings,
                .framework = e->framework,
                .agent_id = e->agent_id,
                .executor_id = e->info->executor_id->value,
                .container_id = e->container_id,
                .directory = e->directory,
        };
        launch->container_id = actor_msg_strdup(launch, e->container_id);
        launch->directory = actor_msg_strdup(launch, e->directory);
        launch->environment = environment_of_executor(launch, &facts, e->info);
        launch->user = e->user && !e->config.command ? actor_msg_strdup(launch, e->user) : NULL;
        e->launching = true;
        actor_ask(mail->self, e->settings->containerizer, launch, CONTAINER_TIMEOUT_MS, on_launched, NULL);
}

static int on_fetched(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        const struct fetch_result *result = body;
        if (step_goes_on(state, mail, result != NULL, result ? result->error : NULL))
                start_process(state, mail);
        return 0;
}

static int on_prepared(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct executor *e = state;
        const struct container_prepared *prepared = body;
        if (!step_goes_on(e, mail, prepared != NULL, prepared ? prepared->errors[0] : NULL))
                return 0;
        if (e->info->command->n_uris == 0) {
                start_process(e, mail);
                return 0;
        }
        struct fetch_request *request = actor_msg_new(&fetch_request_type);
        const V1__CommandInfo *command = proto_copy(request, e->info->command);
        request->count = command->n_uris;
        request->uris = command->uris;
        request->directory = actor_msg_strdup(request, e->directory);
        request->user = e->user ? actor_msg_strdup(request, e->user) : NULL;
        e->launching = true;
        actor_ask(mail->self, e->settings->fetcher, request, FETCH_TIMEOUT_MS, on_fetched, NULL);
        return 0;
}

static void adopt(struct executor *e, struct actor *self)
{
        struct container_adopt *order = actor_msg_new(&container_adopt_type);
        order->container_id = actor_msg_strdup(order, e->container_id);
        order->pid = e->config.adopted;
        e->launching = true;
        actor_ask(self, e->settings->containerizer, order, CONTAINER_TIMEOUT_MS, on_launched, NULL);
}

static int on_begin(struct executor *e, const struct actor_mail *mail, const struct executor_begin *msg)
{
        if (e->state != EXECUTOR_REGISTERING)
                return 0;
        if (e->config.adopted > 0) {
                adopt(e, mail->self);
                return 0;
        }
        struct container_prepare *prepare = actor_msg_new(&container_prepare_type);
        struct container_sandbox *sandbox = actor_msg_alloc(prepare, sizeof *sandbox);
        sandbox->directory = actor_msg_strdup(prepare, e->directory);
        sandbox->user = e->user && !e->config.command ? actor_msg_strdup(prepare, e->user) : NULL;
        prepare->count = 1;
        prepare->sandboxes = sandbox;
        e->launching = true;
        actor_ask(mail->self, e->settings->containerizer, prepare, CONTAINER_TIMEOUT_MS, on_prepared, NULL);
        return 0;
}

/* ---- the rest ---------------------------------------------------------------------------------- */

static int on_framework_message(struct executor *e, const struct actor_mail *mail,
                                const Troupe__FrameworkMessage *msg)
{
        if (e->state == EXECUTOR_RUNNING)
                executor_send(e, mail->self, event_message(msg, msg->data));
        return 0;
}

ACTOR_BIND(executor_on_batch, struct executor, struct task_batch)
ACTOR_BIND(executor_on_kill, struct executor, Troupe__KillTask)
ACTOR_BIND(executor_on_acknowledged, struct executor, struct update_acknowledged)
ACTOR_BIND(executor_on_call, struct executor, Exec__Call)
ACTOR_BIND(on_framework_message, struct executor, Troupe__FrameworkMessage)
ACTOR_BIND(on_stop, struct executor, struct executor_stop)
ACTOR_BIND(on_exited, struct executor, struct container_exited)
ACTOR_BIND(on_due, struct executor, struct executor_due)
ACTOR_BIND(on_begin, struct executor, struct executor_begin)

static const struct actor_handler handlers[] = {
        {&task_batch_type, executor_on_batch_bound, ACTOR_FROM_PARENT},
        {&kill_task_type, executor_on_kill_bound, ACTOR_FROM_PARENT},
        {&framework_message_type, on_framework_message_bound, ACTOR_FROM_PARENT},
        {&executor_stop_type, on_stop_bound, ACTOR_FROM_PARENT},
        {&update_acknowledged_type, executor_on_acknowledged_bound, ACTOR_FROM_LOCAL},
        {&container_exited_type, on_exited_bound, ACTOR_FROM_LOCAL},
        {&exec_call_type, executor_on_call_bound, ACTOR_FROM_REMOTE},
        {&executor_due_type, on_due_bound, ACTOR_FROM_SELF},
        {&executor_begin_type, on_begin_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static int executor_init(void *state, struct actor *self, const void *config)
{
        struct executor *e = state;
        e->config = *(const struct executor_config *) config;
        e->settings = e->config.settings;
        e->agent = proto_dup(e->config.agent);
        e->framework = proto_dup(e->config.framework);
        e->info = proto_dup(e->config.info);
        e->container_id = actor_strdup(e->config.container_id);
        e->user = e->config.user ? actor_strdup(e->config.user) : NULL;
        e->agent_id = e->agent->id->value;
        e->framework_id = e->framework->id->value;
        const struct layout_sandbox sandbox = {
                .agent_id = e->agent_id,
                .framework_id = e->framework_id,
                .executor_id = e->config.command ? NULL : e->info->executor_id->value,
                .user = e->user ? e->user : e->settings->own_user,
                .container_id = e->container_id,
        };
        e->directory = layout_sandbox_path(e->settings->work_dir, &sandbox);
        actor_send(self, actor_self(self), actor_msg_new(&executor_begin_type));
        return 0;
}

static void executor_fini(void *state)
{
        struct executor *e = state;
        task_register_done(&e->tasks);
        proto_free(e->agent);
        proto_free(e->framework);
        proto_free(e->info);
        actor_freep(&e->container_id);
        actor_freep(&e->user);
        actor_freep(&e->directory);
}

const struct actor_class executor_class = {
        .name = "executor",
        .state_size = sizeof(struct executor),
        .init = executor_init,
        .fini = executor_fini,
        .handlers = handlers,
};
