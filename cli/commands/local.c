/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "local/local.h"

#include <actor/memory.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define LOCAL_FLAGS(FLAG)                                                                                 \
        FLAG(agents, uint, "3", "1..200", "How many agents.")                                             \
        FLAG(port, uint, "5050", "0..65535", "The master's port; 0 picks a free one.")                    \
        FLAG(http_port, uint, "5080", "0..65535", "The master's HTTP port; 0 picks a free one.")          \
        FLAG(dir, string, NULL, "", "Where everything is kept; unset: ~/.troupe/local.")                  \
        FLAG(resources, string, NULL, "", "Resources of each agent, e.g. cpus:2;mem:1024.")               \
        FLAG(attributes, string, NULL, "", "Attributes of the agents, e.g. rack:r1; %n is an agent's "    \
             "number, and | stands between lists for one agent after the other.")                          \
        ACTOR_CURVE_SERVER_FLAGS(FLAG)                                                                    \
        FLAG(detach, bool, "false", "", "Come back when the cluster is up, and leave it running.")        \
        FLAG(stop, bool, "false", "", "Stop the cluster that runs from --dir.")                           \
        FLAG(timeout, duration, "30secs", ">=1ms", "Longest wait for the cluster to come up.")
CLI_FLAG_SET(local_flags, LOCAL_FLAGS, "troupe local",
             "Starts (or stops) a whole cluster on this machine: a master and agents, each a process.", NULL)

static char *default_folder(void)
{
        const char *home = getenv("HOME");
        CLEANUP(actor_freep) char *parent = actor_asprintf("%s/.troupe", home != NULL ? home : "/tmp");
        if (mkdir(parent, 0755) < 0 && errno != EEXIST)
                fprintf(stderr, "troupe local: cannot make %s: %s\n", parent, strerror(errno));
        return actor_asprintf("%s/local", parent);
}

/* Absolute, since the daemons are told it too. */
static char *absolute(const char *folder)
{
        char here[PATH_MAX];
        if (folder == NULL)
                return default_folder();
        if (*folder == '/' || getcwd(here, sizeof here) == NULL)
                return actor_strdup(folder);
        return actor_asprintf("%s/%s", here, folder);
}

/* Every agent plays a machine with all the cores and its share of the memory. */
static char *default_resources(unsigned agents, unsigned base_port)
{
        struct sysinfo info = {.mem_unit = 1};
        (void) sysinfo(&info);
        unsigned long long mem_mb = (unsigned long long) info.totalram * info.mem_unit >> 20;
        return actor_asprintf("cpus:%ld;mem:%llu;disk:4096;ports:[%u-%u]", sysconf(_SC_NPROCESSORS_ONLN),
                              mem_mb / 2 / agents, base_port, base_port + 999);
}

static char *program_folder(void)
{
        char self[PATH_MAX];
        ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
        if (size <= 0)
                return actor_strdup(".");
        self[size] = '\0';
        *strrchr(self, '/') = '\0';
        return actor_strdup(self);
}

static int stop(const char *folder)
{
        struct actor_error error;
        int stopped = local_stop(folder, 15000, &error);
        if (stopped < 0)
                return cli_fail(CLI_NO, "local", "%s", error.text);
        if (stopped == 0)
                return cli_fail(CLI_NO, "local", "no cluster runs from %s", folder);
        printf("stopped %d processes\n", stopped);
        return CLI_OK;
}

static int start(const struct flags *flags, const char *folder)
{
        CLEANUP(actor_freep) char *programs = program_folder();
        CLEANUP(actor_freep) char *resources = flags->resources != NULL
                                                       ? actor_strdup(flags->resources)
                                                       : default_resources((unsigned) flags->agents, 31000);
        struct local_config config = {.folder = folder,
                                      .programs = programs,
                                      .agents = (unsigned) flags->agents,
                                      .port = (uint16_t) flags->port,
                                      .http_port = (uint16_t) flags->http_port,
                                      .resources = resources,
                                      .attributes = flags->attributes,
                                      .curve_key = flags->curve_key,
                                      .curve_server_key = flags->curve_server_key,
                                      .curve_allow = flags->curve_allow,
                                      .detach = flags->detach,
                                      .timeout_ms = flags->timeout / 1000000};
        return local_start(&config);
}

int local_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&local_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        CLEANUP(actor_freep) char *folder = absolute(flags.dir);
        exit = flags.stop ? stop(folder) : start(&flags, folder);
        actor_flags_done(&local_flags, &flags);
        return exit;
}
