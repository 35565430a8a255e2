/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <actor/curve.h>
#include <actor/error.h>
#include <actor/flags.h>
#include <stdbool.h>

/* What every command ends with; `troupe help exit-codes` prints them. */
enum cli_exit {
        CLI_OK = 0,          /* done, and the answer is yes */
        CLI_NO = 1,          /* done, and the answer is no: a task failed, nothing of that name */
        CLI_USAGE = 2,       /* the command line is wrong; nothing was done */
        CLI_UNREACHABLE = 3, /* no master (or agent) answered at that address */
};

/* A built-in command: one file in commands/, one row in commands.def. */
struct cli_command {
        const char *name;
        const char *summary;                     /* one line of `troupe help` */
        const struct actor_flag_set *flags;      /* NULL: it parses its own arguments */
        int (*run)(int argc, char **argv);       /* argv[0] is the command's name; returns enum cli_exit */
};

/* All built-in commands, ended by a NULL name. */
extern const struct cli_command cli_commands[];

#define COMMAND(name, summary)                                                                            \
        extern const struct actor_flag_set name##_flags;                                                  \
        int name##_run(int argc, char **argv);
#include "commands.def"

/* The flags most commands share, as the first rows of their own list. */
#define CLI_COMMON_FLAGS(FLAG)                                                                            \
        FLAG(master, string, "127.0.0.1:5050", "", "Address of a master, host:port.")                     \
        ACTOR_CURVE_FLAGS(FLAG)                                                                           \
        FLAG(json, bool, "false", "", "Print JSON for programs instead of a table.")                      \
        FLAG(timeout, duration, "10secs", ">=1ms", "Longest wait for an answer.")

/* From a command's list macro: the struct `NAME_flags`, its table and its flag set. */
#define CLI_FLAG_FIELD(field, type, def, accepts, help) flag_##type field;
#define CLI_FLAG_ROW(field, type, def, accepts, help)                                                     \
        {#field, offsetof(struct flags, field), FLAG_##type, def, accepts, help},
#define CLI_FLAG_SET(symbol, list, program_name, purpose_text, arguments_text)                            \
        struct flags {                                                                                    \
                list(CLI_FLAG_FIELD)                                                                      \
        };                                                                                                \
        static const struct actor_flag symbol##_table[] = {list(CLI_FLAG_ROW) ACTOR_FLAG_END};            \
        const struct actor_flag_set symbol = {                                                            \
                .program = program_name,                                                                  \
                .purpose = purpose_text,                                                                  \
                .env_prefix = "TROUPE_",                                                                  \
                .arguments = arguments_text,                                                              \
                .flags = symbol##_table,                                                                  \
        };

/* Parses a command's flags. True: go on, *rest is the first argument. False: *exit is what to return
 * (help, version or manual page was printed, or the sentence of what was wrong, to standard error). */
bool cli_parse(const struct actor_flag_set *set, int argc, char **argv, void *flags, int *rest, int *exit);

/* Prints "troupe COMMAND: sentence" on standard error and returns `code`. */
int cli_fail(int code, const char *command, const char *format, ...) ACTOR_PRINTF(3, 4);

/* Prints one JSON object on a line of its own; the arguments are json_pack()'s. */
void cli_print_object(const char *format, ...);

#endif
