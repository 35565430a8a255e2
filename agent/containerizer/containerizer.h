/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_CONTAINERIZER_CONTAINERIZER_H
#define AGENT_CONTAINERIZER_CONTAINERIZER_H

#include <actor/actor.h>

/* What stands around an executor: an actor that understands messages.h. There may be several kinds,
 * each a class; supervision does not know which one it speaks to.
 *
 * Receives                        Answers
 *   container_prepare  (ask)      container_prepared
 *   container_launch   (ask)      container_launched, and later container_exited to the asker
 *   container_adopt    (ask)      container_launched, and later container_exited to the asker
 *   container_destroy             –
 */

/* Processes of this machine: own session and process group, files, user, limits; no isolation. */
extern const struct actor_class containerizer_posix_class; /* config: none */

#endif
