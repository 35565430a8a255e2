/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/batch.h"

#include <actor/curve.h>
#include <actor/flags.h>
#include <actor/log.h>
#include <actor/memory.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct batch_flags {
#define FLAG(field, type, def, accepts, help) flag_##type field;
#include "flags.def"
};

static const struct actor_flag flag_table[] = {
#define FLAG(field, type, def, accepts, help) \
        {#field, offsetof(struct batch_flags, field), FLAG_##type, def, accepts, help},
#include "flags.def"
        ACTOR_FLAG_END};

static const struct actor_flag_set flag_set = {
        .program = "troupe-batch",
        .purpose = "Runs the tasks of a job file on the cluster in the order of their dependencies and shows "
                   "what ran "
                   "where. Exit codes: 0 all done, 1 some tasks failed, 2 usage or an invalid job file, 3 no "
                   "master or "
                   "refused by it, 4 nothing could be started for --timeout, 130 interrupted.",
        .env_prefix = "TROUPE_BATCH_",
        .arguments = "JOBFILE",
        .flags = flag_table,
};

/* The file's text, at most one byte more than a job may have: enough for job_read() to refuse it. */
static int read_text(const char *path, char **ret, size_t *ret_size, struct actor_error *error)
{
        FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
        if (file == NULL)
                return actor_error_set(error, -errno, "cannot open %s: %s", path, strerror(errno));
        char *text = NULL;
        size_t size = 0, got;
        do {
                text = actor_realloc_array(text, size + 65536, 1);
                got = fread(text + size, 1, 65536, file);
                size += got;
        } while (got > 0 && size <= JOB_SIZE_MAX);
        int r = ferror(file) ? actor_error_set(error, -EIO, "cannot read %s", path) : 0;
        if (file != stdin)
                fclose(file);
        if (r != 0) {
                free(text);
                return r;
        }
        *ret = text;
        *ret_size = size;
        return 0;
}

static int read_job(const char *path, struct job **ret, struct actor_error *error)
{
        CLEANUP(actor_freep) char *text = NULL;
        size_t size = 0;
        int r = read_text(path, &text, &size, error);
        if (r != 0)
                return r;
        r = job_read(text, size, ret, error);
        return r != 0 ? actor_error_prefix(error, r, "%s", path) : 0;
}

static int run_job(const struct batch_flags *flags, const struct job *job, struct actor_error *error)
{
        struct console console;
        struct batch *batch = NULL;
        console_init(&console, "troupe-batch", stdout, stderr, flags->json);
        struct batch_config config = {.master = flags->master,
                                      .curve_key = flags->curve_key,
                                      .curve_server_key = flags->curve_server_key,
                                      .role = flags->role,
                                      .user = flags->user,
                                      .job = job,
                                      .output = flags->output,
                                      .timeout_ms = flags->timeout / 1000000,
                                      .connect_timeout_ms = flags->connect_timeout / 1000000,
                                      .console = &console,
                                      .interrupt_fd = interrupt_open(),
                                      .log = actor_log_new(STDERR_FILENO, ACTOR_LOG_WARN, false)};
        int r = batch_new(&config, &batch, error);
        if (r == 0) {
                troupe_scheduler_run(batch_driver(batch));
                r = batch_result(batch);
        } else {
                fprintf(stderr, "troupe-batch: %s\n", error->text);
                r = BATCH_EXIT_USAGE;
        }
        batch_free(batch);
        actor_log_free(config.log);
        return r;
}

static int run_file(const struct batch_flags *flags, const char *path)
{
        struct actor_error error = {""};
        struct job *job = NULL;
        if (path == NULL || read_job(path, &job, &error) != 0) {
                fprintf(stderr, "troupe-batch: %s\n",
                        path != NULL ? error.text : "no job file: troupe batch JOBFILE");
                return BATCH_EXIT_USAGE;
        }
        int r = 0;
        if (flags->check)
                printf("%s: %zu tasks, valid\n", path, job->task_count);
        else
                r = run_job(flags, job, &error);
        job_done(job);
        return r;
}

/* People write flags behind the file too. The first parse finds the file; it is then moved to the end, and
 * all is parsed again. */
static int parse(int argc, char **argv, struct batch_flags *flags, const char **ret_path,
                 struct actor_error *error)
{
        int rest = 0;
        int r = actor_flags_parse(&flag_set, argc, argv, flags, &rest, error);
        if (r != 0)
                return r;
        if (rest >= argc) {
                actor_flags_done(&flag_set, flags);
                return actor_error_set(error, -EINVAL, "no job file: troupe batch JOBFILE");
        }
        *ret_path = argv[rest];
        if (rest == argc - 1)
                return 0;
        actor_flags_done(&flag_set, flags);
        memmove(argv + rest, argv + rest + 1, (size_t) (argc - rest - 1) * sizeof *argv);
        argv[argc - 1] = (char *) (uintptr_t) *ret_path;
        r = actor_flags_parse(&flag_set, argc, argv, flags, &rest, error);
        if (r == 0 && rest < argc - 1) {
                actor_flags_done(&flag_set, flags);
                return actor_error_set(error, -EINVAL, "one job file, not also \"%s\"", argv[rest]);
        }
        return r;
}

int main(int argc, char **argv)
{
        struct batch_flags flags;
        struct actor_error error = {""};
        const char *path = NULL;
        int r = parse(argc, argv, &flags, &path, &error);
        if (!actor_flags_answer(&flag_set, r, TROUPE_VERSION) && r != 0)
                fprintf(stderr, "troupe-batch: %s\n", error.text);
        if (r != 0)
                return r > 0 ? 0 : BATCH_EXIT_USAGE;
        r = run_file(&flags, path);
        actor_flags_done(&flag_set, &flags);
        return r;
}
