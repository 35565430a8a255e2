/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "sandbox_command.h"

#include <actor/memory.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CP_FLAGS(FLAG) SANDBOX_FLAGS(FLAG)
CLI_FLAG_SET(cp_flags, CP_FLAGS, "troupe cp", "Copies a file out of a task's sandbox.", "TASK:FILE LOCAL")

/* Copying into a folder keeps the file's own name. */
static char *target_path(const char *file, const char *local)
{
        struct stat status;
        if (stat(local, &status) < 0 || !S_ISDIR(status.st_mode))
                return actor_strdup(local);
        const char *slash = strrchr(file, '/');
        return actor_asprintf("%s/%s", local, slash != NULL ? slash + 1 : file);
}

/* The file appears whole or not at all: written beside, then renamed. */
static int copy_to(struct session *session, const struct sandbox *sandbox, const char *file, const char *target,
                   struct actor_error *error)
{
        CLEANUP(actor_freep) char *partial = actor_asprintf("%s.partial.%d", target, (int) getpid());
        int fd = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0)
                return actor_error_set(error, SESSION_E_REFUSED, "cannot write %s: %s", partial, strerror(errno));
        int r = sandbox_copy(session, sandbox, file, 0, fd, NULL, error);
        if (close(fd) < 0 && r == 0)
                r = actor_error_set(error, SESSION_E_REFUSED, "cannot write %s: %s", partial, strerror(errno));
        if (r == 0 && rename(partial, target) < 0)
                r = actor_error_set(error, SESSION_E_REFUSED, "cannot write %s: %s", target, strerror(errno));
        if (r != 0)
                (void) unlink(partial);
        return r;
}

static int copy(struct session *session, const struct sandbox *sandbox, int argc, char **argv, const void *flags,
                struct actor_error *error)
{
        const char *colon = strchr(argv[0], ':');
        if (colon == NULL || colon[1] == '\0')
                return actor_error_set(error, SESSION_E_REFUSED, "'%s' names no file; TASK:FILE is wanted", argv[0]);
        CLEANUP(actor_freep) char *target = target_path(colon + 1, argv[1]);
        int r = copy_to(session, sandbox, colon + 1, target, error);
        if (r == 0 && ((const struct flags *) flags)->json)
                cli_print_object("{s:s, s:s}", "from", argv[0], "to", target);
        return r;
}

int cp_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&cp_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        struct sandbox_command command = {"cp", SESSION_OF(&flags), flags.framework, 2, 2, copy, &flags};
        exit = sandbox_command_run(&command, argc - rest, argv + rest);
        actor_flags_done(&cp_flags, &flags);
        return exit;
}
