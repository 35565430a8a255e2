/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_REGISTRATION_BACKOFF_H
#define AGENT_REGISTRATION_BACKOFF_H

#include <stdint.h>

/* How long to wait before attempt `attempt` + 1: a random time in [0, factor · 2^attempt], at most
 * one minute, so that many agents that lost the same master do not come back at the same moment.
 * `dice` is 64 random bits. Pure. */
#define BACKOFF_MAX_MS (60 * 1000)
int64_t backoff_delay_ms(int64_t factor_ms, unsigned attempt, uint64_t dice);

#endif
