/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_STATE_CELL_H
#define CLI_STATE_CELL_H

#include <actor/table.h>

/* The next cell of a table: a task state, coloured by what it means. */
void state_cell(struct actor_table *table, const char *state);

#endif
