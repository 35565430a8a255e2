/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_COMMAND_H
#define RUN_COMMAND_H

#include "run.h"

/* Pure pieces of run: names, needs and commands. */

/* "sh-3f9a": the command's name and four digits of `dice`; characters an id may not hold are left out. actor_malloc'ed. */
char *run_make_name(const char *const *command, uint64_t dice);

/* "NAME.3" for index 3. actor_malloc'ed. */
char *run_task_id(const char *name, unsigned index);
/* The index in a task id of that name, or -1. */
long run_task_index(const char *name, const char *task_id, unsigned count);

/* The task's CommandInfo in the arena of `msg`. `resources` tell its ports, for PORT0 …. */
V1__CommandInfo *run_command(void *msg, const struct run_config *config, V1__Resource *const *resources, size_t count);

/* 0, or -EINVAL with a sentence: name, role, environment, command. */
int run_check(const struct run_config *config, struct actor_error *error);

/* A flag that may be given more than once: "--env", and what is said to follow it, "NAME=VALUE". */
struct run_repeated {
        const char *name, *value;
};

/* Takes the flag, however often it is there, out of the arguments before "--"; what is left is for the other
 * flags. Fills `ret`, NULL-terminated, which has room for *argc + 1. -EINVAL where a value is missing. */
int run_take_repeated(int *argc, char **argv, const struct run_repeated *flag, const char **ret,
                      struct actor_error *error);

#endif
