/* SPDX-License-Identifier: Apache-2.0 */
#include "files/files.h"

#include "files/path.h"
#include "files/reading.h"
#include "registration/messages.h"
#include <actor/memory.h>
#include <actor/system.h>
#include <errno.h>

struct files {
        struct files_config config;
        char *agent_id; /* NULL until registered once */
};

struct files_job {
        const AgentApi__Call *call; /* held */
        struct actor_asker asker;
        const char *work_dir;
        struct files_path path;
        AgentApi__Response *answer; /* ours until it is sent */
        int result;
        struct actor_error error;
};

static void files_job_fini(void *body)
{
        actor_msg_unref(((struct files_job *) body)->answer);
}

static const struct actor_type files_job_type = {
        .name = "agent.files_job", .size = sizeof(struct files_job), .fini = files_job_fini};

static void refuse(struct actor *self, struct actor_asker asker, const char *why)
{
        Troupe__OperatorResult *result = actor_msg_new(&operator_result_type);
        result->done = false;
        result->message = actor_msg_strdup(result, why);
        actor_reply_to(self, asker, result);
}

/* The path a call asks for; NULL if it is no call for this room. */
static const char *call_path(const AgentApi__Call *call)
{
        if (call->type == AGENT_API__CALL__TYPE__LIST_FILES && call->list_files)
                return call->list_files->path;
        if (call->type == AGENT_API__CALL__TYPE__READ_FILE && call->read_file)
                return call->read_file->path;
        return NULL;
}

static void files_work(void *body)
{
        struct files_job *job = body;
        const char *shown = call_path(job->call);
        if (job->call->type == AGENT_API__CALL__TYPE__LIST_FILES)
                job->result = files_list(job->work_dir, &job->path, shown, job->answer, &job->error);
        else
                job->result = files_read(job->work_dir, &job->path, shown, job->call->read_file, job->answer,
                                         &job->error);
}

static int on_call(struct files *f, const struct actor_mail *mail, const AgentApi__Call *msg)
{
        const char *path = call_path(msg);
        struct files_path parsed;
        struct actor_error error;
        if (path == NULL) {
                refuse(mail->self, actor_asker(mail),
                       "expected a LIST_FILES or READ_FILE call with its path");
                return 0;
        }
        if (files_path_parse(path, f->config.work_dir, f->agent_id, &parsed, &error) != 0) {
                refuse(mail->self, actor_asker(mail), error.text);
                return 0;
        }
        struct files_job *job = actor_msg_new(&files_job_type);
        actor_msg_hold(job, msg);
        job->call = msg;
        job->asker = actor_asker(mail);
        job->work_dir = f->config.work_dir;
        job->path = parsed;
        job->answer = actor_msg_new(&agent_response_type);
        actor_run_blocking(mail->self, files_work, job);
        return 0;
}

static int on_job(struct files *f, const struct actor_mail *mail, const struct files_job *job)
{
        if (job->result != 0)
                refuse(mail->self, job->asker, job->error.text);
        else
                actor_reply_to(mail->self, job->asker, actor_msg_ref(job->answer));
        return 0;
}

static int on_session(struct files *f, const struct actor_mail *mail, const struct agent_session *msg)
{
        actor_freep(&f->agent_id);
        f->agent_id = msg->agent_id ? actor_strdup(msg->agent_id) : NULL;
        return 0;
}

ACTOR_BIND(on_call, struct files, AgentApi__Call)
ACTOR_BIND(on_job, struct files, struct files_job)
ACTOR_BIND(on_session, struct files, struct agent_session)

static const struct actor_handler handlers[] = {
        {&agent_call_type, on_call_bound, ACTOR_FROM_LOCAL | ACTOR_FROM_REMOTE},
        {&files_job_type, on_job_bound, ACTOR_FROM_SELF},
        {&agent_session_type, on_session_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static int files_init(void *state, struct actor *self, const void *config)
{
        ((struct files *) state)->config = *(const struct files_config *) config;
        return 0;
}

static void files_fini(void *state)
{
        actor_freep(&((struct files *) state)->agent_id);
}

const struct actor_class files_class = {
        .name = "files",
        .state_size = sizeof(struct files),
        .init = files_init,
        .fini = files_fini,
        .handlers = handlers,
};
