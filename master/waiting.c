/* SPDX-License-Identifier: Apache-2.0 */
#include "waiting.h"

#include <assert.h>
#include <stddef.h>
#include <utlist.h>

void waiting_add(struct waiting **list, struct waiting *waiting, void (*release)(struct waiting *waiting))
{
        assert(release != NULL);
        waiting->release = release;
        DL_APPEND(*list, waiting);
}

void waiting_end(struct waiting **list, struct waiting *waiting)
{
        DL_DELETE(*list, waiting);
        waiting->release(waiting);
}

void waiting_done(struct waiting **list)
{
        while (*list != NULL)
                waiting_end(list, *list);
}
