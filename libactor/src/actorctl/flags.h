/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTORCTL_FLAGS_H
#define ACTORCTL_FLAGS_H

#include <actor/curve.h>
#include <actor/flags.h>

struct actorctl_flags {
#define FLAG(field, type, default_text, accepts, help) flag_##type field;
#include "actorctl/actorctl.def"
#undef FLAG
};

#endif
