/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_HTTP_RENDER_H
#define MASTER_HTTP_RENDER_H

#include "http/text.h"

#include <proto/types.h>

/* The documents, as text. Pure: from answers of the state room. Linear in the number of rows. */

/* Answers to the GET_ questions of the same names. */
struct render_answers {
        const MasterApi__Response__GetState *state;
        const MasterApi__Response__GetMaster *master;
        const MasterApi__Response__GetFlags *flags;
        const MasterApi__Response__GetMetrics *metrics;
};

/* Legacy /state. */
void render_state(const struct render_answers *answers, struct text *ret);

/* Legacy /version. */
void render_version(struct text *ret);

#endif
