/* SPDX-License-Identifier: Apache-2.0 */
/* posix.c — a container is a process group.
 *
 * Directories and files are made on the blocking pool; the process is started here, where its end
 * is reported. A process is not killed when the agent dies: an executor finds that out by its broken
 * connection and ends its tasks with all they started, which a SIGKILL would leave behind. When the first
 * process has ended, what is left of its group is killed, so that an executor cannot leave processes behind
 * by accident (one that means to can; cgroups end that). */
#include "containerizer/containerizer.h"

#include "containerizer/messages.h"
#include "containerizer/sandbox.h"
#include <actor/hash_table.h>
#include <actor/log.h>
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

ACTOR_LOCAL_TYPE(container_prepare_type, struct container_prepare);
ACTOR_LOCAL_TYPE(container_prepared_type, struct container_prepared);
ACTOR_LOCAL_TYPE(container_launch_type, struct container_launch);
ACTOR_LOCAL_TYPE(container_launched_type, struct container_launched);
ACTOR_LOCAL_TYPE(container_adopt_type, struct container_adopt);
ACTOR_LOCAL_TYPE(container_destroy_type, struct container_destroy);
ACTOR_LOCAL_TYPE(container_exited_type, struct container_exited);

struct container {
        char *id;
        pid_t pid;
        struct actor_ref owner; /* hears of the end */
        UT_hash_handle by_id, by_pid;
};

struct posix {
        struct container *containers_by_id, *containers_by_pid;
};

/* ---- preparing --------------------------------------------------------------------------------- */

struct prepare_job {
        const struct container_prepare *request; /* held */
        struct actor_asker asker;
        struct container_prepared *answer; /* ours until it is sent */
};

static void prepare_job_fini(void *body)
{
        actor_msg_unref(((struct prepare_job *) body)->answer);
}

static const struct actor_type prepare_job_type = {
        .name = "agent.prepare_job", .size = sizeof(struct prepare_job), .fini = prepare_job_fini};

static void prepare_work(void *body)
{
        struct prepare_job *job = body;
        const char *user = NULL;
        struct sandbox_owner owner = {(uid_t) -1, (gid_t) -1};
        for (size_t i = 0; i < job->request->count; i++) {
                const struct container_sandbox *sandbox = &job->request->sandboxes[i];
                struct actor_error error;
                int r = 0;
                /* Tasks of a batch mostly have one user: look each up once in a row. */
                if (user == NULL || sandbox->user == NULL || strcmp(user, sandbox->user) != 0)
                        r = sandbox_owner(sandbox->user, &owner, &error);
                user = r == 0 ? sandbox->user : NULL;
                if (r == 0)
                        r = sandbox_make(sandbox->directory, owner, &error);
                if (r != 0)
                        job->answer->errors[i] = actor_msg_strdup(job->answer, error.text);
        }
}

static int on_prepare(struct posix *p, const struct actor_mail *mail, const struct container_prepare *msg)
{
        struct prepare_job *job = actor_msg_new(&prepare_job_type);
        actor_msg_hold(job, msg);
        job->request = msg;
        job->asker = actor_asker(mail);
        job->answer = actor_msg_new(&container_prepared_type);
        actor_msg_hold(job->answer, msg);
        job->answer->count = msg->count;
        job->answer->sandboxes = msg->sandboxes;
        job->answer->errors = actor_msg_alloc(job->answer, (msg->count + 1) * sizeof *job->answer->errors);
        actor_run_blocking(mail->self, prepare_work, job);
        return 0;
}

static int on_prepared(struct posix *p, const struct actor_mail *mail, const struct prepare_job *job)
{
        actor_reply_to(mail->self, job->asker, actor_msg_ref(job->answer));
        return 0;
}

/* ---- launching --------------------------------------------------------------------------------- */

struct launch_job {
        const struct container_launch *request; /* held */
        struct actor_asker asker;
        int stdout_fd, stderr_fd;
        int result;
        struct actor_error error;
};

static void launch_job_fini(void *body)
{
        struct launch_job *job = body;
        actor_closep(&job->stdout_fd);
        actor_closep(&job->stderr_fd);
}

static const struct actor_type launch_job_type = {
        .name = "agent.launch_job", .size = sizeof(struct launch_job), .fini = launch_job_fini};

static void launch_work(void *body)
{
        struct launch_job *job = body;
        const struct container_launch *request = job->request;
        struct sandbox_owner owner;
        int r = sandbox_owner(request->user, &owner, &job->error);
        if (r == 0)
                r = sandbox_open_log(request->directory, "stdout", owner, &job->stdout_fd, &job->error);
        if (r == 0)
                r = sandbox_open_log(request->directory, "stderr", owner, &job->stderr_fd, &job->error);
        job->result = r;
}

static int on_launch(struct posix *p, const struct actor_mail *mail, const struct container_launch *msg)
{
        struct launch_job *job = actor_msg_new(&launch_job_type);
        actor_msg_hold(job, msg);
        job->request = msg;
        job->asker = actor_asker(mail);
        job->stdout_fd = job->stderr_fd = -1;
        actor_run_blocking(mail->self, launch_work, job);
        return 0;
}

static struct container *container_find(struct posix *p, const char *id)
{
        struct container *container;
        HASH_FIND(by_id, p->containers_by_id, id, strlen(id), container);
        return container;
}

