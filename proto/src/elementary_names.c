/* SPDX-License-Identifier: Apache-2.0 */
#include <proto/elementary.h>
#include <proto/json.h>
#include <string.h>

static bool launches(const Sched__Call__Accept *accept)
{
        for (size_t i = 0; accept && i < accept->n_operations; i++)
                if (accept->operations[i]->has_type &&
                    accept->operations[i]->type == V1__OFFER__OPERATION__TYPE__LAUNCH)
                        return true;
        return false;
}

static bool has_framework_id(const Sched__Call *call)
{
        return call->framework_id ||
               (call->subscribe && call->subscribe->framework_info && call->subscribe->framework_info->id);
}

const char *elementary_call_name(const Sched__Call *call)
{
        if (!call->has_type)
                return "UNKNOWN";
        switch (call->type) {
        case SCHED__CALL__TYPE__SUBSCRIBE:
                return has_framework_id(call) ? "REREGISTER" : "REGISTER";
        case SCHED__CALL__TYPE__TEARDOWN:
                return "UNREGISTER";
        case SCHED__CALL__TYPE__ACCEPT:
                return launches(call->accept) ? "LAUNCH" : "ACCEPT";
        default:
                return proto_enum_name(&sched__call__type__descriptor, (int) call->type);
        }
}

const char *elementary_event_name(const Sched__Event *event, bool again)
{
        if (!event->has_type)
                return "UNKNOWN";
        if (event->type == SCHED__EVENT__TYPE__SUBSCRIBED)
                return again ? "REREGISTERED" : "REGISTERED";
        return proto_enum_name(&sched__event__type__descriptor, (int) event->type);
}

const char *elementary_executor_call_name(const Exec__Call *call)
{
        if (!call->has_type)
                return "UNKNOWN";
        if (call->type != EXEC__CALL__TYPE__SUBSCRIBE)
                return proto_enum_name(&exec__call__type__descriptor, (int) call->type);
        const Exec__Call__Subscribe *subscribe = call->subscribe;
        bool again = subscribe &&
                     (subscribe->n_unacknowledged_tasks > 0 || subscribe->n_unacknowledged_updates > 0);
        return again ? "REREGISTER" : "REGISTER";
}

const char *elementary_executor_event_name(const Exec__Event *event)
{
        if (!event->has_type)
                return "UNKNOWN";
        if (event->type == EXEC__EVENT__TYPE__SUBSCRIBED)
                return "REGISTERED";
        return proto_enum_name(&exec__event__type__descriptor, (int) event->type);
}

bool elementary_call_type(const char *name, Sched__Call__Type *ret)
{
        static const struct {
                const char *name;
                Sched__Call__Type type;
        } renamed[] = {
                {"REGISTER", SCHED__CALL__TYPE__SUBSCRIBE},
                {"REREGISTER", SCHED__CALL__TYPE__SUBSCRIBE},
                {"UNREGISTER", SCHED__CALL__TYPE__TEARDOWN},
                {"LAUNCH", SCHED__CALL__TYPE__ACCEPT},
        };
        for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
                if (strcmp(renamed[i].name, name) == 0) {
                        *ret = renamed[i].type;
                        return true;
                }
        }
        const ProtobufCEnumValue *value =
                protobuf_c_enum_descriptor_get_value_by_name(&sched__call__type__descriptor, name);
        if (value == NULL || value->value == SCHED__CALL__TYPE__UNKNOWN)
                return false;
        *ret = (Sched__Call__Type) value->value;
        return true;
}
