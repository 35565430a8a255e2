/* SPDX-License-Identifier: Apache-2.0 */
#include "flags.h"

static const struct actor_flag master_flag_table[] = {
#define FLAG(field, type, default_text, accepts, help) \
        {#field, offsetof(struct master_flags, field), FLAG_##type, default_text, accepts, help},
#include "flags.def"
        ACTOR_FLAG_END,
};

const struct actor_flag_set master_flag_set = {
        .program = "troupe-master",
        .purpose = "Leads a Troupe cluster: agents and frameworks register here.",
        .env_prefix = "TROUPE_",
        .flags = master_flag_table,
};
