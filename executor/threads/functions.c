/* SPDX-License-Identifier: Apache-2.0 */
#include "functions.h"

#include <actor/memory.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLEEP_SECONDS_MAX (365.0 * 24 * 3600)
#define SUM_MAX 1000000000

static int noop_run(struct troupe_thread_task *task)
{
        return 0;
}

/* {"seconds": 1.5} */
static int sleep_parse(const json_t *json, char **ret, struct actor_error *error)
{
        const json_t *seconds = json_object_get(json, "seconds");
        double value = json_number_value(seconds);
        if (!json_is_number(seconds) || !(value >= 0 && value <= SLEEP_SECONDS_MAX))
                return actor_error_set(error, -EINVAL, "sleep: \"seconds\" must be a number from 0 to %.0f",
                                       SLEEP_SECONDS_MAX);
        *ret = actor_asprintf("%.0f", value * 1000);
        return 0;
}

static int sleep_run(struct troupe_thread_task *task)
{
        long long left_ms = strtoll(task->argument, NULL, 10);
        while (left_ms > 0 && !task->is_killed(task)) {
                int step_ms = left_ms > 1000000 ? 1000000 : (int) left_ms;
                struct pollfd watch = {.fd = task->kill_fd, .events = POLLIN};
                if (poll(&watch, 1, step_ms) != 0)
                        break;
                left_ms -= step_ms;
        }
        return 0;
}

/* {"message": "text"} */
static int message_parse(const json_t *json, char **ret, struct actor_error *error)
{
        const json_t *message = json_object_get(json, "message");
        if (message != NULL && !json_is_string(message))
                return actor_error_set(error, -EINVAL, "\"message\" must be a string");
        *ret = actor_strdup(message != NULL ? json_string_value(message) : "");
        return 0;
}

static int echo_run(struct troupe_thread_task *task)
{
        snprintf(task->message, sizeof task->message, "%s", task->argument);
        return 0;
}

static int fail_run(struct troupe_thread_task *task)
{
        snprintf(task->message, sizeof task->message, "%s",
                 *task->argument ? task->argument : "asked to fail");
        return 1;
}

/* {"to": n}: 1 + 2 + … + n, the long way: something for a processor to do. */
static int sum_parse(const json_t *json, char **ret, struct actor_error *error)
{
        const json_t *to = json_object_get(json, "to");
        json_int_t value = json_integer_value(to);
        if (!json_is_integer(to) || value < 0 || value > SUM_MAX)
                return actor_error_set(error, -EINVAL, "sum: \"to\" must be a whole number from 0 to %d",
                                       SUM_MAX);
        *ret = actor_asprintf("%lld", (long long) value);
        return 0;
}

static int sum_run(struct troupe_thread_task *task)
{
        long long to = strtoll(task->argument, NULL, 10);
        volatile long long sum = 0;
        for (long long i = 1; i <= to; i++) {
                sum += i;
                if (i % 1048576 == 0 && task->is_killed(task))
                        break;
        }
        snprintf(task->message, sizeof task->message, "%lld", sum);
        return 0;
}

const struct thread_function thread_functions[] = {
        {"noop", true, noop_run, NULL, "does nothing"},
        {"sleep", false, sleep_run, sleep_parse, "sleeps for \"seconds\""},
        {"echo", true, echo_run, message_parse, "ends with \"message\" as the status' message"},
        {"sum", false, sum_run, sum_parse, "adds the numbers 1 to \"to\""},
        {"fail", true, fail_run, message_parse, "fails with \"message\""},
        {NULL, false, NULL, NULL, NULL},
};

const struct thread_function *thread_function_find(const char *name)
{
        const struct thread_function *function = thread_functions;
        while (function->name != NULL && strcmp(function->name, name) != 0)
                function++;
        return function->name != NULL ? function : NULL;
}
