/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whatever bytes come as a message's body, actor_msg_unpack() refuses them or makes a message that is
 * nested no deeper than promised and all of which one unref frees. Method: what it makes is packed and
 * unpacked again, and must pack to the same bytes. */
#include "every.pb-c.h"

#include <actor/memory.h>
#include <actor/message.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ACTOR_PROTO_TYPE(every_type, "fuzz.Every", Fuzz__Every, fuzz__every__descriptor);

/* Fields that the type does not know are put aside: protobuf-c takes one numbered 0 in a longer form than it
 * writes, and not in that. */
static void check_depth(Fuzz__Every *every, unsigned left)
{
        every->base.n_unknown_fields = 0;
        if (every->child != NULL || every->n_children > 0 || every->one_case == FUZZ__EVERY__ONE_CHOSEN)
                assert(left > 0);
        if (every->child != NULL)
                check_depth(every->child, left - 1);
        for (size_t i = 0; i < every->n_children; i++)
                check_depth(every->children[i], left - 1);
        if (every->one_case == FUZZ__EVERY__ONE_CHOSEN)
                check_depth(every->chosen, left - 1);
}

static uint8_t *pack(const ProtobufCMessage *message, size_t *ret_size)
{
        *ret_size = protobuf_c_message_get_packed_size(message);
        uint8_t *bytes = actor_malloc(*ret_size + 1);
        size_t written = protobuf_c_message_pack(message, bytes);
        assert(written == *ret_size);
        return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        Fuzz__Every *message = actor_msg_unpack(&every_type, data, size);
        if (message == NULL)
                return 0;
        check_depth(message, ACTOR_NESTING_MAX);
        size_t first_size, second_size;
        uint8_t *first = pack(&message->base, &first_size);
        Fuzz__Every *again = actor_msg_unpack(&every_type, first, first_size);
        assert(again != NULL);
        uint8_t *second = pack(&again->base, &second_size);
        assert(first_size == second_size && memcmp(first, second, first_size) == 0);
        free(first);
        free(second);
        actor_msg_unref(message);
        actor_msg_unref(again);
        return 0;
}
