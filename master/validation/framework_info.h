/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASTER_VALIDATION_FRAMEWORK_INFO_H
#define MASTER_VALIDATION_FRAMEWORK_INFO_H

#include <actor/error.h>
#include <proto/types.h>
#include <stdbool.h>

/* What a framework says of itself, judged. Pure; any thread. 0, or -EINVAL with a sentence. */
int framework_info_validate(const V1__FrameworkInfo *info, struct actor_error *error);

/* Every suppressed role must be one of the framework's. */
int suppressed_roles_validate(const V1__FrameworkInfo *info, size_t count, const char *const *roles,
                              struct actor_error *error);

/* UPDATE_FRAMEWORK may not change principal, user or checkpoint. A SUBSCRIBE with a known id may not
 * change the principal. */
int framework_update_validate(const V1__FrameworkInfo *old, const V1__FrameworkInfo *updated,
                              struct actor_error *error);
int framework_resubscribe_validate(const V1__FrameworkInfo *old, const V1__FrameworkInfo *updated,
                                   struct actor_error *error);

/* The roles a framework is subscribed to: `roles` for MULTI_ROLE, otherwise the one `role` ("*" if unset). */
size_t framework_role_count(const V1__FrameworkInfo *info);
const char *framework_role(const V1__FrameworkInfo *info, size_t index);
bool framework_has_role(const V1__FrameworkInfo *info, const char *role);

/* FrameworkInfo.failover_timeout in nanoseconds, ≥ 0. */
int64_t framework_failover_timeout_ns(const V1__FrameworkInfo *info);

/* The id's text, or "" for a framework that has none. */
const char *framework_id_text(const V1__FrameworkID *id);

#endif
