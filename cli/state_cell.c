/* SPDX-License-Identifier: Apache-2.0 */
#include "state_cell.h"

#include <string.h>

static const char *colour_of(const char *state)
{
        static const struct {
                const char *state, *colour;
        } colours[] = {
                {"TASK_RUNNING", "32"},     {"TASK_FINISHED", "2"}, {"TASK_FAILED", "31"},
                {"TASK_ERROR", "31"},       {"TASK_LOST", "31"},    {"TASK_GONE", "31"},
                {"TASK_UNREACHABLE", "33"}, {"TASK_KILLED", "33"},  {"TASK_KILLING", "33"},
                {"TASK_DROPPED", "31"},
        };
        for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
                if (strcmp(colours[i].state, state) == 0)
                        return colours[i].colour;
        return NULL;
}

void state_cell(struct actor_table *table, const char *state)
{
        const char *shown = strncmp(state, "TASK_", 5) == 0 ? state + 5 : state;
        actor_table_cell_coloured(table, shown, colour_of(state));
}
