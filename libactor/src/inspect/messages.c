/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/messages.h"

#include "inspect/inspect.h"
#include <actor/memory.h>
#include <string.h>

ACTOR_PROTO_TYPE(inspect_question_type, "actor.inspect.Question", Actor__Inspect__Question,
                 actor__inspect__question__descriptor);
ACTOR_PROTO_TYPE(inspect_answer_type, "actor.inspect.Answer", Actor__Inspect__Answer,
                 actor__inspect__answer__descriptor);

const struct actor_type **inspect_types_with(const struct actor_type *const *types)
{
        static const struct actor_type *const own[] = {&inspect_question_type, &inspect_answer_type, NULL};
        size_t count = 0;
        while (types[count] != NULL)
                count++;
        const struct actor_type **all = actor_zalloc(count * sizeof *all + sizeof own);
        memcpy(all, types, count * sizeof *all);
        memcpy(all + count, own, sizeof own);
        return all;
}
