/* SPDX-License-Identifier: Apache-2.0
 *
 * What this machine can do at most: one process that starts /bin/true with posix_spawn(3) and waits
 * for it, again and again. The peer of the command-task benchmark. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
        long count = argc > 1 ? strtol(argv[1], NULL, 10) : 2000;
        char *const child[] = {"true", NULL};
        double begin = now();
        for (long i = 0; i < count; i++) {
                pid_t pid;
                int status;
                if (posix_spawn(&pid, "/bin/true", NULL, NULL, child, environ) != 0 ||
                    waitpid(pid, &status, 0) != pid) {
                        perror("spawn_limit");
                        return 1;
                }
        }
        printf("%.1f\n", (double) count / (now() - begin));
        return 0;
}
