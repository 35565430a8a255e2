/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_REF_H
#define ACTOR_REF_H

#include <actor/api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

ACTOR_API_BEGIN

/* How one actor names another: a small value to copy, compare and store. It owns nothing and
 * stays safe after the actor has ended: sending to it is then a dead letter.
 *
 * `peer` is 0 for an actor of this node, otherwise an index into this node's table of peers; a ref
 * therefore means something only inside the node that made it. Over the wire actors travel as the
 * sender of an envelope, and are turned into a ref of the receiving node on arrival.
 *
 * `generation` starts at a random 64-bit base per node incarnation, so that a ref to an actor of a
 * node that has restarted cannot match an actor of its successor. With generation 0 and a peer,
 * `slot` is an interned name: such a ref means "whoever bears that name there now". */
struct actor_ref {
        uint32_t peer;
        uint32_t slot;
        uint64_t generation;
};

/* The ref that means nobody. */
#ifdef __cplusplus
#define ACTOR_NOBODY (actor_ref{0, 0, 0})
#else
#define ACTOR_NOBODY ((struct actor_ref){0, 0, 0})
#endif

static inline bool actor_ref_is_nobody(struct actor_ref ref)
{
        return ref.peer == 0 && ref.generation == 0;
}

static inline bool actor_ref_equal(struct actor_ref a, struct actor_ref b)
{
        return a.peer == b.peer && a.slot == b.slot && a.generation == b.generation;
}

static inline bool actor_ref_is_remote(struct actor_ref ref)
{
        return ref.peer != 0;
}

/* A textual address: `name@host:port`, `name@[v6]:port` or `name@ipc:/path`; a bare `name` means
 * this node. Names are 1–255 bytes of [A-Za-z0-9._/:~-]. */
#define ACTOR_NAME_MAX 255
#define ACTOR_ENDPOINT_MAX 255

struct actor_address {
        char name[ACTOR_NAME_MAX + 1];
        char endpoint[ACTOR_ENDPOINT_MAX + 1]; /* "tcp://host:port", "ipc://path" or "" for this node */
};

struct actor_error;

/* Parses a textual address into *ret. Pure; any thread. Returns 0, or -EINVAL with a sentence in
 * *error (may be NULL) that names the offending part; *ret is then left alone. */
int actor_address_parse(const char *text, struct actor_address *ret, struct actor_error *error);

ACTOR_API_END

#endif
