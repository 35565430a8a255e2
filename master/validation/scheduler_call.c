/* SPDX-License-Identifier: Apache-2.0 */
#include "scheduler_call.h"
#include "framework_info.h"

#include <errno.h>
#include <proto/ids.h>
#include <string.h>

#define REFUSE_SECONDS_DEFAULT 5.0
#define REFUSE_SECONDS_MAX (365.0 * 24 * 3600)

/* Where each call keeps its payload; calls without a row need none. */
static const struct {
        Sched__Call__Type type;
        const char *field;
        size_t offset;
} payloads[] = {
        {SCHED__CALL__TYPE__SUBSCRIBE, "subscribe", offsetof(Sched__Call, subscribe)},
        {SCHED__CALL__TYPE__ACCEPT, "accept", offsetof(Sched__Call, accept)},
        {SCHED__CALL__TYPE__DECLINE, "decline", offsetof(Sched__Call, decline)},
        {SCHED__CALL__TYPE__ACCEPT_INVERSE_OFFERS, "accept_inverse_offers",
         offsetof(Sched__Call, accept_inverse_offers)},
        {SCHED__CALL__TYPE__DECLINE_INVERSE_OFFERS, "decline_inverse_offers",
         offsetof(Sched__Call, decline_inverse_offers)},
        {SCHED__CALL__TYPE__KILL, "kill", offsetof(Sched__Call, kill)},
        {SCHED__CALL__TYPE__SHUTDOWN, "shutdown", offsetof(Sched__Call, shutdown)},
        {SCHED__CALL__TYPE__ACKNOWLEDGE, "acknowledge", offsetof(Sched__Call, acknowledge)},
        {SCHED__CALL__TYPE__ACKNOWLEDGE_OPERATION_STATUS, "acknowledge_operation_status",
         offsetof(Sched__Call, acknowledge_operation_status)},
        {SCHED__CALL__TYPE__RECONCILE, "reconcile", offsetof(Sched__Call, reconcile)},
        {SCHED__CALL__TYPE__RECONCILE_OPERATIONS, "reconcile_operations",
         offsetof(Sched__Call, reconcile_operations)},
        {SCHED__CALL__TYPE__MESSAGE, "message", offsetof(Sched__Call, message)},
        {SCHED__CALL__TYPE__REQUEST, "request", offsetof(Sched__Call, request)},
        {SCHED__CALL__TYPE__UPDATE_FRAMEWORK, "update_framework", offsetof(Sched__Call, update_framework)},
};

static int payload_validate(const Sched__Call *call, struct actor_error *error)
{
        for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
                if (payloads[i].type != call->type)
                        continue;
                const void *payload;
                memcpy(&payload, (const char *) call + payloads[i].offset, sizeof payload);
                if (payload == NULL)
                        return actor_error_set(error, -EINVAL, "Expecting '%s' to be present",
                                               payloads[i].field);
        }
        return 0;
}

static int subscribe_validate(const Sched__Call *call, struct actor_error *error)
{
        const char *outer = framework_id_text(call->framework_id);
        const char *inner = framework_id_text(call->subscribe->framework_info->id);
        if (strcmp(outer, inner) == 0)
                return 0;
        return actor_error_set(error, -EINVAL,
                               "'framework_id' ('%s') differs from 'subscribe.framework_info.id' ('%s')",
                               outer, inner);
}

static int framework_validate(const Sched__Call *call, struct actor_error *error)
{
        const char *outer = framework_id_text(call->framework_id);
        const char *inner = framework_id_text(call->update_framework->framework_info->id);
        if (strcmp(outer, inner) == 0)
                return 0;
        return actor_error_set(
                error, -EINVAL,
                "'framework_id' ('%s') differs from 'update_framework.framework_info.id' ('%s')", outer,
                inner);
}

static int uuid_validate(const ProtobufCBinaryData *uuid, const char *where, struct actor_error *error)
{
        if (uuid_is_valid(uuid->data, uuid->len))
                return 0;
        return actor_error_set(
                error, -EINVAL,
                "'%s': Not a valid UUID: %zu bytes; it must be the 16 bytes of the update's uuid", where,
                uuid->len);
}

static int details_validate(const Sched__Call *call, struct actor_error *error)
{
        switch (call->type) {
        case SCHED__CALL__TYPE__SUBSCRIBE:
                return subscribe_validate(call, error);
        case SCHED__CALL__TYPE__UPDATE_FRAMEWORK:
                return framework_validate(call, error);
        case SCHED__CALL__TYPE__ACKNOWLEDGE:
                return uuid_validate(&call->acknowledge->uuid, "acknowledge.uuid", error);
        case SCHED__CALL__TYPE__ACKNOWLEDGE_OPERATION_STATUS:
                if (call->acknowledge_operation_status->agent_id == NULL)
                        return actor_error_set(
                                error, -EINVAL,
                                "Expecting 'acknowledge_operation_status.agent_id' to be present");
                return uuid_validate(&call->acknowledge_operation_status->uuid,
                                     "acknowledge_operation_status.uuid", error);
        default:
                return 0;
        }
}

int scheduler_call_validate(const Sched__Call *call, struct actor_error *error)
{
        if (!call->has_type)
                return actor_error_set(error, -EINVAL, "Expecting 'type' to be present");
        int r = payload_validate(call, error);
        if (r != 0)
                return r;
        if (call->type != SCHED__CALL__TYPE__SUBSCRIBE && framework_id_text(call->framework_id)[0] == '\0')
                return actor_error_set(error, -EINVAL, "Expecting 'framework_id' to be present");
        return details_validate(call, error);
}

int64_t filters_refuse_ns(const V1__Filters *filters)
{
        double seconds = filters != NULL && filters->has_refuse_seconds ? filters->refuse_seconds
                                                                        : REFUSE_SECONDS_DEFAULT;
        if (!(seconds >= 0))
                seconds = REFUSE_SECONDS_DEFAULT;
        if (seconds > REFUSE_SECONDS_MAX)
                seconds = REFUSE_SECONDS_MAX;
        return (int64_t) (seconds * 1e9);
}
