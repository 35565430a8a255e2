/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_CUTS_H
#define NET_CUTS_H

#include "net/body.h"
#include "net/peers_private.h"

/* Large bodies on a link. Whole, one would hold up everything behind it; so it is announced by its item and
 * travels in parts, between which other mail goes. A part lends its bytes to the driver as they lie in the
 * body, and they are copied once where they arrive, into the body they become. What must not pass it (a later
 * message or ask from the same sender to the same receiver) is held until its last part has left; what the
 * runtime says may pass. */

/* ---- going out (cuts.c) -------------------------------------------------------------------------- */

/* Takes a mail with a body larger than NET_WHOLE_BYTES_MAX. */
void cut_begin(struct link *link, const struct waiting *waiting);
/* Takes a mail that has to wait for a cut one; false: it need not. */
bool cut_holds(struct link *link, const struct waiting *waiting);
/* Sends parts while that is right. */
void cuts_send(struct link *link);
/* At the link's end: what has not begun to leave waits for the next one, in the order it had. */
void cuts_end(struct link *link);

/* ---- coming in (joins.c) ------------------------------------------------------------------------- */

/* A body that arrives. */
struct join {
        struct join *next;
        struct frame_item item; /* as if it had come whole; its names lie here */
        char to_name[FRAME_TEXT_MAX], from_name[FRAME_TEXT_MAX];
        struct actor_bytes *bytes;
        size_t got;
};

/* The item that announces a body. 0 or FRAME_E_MALFORMED. */
int joins_announced(struct link *link, const struct frame_item *item);
/* The next of its parts. 0, and in *ret the join if it is complete, else NULL; FRAME_E_MALFORMED. */
int joins_part(struct link *link, const struct frame_item *part, struct join **ret);
void join_free(struct join *join);
void joins_end(struct link *link);

#endif
