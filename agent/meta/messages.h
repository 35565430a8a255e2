/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_META_MESSAGES_H
#define AGENT_META_MESSAGES_H

#include <actor/message.h>
#include <actor/store.h>

/* Asks "meta" to change the durable records. Keys and values lie in the message or in one it holds.
 * An ask is answered by meta_committed when the changes are synced; a plain send is for changes that
 * may be lost in a crash (they are applied, in order, with the next batch). */
struct meta_commit {
        size_t count;
        const struct actor_store_change *changes;
};
extern const struct actor_type meta_commit_type;

struct meta_committed {
        int error;        /* 0 or -errno */
        const char *text; /* with an error: the sentence */
};
extern const struct actor_type meta_committed_type;

#endif
