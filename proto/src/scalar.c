/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <proto/values.h>
#include <stdio.h>

#define MILLI_LIMIT 9223372036854775808.0 /* 2^63 */

bool scalar_is_representable(double value)
{
        return isfinite(value) && fabs(value * 1000) < MILLI_LIMIT;
}

int64_t scalar_to_milli(double value)
{
        if (isnan(value))
                return 0;
        double milli = value * 1000;
        if (milli >= MILLI_LIMIT)
                return INT64_MAX;
        if (milli <= -MILLI_LIMIT)
                return INT64_MIN;
        return llround(milli);
}

/* Whole part and fraction apart, so that a fraction is the double nearest to its decimal form. */
double scalar_from_milli(int64_t milli)
{
        return (double) (milli / 1000) + (double) (milli % 1000) / 1000.0;
}

void scalar_print(int64_t milli, char ret[SCALAR_TEXT_SIZE])
{
        int length = snprintf(ret, SCALAR_TEXT_SIZE, "%.15g", scalar_from_milli(milli));
        assert(length > 0 && length < SCALAR_TEXT_SIZE);
}
