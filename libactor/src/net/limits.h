/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_LIMITS_H
#define NET_LIMITS_H

/* Every bound of the network room, chosen here and nowhere else. docs/protocol.md repeats those that
 * another implementation must know. */
enum {
        /* Per peer, what may wait while it is being connected or does not read; beyond: -ENOBUFS. */
        NET_QUEUE_MAILS_MAX = 1000000,
        NET_QUEUE_BYTES_MAX = 256 << 20,
        /* Posted by the workers and not yet seen by the bridge; beyond, plain messages are dropped. */
        NET_POSTED_MAX = 1000000,

        /* A sender packs a message itself up to this body; what it and its envelope may take beside. */
        NET_PACKED_BODY_MAX = 16 << 10,
        NET_ITEM_BYTES_MAX = 1024,
        /* Packed for one peer and not yet taken by the bridge; beyond, messages are posted. */
        NET_PACKED_BYTES_MAX = 8 << 20,

        /* Waiting messages share a frame until it has this many bytes. */
        NET_GATHER_BYTES = 64 << 10,
        /* Free memory that malloc may keep for the frames to come. */
        NET_MALLOC_KEEPS = 4 << 20,
        /* Plain messages are unpacked by the workers from so many a frame on. */
        NET_PARCEL_ITEMS_MIN = 16,
        /* Memory of full frames kept for the next ones. */
        NET_FRAMES_KEPT = 32,
        /* A larger body is cut; into parts of this size; none leaves while more than this is unread, so that
         * two are under way; so many bodies are under way on a link. */
        NET_WHOLE_BYTES_MAX = 64 << 10,
        NET_PART_BYTES = 256 << 10,
        NET_PARTS_AHEAD_BYTES = 320 << 10,
        NET_CUTS_MAX = 8,
        /* Sent on a link and not yet acknowledged as read by the other side. */
        NET_WINDOW_BYTES = 8 << 20,
        NET_WINDOW_FRAMES = 1024,
        /* The reader acknowledges after this much. */
        NET_ACK_BYTES = 256 << 10,
        NET_ACK_FRAMES = 256,
        /* Frames libzmq holds for one connection: the window and room for control frames. */
        NET_ZMQ_SEND_MAX = 4 * NET_WINDOW_FRAMES,
        NET_ZMQ_RECEIVE_MAX = NET_WINDOW_FRAMES,
        /* libzmq's sockets in one node: two for each peer we dial, two for all that dial us. */
        NET_ZMQ_SOCKETS_MAX = 1 << 14,
        /* Connections of one node: descriptors the process may have, at most. */
        NET_CONNECTIONS_MAX = 1 << 20,
        /* Frames read from one socket before the bridge looks at everything else again. */
        NET_READ_FRAMES_MAX = 64,
        NET_BACKLOG = 4096,
        NET_ZMQ_RECONNECT_MS = 1 << 30,

        /* A frame may be larger than the largest message by its envelope. */
        NET_ENVELOPE_BYTES_MAX = NET_GATHER_BYTES + 1024,

        NET_PEERS_MAX = 1 << 20,
        NET_NAMES_MAX = 1 << 20,
        /* Peers without an endpoint of their own that have left, kept in case they come back. */
        NET_STRANGERS_KEPT_MAX = 1024,
        /* Watches that one peer may hold on actors here. */
        NET_WATCHES_MAX = 1 << 20,
        /* Unanswered asks remembered per peer: twice this; older ones are left to their timeouts. */
        NET_ASKS_MAX = 1 << 16,

        /* Of peers that are not let in, as many are told of in the log in so long a time. */
        NET_DENIALS_TOLD_MAX = 16,
        NET_DENIALS_PERIOD_MS = 60000,

        NET_HEARTBEAT_MS_MAX = 600000, /* a peer that promises less often is not believed */
        NET_LINGER_MS = 1000,          /* how long net_free() tries to send what waits */
};

#endif
