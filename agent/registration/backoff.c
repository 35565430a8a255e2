/* SPDX-License-Identifier: Apache-2.0 */
#include "registration/backoff.h"

#include <assert.h>

int64_t backoff_delay_ms(int64_t factor_ms, unsigned attempt, uint64_t dice)
{
        assert(factor_ms >= 0);
        int64_t most = factor_ms < BACKOFF_MAX_MS ? factor_ms : BACKOFF_MAX_MS;
        for (unsigned i = 0; i < attempt && most < BACKOFF_MAX_MS; i++)
                most *= 2;
        if (most > BACKOFF_MAX_MS)
                most = BACKOFF_MAX_MS;
        return (int64_t) (dice % ((uint64_t) most + 1));
}
