/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_FLAGS_H
#define ACTOR_FLAGS_H

#include <actor/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

ACTOR_API_BEGIN

/* Flags, declared once: in a `.def` file of
 *
 *     FLAG(field, type, default, accepts, help)
 *
 * from which come the struct, the table, --help, the environment names, the man page and /flags.
 * `type` is one of bool, uint, duration (ns), bytes, double, string; `default` is text, parsed like
 * input (NULL: unset, only for strings); `accepts` is a range as text: "" (anything), ">=N", "N..M", or a list "a|b|c".
 * A flag `agent_port` is given as --agent_port=5051, --agent-port=5051 or --agent_port 5051, as
 * PREFIX_AGENT_PORT in the environment (the command line wins), or in a file, one name=value a line, with --flags_file=PATH.
 * A bool also as --name and --no-name. Of several places the command line wins, then the file, then
 * the environment. A program makes its struct and its table so:
 *
 *     struct master_flags {
 *     #define FLAG(field, type, default_text, accepts, help) flag_##type field;
 *     #include "flags.def"
 *     #undef FLAG
 *     };
 *     static const struct actor_flag flags[] = {
 *     #define FLAG(field, type, default_text, accepts, help) \
 *             {#field, offsetof(struct master_flags, field), FLAG_##type, default_text, accepts, help},
 *     #include "flags.def"
 *     #undef FLAG
 *             ACTOR_FLAG_END
 *     }; */
typedef bool flag_bool;
typedef uint64_t flag_uint;
typedef int64_t flag_duration;
typedef uint64_t flag_bytes;
typedef double flag_double;
typedef const char *flag_string;

enum actor_flag_type { FLAG_bool, FLAG_uint, FLAG_duration, FLAG_bytes, FLAG_double, FLAG_string };

struct actor_flag {
        const char *name;
        size_t offset; /* of the field in the flags struct */
        enum actor_flag_type type;
        const char *default_text;
        const char *accepts;
        const char *help;
};
#define ACTOR_FLAG_END {NULL, 0, FLAG_bool, NULL, NULL, NULL}

/* A program's flags: what --help and the man page open with. */
struct actor_flag_set {
        const char *program;     /* "troupe-master" */
        const char *purpose;     /* one sentence */
        const char *env_prefix;  /* "TROUPE_" */
        const char *arguments;   /* usage after the flags, e.g. "-- COMMAND [ARG…]"; NULL: none allowed */
        const struct actor_flag *flags;
};

/* Answers of actor_flags_parse() the caller must handle. */
enum { FLAGS_E_HELP = 1, FLAGS_E_VERSION, FLAGS_E_MAN };

/* Fills `ret` (the flags struct) from defaults, environment, file and argv; strings are copied and
 * live until actor_flags_done(). *ret_rest is the index of the first argument that is no flag
 * (after "--", or argc). Returns 0; FLAGS_E_HELP / FLAGS_E_VERSION / FLAGS_E_MAN for --help / --version /
 * --man, which actor_flags_answer() answers; -EINVAL with a sentence naming the flag, where it came from, the
 * value, and what is accepted; an unknown flag names the nearest known one. */
int actor_flags_parse(const struct actor_flag_set *set, int argc, char **argv, void *ret, int *ret_rest,
                      struct actor_error *error);
void actor_flags_done(const struct actor_flag_set *set, void *flags);

/* Where `r`, from actor_flags_parse(), is one of FLAGS_E_*: prints what was asked for on standard output and
 * returns true; the program then ends well. `version` is what --version tells after the program's name. */
bool actor_flags_answer(const struct actor_flag_set *set, int r, const char *version);

/* What --help prints. */
void actor_flags_print_help(const struct actor_flag_set *set, FILE *out);
/* The same as a man page (groff), which the build's target "man" renders. Section 1 for what takes arguments
 * and for commands ("troupe ps", whose page is troupe-ps), 8 for daemons. */
void actor_flags_print_man(const struct actor_flag_set *set, FILE *out);
/* The value of a flag as text, cut to `size`; "" if unset. */
void actor_flag_value(const struct actor_flag *flag, const void *flags, char *ret, size_t size);

ACTOR_API_END

#endif
