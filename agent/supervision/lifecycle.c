/* SPDX-License-Identifier: Apache-2.0 */
#include "supervision/lifecycle.h"

#include <assert.h>
#include <stdint.h>

#define TO(state) (1u << EXECUTOR_##state)

static const struct {
        const char *name;
        uint32_t next;
} states[EXECUTOR_STATE_COUNT] = {
        [EXECUTOR_REGISTERING] = {"REGISTERING", TO(RUNNING) | TO(TERMINATING) | TO(TERMINATED)},
        [EXECUTOR_RUNNING] = {"RUNNING", TO(TERMINATING) | TO(TERMINATED)},
        [EXECUTOR_TERMINATING] = {"TERMINATING", TO(TERMINATED)},
        [EXECUTOR_TERMINATED] = {"TERMINATED", 0},
};

int executor_move(enum executor_state *state, enum executor_state to)
{
        assert(*state < EXECUTOR_STATE_COUNT && to < EXECUTOR_STATE_COUNT);
        if (*state == to)
                return LIFECYCLE_E_UNCHANGED;
        if (!(states[*state].next & (1u << to)))
                return LIFECYCLE_E_ILLEGAL;
        *state = to;
        return 0;
}

const char *executor_state_name(enum executor_state state)
{
        assert(state < EXECUTOR_STATE_COUNT);
        return states[state].name;
}
