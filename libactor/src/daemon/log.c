/* SPDX-License-Identifier: Apache-2.0 */
/* log.c — one line, one write(2).
 *
 * A line is formed in a buffer on the caller's stack and leaves in a single write, so that lines of
 * several threads and of several processes on one pipe do not mix, and no lock is needed. What
 * people and peers put into a message cannot forge lines or drive a terminal: control characters
 * and bytes that are not UTF-8 are escaped. */
#include <actor/log.h>

#include "daemon/utf8.h"
#include "net/net.h"
#include <actor/memory.h>

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096 /* with the newline; PIPE_BUF: such a write is atomic on a pipe */
#define CUT_MARK "..."

struct actor_log {
        int fd; /* unused with `write` */
        void (*write)(void *arg, enum actor_log_level level, const char *line);
        void *arg;
        bool json;
        _Atomic int level; /* relaxed: a late change of level harms nobody */
};

static const struct actor_log standard_error = {.fd = STDERR_FILENO, .level = ACTOR_LOG_INFO};

static const char *const level_names[] = {
        [ACTOR_LOG_ERROR] = "error",
        [ACTOR_LOG_WARN] = "warn",
        [ACTOR_LOG_INFO] = "info",
        [ACTOR_LOG_DEBUG] = "debug",
};
#define LEVEL_COUNT (sizeof level_names / sizeof *level_names)

struct line {
        char text[LINE_MAX_BYTES + 1];
        size_t size;
        size_t limit; /* what append() may fill: room for the line's end is kept back */
};

struct fact {
        enum actor_log_level level;
        int64_t wall_ns;
        const char *node; /* NULL outside any node */
        const char *message;
};

static bool append(struct line *line, const char *text, size_t size)
{
        if (size > line->limit - line->size)
                return false;
        memcpy(line->text + line->size, text, size);
        line->size += size;
        return true;
}

static bool append_text(struct line *line, const char *text)
{
        return append(line, text, strlen(text));
}

static bool append_plain_char(struct line *line, const char *at, size_t size, bool printable)
{
        if (printable)
                return append(line, at, size);
        char escape[16];
        if (*at == '\n' || *at == '\t' || *at == '\r')
                snprintf(escape, sizeof escape, "\\%c", *at == '\n' ? 'n' : *at == '\t' ? 't' : 'r');
        else if (size == 2) /* a C1 control */
                snprintf(escape, sizeof escape, "\\x%02x\\x%02x", (unsigned char) at[0],
                         (unsigned char) at[1]);
        else
                snprintf(escape, sizeof escape, "\\x%02x", (unsigned char) *at);
        return append_text(line, escape);
}

static bool append_json_char(struct line *line, const char *at, size_t size, bool printable)
{
        char escape[8];
        if (printable && *at != '"' && *at != '\\')
                return append(line, at, size);
        if (*at == '"' || *at == '\\')
                snprintf(escape, sizeof escape, "\\%c", *at);
        else if (size == 2)
                snprintf(escape, sizeof escape, "\\u%04x", (unsigned char) at[1]);
        else if ((unsigned char) *at < 0x80)
                snprintf(escape, sizeof escape, "\\u%04x", (unsigned char) *at);
        else
                snprintf(escape, sizeof escape, "\\ufffd");
        return append_text(line, escape);
}

/* Appends foreign text, escaped; where the line is full it is cut at a character and marked. */
static void append_foreign(struct line *line, const char *text, bool json)
{
        while (*text) {
                bool printable;
                size_t size = utf8_next(text, &printable);
                bool fits = json ? append_json_char(line, text, size, printable)
                                 : append_plain_char(line, text, size, printable);
                if (!fits) {
                        line->limit += sizeof CUT_MARK - 1;
                        (void) append_text(line, CUT_MARK);
                        return;
                }
                text += size;
        }
}

static void format_time(int64_t wall_ns, char *ret, size_t size)
{
        time_t seconds = (time_t) (wall_ns / 1000000000);
        struct tm utc;
        char date[32];
        if (!gmtime_r(&seconds, &utc) || strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc) == 0)
                date[0] = '\0';
        snprintf(ret, size, "%s.%03dZ", date, (int) (wall_ns / 1000000 % 1000));
}

