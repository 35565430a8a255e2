/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_CUTS_H
#define NET_CUTS_H

#include "net/peers_private.h"

/* Large bodies on a link. Whole, one would hold up everything behind it; so it is announced by its item and
 * travels in parts, between which other mail goes. What must not pass it (a later message or ask from the
 * same sender to the same receiver) is held until its last part has left; what the runtime says may pass. */

/* ---- going out (cuts.c) -------------------------------------------------------------------------- */

/* Takes a mail with a body larger than NET_PART_BYTES. */
void cut_begin(struct link *link, const struct waiting *waiting);
/* Takes a mail that has to wait for a cut one; false: it need not. */
bool cut_holds(struct link *link, const struct waiting *waiting);
/* Sends parts while that is right; says whether more could go at once. */
bool cuts_send(struct link *link);
/* At the link's end: what has not begun to leave waits for the next one, in the order it had. */
void cuts_end(struct link *link);

/* ---- coming in (joins.c) ------------------------------------------------------------------------- */

/* The item that announces a body / one of its parts. 0, FRAME_E_MALFORMED, or JOIN_DONE and in *ret the
 * whole item, which is valid until joins_drop_done(). */
enum { JOIN_DONE = 100 };
int joins_announced(struct link *link, const struct frame_item *item);
int joins_part(struct link *link, const struct frame_item *part, struct frame_item *ret);
void joins_drop_done(struct link *link);
void joins_end(struct link *link);

#endif
