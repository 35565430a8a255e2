/* SPDX-License-Identifier: Apache-2.0 */
#include <proto/json.h>
#include <proto/task_state.h>

/* How far a task is on the way to its end; states that tell of doubt stand aside, and numbers that are no
 * state. */
enum stage {
        STAGE_NONE,
        STAGE_DOUBT,
        STAGE_STAGING,
        STAGE_STARTING,
        STAGE_RUNNING,
        STAGE_KILLING,
        STAGE_TERMINAL
};

static enum stage stage_of(V1__TaskState state)
{
        switch (state) {
        case V1__TASK_STATE__TASK_STAGING:
                return STAGE_STAGING;
        case V1__TASK_STATE__TASK_STARTING:
                return STAGE_STARTING;
        case V1__TASK_STATE__TASK_RUNNING:
                return STAGE_RUNNING;
        case V1__TASK_STATE__TASK_KILLING:
                return STAGE_KILLING;
        case V1__TASK_STATE__TASK_UNREACHABLE:
        case V1__TASK_STATE__TASK_UNKNOWN:
                return STAGE_DOUBT;
        case V1__TASK_STATE__TASK_FINISHED:
        case V1__TASK_STATE__TASK_FAILED:
        case V1__TASK_STATE__TASK_KILLED:
        case V1__TASK_STATE__TASK_ERROR:
        case V1__TASK_STATE__TASK_LOST:
        case V1__TASK_STATE__TASK_DROPPED:
        case V1__TASK_STATE__TASK_GONE:
        case V1__TASK_STATE__TASK_GONE_BY_OPERATOR:
                return STAGE_TERMINAL;
        default:
                return STAGE_NONE;
        }
}

bool task_state_is_terminal(V1__TaskState state)
{
        return stage_of(state) == STAGE_TERMINAL;
}

bool task_state_may_follow(V1__TaskState from, V1__TaskState to)
{
        enum stage before = stage_of(from), after = stage_of(to);
        if (before == STAGE_TERMINAL || after == STAGE_NONE)
                return false;
        if (before == STAGE_DOUBT || after == STAGE_DOUBT)
                return true;
        return after >= before;
}

const char *task_state_name(V1__TaskState state)
{
        return proto_enum_name(&v1__task_state__descriptor, (int) state);
}

bool framework_has_capability(const V1__FrameworkInfo *framework,
                              V1__FrameworkInfo__Capability__Type capability)
{
        for (size_t i = 0; i < framework->n_capabilities; i++)
                if (framework->capabilities[i]->has_type && framework->capabilities[i]->type == capability)
                        return true;
        return false;
}

V1__TaskState task_state_for(const V1__FrameworkInfo *framework, V1__TaskState precise)
{
        if (framework_has_capability(framework, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__PARTITION_AWARE))
                return precise;
        switch (precise) {
        case V1__TASK_STATE__TASK_DROPPED:
        case V1__TASK_STATE__TASK_UNREACHABLE:
        case V1__TASK_STATE__TASK_GONE:
        case V1__TASK_STATE__TASK_GONE_BY_OPERATOR:
        case V1__TASK_STATE__TASK_UNKNOWN:
                return V1__TASK_STATE__TASK_LOST;
        default:
                return precise;
        }
}
