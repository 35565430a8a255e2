/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include <actor/error.h>
#include <jansson.h>
#include <proto/types.h>
#include <stdbool.h>
#include <stdio.h>

/* What a framework program tells its person: lines, and below them one line of progress that is
 * rewritten in place. Colour and progress only on a terminal, and no colour where $NO_COLOR is set. With
 * `json` nothing but JSON objects, one a line. */
struct console {
        FILE *out;      /* results */
        FILE *news;     /* progress, notes */
        FILE *states;   /* states: at first the news, or `out` where they are the result */
        const char *program;
        bool json, terminal, colour;
        bool headings; /* console_output() says whose output it is */
        bool progress_shown;
};

void console_init(struct console *console, const char *program, FILE *out, FILE *news, bool json);

/* "program: sentence" among the news; with json: {"note": sentence}. */
void console_note(struct console *console, const char *format, ...) ACTOR_PRINTF(2, 3);
/* "task  STATE  where  why"; `where` and `why` may be NULL. */
void console_state(struct console *console, const char *task, V1__TaskState state, const char *where, const char *why);
/* Rewrites the progress line; nothing where it would only be noise. */
void console_progress(struct console *console, const char *format, ...) ACTOR_PRINTF(2, 3);
/* Bytes of a task's output, on `stream` (out or news). With json: {"task":…, "file":…, "data":…}. */
void console_output(struct console *console, FILE *stream, const char *task, const char *file, const char *data,
                    size_t size);
/* One JSON object as a line. Takes the reference. */
void console_json(struct console *console, json_t *object_take);
/* The last word: nothing is left of the progress line. */
void console_done(struct console *console);

/* "RUNNING" for TASK_RUNNING. */
const char *console_state_name(V1__TaskState state);

/* ---- being interrupted ---------------------------------------------------------------------------- */

/* Turns SIGINT and SIGTERM into a descriptor, for the whole process: call it before any thread starts. Returns the
 * descriptor, or -errno. */
int interrupt_open(void);
/* Takes one signal from it; its number, or 0 if there is none. */
int interrupt_take(int fd);

#endif
