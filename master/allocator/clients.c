/* SPDX-License-Identifier: Apache-2.0 */
#include "allocator/clients.h"

#include <assert.h>
#include <math.h>
#include <proto/task_state.h>
#include <string.h>

void clients_init(struct clients *clients, struct vector_names *names, const struct drf_total *total)
{
        *clients = (struct clients){.names = names, .total = total, .roles_order = drf_new(total)};
}

static struct role *role_for(struct clients *clients, const char *name)
{
        struct role *role = NULL;
        HASH_FIND_STR(clients->roles, name, role);
        if (role != NULL)
                return role;
        role = actor_zalloc(sizeof *role);
        role->name = actor_strdup(name);
        role->frameworks = drf_new(clients->total);
        role->place = drf_add(clients->roles_order, name, role);
        HASH_ADD_KEYPTR(hh, clients->roles, role->name, strlen(role->name), role);
        return role;
}

static void role_free(struct clients *clients, struct role *role)
{
        HASH_DEL(clients->roles, role);
        drf_remove(clients->roles_order, role->place);
        drf_free(role->frameworks);
        free(role->name);
        free(role);
}

static struct framework *framework_for(struct clients *clients, const char *id)
{
        struct framework *framework = clients_framework(clients, id);
        if (framework != NULL)
                return framework;
        framework = actor_zalloc(sizeof *framework);
        framework->id = actor_strdup(id);
        framework->number = clients->frameworks_seen++;
        HASH_ADD_KEYPTR(hh, clients->frameworks, framework->id, strlen(framework->id), framework);
        return framework;
}

static void framework_free(struct clients *clients, struct framework *framework)
{
        HASH_DEL(clients->frameworks, framework);
        wishes_done(&framework->wishes);
        actor_msg_unref(framework->msg);
        free(framework->id);
        free(framework);
}

struct framework *clients_framework(const struct clients *clients, const char *framework_id)
{
        struct framework *framework = NULL;
        HASH_FIND_STR(clients->frameworks, framework_id, framework);
        return framework;
}

struct client *framework_client(const struct framework *framework, const char *role)
{
        struct client *client = framework->clients;
        while (client != NULL && strcmp(client->role->name, role) != 0)
                client = client->next;
        return client;
}

/* Columns are not reused one by one; when too many lie idle all clients get new ones. */
void client_forget_held(struct clients *clients, struct client *client)
{
        client->column = clients->next_column++;
        if (clients->next_column <= 4 * clients->client_count + 64)
                return;
        clients->next_column = 0;
        clients->columns_generation++;
        const struct framework *framework, *next;
        HASH_ITER(hh, clients->frameworks, framework, next)
        {
                for (struct client *each = framework->clients; each != NULL; each = each->next)
                        each->column = clients->next_column++;
        }
}

struct client *clients_for(struct clients *clients, const char *framework_id, const char *role)
{
        struct framework *framework = framework_for(clients, framework_id);
        struct client *client = framework_client(framework, role);
        if (client != NULL)
                return client;
        client = actor_zalloc(sizeof *client);
        client->framework = framework;
        client->role = role_for(clients, role);
        client->role->client_count++;
        clients->client_count++;
        client->place = drf_add(client->role->frameworks, framework_id, client);
        client->next = framework->clients;
        framework->clients = client;
        client_forget_held(clients, client);
        return client;
}

static void client_free(struct clients *clients, struct client *client)
{
        struct client **link = &client->framework->clients;
        while (*link != client)
                link = &(*link)->next;
        *link = client->next;
        drf_remove(client->role->frameworks, client->place);
        if (--client->role->client_count == 0)
                role_free(clients, client->role);
        clients->client_count--;
        free(client->minima);
        free(client);
}

void clients_tidy(struct clients *clients, struct client *client)
{
        struct framework *framework = client->framework;
        if (client->subscribed || client->pieces != NULL)
                return;
        client_free(clients, client);
        if (framework->clients == NULL && framework->msg == NULL)
                framework_free(clients, framework);
}

void clients_done(struct clients *clients)
{
        struct framework *framework, *next;
        HASH_ITER(hh, clients->frameworks, framework, next)
        {
                while (framework->clients != NULL)
                        client_free(clients, framework->clients);
                framework_free(clients, framework);
        }
        drf_free(clients->roles_order);
        *clients = (struct clients){0};
}

/* ---- registration ----------------------------------------------------------------------------- */

static bool text_in(const char *const *list, size_t count, const char *text)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(list[i], text) == 0)
                        return true;
        return false;
}

/* The roles of a framework: the list where it uses it, else the single role. */
static size_t info_roles(const V1__FrameworkInfo *info, const char *const **ret)
{
        if (info->n_roles > 0 ||
            framework_has_capability(info, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__MULTI_ROLE)) {
                *ret = (const char *const *) info->roles;
                return info->n_roles;
        }
        *ret = &info->role;
        return 1;
}

