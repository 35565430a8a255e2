/* SPDX-License-Identifier: Apache-2.0 */
/* flags.c — where values come from, and in which order.
 *
 * Defaults, then the environment, then the file, then the command line: what comes later wins. All
 * of them are text that goes through flag_value_set(), so a bad default is found like bad input.
 * The arguments are walked twice: first for --help, --version, --man and --flags_file, which must work
 * whatever else is wrong, then for the values. */
#include "daemon/flag_value.h"

#include <actor/memory.h>
#include <actor/suggest.h>

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_MAX_BYTES 64
#define FILE_MAX_BYTES (1 << 20)

enum special { SPECIAL_NONE, SPECIAL_HELP, SPECIAL_VERSION, SPECIAL_MAN, SPECIAL_FILE };

/* One argument that is a flag. */
struct argument {
        enum special special;
        const struct actor_flag *flag; /* NULL for a special one */
        const char *value;
};

struct walk {
        const struct actor_flag_set *set;
        int argc;
        char **argv;
        int index; /* of the next argument */
};

enum { WALK_E_END = 1 };

/* Flags may be written with '-' for '_'. */
static bool names_equal(const char *written, size_t size, const char *name)
{
        for (size_t i = 0; i < size; i++)
                if (name[i] == '\0' || (written[i] == '-' ? '_' : written[i]) != name[i])
                        return false;
        return name[size] == '\0';
}

static const struct actor_flag *find(const struct actor_flag_set *set, const char *written, size_t size)
{
        for (const struct actor_flag *flag = set->flags; flag->name; flag++)
                if (names_equal(written, size, flag->name))
                        return flag;
        return NULL;
}

static const char *nearest(const struct actor_flag_set *set, const char *written, size_t size)
{
        char word[NAME_MAX_BYTES + 1];
        if (size > NAME_MAX_BYTES)
                return NULL;
        for (size_t i = 0; i < size; i++)
                word[i] = (char) (written[i] == '-' ? '_' : tolower((unsigned char) written[i]));
        word[size] = '\0';
        const char **names = NULL;
        size_t count = 0, capacity = 0;
        for (const struct actor_flag *flag = set->flags; flag->name; flag++) {
                ACTOR_ARRAY_RESERVE(names, count, capacity);
                names[count++] = flag->name;
        }
        static const char *const specials[] = {"help", "version", "man", "flags_file", NULL};
        for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
                ACTOR_ARRAY_RESERVE(names, count, capacity);
                names[count++] = specials[i];
        }
        const char *found = actor_suggest(word, names);
        free(names);
        return found;
}

static int refuse_unknown(const struct actor_flag_set *set, const char *written, size_t size,
                          struct actor_error *error)
{
        int shown = size > NAME_MAX_BYTES ? NAME_MAX_BYTES : (int) size;
        const char *meant = nearest(set, written, size);
        if (meant)
                return actor_error_set(error, -EINVAL, "unknown flag \"%.*s\"; did you mean --%s?", shown,
                                       written, meant);
        return actor_error_set(error, -EINVAL, "unknown flag \"%.*s\"; %s --help lists them all", shown,
                               written, set->program);
}

static enum special find_special(const char *written, size_t size)
{
        if (names_equal(written, size, "help"))
                return SPECIAL_HELP;
        if (names_equal(written, size, "version"))
                return SPECIAL_VERSION;
        if (names_equal(written, size, "man"))
                return SPECIAL_MAN;
        return names_equal(written, size, "flags_file") ? SPECIAL_FILE : SPECIAL_NONE;
}

/* The value that follows as an argument of its own. */
static int take_value(struct walk *walk, const char *name, size_t size, const char **ret,
                      struct actor_error *error)
{
        const char *next = walk->index < walk->argc ? walk->argv[walk->index] : NULL;
        if (!next || strncmp(next, "--", 2) == 0)
                return actor_error_set(error, -EINVAL, "--%.*s needs a value, written --%.*s=VALUE",
                                       (int) size, name, (int) size, name);
        *ret = next;
        walk->index++;
        return 0;
}

