/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

const struct cli_command cli_commands[] = {
#define COMMAND(name, summary) {#name, summary, &name##_flags, name##_run},
#include "commands.def"
        {NULL, NULL, NULL, NULL},
};

bool cli_parse(const struct actor_flag_set *set, int argc, char **argv, void *flags, int *rest, int *exit)
{
        struct actor_error error;
        int r = actor_flags_parse(set, argc, argv, flags, rest, &error);
        if (r == 0)
                return true;
        *exit = CLI_OK;
        if (!actor_flags_answer(set, r, TROUPE_VERSION)) {
                fprintf(stderr, "%s: %s\n", set->program, error.text);
                *exit = CLI_USAGE;
        }
        return false;
}

int cli_fail(int code, const char *command, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        fprintf(stderr, "troupe %s: ", command);
        vfprintf(stderr, format, args);
        fputc('\n', stderr);
        va_end(args);
        return code;
}

void cli_print_object(const char *format, ...)
{
        json_error_t error;
        va_list args;
        va_start(args, format);
        json_t *object = json_vpack_ex(&error, 0, format, args);
        va_end(args);
        json_dumpf(object, stdout, JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(object);
}
