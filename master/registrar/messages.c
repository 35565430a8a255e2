/* SPDX-License-Identifier: Apache-2.0 */
#include "registrar/messages.h"

ACTOR_LOCAL_TYPE(registrar_change_type, struct registrar_change);
ACTOR_LOCAL_TYPE(registrar_stored_type, struct registrar_stored);
ACTOR_LOCAL_TYPE(registrar_get_type, struct registrar_get);
ACTOR_LOCAL_TYPE(registry_content_type, struct registry_content);
