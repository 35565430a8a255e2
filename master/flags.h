/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_FLAGS_H
#define MASTER_FLAGS_H

#include <actor/curve.h>
#include <actor/flags.h>

/* troupe-master's flags, declared in flags.def. */
struct master_flags {
#define FLAG(field, type, default, accepts, help) flag_##type field;
#include "flags.def"
};

extern const struct actor_flag_set master_flag_set;

#endif
