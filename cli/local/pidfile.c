/* SPDX-License-Identifier: Apache-2.0 */
#include "pidfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

unsigned long long local_process_start_time(pid_t pid)
{
        char path[64], text[1024];
        snprintf(path, sizeof path, "/proc/%d/stat", (int) pid);
        FILE *file = fopen(path, "re");
        if (file == NULL)
                return 0;
        size_t size = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        text[size] = '\0';
        /* The second field, the name in brackets, may itself hold brackets and spaces: begin after its end. */
        const char *field = strrchr(text, ')');
        char state = 'Z';
        unsigned long long start = 0;
        if (field == NULL ||
            sscanf(field + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state,
                   &start) != 2)
                return 0;
        return state == 'Z' ? 0 : start;
}

int pidfile_add(const char *path, pid_t pid, const char *name, struct actor_error *error)
{
        FILE *file = fopen(path, "ae");
        if (file == NULL)
                return actor_error_set(error, -errno, "cannot write %s: %s", path, strerror(errno));
        fprintf(file, "%d %llu %s\n", (int) pid, local_process_start_time(pid), name);
        if (fclose(file) != 0)
                return actor_error_set(error, -errno, "cannot write %s: %s", path, strerror(errno));
        return 0;
}

size_t pidfile_read(const char *path, struct local_process *ret, size_t max)
{
        FILE *file = fopen(path, "re");
        if (file == NULL)
                return 0;
        size_t count = 0;
        int pid;
        struct local_process p;
        while (count < max && fscanf(file, "%d %llu %63s", &pid, &p.start, p.name) == 3) {
                p.pid = pid;
                if (p.start != 0 && local_process_start_time(p.pid) == p.start)
                        ret[count++] = p;
        }
        fclose(file);
        return count;
}
