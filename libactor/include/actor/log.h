/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_LOG_H
#define ACTOR_LOG_H

#include <actor/actor.h>

ACTOR_API_BEGIN

/* One line per fact: `room: subject event: reason`. See docs/hacking.md for what belongs to a level. */
enum actor_log_level { ACTOR_LOG_ERROR, ACTOR_LOG_WARN, ACTOR_LOG_INFO, ACTOR_LOG_DEBUG };

/* A sink: thread-safe, shared by the nodes of a program or given to each. */
struct actor_log;

/* Writes lines to `fd` (borrowed): "2026-01-31T12:00:00.000Z info  node room: …"; as one JSON object
 * a line with `json`. */
struct actor_log *actor_log_new(int fd, enum actor_log_level level, bool json);
/* Hands each line to `write` instead (tests, simulations). */
struct actor_log *actor_log_new_function(void (*write)(void *arg, enum actor_log_level level, const char *line),
                                         void *arg, enum actor_log_level level);
void actor_log_free(struct actor_log *log); /* after the nodes that write to it; NULL is fine */
void actor_log_set_level(struct actor_log *log, enum actor_log_level level); /* at any time, any thread */
/* "error", "warn", "info" or "debug"; -EINVAL otherwise. */
int actor_log_level_parse(const char *text, enum actor_log_level *ret);

/* From an actor: the node's sink, its name and clock. */
void actor_log_write(struct actor *self, enum actor_log_level level, const char *format, ...) ACTOR_PRINTF(3, 4);
bool actor_log_enabled(struct actor *self, enum actor_log_level level); /* whether such a line is written */
#define actor_log_error(self, ...) actor_log_write(self, ACTOR_LOG_ERROR, __VA_ARGS__)
#define actor_log_warn(self, ...) actor_log_write(self, ACTOR_LOG_WARN, __VA_ARGS__)
#define actor_log_info(self, ...) actor_log_write(self, ACTOR_LOG_INFO, __VA_ARGS__)
#define actor_log_debug(self, ...)                                                                         \
        do {                                                                                               \
                if (actor_log_enabled(self, ACTOR_LOG_DEBUG))                                              \
                        actor_log_write(self, ACTOR_LOG_DEBUG, __VA_ARGS__);                               \
        } while (0)

/* From outside any actor. `log` NULL = standard error. */
void actor_log_print(struct actor_log *log, enum actor_log_level level, const char *format, ...) ACTOR_PRINTF(3, 4);

ACTOR_API_END

#endif
