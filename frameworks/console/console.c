/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include <assert.h>
#include <errno.h>
#include <proto/task_state.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

void console_init(struct console *console, const char *program, FILE *out, FILE *news, bool json)
{
        const char *no_colour = getenv("NO_COLOR");
        *console = (struct console){.out = out, .news = news, .states = news, .program = program, .json = json};
        console->headings = true;
        console->terminal = !json && isatty(fileno(news));
        console->colour = console->terminal && (no_colour == NULL || *no_colour == '\0');
}

const char *console_state_name(V1__TaskState state)
{
        const char *name = task_state_name(state);
        return strncmp(name, "TASK_", 5) == 0 ? name + 5 : name;
}

static void wipe_progress(struct console *console)
{
        if (console->progress_shown)
                fputs("\r\033[K", console->news);
        console->progress_shown = false;
}

void console_json(struct console *console, json_t *object_take)
{
        json_dumpf(object_take, console->out, JSON_COMPACT);
        fputc('\n', console->out);
        fflush(console->out);
        json_decref(object_take);
}

void console_note(struct console *console, const char *format, ...)
{
        char text[1024];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        if (console->json) {
                console_json(console, json_pack("{ss+}", "note", "", text));
                return;
        }
        wipe_progress(console);
        fprintf(console->news, "%s: %s\n", console->program, text);
        fflush(console->news);
}

static const char *colour_of(V1__TaskState state)
{
        if (state == V1__TASK_STATE__TASK_FINISHED)
                return "\033[32m";
        if (task_state_is_terminal(state))
                return "\033[31m";
        return state == V1__TASK_STATE__TASK_RUNNING ? "\033[36m" : "\033[33m";
}

static void state_as_json(struct console *console, const char *task, V1__TaskState state, const char *where,
                          const char *why)
{
        json_t *object = json_pack("{ss, ss}", "task", task, "state", task_state_name(state));
        if (where != NULL)
                json_object_set_new(object, "agent", json_string(where));
        if (why != NULL)
                json_object_set_new(object, "message", json_string(why));
        console_json(console, object);
}

void console_state(struct console *console, const char *task, V1__TaskState state, const char *where, const char *why)
{
        if (console->json) {
                state_as_json(console, task, state, where, why);
                return;
        }
        wipe_progress(console);
        bool colour = console->colour && isatty(fileno(console->states));
        fprintf(console->states, "%-20s %s%-9s%s %s%s%s\n", task, colour ? colour_of(state) : "",
                console_state_name(state), colour ? "\033[0m" : "", where != NULL ? where : "",
                why != NULL ? "  " : "", why != NULL ? why : "");
        fflush(console->states);
}

void console_progress(struct console *console, const char *format, ...)
{
        if (!console->terminal)
                return;
        va_list args;
        fputs("\r\033[K", console->news);
        va_start(args, format);
        vfprintf(console->news, format, args);
        va_end(args);
        fflush(console->news);
        console->progress_shown = true;
}

void console_output(struct console *console, FILE *stream, const char *task, const char *file, const char *data,
                    size_t size)
{
        if (console->json) {
                json_t *text = json_stringn(data, size); /* NULL where it is not UTF-8 */
                json_t *object = json_pack("{ss, ss}", "task", task, "file", file);
                json_object_set_new(object, "data", text != NULL ? text : json_null());
                console_json(console, object);
                return;
        }
        wipe_progress(console);
        if (console->headings)
                fprintf(stream, "==> %s %s <==\n", task, file);
        fwrite(data, 1, size, stream);
        if (console->headings && size > 0 && data[size - 1] != '\n')
                fputc('\n', stream);
        fflush(stream);
}

void console_done(struct console *console)
{
        wipe_progress(console);
        fflush(console->news);
        fflush(console->out);
}

int interrupt_open(void)
{
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0)
                return -errno;
        int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
        return fd >= 0 ? fd : -errno;
}

int interrupt_take(int fd)
{
        struct signalfd_siginfo info;
        return read(fd, &info, sizeof info) == (ssize_t) sizeof info ? (int) info.ssi_signo : 0;
}
