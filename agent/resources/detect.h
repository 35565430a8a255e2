/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_RESOURCES_DETECT_H
#define AGENT_RESOURCES_DETECT_H

#include <proto/resources.h>
#include <stdint.h>

/* What the machine has, as measured. */
struct machine {
        unsigned cores;
        uint64_t memory_bytes, disk_bytes; /* totals; 0: unknown */
};

/* Measures; `work_dir`'s file system is the disk. Blocks briefly: at start-up. */
void machine_measure(const char *work_dir, struct machine *ret);

/* The agent's resources: what `text` says ("cpus:4;mem:8192" or JSON; NULL or "": nothing), and for those of
 * cpus, mem, disk and ports that it does not name, what the machine has: all cores; memory less 1 GiB or half
 * of it, the greater; disk less 5 GiB if it has at least 10, else half; ports 31000–32000. Pure. -EINVAL with
 * a sentence. */
int agent_resources(const char *text, const struct machine *machine, struct resources **ret,
                    struct actor_error *error);

#endif
