/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Files are read from their beginning; for a tail the first answer tells where to begin instead. */
#define PIECE_MAX (64u << 10)
#define ANSWER_TIMEOUT_MS 10000

struct reading {
        struct actor_ref files;
        char *path;
        size_t size_max;
        bool tail;
        bool placed; /* the first answer has told the file's size, and with it where to begin */
        uint64_t offset;
        char *data;
        size_t size, data_max;
        sandbox_done_fn done;
        void *arg;
};

char *sandbox_task_path(const char *framework_id, const char *task_id, const char *name)
{
        return actor_asprintf("/framework/%s/executor/%s/latest/%s", framework_id, task_id, name);
}

static void finish(struct troupe_scheduler *s, struct reading *reading, const char *error)
{
        reading->done(s, reading->arg, reading->data != NULL ? reading->data : "", reading->size, error);
        free(reading->data);
        free(reading->path);
        free(reading);
}

static void on_piece(struct troupe_scheduler *s, const struct actor_mail *mail, const void *body, void *arg);

static void ask_piece(struct troupe_scheduler *s, struct reading *reading)
{
        AgentApi__Call *call = actor_msg_new(&agent_call_type);
        AgentApi__Call__ReadFile *read = actor_msg_alloc(call, sizeof *read);
        size_t left = reading->size_max - reading->size;
        *read = (AgentApi__Call__ReadFile) AGENT_API__CALL__READ_FILE__INIT;
        read->path = actor_msg_strdup(call, reading->path);
        read->offset = reading->offset;
        read->has_length = true;
        read->length = left < PIECE_MAX ? left : PIECE_MAX;
        call->has_type = true;
        call->type = AGENT_API__CALL__TYPE__READ_FILE;
        call->read_file = read;
        troupe_scheduler_ask(s, reading->files, call, ANSWER_TIMEOUT_MS, on_piece, reading);
}

static void append(struct reading *reading, const ProtobufCBinaryData *piece)
{
        size_t left = reading->size_max - reading->size;
        size_t size = piece->len < left ? piece->len : left;
        while (reading->data_max < reading->size + size + 1) {
                reading->data_max = reading->data_max ? reading->data_max * 2 : 4096;
                reading->data = actor_realloc_array(reading->data, reading->data_max, 1);
        }
        if (size > 0)
                memcpy(reading->data + reading->size, piece->data, size);
        reading->size += size;
        reading->offset += size;
}

static const char *reply_problem(const struct actor_mail *mail, const void *body)
{
        if (body == NULL)
                return mail->error == -ETIMEDOUT ? "the agent does not answer" : "the agent cannot be reached";
        if (actor_msg_type(body) == &operator_result_type)
                return ((const Troupe__OperatorResult *) body)->message;
        if (actor_msg_type(body) != &agent_response_type || ((const AgentApi__Response *) body)->read_file == NULL)
                return "the agent's answer is no file";
        return NULL;
}

static void on_piece(struct troupe_scheduler *s, const struct actor_mail *mail, const void *body, void *arg)
{
        struct reading *reading = arg;
        const char *problem = reply_problem(mail, body);
        if (problem != NULL || body == NULL) {
                finish(s, reading, problem != NULL ? problem : "no answer");
                return;
        }
        const AgentApi__Response__ReadFile *file = ((const AgentApi__Response *) body)->read_file;
        if (!reading->placed) {
                reading->placed = true;
                if (reading->tail && file->size > reading->size_max) {
                        reading->offset = file->size - reading->size_max;
                        ask_piece(s, reading);
                        return;
                }
        }
        append(reading, &file->data);
        if (file->data.len == 0 || reading->size >= reading->size_max || reading->offset >= file->size)
                finish(s, reading, NULL);
        else
                ask_piece(s, reading);
}

/* An endpoint that is none gives nobody, of whom the ask then says so: later, not from within the call. */
static struct actor_ref resolve(struct troupe_scheduler *s, const char *endpoint)
{
        struct actor_ref ref = ACTOR_NOBODY;
        CLEANUP(actor_freep) char *address = actor_asprintf("files@%s", endpoint);
        if (actor_node_resolve(actor_node(troupe_scheduler_self(s)), address, &ref, NULL) != 0)
                return ACTOR_NOBODY;
        return ref;
}

void sandbox_read(struct troupe_scheduler *s, const struct sandbox_file *file, sandbox_done_fn done, void *arg)
{
        assert(file->size_max > 0);
        struct reading *reading = actor_zalloc(sizeof *reading);
        reading->files = resolve(s, file->endpoint);
        reading->path = actor_strdup(file->path);
        reading->size_max = file->size_max;
        reading->tail = file->tail;
        reading->done = done;
        reading->arg = arg;
        ask_piece(s, reading);
}
