/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_HTTP_RENDER_H
#define MASTER_HTTP_RENDER_H

#include "http/text.h"

#include <proto/types.h>

/* The documents, as text. Pure: from answers of the state room. Linear in the number of rows. */

/* Legacy /state. `state` answers GET_STATE, `master` GET_MASTER, `flags` GET_FLAGS. */
void render_state(const MasterApi__Response *state, const MasterApi__Response *master,
                  const MasterApi__Response *flags, struct text *ret);

/* Legacy /version. */
void render_version(struct text *ret);

#endif
