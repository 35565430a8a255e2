/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_REGISTRAR_MESSAGES_H
#define MASTER_REGISTRAR_MESSAGES_H

#include <actor/actor.h>
#include <proto/types.h>

/* What may be asked of the registrar, the one writer of the registry. Each change is an ask,
 * answered by registrar_stored after it is durable (changes waiting together are committed
 * together). No room may act on an agent's or framework's fate before that answer. Local types. */

enum registrar_change_kind {
        REGISTRAR_ADMIT_AGENT,      /* agent: info with id */
        REGISTRAR_UPDATE_AGENT,     /* agent: its info has changed */
        REGISTRAR_REMOVE_AGENT,     /* agent_id: a clean leave, forget it */
        REGISTRAR_MARK_UNREACHABLE, /* agent_id, when_ns */
        REGISTRAR_MARK_REACHABLE,   /* agent_id */
        REGISTRAR_MARK_GONE,        /* agent_id, when_ns: may never return */
        REGISTRAR_STORE_FRAMEWORK,  /* framework: info with id; deadline_ns */
        REGISTRAR_REMOVE_FRAMEWORK, /* framework_id, when_ns: completed, may not return */
        REGISTRAR_SET_WEIGHT,       /* role, weight */
};

struct registrar_change {
        enum registrar_change_kind kind;
        const V1__AgentInfo *agent;
        const V1__FrameworkInfo *framework;
        const char *agent_id, *framework_id, *role;
        double weight;
        int64_t when_ns;     /* wall clock */
        int64_t deadline_ns; /* wall clock: when a disconnected framework's time is up; 0: connected */
};

enum registrar_outcome {
        REGISTRAR_STORED,    /* done and durable */
        REGISTRAR_UNCHANGED, /* it was so already (a retry): as good as stored */
        REGISTRAR_REFUSED,   /* contradicts the registry: unknown agent, or it is gone */
        REGISTRAR_FAILED, /* the store failed; whether it reached the disk is unknown: the master must end */
};
struct registrar_stored {
        enum registrar_outcome outcome;
        const char *message; /* for REFUSED and FAILED */
};

/* Asked once at start; answered by registry_content when the store has been read. */
struct registrar_get {
        char unused;
};
struct registry_agent {
        const V1__AgentInfo *info;
        int64_t unreachable_since_ns; /* wall; 0: admitted and reachable */
};
struct registry_framework {
        const V1__FrameworkInfo *info;
        int64_t deadline_ns;
};
struct registry_weight {
        const char *role;
        double weight;
};
struct registry_content {
        uint64_t epoch; /* of this leadership: one more than the last */
        const struct registry_agent *agents;
        size_t agent_count;
        const char *const *gone_agents;
        size_t gone_count;
        const struct registry_framework *frameworks;
        size_t framework_count;
        const char *const *completed_frameworks;
        size_t completed_count;
        const struct registry_weight *weights;
        size_t weight_count;
};

extern const struct actor_type registrar_change_type, registrar_stored_type;
extern const struct actor_type registrar_get_type, registry_content_type;

#endif
