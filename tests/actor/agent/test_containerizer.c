/* SPDX-License-Identifier: Apache-2.0 */
/* The posix containerizer with real processes on a real node. */
#include "containerizer/containerizer.h"
#include "containerizer/messages.h"
#include <actor/memory.h>
#include <actor/node.h>
#include <check_main.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs one command in a container and answers whoever asked once it has ended. */
struct runner {
        struct actor_ref containerizer;
        struct actor_asker asker;
        pid_t pid;
};

struct run {
        const char *command, *directory;
        bool destroy; /* as soon as it runs */
};
static ACTOR_LOCAL_TYPE(run_type, struct run);

struct ran {
        pid_t pid;
        int status;
        const char *error;
};
static ACTOR_LOCAL_TYPE(ran_type, struct ran);

static void answer(struct runner *r, struct actor *self, int status, const char *error)
{
        struct ran *ran = actor_msg_new(&ran_type);
        ran->pid = r->pid;
        ran->status = status;
        ran->error = error ? actor_msg_strdup(ran, error) : NULL;
        actor_reply_to(self, r->asker, ran);
}

static int on_launched(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct runner *r = state;
        const struct container_launched *launched = body;
        ck_assert_ptr_nonnull(launched);
        r->pid = launched->pid;
        if (launched->error)
                answer(r, mail->self, -1, launched->error);
        if (arg && launched->pid > 0) {
                struct container_destroy *destroy = actor_msg_new(&container_destroy_type);
                destroy->container_id = "c1";
                actor_send(mail->self, r->containerizer, destroy);
        }
        return 0;
}

static const char *run_directory;
static const char *run_command;
static bool run_destroy;

static int on_prepared(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct runner *r = state;
        const struct container_prepared *prepared = body;
        ck_assert_ptr_nonnull(prepared);
        if (prepared->errors[0]) {
                answer(r, mail->self, -1, prepared->errors[0]);
                return 0;
        }
        static const char *const environment[] = {"PATH=/usr/bin:/bin", "MARK=here", NULL};
        static const struct actor_process_rlimit limit = {RLIMIT_CORE, {0, 0}};
        struct container_launch *launch = actor_msg_new(&container_launch_type);
        const char **argv = actor_msg_alloc(launch, 4 * sizeof *argv);
        argv[0] = "/bin/sh";
        argv[1] = "-c";
        argv[2] = run_command;
        launch->container_id = "c1";
        launch->directory = run_directory;
        launch->argv = argv;
        launch->environment = environment;
        launch->rlimits = &limit;
        launch->rlimit_count = 1;
        actor_ask(mail->self, r->containerizer, launch, 60000, on_launched, run_destroy ? r : NULL);
        return 0;
}

static int on_run(void *state, const struct actor_mail *mail, const void *body)
{
        struct runner *r = state;
        r->asker = actor_asker(mail);
        struct container_prepare *prepare = actor_msg_new(&container_prepare_type);
        struct container_sandbox *sandbox = actor_msg_alloc(prepare, sizeof *sandbox);
        sandbox->directory = run_directory;
        prepare->count = 1;
        prepare->sandboxes = sandbox;
        actor_ask(mail->self, r->containerizer, prepare, 60000, on_prepared, NULL);
        return 0;
}

static int on_exited(void *state, const struct actor_mail *mail, const void *body)
{
        const struct container_exited *exited = body;
        ck_assert_str_eq(exited->container_id, "c1");
        answer(state, mail->self, exited->status, NULL);
        return 0;
}

static int runner_init(void *state, struct actor *self, const void *config)
{
        ((struct runner *) state)->containerizer = *(const struct actor_ref *) config;
        return 0;
}

