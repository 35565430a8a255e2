/* SPDX-License-Identifier: Apache-2.0 */
/* Every macro of the public headers that programs in both languages use; compiled as C11 and as C++17. */
#include <actor/actor.h>
#include <actor/flags.h>
#include <actor/metrics.h>

struct word {
        int value;
};
struct state {
        struct actor_ref other;
};

extern const struct actor_type word_type, proto_type;
extern const ProtobufCMessageDescriptor word_descriptor;
ACTOR_LOCAL_TYPE(word_type, struct word);
ACTOR_PROTO_TYPE(proto_type, "outside.Word", struct word, word_descriptor);

static int on_word(struct state *state, const struct actor_mail *mail, const struct word *word)
{
        struct actor_asker asker = actor_asker(mail);
        state->other = word->value == 0 ? ACTOR_NOBODY : asker.from;
        return actor_ref_is_nobody(state->other) ? 0 : ACTOR_NESTING_MAX;
}
ACTOR_BIND(on_word, struct state, struct word)

extern const struct actor_handler handlers[];
const struct actor_handler handlers[] = {
        {&word_type, on_word_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_REMOTE},
        ACTOR_HANDLER_END,
};

extern const struct actor_flag flags[];
const struct actor_flag flags[] = {ACTOR_FLAG_END};

int64_t count(actor_metric_value *metric);
int64_t count(actor_metric_value *metric)
{
        ACTOR_METRIC_SET(*metric, 0);
        ACTOR_METRIC_ADD(*metric, 1);
        return *metric;
}
