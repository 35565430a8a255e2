/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_PARCEL_H
#define NET_PARCEL_H

#include "net/frame.h"
#include "net/peers.h"

/* A full frame of plain messages, which the bridge only looks through: a worker makes them into mail. */
struct parcel;

/* A mail whose body is the parcel, if the frame is worth one and nothing in it needs the link or breaks the
 * format; else NULL. The driver keeps frames. On its thread. */
struct mail *parcel_of_frame(struct link *link, const struct frame_header *header, const uint8_t *data,
                             size_t size);
void parcel_unpack(const struct parcel *parcel, struct peers *peers, struct worker *worker);

#endif
