/* SPDX-License-Identifier: Apache-2.0 */
#include "resources/detect.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>

#define GIB (UINT64_C(1) << 30)
#define MIB (UINT64_C(1) << 20)

void machine_measure(const char *work_dir, struct machine *ret)
{
        *ret = (struct machine){.cores = (unsigned) get_nprocs()};
        struct sysinfo info;
        if (sysinfo(&info) == 0)
                ret->memory_bytes = (uint64_t) info.totalram * info.mem_unit;
        struct statvfs status;
        if (statvfs(work_dir, &status) == 0)
                ret->disk_bytes = (uint64_t) status.f_blocks * status.f_frsize;
}

static uint64_t memory_offered_mb(uint64_t total)
{
        if (total == 0)
                return 1024;
        uint64_t half = total / 2, rest = total > GIB ? total - GIB : 0;
        return (half > rest ? half : rest) / MIB;
}

static uint64_t disk_offered_mb(uint64_t total)
{
        if (total == 0)
                return 10 * 1024;
        return (total >= 10 * GIB ? total - 5 * GIB : total / 2) / MIB;
}

/* Whether a text names a resource, be it to offer none of it ("disk:0"): that leaves no entry behind. */
static bool names(const char *text, const char *name)
{
        size_t size = strlen(name);
        for (const char *at = text; at && (at = strstr(at, name)) != NULL; at += size) {
                bool begins = at == text || strchr("; \t\n\"", at[-1]);
                if (begins && at[size] && strchr(":( \"", at[size]))
                        return true;
        }
        return false;
}

static int add_missing(struct resources *resources, const char *name, const char *value,
                       struct actor_error *error)
{
        CLEANUP(actor_freep) char *text = actor_asprintf("%s:%s", name, value);
        CLEANUP(resources_freep) struct resources *more = NULL;
        int r = resources_parse(text, NULL, &more, error);
        if (r == 0)
                resources_add(resources, more);
        return r;
}

static int add_missing_number(struct resources *resources, const char *name, uint64_t value,
                              struct actor_error *error)
{
        CLEANUP(actor_freep) char *text = actor_asprintf("%" PRIu64, value);
        return add_missing(resources, name, text, error);
}

int agent_resources(const char *text, const struct machine *machine, struct resources **ret,
                    struct actor_error *error)
{
        CLEANUP(resources_freep) struct resources *resources = NULL;
        int r = 0;
        if (text == NULL || *text == '\0')
                resources = resources_new();
        else
                r = resources_parse(text, NULL, &resources, error);
        if (text == NULL)
                text = "";
        if (r == 0 && !names(text, "cpus"))
                r = add_missing_number(resources, "cpus", machine->cores ? machine->cores : 1, error);
        if (r == 0 && !names(text, "mem"))
                r = add_missing_number(resources, "mem", memory_offered_mb(machine->memory_bytes), error);
        if (r == 0 && !names(text, "disk"))
                r = add_missing_number(resources, "disk", disk_offered_mb(machine->disk_bytes), error);
        if (r == 0 && !names(text, "ports"))
                r = add_missing(resources, "ports", "[31000-32000]", error);
        if (r == 0)
                *ret = TAKE(resources);
        return r;
}
