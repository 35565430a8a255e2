/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "sandbox_command.h"

#include <actor/memory.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAIL_FLAGS(FLAG)                                                                                  \
        SANDBOX_FLAGS(FLAG)                                                                               \
        FLAG(follow, bool, "false", "", "Go on printing what is added, until interrupted.")               \
        FLAG(lines, uint, "10", "0..100000", "Lines to begin with.")                                      \
        FLAG(interval, duration, "500ms", ">=10ms", "Pause between two looks, with --follow.")
CLI_FLAG_SET(tail_flags, TAIL_FLAGS, "troupe tail",
             "Prints the end of a task's output (-f: --follow, -n N: --lines=N).", "TASK [FILE=stdout]")

/* How far back to look for the lines; longer lines than this on average are cut. */
#define BYTES_PER_LINE 512

/* Where the last `lines` lines begin. */
static const uint8_t *last_lines(const uint8_t *data, size_t size, uint64_t lines)
{
        const uint8_t *p = data + size;
        if (p > data && p[-1] == '\n')
                p--;
        while (p > data) {
                if (p[-1] == '\n' && --lines == 0)
                        return p;
                p--;
        }
        return data;
}

static void print(const uint8_t *data, size_t size)
{
        while (size > 0) {
                ssize_t n = write(STDOUT_FILENO, data, size);
                if (n < 0 && errno != EINTR)
                        exit(CLI_NO); /* whoever read our output has gone */
                if (n > 0) {
                        data += n;
                        size -= (size_t) n;
                }
        }
}

/* Prints the last lines; *ret_end is where the file ended then. */
static int print_end(struct session *session, const struct sandbox *sandbox, const char *file, uint64_t lines,
                     uint64_t *ret_end, struct actor_error *error)
{
        void *answer;
        int r = sandbox_read(session, sandbox, file, INT64_MAX, &answer, error);
        if (r != 0)
                return r;
        uint64_t size = ((AgentApi__Response *) answer)->read_file->size;
        actor_msg_unref(answer);
        uint64_t back = lines * BYTES_PER_LINE;
        back = back < 65536 ? 65536 : back;
        *ret_end = size > back ? size - back : 0;
        r = sandbox_read(session, sandbox, file, *ret_end, &answer, error);
        if (r != 0)
                return r;
        const AgentApi__Response__ReadFile *piece = ((AgentApi__Response *) answer)->read_file;
        const uint8_t *end = piece->data.data + piece->data.len;
        const uint8_t *begin = lines > 0 ? last_lines(piece->data.data, piece->data.len, lines) : end;
        print(begin, (size_t) (end - begin));
        *ret_end += piece->data.len;
        actor_msg_unref(answer);
        return 0;
}

/* ---- following: an actor that looks at intervals ------------------------------------------------- */

struct follow_config {
        struct session *session;
        const struct sandbox *sandbox;
        const char *file;
        uint64_t offset;
        int64_t interval_ms;
};

struct follow {
        struct follow_config config;
        struct actor_ref files;
};

struct look {
        char unused;
};
static ACTOR_LOCAL_TYPE(look_type, struct look);

static void look(struct follow *f, struct actor *self);

static int on_piece(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct follow *f = state;
        if (body == NULL || actor_msg_type(body) != &agent_response_type)
                return mail->error != 0 ? mail->error : -ENOENT;
        const AgentApi__Response__ReadFile *piece = ((const AgentApi__Response *) body)->read_file;
        print(piece->data.data, piece->data.len);
        f->config.offset += piece->data.len;
        if (piece->size < f->config.offset) /* the file was cut: begin anew */
                f->config.offset = 0;
        if (piece->data.len > 0)
                look(f, mail->self);
        else
                actor_after(mail->self, f->config.interval_ms, actor_msg_new(&look_type));
        return 0;
}

static void look(struct follow *f, struct actor *self)
{
        AgentApi__Call *call = actor_msg_new(&agent_call_type);
        call->has_type = true;
        call->type = AGENT_API__CALL__TYPE__READ_FILE;
        call->read_file = actor_msg_alloc(call, sizeof *call->read_file);
        agent_api__call__read_file__init(call->read_file);
        call->read_file->path = actor_msg_printf(call, "%s/%s", f->config.sandbox->path, f->config.file);
        call->read_file->offset = f->config.offset;
        actor_ask(self, f->files, call, session_timeout_ms(f->config.session), on_piece, NULL);
}

static int on_look(struct follow *f, const struct actor_mail *mail, const struct look *msg)
{
        look(f, mail->self);
        return 0;
}
ACTOR_BIND(on_look, struct follow, struct look)

static const struct actor_handler follow_handlers[] = {
        {&look_type, on_look_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static int follow_init(void *state, struct actor *self, const void *config)
{
        struct follow *f = state;
        f->config = *(const struct follow_config *) config;
        int r = actor_node_resolve(actor_node(self), f->config.sandbox->files, &f->files, NULL);
        if (r == 0)
                look(f, self);
        return r;
}

static const struct actor_class follow_class = {
        .name = "tail", .state_size = sizeof(struct follow), .init = follow_init, .handlers = follow_handlers};

static int tail(struct session *session, const struct sandbox *sandbox, int argc, char **argv, const void *context,
                struct actor_error *error)
{
        const struct flags *flags = context;
        struct follow_config config = {session, sandbox, argc > 1 ? argv[1] : "stdout", 0, flags->interval / 1000000};
        int r = print_end(session, sandbox, config.file, flags->lines, &config.offset, error);
        if (r != 0 || !flags->follow)
                return r;
        struct actor_ref ref;
        r = actor_node_spawn(session_node(session), &follow_class, NULL, &config, &ref);
        if (r == 0)
                r = actor_node_wait(session_node(session));
        return r == 0 ? 0 : actor_error_set(error, r, "the agent does not answer any more: %s", strerror(-r));
}

/* -f and -n N, as people type them. */
static void expand_short_flags(int argc, char **argv)
{
        static char follow[] = "--follow", lines[] = "--lines";
        for (int i = 1; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++) {
                if (strcmp(argv[i], "-f") == 0)
                        argv[i] = follow;
                else if (strcmp(argv[i], "-n") == 0)
                        argv[i] = lines;
                if (argv[i] == lines)
                        i++;
        }
}

int tail_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        expand_short_flags(argc, argv);
        if (!cli_parse(&tail_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        struct sandbox_command command = {"tail", SESSION_OF(&flags), flags.framework, 1, 2, tail, &flags};
        exit = sandbox_command_run(&command, argc - rest, argv + rest);
        actor_flags_done(&tail_flags, &flags);
        return exit;
}