static void format_line(struct line *line, const struct fact *fact, bool json)
{
        static const char json_end[] = "\"}";
        char head[96], time[48];
        format_time(fact->wall_ns, time, sizeof time);
        line->size = 0;
        line->limit = LINE_MAX_BYTES - sizeof json_end - sizeof CUT_MARK; /* and the newline */
        snprintf(head, sizeof head, json ? "{\"time\":\"%s\",\"level\":\"%s\",\"node\":\"" : "%s %-5s ", time,
                 level_names[fact->level]);
        (void) append_text(line, head);
        append_foreign(line, fact->node ? fact->node : "-", json);
        (void) append_text(line, json ? "\",\"message\":\"" : " ");
        append_foreign(line, fact->message, json);
        line->limit = LINE_MAX_BYTES - 1;
        if (json)
                (void) append_text(line, json_end);
        line->text[line->size] = '\0';
}

/* A sink that is full or gone loses the line: logging never stops the daemon. */
static void write_line(int fd, struct line *line)
{
        size_t done = 0;
        line->text[line->size++] = '\n';
        while (done < line->size) {
                ssize_t written = write(fd, line->text + done, line->size - done);
                if (written < 0 && errno == EINTR)
                        continue;
                if (written <= 0)
                        return;
                done += (size_t) written;
        }
}

static bool is_enabled(const struct actor_log *log, enum actor_log_level level)
{
        return (int) level <= atomic_load_explicit(&log->level, memory_order_relaxed);
}

static void emit(const struct actor_log *log, const struct fact *fact)
{
        int saved = errno;
        struct line line;
        format_line(&line, fact, log->json && !log->write);
        if (log->write)
                log->write(log->arg, fact->level, line.text);
        else
                write_line(log->fd, &line);
        errno = saved;
}

struct actor_log *actor_log_new(int fd, enum actor_log_level level, bool json)
{
        assert(fd >= 0 && level < LEVEL_COUNT);
        struct actor_log *log = actor_zalloc(sizeof *log);
        log->fd = fd;
        log->json = json;
        atomic_init(&log->level, (int) level);
        return log;
}

struct actor_log *actor_log_new_function(void (*write)(void *arg, enum actor_log_level level,
                                                       const char *line),
                                         void *arg, enum actor_log_level level)
{
        assert(write && level < LEVEL_COUNT);
        struct actor_log *log = actor_log_new(STDERR_FILENO, level, false);
        log->write = write;
        log->arg = arg;
        return log;
}

void actor_log_free(struct actor_log *log)
{
        free(log);
}

void actor_log_set_level(struct actor_log *log, enum actor_log_level level)
{
        assert(log && level < LEVEL_COUNT);
        atomic_store_explicit(&log->level, (int) level, memory_order_relaxed);
}

int actor_log_level_parse(const char *text, enum actor_log_level *ret)
{
        for (size_t i = 0; i < LEVEL_COUNT; i++)
                if (strcmp(text, level_names[i]) == 0) {
                        *ret = (enum actor_log_level) i;
                        return 0;
                }
        return -EINVAL;
}

static const struct actor_log *log_of(struct actor *self)
{
        const struct actor_log *log = node_log(actor_node(self));
        return log ? log : &standard_error;
}

bool actor_log_enabled(struct actor *self, enum actor_log_level level)
{
        return is_enabled(log_of(self), level);
}

void actor_log_write(struct actor *self, enum actor_log_level level, const char *format, ...)
{
        const struct actor_log *log = log_of(self);
        if (!is_enabled(log, level))
                return;
        char message[LINE_MAX_BYTES];
        va_list args;
        va_start(args, format);
        int size = vsnprintf(message, sizeof message, format, args);
        va_end(args);
        struct fact fact = {level, actor_wall_ns(self), node_name(actor_node(self)),
                            size < 0 ? format : message};
        emit(log, &fact);
}

void actor_log_print(struct actor_log *log, enum actor_log_level level, const char *format, ...)
{
        const struct actor_log *sink = log ? log : &standard_error;
        if (!is_enabled(sink, level))
                return;
        char message[LINE_MAX_BYTES];
        va_list args;
        va_start(args, format);
        int size = vsnprintf(message, sizeof message, format, args);
        va_end(args);
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        struct fact fact = {level, now.tv_sec * INT64_C(1000000000) + now.tv_nsec, NULL,
                            size < 0 ? format : message};
        emit(sink, &fact);
}
