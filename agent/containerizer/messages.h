/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_CONTAINERIZER_MESSAGES_H
#define AGENT_CONTAINERIZER_MESSAGES_H

#include <actor/system.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes sandboxes: directories with all their parents, owned by `user`, each with a `latest` symlink
 * beside it. Asked of the containerizer; answered by container_prepared. Texts lie in the message
 * or in one it holds. */
struct container_sandbox {
        uint64_t key;          /* the asker's own mark */
        const char *directory; /* absolute */
        const char *user;      /* NULL: whoever the agent runs as */
};

struct container_prepare {
        size_t count;
        const struct container_sandbox *sandboxes;
};
extern const struct actor_type container_prepare_type;

struct container_prepared {
        size_t count;
        const struct container_sandbox *sandboxes; /* the request's */
        const char **errors;                       /* one a sandbox: NULL, or a sentence */
};
extern const struct actor_type container_prepared_type;

/* Starts the first process of a container: own session and process group, stdout and stderr appended
 * to files of these names in the sandbox. Asked; answered by container_launched. Its end arrives
 * later as container_exited, once, at the asker. */
struct container_launch {
        const char *container_id;
        const char *directory;          /* a prepared sandbox */
        const char *const *argv;        /* NULL-terminated */
        const char *const *environment; /* NULL-terminated "NAME=value" */
        const char *user;               /* NULL: no switch */
        const struct actor_process_rlimit *rlimits;
        size_t rlimit_count;
};
extern const struct actor_type container_launch_type;

struct container_launched {
        pid_t pid;         /* > 0, or 0 with: */
        const char *error; /* a sentence */
};
extern const struct actor_type container_launched_type;

/* Takes a process from before the agent's restart into a container's place. Asked; answered by
 * container_launched. */
struct container_adopt {
        const char *container_id;
        pid_t pid;
};
extern const struct actor_type container_adopt_type;

/* Kills everything in the container. Unknown ones are ignored. */
struct container_destroy {
        const char *container_id;
};
extern const struct actor_type container_destroy_type;

struct container_exited {
        const char *container_id;
        bool status_known;
        int status; /* as of waitpid(2) */
};
extern const struct actor_type container_exited_type;

#endif
