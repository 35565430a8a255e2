/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/actorctl.h>

#include "actorctl/client.h"
#include "actorctl/flags.h"
#include "actorctl/view.h"
#include <actor/memory.h>
#include <actor/ref.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct actor_flag actorctl_flags[] = {
#define FLAG(field, type, default_text, accepts, help) \
        {#field, offsetof(struct actorctl_flags, field), FLAG_##type, default_text, accepts, help},
#include "actorctl/actorctl.def"
#undef FLAG
        ACTOR_FLAG_END};

struct command {
        const char *program, *place;
        const struct actorctl_flags *flags;
        struct client *client;
};

static int fail(const char *program, int code, const char *format, ...) ACTOR_PRINTF(3, 4);
static int fail(const char *program, int code, const char *format, ...)
{
        va_list args;
        va_start(args, format);
        fprintf(stderr, "%s: ", program);
        vfprintf(stderr, format, args);
        fputc('\n', stderr);
        va_end(args);
        return code;
}

/* ---- looking ------------------------------------------------------------------------------------- */

/* False: whoever reads the output has gone. */
static bool wait_between_looks(int64_t interval_ns)
{
        struct pollfd output = {.fd = STDOUT_FILENO};
        return poll(&output, 1, (int) (interval_ns / 1000000)) <= 0;
}

static void show(const struct command *command, struct look *look)
{
        const struct actorctl_flags *flags = command->flags;
        look_sort(look, flags->sort);
        if (flags->links)
                look_ask_bonds(command->client, command->place, look, flags->limit);
        if (flags->json) {
                view_look_json(look, flags->limit, stdout);
                return;
        }
        if (flags->watch && isatty(STDOUT_FILENO) == 1)
                fputs("\033[H\033[2J", stdout);
        view_look(look, flags->limit, flags->links, stdout);
        if (flags->watch)
                fputc('\n', stdout);
        fflush(stdout);
}

/* Rates need two looks, so nothing is shown before the second. */
static int look_around(const struct command *command)
{
        struct look before, now;
        struct actor_error error;
        int r = look_take(command->client, command->place, &before, &error);
        while (r == 0 && wait_between_looks(command->flags->interval)) {
                r = look_take(command->client, command->place, &now, &error);
                if (r == 0) {
                        look_compare(&now, &before);
                        show(command, &now);
                }
                look_done(&before);
                before = now;
                if (!command->flags->watch)
                        break;
        }
        look_done(&before);
        return r == 0 ? ACTORCTL_OK : fail(command->program, ACTORCTL_UNREACHABLE, "%s", error.text);
}

/* ---- traces -------------------------------------------------------------------------------------- */

/* Numbers of traces are shown, and so read, in hexadecimal. */
static int parse_trace(const char *text, uint64_t *ret)
{
        errno = 0;
        char *end;
        uint64_t id = strtoull(text, &end, 16);
        if (*text == '\0' || text[0] == '-' || *end != '\0' || errno != 0 || id == 0)
                return -EINVAL;
        *ret = id;
        return 0;
}

static int write_chrome(const struct command *command, const struct trace *trace)
{
        const char *path = command->flags->output;
        json_t *json = trace_to_chrome(trace);
        FILE *file = fopen(path, "we");
        bool written = file != NULL && json_dumpf(json, file, JSON_REAL_PRECISION(15) | JSON_COMPACT) == 0;
        if (file != NULL && fclose(file) != 0)
                written = false;
        json_decref(json);
        if (!written)
                return fail(command->program, ACTORCTL_NO, "--output=%s: %s", path, strerror(errno));
        printf("%zu events of %zu nodes: %s; open it in ui.perfetto.dev or chrome://tracing\n",
               trace->item_count, trace->node_count, path);
        return ACTORCTL_OK;
}

static int show_trace(const struct command *command, const struct trace *trace)
{
        if (trace->id != 0 && trace->item_count == 0)
                return fail(command->program, ACTORCTL_NO, "%s: nothing is remembered there of trace %s",
                            command->place, command->flags->trace);
        if (command->flags->output != NULL && trace->id != 0)
                return write_chrome(command, trace);
        if (command->flags->json)
                (trace->id != 0 ? view_trace_json : view_traces_json)(trace, stdout);
        else if (trace->id != 0)
                view_trace(trace, stdout);
        else
                view_traces(trace, command->flags->limit, stdout);
        return ACTORCTL_OK;
}

static int follow_trace(const struct command *command)
{
        struct trace trace;
        struct actor_error error;
        uint64_t id = 0;
        if (command->flags->trace != NULL && parse_trace(command->flags->trace, &id) != 0)
                return fail(command->program, ACTORCTL_USAGE,
                            "--trace=%s: that is no trace's number; --traces lists them",
                            command->flags->trace);
        int r = trace_collect(command->client, command->place, id, &trace, &error);
        int code = r == 0 ? show_trace(command, &trace)
                          : fail(command->program, ACTORCTL_UNREACHABLE, "%s", error.text);
        trace_done(&trace);
        return code;
}

/* ---- the command --------------------------------------------------------------------------------- */

static int open_client(struct command *command, struct actor_error *error)
{
        const struct actorctl_flags *flags = command->flags;
        const struct actor_curve_files files = {.key = flags->curve_key,
                                                .server_key = flags->curve_server_key};
        struct actor_curve *curve = NULL;
        int r = actor_curve_load(&files, &curve, error);
        if (r == 0)
                r = client_open((flags->timeout + 999999) / 1000000, curve, &command->client, error);
        actor_curve_free(curve);
        return r;
}

static int run(struct command *command)
{
        struct actor_error error;
        struct actor_address address;
        CLEANUP(actor_freep) char *probe = actor_asprintf("x@%s", command->place);
        if (actor_address_parse(probe, &address, &error) < 0)
                return fail(command->program, ACTORCTL_USAGE, "%s: %s", command->place, error.text);
        if (command->flags->output != NULL && command->flags->trace == NULL)
                return fail(command->program, ACTORCTL_USAGE,
                            "--output=%s: what to write? it goes with --trace", command->flags->output);
        if (open_client(command, &error) < 0)
                return fail(command->program, ACTORCTL_USAGE, "%s", error.text);
        bool traces = command->flags->trace != NULL || command->flags->traces;
        int code = traces ? follow_trace(command) : look_around(command);
        client_close(command->client);
        return code;
}

/* Flags may stand behind the place, too. */
static void move_place_behind(int argc, char **argv)
{
        if (argc < 3 || argv[1][0] == '-')
                return;
        char *place = argv[1];
        memmove(&argv[1], &argv[2], (size_t) (argc - 2) * sizeof *argv);
        argv[argc - 1] = place;
}

int actorctl_run(const struct actor_flag_set *set, int argc, char **argv)
{
        move_place_behind(argc, argv);
        struct actorctl_flags flags;
        struct actor_error error;
        int rest, r = actor_flags_parse(set, argc, argv, &flags, &rest, &error);
        if (r != 0) {
                if (actor_flags_answer(set, r, TROUPE_VERSION))
                        return ACTORCTL_OK;
                return fail(set->program, ACTORCTL_USAGE, "%s", error.text);
        }
        int code;
        if (argc - rest != 1) {
                code = fail(set->program, ACTORCTL_USAGE, "which node? usage: %s HOST:PORT", set->program);
        } else {
                struct command command = {.program = set->program, .place = argv[rest], .flags = &flags};
                code = run(&command);
        }
        actor_flags_done(set, &flags);
        return code;
}
