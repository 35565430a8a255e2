/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"

#include <actor/memory.h>
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

char *layout_sandbox_path(const char *work_dir, const struct layout_sandbox *s)
{
        assert(s->agent_id != NULL && s->container_id != NULL);
        return actor_asprintf("%s/agents/%s/frameworks/%s/%s/%s/runs/%s", work_dir, s->agent_id,
                              s->framework_id, s->executor_id ? "executors" : "command-executors",
                              s->executor_id ? s->executor_id : s->user, s->container_id);
}

char *layout_socket(const char *work_dir)
{
        CLEANUP(actor_freep) char *inside = actor_asprintf("%s/agent.sock", work_dir);
        /* libzmq binds under a temporary name a little longer than ours. */
        if (strlen(inside) + 8 < sizeof((struct sockaddr_un *) NULL)->sun_path)
                return TAKE(inside);

        uint64_t hash = 14695981039346656037u; /* FNV-1a */
        for (const char *c = work_dir; *c; c++)
                hash = (hash ^ (unsigned char) *c) * 1099511628211u;
        return actor_asprintf("/tmp/troupe-agent-%016llx.sock", (unsigned long long) hash);
}