/* "name", "name=value" or "no-name", without the leading dashes. */
static int read_argument(struct walk *walk, const char *text, struct argument *ret, struct actor_error *error)
{
        size_t size = strcspn(text, "=");
        bool has_value = text[size] == '=';
        *ret = (struct argument){find_special(text, size), find(walk->set, text, size), NULL};
        if (ret->special != SPECIAL_NONE && ret->special != SPECIAL_FILE)
                return 0;
        if (has_value && (ret->flag || ret->special == SPECIAL_FILE)) {
                ret->value = text + size + 1;
                return 0;
        }
        if (ret->flag && ret->flag->type == FLAG_bool) {
                ret->value = "true";
                return 0;
        }
        if (ret->flag || ret->special == SPECIAL_FILE)
                return take_value(walk, text, size, &ret->value, error);
        if (!has_value && size > 3 && (strncmp(text, "no-", 3) == 0 || strncmp(text, "no_", 3) == 0))
                ret->flag = find(walk->set, text + 3, size - 3);
        if (!ret->flag || ret->flag->type != FLAG_bool)
                return refuse_unknown(walk->set, text, size, error);
        ret->value = "false";
        return 0;
}

/* Reads the next flag; WALK_E_END where none follows: walk->index is then the first other argument. */
static int next_argument(struct walk *walk, struct argument *ret, struct actor_error *error)
{
        const char *text = walk->index < walk->argc ? walk->argv[walk->index] : NULL;
        if (!text || text[0] != '-' || text[1] == '\0')
                return WALK_E_END;
        walk->index++;
        if (strcmp(text, "--") == 0)
                return WALK_E_END;
        if (strcmp(text, "-h") == 0) {
                *ret = (struct argument){SPECIAL_HELP, NULL, NULL};
                return 0;
        }
        if (text[1] != '-')
                return refuse_unknown(walk->set, text + 1, strcspn(text + 1, "="), error);
        return read_argument(walk, text + 2, ret, error);
}

static struct walk walk_of(const struct actor_flag_set *set, int argc, char **argv)
{
        return (struct walk){set, argc, argv, argc > 0 ? 1 : 0};
}

static int set_value(const struct actor_flag *flag, void *flags, const char *text, const char *source,
                     struct actor_error *error)
{
        struct actor_error reason;
        int r = flag_value_set(flag, flags, text, &reason);
        if (r == 0)
                return 0;
        bool ranged = flag->accepts && flag->accepts[0];
        return actor_error_set(error, r, "flag %s (%s): %s%s%s", flag->name, source, reason.text,
                               ranged ? "; accepted: " : "", ranged ? flag->accepts : "");
}

static int apply_defaults(const struct actor_flag_set *set, void *flags, struct actor_error *error)
{
        for (const struct actor_flag *flag = set->flags; flag->name; flag++) {
                assert(flag->default_text || flag->type == FLAG_string);
                int r = flag->default_text ? set_value(flag, flags, flag->default_text, "default", error) : 0;
                if (r != 0)
                        return r;
        }
        return 0;
}

static const char *environment_value(const struct actor_flag_set *set, const char *name, char *ret_variable,
                                     size_t size)
{
        int length = snprintf(ret_variable, size, "%s%s", set->env_prefix ? set->env_prefix : "", name);
        assert(length > 0 && (size_t) length < size);
        (void) length;
        for (char *at = ret_variable; *at; at++)
                *at = (char) toupper((unsigned char) *at);
        return getenv(ret_variable);
}

static int apply_environment(const struct actor_flag_set *set, void *flags, struct actor_error *error)
{
        for (const struct actor_flag *flag = set->flags; set->env_prefix && flag->name; flag++) {
                char variable[2 * NAME_MAX_BYTES + 1], source[2 * NAME_MAX_BYTES + 32];
                const char *value = environment_value(set, flag->name, variable, sizeof variable);
                if (!value)
                        continue;
                snprintf(source, sizeof source, "environment variable %s", variable);
                int r = set_value(flag, flags, value, source, error);
                if (r != 0)
                        return r;
        }
        return 0;
}

static char *trim(char *text)
{
        text += strspn(text, " \t\r\n");
        size_t size = strlen(text);
        while (size > 0 && strchr(" \t\r\n", text[size - 1]))
                size--;
        text[size] = '\0';
        return text;
}

static int apply_line(const struct actor_flag_set *set, void *flags, char *line, const char *source,
                      struct actor_error *error)
{
        char *name = trim(line);
        if (name[0] == '\0' || name[0] == '#')
                return 0;
        if (strncmp(name, "--", 2) == 0)
                name += 2;
        char *equals = strchr(name, '=');
        if (!equals)
                return actor_error_set(error, -EINVAL, "%s: \"%.64s\" has no \"=\"; expected name=value",
                                       source, name);
        *equals = '\0';
        name = trim(name);
        if (find_special(name, strlen(name)) != SPECIAL_NONE)
                return actor_error_set(error, -EINVAL, "%s: --%s belongs on the command line", source, name);
        const struct actor_flag *flag = find(set, name, strlen(name));
        if (!flag) {
                int r = refuse_unknown(set, name, strlen(name), error);
                return actor_error_prefix(error, r, "%s", source);
        }
        return set_value(flag, flags, trim(equals + 1), source, error);
}

