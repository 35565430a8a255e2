/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "session.h"
#include "watch.h"

#include <actor/memory.h>
#include <errno.h>
#include <proto/task_state.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_FLAGS(FLAG)                                                                                  \
        CLI_COMMON_FLAGS(FLAG)                                                                            \
        FLAG(framework, string, NULL, "", "The framework's id, where several use the same task id.")
CLI_FLAG_SET(wait_flags, WAIT_FLAGS, "troupe wait",
             "Waits until tasks have ended; fails if one of them did (--timeout: for the master's first answer).",
             "TASK…")

struct wait_config {
        const struct flags *flags;
        char **tasks;
        size_t count;
};

/* One actor follows the cluster's events until every task has a terminal state. */
struct waiter {
        struct wait_config config;
        bool *ended; /* per task */
        size_t waiting;
        bool answered, failed;
        uint64_t patience;
};

struct give_up {
        char unused;
};
static ACTOR_LOCAL_TYPE(give_up_type, struct give_up);

static void task_seen(struct waiter *w, const char *framework, const char *id, V1__TaskState state, const char *message)
{
        if (w->config.flags->framework != NULL && strcmp(w->config.flags->framework, framework) != 0)
                return;
        for (size_t i = 0; i < w->config.count; i++) {
                if (w->ended[i] || strcmp(w->config.tasks[i], id) != 0 || !task_state_is_terminal(state))
                        continue;
                w->ended[i] = true;
                w->waiting--;
                w->failed |= state != V1__TASK_STATE__TASK_FINISHED;
                if (w->config.flags->json)
                        cli_print_object("{s:s, s:s, s:s?}", "task", id, "state", task_state_name(state), "message",
                                         message);
                else
                        printf("%s: %s%s%s\n", id, task_state_name(state), message != NULL ? ": " : "",
                               message != NULL ? message : "");
        }
}

static bool is_known(V1__Task *const *tasks, size_t count, const char *id)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(tasks[i]->task_id->value, id) == 0)
                        return true;
        return false;
}

static void tasks_seen(struct waiter *w, V1__Task *const *tasks, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const V1__TaskStatus *last = tasks[i]->n_statuses > 0 ? tasks[i]->statuses[tasks[i]->n_statuses - 1] : NULL;
                task_seen(w, tasks[i]->framework_id->value, tasks[i]->task_id->value, tasks[i]->state,
                          last != NULL ? last->message : NULL);
        }
}

/* The first answer: what has ended already, and whether all are known at all. */
static void on_subscribed(struct waiter *w, struct actor *self, const MasterApi__Response__GetTasks *tasks)
{
        w->answered = true;
        actor_timer_cancel(self, w->patience);
        if (tasks == NULL)
                return;
        for (size_t i = 0; i < w->config.count; i++)
                if (!is_known(tasks->tasks, tasks->n_tasks, w->config.tasks[i]) &&
                    !is_known(tasks->unreachable_tasks, tasks->n_unreachable_tasks, w->config.tasks[i]) &&
                    !is_known(tasks->completed_tasks, tasks->n_completed_tasks, w->config.tasks[i])) {
                        w->failed = w->ended[i] = true;
                        w->waiting--;
                        cli_fail(CLI_NO, "wait", "no task '%s'; `troupe ps --all` lists them", w->config.tasks[i]);
                }
        tasks_seen(w, tasks->completed_tasks, tasks->n_completed_tasks);
        tasks_seen(w, tasks->tasks, tasks->n_tasks);
}

static int on_event(struct waiter *w, const struct actor_mail *mail, const MasterApi__Event *event)
{
        if (event->subscribed != NULL && event->subscribed->get_state != NULL)
                on_subscribed(w, mail->self, event->subscribed->get_state->get_tasks);
        else if (event->task_updated != NULL && event->task_updated->status != NULL)
                task_seen(w, event->task_updated->framework_id->value, event->task_updated->status->task_id->value,
                          event->task_updated->state, event->task_updated->status->message);
        if (w->answered && w->waiting == 0)
                actor_node_shutdown(actor_node(mail->self), w->failed ? CLI_NO : CLI_OK);
        return 0;
}
ACTOR_BIND(on_event, struct waiter, MasterApi__Event)

static int on_down(struct waiter *w, const struct actor_mail *mail, const struct actor_down *down)
{
        cli_fail(CLI_UNREACHABLE, "wait", "the master at %s has gone", w->config.flags->master);
        actor_node_shutdown(actor_node(mail->self), CLI_UNREACHABLE);
        return 0;
}
ACTOR_BIND(on_down, struct waiter, struct actor_down)

static int on_give_up(struct waiter *w, const struct actor_mail *mail, const struct give_up *msg)
{
        cli_fail(CLI_UNREACHABLE, "wait", "the master at %s does not answer", w->config.flags->master);
        actor_node_shutdown(actor_node(mail->self), CLI_UNREACHABLE);
        return 0;
}
ACTOR_BIND(on_give_up, struct waiter, struct give_up)

static const struct actor_handler handlers[] = {
        {&master_event_type, on_event_bound, ACTOR_FROM_REMOTE},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        {&give_up_type, on_give_up_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static int waiter_init(void *state, struct actor *self, const void *config)
{
        struct waiter *w = state;
        w->config = *(const struct wait_config *) config;
        w->waiting = w->config.count;
        w->ended = actor_zalloc(w->config.count * sizeof *w->ended);
        w->patience = actor_after(self, w->config.flags->timeout / 1000000, actor_msg_new(&give_up_type));
        return watch_subscribe(self, w->config.flags->master);
}

static void waiter_fini(void *state)
{
        free(((struct waiter *) state)->ended);
}

static const struct actor_class waiter_class = {.name = "wait",
                                                .state_size = sizeof(struct waiter),
                                                .init = waiter_init,
                                                .fini = waiter_fini,
                                                .handlers = handlers};

static int wait_for(const struct flags *flags, char **tasks, size_t count)
{
        struct session *session;
        struct actor_error error;
        if (session_open(SESSION_OF(flags), &session, &error) < 0)
                return cli_fail(CLI_USAGE, "wait", "%s", error.text);
        struct wait_config config = {flags, tasks, count};
        struct actor_ref ref;
        int r = actor_node_spawn(session_node(session), &waiter_class, NULL, &config, &ref);
        int exit = r < 0 ? cli_fail(CLI_USAGE, "wait", "cannot start: %s", strerror(-r))
                         : actor_node_wait(session_node(session));
        session_close(session);
        return exit;
}

int wait_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&wait_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        if (rest == argc)
                exit = cli_fail(CLI_USAGE, "wait", "for which task? usage: troupe wait TASK…");
        else
                exit = wait_for(&flags, argv + rest, (size_t) (argc - rest));
        actor_flags_done(&wait_flags, &flags);
        return exit;
}
