/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

int client_driver(const struct client_config *config, const struct troupe_scheduler_callbacks *callbacks, void *data,
                  struct troupe_scheduler **ret, struct actor_error *error)
{
        static const V1__FrameworkInfo__Capability__Type wanted[] = {
                V1__FRAMEWORK_INFO__CAPABILITY__TYPE__MULTI_ROLE, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__PARTITION_AWARE,
                V1__FRAMEWORK_INFO__CAPABILITY__TYPE__TASK_KILLING_STATE,
                V1__FRAMEWORK_INFO__CAPABILITY__TYPE__RESERVATION_REFINEMENT};
        enum { COUNT = sizeof wanted / sizeof wanted[0] };
        V1__FrameworkInfo__Capability capabilities[COUNT], *pointers[COUNT];
        for (size_t i = 0; i < COUNT; i++) {
                capabilities[i] = (V1__FrameworkInfo__Capability) V1__FRAMEWORK_INFO__CAPABILITY__INIT;
                capabilities[i].has_type = true;
                capabilities[i].type = wanted[i];
                pointers[i] = &capabilities[i];
        }
        const char *roles[] = {config->role};
        V1__FrameworkInfo framework = V1__FRAMEWORK_INFO__INIT;
        framework.name = config->name;
        framework.user = config->user;
        framework.n_roles = 1;
        framework.roles = roles;
        framework.n_capabilities = COUNT;
        framework.capabilities = pointers;
        struct troupe_scheduler_config driver = {.master = config->master,
                                                 .framework = &framework,
                                                 .callbacks = *callbacks,
                                                 .data = data,
                                                 .node = config->node,
                                                 .log = config->log,
                                                 .curve_key = config->curve_key,
                                                 .curve_server_key = config->curve_server_key};
        return troupe_scheduler_new(&driver, ret, error);
}
