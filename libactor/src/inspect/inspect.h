/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

#include "core/inside.h"

/* What the room offers the core. */

/* The program's wire types and the runtime's own behind them, NULL-terminated; release with free(). */
const struct actor_type **inspect_types_with(const struct actor_type *const *types);

/* Answers a MAIL_INSPECT: whom `a` is bound to. In a's turn, since only its owner may look. */
void inspect_tell_bonds(struct actor *a, const struct mail *mail);

#endif
