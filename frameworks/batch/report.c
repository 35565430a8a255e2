/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <string.h>

static double seconds(const struct report_row *row)
{
        return row->ended_ns > row->begun_ns ? (double) (row->ended_ns - row->begun_ns) / 1e9 : 0;
}

static const char *hostname(const struct report_row *row)
{
        return row->agent != NULL ? row->agent->hostname : "-";
}

static void print_json(struct console *console, const struct job *job, const struct plan *plan,
                       const struct report_row *rows)
{
        json_t *tasks = json_array();
        for (size_t i = 0; i < job->task_count; i++)
                json_array_append_new(tasks, json_pack("{ss, ss, ss, sI, sf}", "id", job->tasks[i].id,
                                                       "state", plan_state_name(plan_state(plan, i)), "agent",
                                                       hostname(&rows[i]), "attempts",
                                                       (json_int_t) plan_attempt(plan, i), "seconds",
                                                       seconds(&rows[i])));
        console_json(console, json_pack("{ss, so}", "job", job->name, "tasks", tasks));
}

static int widest(int width, const char *text)
{
        int size = (int) strlen(text);
        return size > width ? size : width;
}

void report_print(struct console *console, const struct job *job, const struct plan *plan,
                  const struct report_row *rows, bool aside)
{
        FILE *stream = aside ? console->news : console->out;
        int id_width = 4, host_width = 5;
        if (console->json) {
                print_json(console, job, plan, rows);
                return;
        }
        for (size_t i = 0; i < job->task_count; i++) {
                id_width = widest(id_width, job->tasks[i].id);
                host_width = widest(host_width, hostname(&rows[i]));
        }
        fprintf(stream, "%-*s  %-7s  %-*s  %8s  %7s\n", id_width, "TASK", "STATE", host_width, "AGENT",
                "ATTEMPTS", "SECONDS");
        for (size_t i = 0; i < job->task_count; i++)
                fprintf(stream, "%-*s  %-7s  %-*s  %8u  %7.2f\n", id_width, job->tasks[i].id,
                        plan_state_name(plan_state(plan, i)), host_width, hostname(&rows[i]),
                        plan_attempt(plan, i), seconds(&rows[i]));
        fflush(stream);
}
