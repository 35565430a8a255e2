/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_DENIALS_H
#define NET_DENIALS_H

#include "net/net.h"

/* Who was not let in: all are counted, and logged as far as that tells something new. The same one is
 * told once in a while, and in any while no more than a few, so that a flood cannot fill a log; what
 * was left out is told as a number. Any thread. */
struct denials;

struct denials *denials_new(struct actor_node *node);
void denials_free(struct denials *denials);
/* `who` is what tells one from another: a key, or where it is from. */
void denials_note(struct denials *denials, const char *who, const char *why);
uint64_t denials_count(const struct denials *denials);

#endif
