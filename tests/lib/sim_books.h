/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_SIM_BOOKS_H
#define TESTS_LIB_SIM_BOOKS_H

#include "sim_framework.h"

/* Fails the test unless, right now:
 *   - on every agent the master knows, offered + used + free = total, and used is what the tasks there hold;
 *   - the agents that run and the master name the same living tasks, in the same states, and no task
 *     twice;
 *   - the frameworks know each of their tasks as the master does: living ones in its state, and none
 *     as living that it does not know. */
void sim_books_check(struct sim_cluster *c, struct sim_framework *const *frameworks, size_t count);

/* Fails the test unless all that the agents have is free. */
void sim_books_check_all_free(struct sim_cluster *c);

#endif