static void container_add(struct posix *p, const char *id, pid_t pid, struct actor_ref owner)
{
        struct container *container = actor_zalloc(sizeof *container);
        container->id = actor_strdup(id);
        container->pid = pid;
        container->owner = owner;
        HASH_ADD_KEYPTR(by_id, p->containers_by_id, container->id, strlen(container->id), container);
        HASH_ADD(by_pid, p->containers_by_pid, pid, sizeof container->pid, container);
}

static void container_remove(struct posix *p, struct container *container)
{
        HASH_DELETE(by_id, p->containers_by_id, container);
        HASH_DELETE(by_pid, p->containers_by_pid, container);
        actor_freep(&container->id);
        actor_freep(&container);
}

static void launched(struct actor *self, struct actor_asker asker, pid_t pid, const char *error)
{
        struct container_launched *answer = actor_msg_new(&container_launched_type);
        answer->pid = pid;
        answer->error = error ? actor_msg_strdup(answer, error) : NULL;
        actor_reply_to(self, asker, answer);
}

static int start(struct actor *self, const struct launch_job *job, pid_t *ret, struct actor_error *error)
{
        const struct container_launch *request = job->request;
        const struct actor_process_config config = {
                .argv = request->argv,
                .environment = request->environment,
                .directory = request->directory,
                .stdin_fd = -1,
                .stdout_fd = job->stdout_fd,
                .stderr_fd = job->stderr_fd,
                .pass_fd = -1,
                .new_session = true,
                .user = request->user,
                .rlimits = request->rlimits,
                .rlimit_count = request->rlimit_count,
        };
        return actor_process_start(self, &config, ret, error);
}

static int on_files_open(struct posix *p, const struct actor_mail *mail, const struct launch_job *job)
{
        struct actor_error error = job->error;
        pid_t pid = 0;
        int r = job->result;
        if (r == 0 && container_find(p, job->request->container_id))
                r = actor_error_set(&error, -EEXIST, "container %s runs already", job->request->container_id);
        if (r == 0)
                r = start(mail->self, job, &pid, &error);
        if (r == 0) {
                container_add(p, job->request->container_id, pid, job->asker.from);
                actor_log_debug(mail->self, "containerizer: container %s runs as process %d",
                                job->request->container_id, (int) pid);
        }
        launched(mail->self, job->asker, pid, r == 0 ? NULL : error.text);
        return 0;
}

static int on_adopt(struct posix *p, const struct actor_mail *mail, const struct container_adopt *msg)
{
        int r = container_find(p, msg->container_id) ? -EEXIST : actor_process_adopt(mail->self, msg->pid);
        if (r == 0)
                container_add(p, msg->container_id, msg->pid, mail->from);
        launched(mail->self, actor_asker(mail), r == 0 ? msg->pid : 0, r == 0 ? NULL : strerror(-r));
        return 0;
}

/* ---- ending ------------------------------------------------------------------------------------ */

static int on_destroy(struct posix *p, const struct actor_mail *mail, const struct container_destroy *msg)
{
        struct container *container = container_find(p, msg->container_id);
        if (container)
                actor_process_signal(mail->self, container->pid, SIGKILL, true);
        return 0;
}

static int on_exited(struct posix *p, const struct actor_mail *mail, const struct actor_process_exited *msg)
{
        struct container *container;
        HASH_FIND(by_pid, p->containers_by_pid, &msg->pid, sizeof msg->pid, container);
        if (container == NULL)
                return 0;
        actor_process_signal(mail->self, msg->pid, SIGKILL, true);

        struct container_exited *exited = actor_msg_new(&container_exited_type);
        exited->container_id = actor_msg_strdup(exited, container->id);
        exited->status_known = msg->status_known;
        exited->status = msg->status;
        actor_send(mail->self, container->owner, exited);
        container_remove(p, container);
        return 0;
}

ACTOR_BIND(on_prepare, struct posix, struct container_prepare)
ACTOR_BIND(on_prepared, struct posix, struct prepare_job)
ACTOR_BIND(on_launch, struct posix, struct container_launch)
ACTOR_BIND(on_files_open, struct posix, struct launch_job)
ACTOR_BIND(on_adopt, struct posix, struct container_adopt)
ACTOR_BIND(on_destroy, struct posix, struct container_destroy)
ACTOR_BIND(on_exited, struct posix, struct actor_process_exited)

static const struct actor_handler handlers[] = {
        {&container_prepare_type, on_prepare_bound, ACTOR_FROM_LOCAL},
        {&prepare_job_type, on_prepared_bound, ACTOR_FROM_SELF},
        {&container_launch_type, on_launch_bound, ACTOR_FROM_LOCAL},
        {&launch_job_type, on_files_open_bound, ACTOR_FROM_SELF},
        {&container_adopt_type, on_adopt_bound, ACTOR_FROM_LOCAL},
        {&container_destroy_type, on_destroy_bound, ACTOR_FROM_LOCAL},
        {&actor_process_exited_type, on_exited_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

static void posix_fini(void *state)
{
        struct posix *p = state;
        struct container *container, *next;
        HASH_ITER(by_id, p->containers_by_id, container, next)
        {
                container_remove(p, container);
        }
}

const struct actor_class containerizer_posix_class = {
        .name = "containerizer",
        .state_size = sizeof(struct posix),
        .fini = posix_fini,
        .handlers = handlers,
};
