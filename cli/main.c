/* SPDX-License-Identifier: Apache-2.0
 *
 * troupe: dispatches like git. A built-in command first, then `troupe-NAME` beside this program, then
 * on the PATH; so that run, batch and anything a site adds are programs of their own. */
#include "command.h"
#include "session.h"

#include <actor/memory.h>
#include <actor/suggest.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Programs of ours that are commands too, for the overview and for suggestions. */
static const struct {
        const char *name, *summary;
} programs[] = {
        {"batch", "Run a job file: tasks and what each depends on."},
        {"hello", "Run the shortest framework: one task that says hello."},
        {"run", "Run a command on the cluster, once or many times."},
};
#define PROGRAM_COUNT (sizeof programs / sizeof *programs)

static const struct cli_command *find_command(const char *name)
{
        for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
                if (strcmp(command->name, name) == 0)
                        return command;
        return NULL;
}

static int print_overview(FILE *out)
{
        fputs("troupe: runs a cluster as one computer\n\nusage: troupe [--trace] COMMAND [FLAG…] [ARGUMENT…]\n\n", out);
        for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
                fprintf(out, "  %-12s %s\n", command->name, command->summary);
        for (size_t i = 0; i < PROGRAM_COUNT; i++)
                fprintf(out, "  %-12s %s\n", programs[i].name, programs[i].summary);
        fputs("\n`troupe help COMMAND` tells about one of them; `troupe help exit-codes` what they return.\n"
              "With --trace the command's messages are traced; `troupe actors HOST:PORT --trace ID` shows their way.\n"
              "Anything else named troupe-NAME on the PATH is a command too.\n",
              out);
        return out == stdout ? CLI_OK : CLI_USAGE;
}

static int print_exit_codes(void)
{
        puts("0  done, and the answer is yes\n"
             "1  done, and the answer is no: a task failed, or nothing has that name\n"
             "2  the command line is wrong; nothing was done\n"
             "3  no master (or agent) answered at that address");
        return CLI_OK;
}

/* Replaces this process by troupe-NAME; returns only if there is none. */
static void exec_program(char **argv)
{
        char self[PATH_MAX];
        ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
        const char *name = argv[0];
        char *program = actor_asprintf("troupe-%s", name);
        if (size > 0 && strchr(name, '/') == NULL) {
                self[size] = '\0';
                char *slash = strrchr(self, '/');
                char *path = actor_asprintf("%.*s/%s", (int) (slash - self), self, program);
                argv[0] = path;
                execv(path, argv);
                free(path);
        }
        argv[0] = program;
        execvp(program, argv);
        argv[0] = (char *) name;
        free(program);
}

static int unknown_command(const char *name)
{
        const char *known[64];
        size_t count = 0;
        for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
                known[count++] = command->name;
        for (size_t i = 0; i < PROGRAM_COUNT; i++)
                known[count++] = programs[i].name;
        known[count++] = "help";
        known[count] = NULL;
        const char *near = actor_suggest(name, known);
        if (near != NULL)
                fprintf(stderr, "troupe: there is no command '%s', nor a program troupe-%s on the PATH; did you mean '%s'?\n",
                        name, name, near);
        else
                fprintf(stderr, "troupe: there is no command '%s', nor a program troupe-%s on the PATH; see `troupe help`\n",
                        name, name);
        return CLI_USAGE;
}

static int help(const char *about)
{
        if (about == NULL)
                return print_overview(stdout);
        if (strcmp(about, "exit-codes") == 0)
                return print_exit_codes();
        const struct cli_command *command = find_command(about);
        if (command != NULL) {
                actor_flags_print_help(command->flags, stdout);
                return CLI_OK;
        }
        char *argv[] = {(char *) about, "--help", NULL};
        exec_program(argv);
        return unknown_command(about);
}

/* `troupe --trace COMMAND`: what is built in is traced by its session; a program is told by its own flag. */
static void take_trace(int *argc, char ***argv)
{
        if (*argc < 3 || strcmp((*argv)[1], "--trace") != 0)
                return;
        if (find_command((*argv)[2]) != NULL) {
                session_trace();
                (*argc)--;
                (*argv)++;
                return;
        }
        char *flag = (*argv)[1];
        (*argv)[1] = (*argv)[2];
        (*argv)[2] = flag;
}

int main(int argc, char **argv)
{
        setlocale(LC_CTYPE, "");
        take_trace(&argc, &argv);
        if (argc < 2)
                return print_overview(stderr);
        const char *name = argv[1];
        if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
                return help(argc > 2 ? argv[2] : NULL);
        if (strcmp(name, "--version") == 0)
                name = "version";
        const struct cli_command *command = find_command(name);
        if (command != NULL)
                return command->run(argc - 1, argv + 1);
        exec_program(argv + 1);
        if (errno != ENOENT)
                return cli_fail(CLI_USAGE, name, "cannot start: %s", strerror(errno));
        return unknown_command(name);
}
