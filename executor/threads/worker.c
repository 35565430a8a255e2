/* SPDX-License-Identifier: Apache-2.0 */
#include "worker.h"

#include <actor/system.h>

ACTOR_LOCAL_TYPE(work_type, struct work);
const struct actor_type work_done_type = {.name = "struct work done", .size = sizeof(struct work)};

struct worker {
        struct actor *self;
};

static void run_jobs(void *body)
{
        const struct work *work = body;
        for (struct job *job = work->first; job != NULL; job = job->next)
                job_run(job);
}

static int on_work(struct worker *w, const struct actor_mail *mail, const struct work *work)
{
        struct work *done = actor_msg_new(&work_done_type);
        done->first = work->first;
        done->worker = actor_self(mail->self);
        actor_run_blocking(mail->self, run_jobs, done);
        return 0;
}

static int on_done(struct worker *w, const struct actor_mail *mail, const struct work *work)
{
        actor_send(mail->self, actor_parent(mail->self), actor_msg_ref(work));
        return 0;
}

ACTOR_BIND(on_work, struct worker, struct work)
ACTOR_BIND(on_done, struct worker, struct work)

static const struct actor_handler handlers[] = {
        {&work_type, on_work_bound, ACTOR_FROM_PARENT},
        {&work_done_type, on_done_bound, ACTOR_FROM_SELF | ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

const struct actor_class worker_class = {
        .name = "thread-worker",
        .state_size = sizeof(struct worker),
        .handlers = handlers,
};
