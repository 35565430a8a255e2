/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <stdio.h>
#include <string.h>

#define KEYGEN_FLAGS(FLAG)                                                                                \
        FLAG(principal, string, NULL, "",                                                                 \
             "Whose key it is: the name under which its holder is let in. Required.")                     \
        FLAG(endpoint, string, NULL, "",                                                                  \
             "For a server's own key: tcp://host:port, as others address it; unset: the key is good for " \
             "all servers.")                                                                              \
        FLAG(json, bool, "false", "", "Print JSON for programs instead of a text.")
CLI_FLAG_SET(keygen_flags, KEYGEN_FLAGS, "troupe keygen",
             "Makes a pair of CURVE keys: FILE, the public certificate, to be copied to where it is allowed "
             "or expected, and "
             "FILE_secret, for its holder alone.",
             "FILE")

static int make(const struct flags *flags, const char *path)
{
        struct actor_certificate certificate;
        struct actor_error error;
        int r = actor_certificate_make(flags->principal, &certificate, &error);
        if (r == 0 && flags->endpoint != NULL)
                r = actor_certificate_set_endpoint(&certificate, flags->endpoint, &error);
        if (r != 0)
                return cli_fail(CLI_USAGE, "keygen", "%s", error.text);
        r = actor_certificate_write(&certificate, path, &error);
        if (r == 0 && flags->json)
                cli_print_object("{s:s, s:s, s:s+}", "principal", flags->principal, "public", path, "secret",
                                 path, "_secret");
        else if (r == 0)
                printf("public   %s\nsecret   %s_secret\n", path, path);
        actor_certificate_wipe(&certificate);
        return r == 0 ? CLI_OK : cli_fail(CLI_NO, "keygen", "%s", error.text);
}

/* The file may also stand before the flags. */
static void move_file_last(int argc, char **argv)
{
        if (argc < 3 || argv[1][0] == '-')
                return;
        char *file = argv[1];
        memmove(argv + 1, argv + 2, (size_t) (argc - 2) * sizeof *argv);
        argv[argc - 1] = file;
}

int keygen_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        move_file_last(argc, argv);
        if (!cli_parse(&keygen_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        if (argc - rest != 1)
                exit = cli_fail(CLI_USAGE, "keygen",
                                "takes one file to be made, not %d; see `troupe help keygen`", argc - rest);
        else if (flags.principal == NULL || flags.principal[0] == '\0')
                exit = cli_fail(CLI_USAGE, "keygen", "--principal=NAME is missing: whose key is it to be?");
        else
                exit = make(&flags, argv[rest]);
        actor_flags_done(&keygen_flags, &flags);
        return exit;
}