static int open_file(const char *path, FILE **ret, struct actor_error *error)
{
        struct stat status;
        FILE *file = fopen(path, "re");
        if (!file)
                return actor_error_set(error, -EINVAL, "flags_file %.128s cannot be read: %s", path,
                                       strerror(errno));
        if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode) ||
            status.st_size > FILE_MAX_BYTES) {
                fclose(file);
                return actor_error_set(
                        error, -EINVAL,
                        "flags_file %.128s is not a file of at most %d bytes with one name=value a line",
                        path, FILE_MAX_BYTES);
        }
        *ret = file;
        return 0;
}

static int apply_file(const struct actor_flag_set *set, void *flags, const char *path,
                      struct actor_error *error)
{
        FILE *file = NULL;
        int r = open_file(path, &file, error);
        if (r != 0)
                return r;
        char *line = NULL, source[192];
        size_t capacity = 0;
        ssize_t size;
        for (unsigned number = 1; r == 0 && (size = getline(&line, &capacity, file)) >= 0; number++) {
                snprintf(source, sizeof source, "%.128s, line %u", path, number);
                if (strlen(line) != (size_t) size)
                        r = actor_error_set(error, -EINVAL, "%s holds a zero byte; expected name=value",
                                            source);
                else
                        r = apply_line(set, flags, line, source, error);
        }
        free(line);
        fclose(file);
        return r;
}

/* --help, --version and --man, or 0 and the last --flags_file (else the environment's, else NULL). What is
 * wrong with the arguments is told when they are applied. */
static int look_ahead(const struct actor_flag_set *set, int argc, char **argv, const char **ret_file)
{
        char variable[2 * NAME_MAX_BYTES + 1];
        struct walk walk = walk_of(set, argc, argv);
        struct argument argument = {0};
        *ret_file = set->env_prefix ? environment_value(set, "flags_file", variable, sizeof variable) : NULL;
        for (;;) {
                int r = next_argument(&walk, &argument, NULL);
                if (r == WALK_E_END)
                        return 0;
                if (r < 0)
                        continue;
                if (argument.special == SPECIAL_HELP)
                        return FLAGS_E_HELP;
                if (argument.special == SPECIAL_VERSION)
                        return FLAGS_E_VERSION;
                if (argument.special == SPECIAL_MAN)
                        return FLAGS_E_MAN;
                if (argument.special == SPECIAL_FILE)
                        *ret_file = argument.value;
        }
}

static int apply_arguments(const struct actor_flag_set *set, int argc, char **argv, void *flags,
                           int *ret_rest, struct actor_error *error)
{
        struct walk walk = walk_of(set, argc, argv);
        struct argument argument = {0};
        for (;;) {
                int r = next_argument(&walk, &argument, error);
                if (r == WALK_E_END)
                        break;
                if (r == 0 && argument.flag)
                        r = set_value(argument.flag, flags, argument.value, "command line", error);
                if (r != 0)
                        return r;
        }
        if (walk.index < argc && !set->arguments)
                return actor_error_set(
                        error, -EINVAL,
                        "unexpected argument \"%.64s\"; %s takes only flags, written --name=value",
                        argv[walk.index], set->program);
        *ret_rest = walk.index;
        return 0;
}

int actor_flags_parse(const struct actor_flag_set *set, int argc, char **argv, void *ret, int *ret_rest,
                      struct actor_error *error)
{
        assert(set && set->flags && ret && ret_rest);
        const char *file;
        for (const struct actor_flag *flag = set->flags; flag->name; flag++)
                flag_value_init(flag, ret);
        int r = look_ahead(set, argc, argv, &file);
        if (r == 0)
                r = apply_defaults(set, ret, error);
        if (r == 0)
                r = apply_environment(set, ret, error);
        if (r == 0 && file)
                r = apply_file(set, ret, file, error);
        if (r == 0)
                r = apply_arguments(set, argc, argv, ret, ret_rest, error);
        if (r != 0)
                actor_flags_done(set, ret);
        return r;
}

void actor_flags_done(const struct actor_flag_set *set, void *flags)
{
        for (const struct actor_flag *flag = set->flags; flag->name; flag++)
                flag_value_done(flag, flags);
}