static void read_capabilities(struct framework *framework, const V1__FrameworkInfo *info)
{
        framework->gpu_aware =
                framework_has_capability(info, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__GPU_RESOURCES);
        framework->revocable_aware =
                framework_has_capability(info, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__REVOCABLE_RESOURCES);
        framework->shared_aware =
                framework_has_capability(info, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__SHARED_RESOURCES);
        framework->refinement_aware =
                framework_has_capability(info, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__RESERVATION_REFINEMENT);
        framework->region_aware =
                framework_has_capability(info, V1__FRAMEWORK_INFO__CAPABILITY__TYPE__REGION_AWARE);
}

static struct vector minimum_of(struct vector_names *names,
                                const V1__OfferFilters__ResourceQuantities *quantities)
{
        struct vector minimum = {0};
        for (size_t i = 0; i < quantities->n_quantities; i++) {
                const V1__OfferFilters__ResourceQuantities__QuantitiesEntry *entry =
                        quantities->quantities[i];
                int place = entry->value != NULL ? vector_place(names, entry->key) : -1;
                if (place >= 0)
                        minimum.milli[place] = llround(entry->value->value * 1000.0);
        }
        return minimum;
}

static void read_minima(struct clients *clients, struct client *client, const V1__FrameworkInfo *info)
{
        free(client->minima);
        client->minima = NULL;
        client->minimum_count = 0;
        client->has_minima = false;
        for (size_t i = 0; i < info->n_offer_filters; i++) {
                const V1__OfferFilters *filters = info->offer_filters[i]->value;
                if (strcmp(info->offer_filters[i]->key, client->role->name) != 0 || filters == NULL ||
                    filters->min_allocatable_resources == NULL)
                        continue;
                const V1__OfferFilters__MinAllocatableResources *minima = filters->min_allocatable_resources;
                client->has_minima = true;
                client->minima = actor_realloc_array(NULL, minima->n_quantities, sizeof *client->minima);
                for (size_t j = 0; j < minima->n_quantities; j++)
                        client->minima[client->minimum_count++] =
                                minimum_of(clients->names, minima->quantities[j]);
                return;
        }
}

static void set_subscribed(struct clients *clients, struct client *client, bool subscribed)
{
        if (client->subscribed != subscribed)
                client->role->subscribed_count += subscribed ? 1 : (size_t) -1;
        client->subscribed = subscribed;
        drf_activate(clients->roles_order, client->role->place, client->role->subscribed_count > 0);
}

struct framework *clients_register(struct clients *clients, const struct allocator_add_framework *msg)
{
        struct framework *framework = framework_for(clients, msg->framework_id);
        const void *previous = framework->msg;
        framework->msg = actor_msg_ref(msg);
        actor_msg_unref(previous);
        framework->active = msg->active;
        read_capabilities(framework, msg->info);

        const char *const *roles;
        size_t role_count = info_roles(msg->info, &roles);
        for (size_t i = 0; i < role_count; i++) {
                struct client *client = clients_for(clients, msg->framework_id, roles[i]);
                set_subscribed(clients, client, true);
                client->suppressed = text_in(msg->suppressed_roles, msg->suppressed_count, roles[i]);
                read_minima(clients, client, msg->info);
        }
        for (struct client *client = framework->clients; client != NULL; client = client->next) {
                if (!text_in(roles, role_count, client->role->name))
                        set_subscribed(clients, client, false);
                client_refresh(clients, client);
        }
        return framework;
}

void clients_unregister(struct clients *clients, struct framework *framework)
{
        actor_msg_unref(framework->msg);
        framework->msg = NULL;
        framework->active = false;
        wishes_done(&framework->wishes);
        if (framework->clients == NULL) {
                framework_free(clients, framework);
                return;
        }
        struct client *next;
        for (struct client *client = framework->clients; client != NULL; client = next) {
                next = client->next; /* tidying the last one frees the framework, not `next` */
                set_subscribed(clients, client, false);
                client_refresh(clients, client);
                clients_tidy(clients, client);
        }
}

/* ---- shares ----------------------------------------------------------------------------------- */

void client_refresh(struct clients *clients, struct client *client)
{
        const struct framework *framework = client->framework;
        bool wishes = framework->wishes.count > 0 && wishes_for_role(&framework->wishes, client->role->name);
        drf_activate(client->role->frameworks, client->place,
                     framework->active && client->subscribed && (!client->suppressed || wishes));
}

void client_charge(struct clients *clients, struct client *client, struct ledger_piece *piece, bool counts)
{
        assert(piece->holder == client);
        piece->next = client->pieces;
        piece->previous = NULL;
        if (client->pieces != NULL)
                client->pieces->previous = piece;
        client->pieces = piece;
        void (*enter)(struct drf *, struct drf_client *, const struct vector *) =
                counts ? drf_allocated : drf_adjusted;
        enter(client->role->frameworks, client->place, &piece->quantities);
        enter(clients->roles_order, client->role->place, &piece->quantities);
}

void client_discharge(struct clients *clients, struct client *client, struct ledger_piece *piece)
{
        assert(piece->holder == client);
        if (piece->next != NULL)
                piece->next->previous = piece->previous;
        if (piece->previous != NULL)
                piece->previous->next = piece->next;
        else
                client->pieces = piece->next;
        drf_unallocated(client->role->frameworks, client->place, &piece->quantities);
        drf_unallocated(clients->roles_order, client->role->place, &piece->quantities);
}