static const struct actor_handler runner_handlers[] = {
        {&run_type, on_run, ACTOR_FROM_ANY},
        {&container_exited_type, on_exited, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static const struct actor_class runner_class = {
        .name = "runner",
        .state_size = sizeof(struct runner),
        .init = runner_init,
        .handlers = runner_handlers,
};

static char folder[64];

/* Runs `command` in folder/runs/c1; the answer is the caller's. */
static struct ran *run(const char *command, bool destroy)
{
        const struct actor_node_config config = {.workers = 2};
        struct actor_node *node;
        struct actor_ref containerizer, runner;
        void *ran = NULL;
        static char directory[128];
        snprintf(directory, sizeof directory, "%s/runs/c1", folder);
        run_directory = directory;
        run_command = command;
        run_destroy = destroy;
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        ck_assert_int_eq(actor_node_spawn(node, &containerizer_posix_class, NULL, NULL, &containerizer), 0);
        ck_assert_int_eq(actor_node_spawn(node, &runner_class, NULL, &containerizer, &runner), 0);
        ck_assert_int_eq(actor_node_ask(node, runner, actor_msg_new(&run_type), 60000, &ran), 0);
        actor_node_free(node);
        return ran;
}

static void folder_make(void)
{
        snprintf(folder, sizeof folder, "/tmp/troupe-container-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void folder_remove(void)
{
        CLEANUP(actor_freep) char *command = actor_asprintf("rm -rf %s", folder);
        ck_assert_int_eq(system(command), 0);
}

static bool holds(const char *name, const char *text)
{
        CLEANUP(actor_freep)
        char *command = actor_asprintf("grep -qx -e '%s' %s/runs/latest/%s", text, folder, name);
        return system(command) == 0;
}

START_TEST(a_process_runs_in_its_sandbox_with_its_environment_and_logs)
{
        struct ran *ran = run("pwd; echo $MARK; ulimit -c; echo oops >&2; exit 7", false);
        ck_assert_ptr_null(ran->error);
        ck_assert_int_eq(WEXITSTATUS(ran->status), 7);
        CLEANUP(actor_freep) char *directory = actor_asprintf("%s/runs/c1", folder);
        ck_assert(holds("stdout", directory));
        ck_assert(holds("stdout", "here"));
        ck_assert(holds("stdout", "0"));
        ck_assert(holds("stderr", "oops"));
        actor_msg_unref(ran);
}
END_TEST

START_TEST(a_process_leads_its_own_session_and_group)
{
        struct ran *ran = run("ps -o pid=,pgid=,sid= -p $$ | (read a b c; test $a = $b -a $a = $c)", false);
        ck_assert_int_eq(ran->status, 0);
        actor_msg_unref(ran);
}
END_TEST

/* The group's processes hold the write end of a pipe: it ends with the last of them. */
static void run_until_all_are_gone(const char *command, bool destroy, struct ran **ret)
{
        CLEANUP(actor_freep) char *path = actor_asprintf("%s/fifo", folder);
        ck_assert_int_eq(mkfifo(path, 0600), 0);
        int fd = open(path, O_RDONLY | O_NONBLOCK);
        ck_assert_int_ge(fd, 0);
        CLEANUP(actor_freep) char *held = actor_asprintf("exec 9>%s; echo x >&9; %s", path, command);
        int own = open(path,
                       O_WRONLY | O_CLOEXEC); /* so that there is an end even if the command never got here */
        *ret = run(held, destroy);
        close(own);
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        char bytes[8];
        do
                ck_assert_int_eq(poll(&wait, 1, 60000), 1);
        while (read(fd, bytes, sizeof bytes) != 0);
        close(fd);
}

/* mission: X4 */
START_TEST(destroying_a_container_kills_its_whole_group)
{
        struct ran *ran;
        run_until_all_are_gone("sleep 1000 & sleep 1000", true, &ran);
        ck_assert(WIFSIGNALED(ran->status) && WTERMSIG(ran->status) == SIGKILL);
        actor_msg_unref(ran);
}
END_TEST

START_TEST(what_a_process_leaves_behind_is_killed_with_it)
{
        struct ran *ran;
        run_until_all_are_gone("sleep 1000 & exit 0", false, &ran);
        ck_assert_int_eq(ran->status, 0);
        actor_msg_unref(ran);
}
END_TEST

START_TEST(a_log_replaced_by_a_symlink_is_refused)
{
        CLEANUP(actor_freep)
        char *command = actor_asprintf("mkdir -p %s/runs/c1 && ln -s /tmp/elsewhere %s/runs/c1/stdout",
                                       folder, folder);
        ck_assert_int_eq(system(command), 0);
        struct ran *ran = run("true", false);
        ck_assert_ptr_nonnull(ran->error);
        ck_assert_ptr_nonnull(strstr(ran->error, "stdout"));
        actor_msg_unref(ran);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, folder_make, folder_remove);
        tcase_add_test(tcase, a_process_runs_in_its_sandbox_with_its_environment_and_logs);
        tcase_add_test(tcase, a_process_leads_its_own_session_and_group);
        tcase_add_test(tcase, destroying_a_container_kills_its_whole_group);
        tcase_add_test(tcase, what_a_process_leaves_behind_is_killed_with_it);
        tcase_add_test(tcase, a_log_replaced_by_a_symlink_is_refused);
}

TEST_MAIN("posix containerizer", add_tests)
