/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <errno.h>
#include <proto/ids.h>
#include <stdlib.h>
#include <string.h>

#define ID_LENGTH_MAX 255 /* an id becomes one folder's name */
#define SHOWN_MAX 64      /* of a bad name, in its sentence */

static bool is_control(char c)
{
        return (unsigned char) c < 0x20 || c == 0x7f;
}

int id_validate(const char *what, const char *id, struct actor_error *error)
{
        if (id == NULL || *id == '\0')
                return actor_error_set(error, -EINVAL, "%s must not be empty", what);
        size_t length = strlen(id);
        if (length > ID_LENGTH_MAX)
                return actor_error_set(error, -EINVAL, "%s '%.*s…' has %zu bytes; at most %d are allowed",
                                       what, SHOWN_MAX, id, length, ID_LENGTH_MAX);
        if (strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
                return actor_error_set(error, -EINVAL, "%s '%s' is not a name: '.' and '..' are reserved",
                                       what, id);
        for (size_t i = 0; i < length; i++)
                if (is_control(id[i]) || id[i] == '/' || id[i] == '\\')
                        return actor_error_set(
                                error, -EINVAL,
                                "%s '%.*s' has byte 0x%02x at %zu: control characters, '/' and '\\' "
                                "are not allowed",
                                what, SHOWN_MAX, id, (unsigned char) id[i], i);
        return 0;
}

int container_id_validate(const char *id, struct actor_error *error)
{
        int r = id_validate("container id", id, error);
        if (r < 0)
                return r;
        const char *bad = strpbrk(id, ". ");
        if (bad)
                return actor_error_set(error, -EINVAL,
                                       "container id '%.*s' has '%c': '.' and ' ' are not allowed", SHOWN_MAX,
                                       id, *bad);
        return 0;
}

static int component_validate(const char *role, const char *component, size_t length,
                              struct actor_error *error)
{
        int shown = length > SHOWN_MAX ? SHOWN_MAX : (int) length;
        if (length == 0)
                return actor_error_set(
                        error, -EINVAL,
                        "role '%.*s' has an empty component: no '/' at its ends, no '//' within", SHOWN_MAX,
                        role);
        if ((length == 1 && (*component == '.' || *component == '*')) ||
            (length == 2 && memcmp(component, "..", 2) == 0))
                return actor_error_set(error, -EINVAL,
                                       "role '%.*s' has '%.*s' as a component, which is reserved", SHOWN_MAX,
                                       role, shown, component);
        if (*component == '-')
                return actor_error_set(error, -EINVAL,
                                       "role '%.*s' has component '%.*s', which starts with a dash",
                                       SHOWN_MAX, role, shown, component);
        for (size_t i = 0; i < length; i++)
                if (strchr("\t\n\v\f\r \x7f", component[i]))
                        return actor_error_set(
                                error, -EINVAL,
                                "role '%.*s' has byte 0x%02x in '%.*s': white space and DEL are not "
                                "allowed",
                                SHOWN_MAX, role, (unsigned char) component[i], shown, component);
        return 0;
}

int role_validate(const char *role, struct actor_error *error)
{
        if (role == NULL || *role == '\0')
                return actor_error_set(error, -EINVAL, "role must not be empty; the default role is '*'");
        if (strcmp(role, "*") == 0)
                return 0;
        if (strlen(role) > ROLE_LENGTH_MAX)
                return actor_error_set(error, -EINVAL, "role '%.*s…' has %zu bytes; at most %d are allowed",
                                       SHOWN_MAX, role, strlen(role), ROLE_LENGTH_MAX);
        for (const char *component = role;;) {
                size_t length = strcspn(component, "/");
                int r = component_validate(role, component, length, error);
                if (r < 0)
                        return r;
                if (component[length] == '\0')
                        return 0;
                component += length + 1;
        }
}

bool role_is_strict_subrole(const char *role, const char *ancestor)
{
        size_t length = strlen(ancestor);
        return strncmp(role, ancestor, length) == 0 && role[length] == '/';
}

size_t role_parent_length(const char *role, size_t length)
{
        while (length > 0 && role[length - 1] != '/')
                length--;
        return length > 0 ? length - 1 : 0;
}

int role_list_parse(const char *text, char ***ret, struct actor_error *error)
{
        char **roles = actor_zalloc(sizeof *roles);
        size_t count = 0, capacity = 1;
        while (*text) {
                size_t length = strcspn(text, ",");
                if (length > 0) {
                        ACTOR_ARRAY_RESERVE(roles, count + 1, capacity);
                        roles[count] = actor_strndup(text, length);
                        roles[++count] = NULL;
                        int r = role_validate(roles[count - 1], error);
                        if (r < 0) {
                                role_list_free(roles);
                                return r;
                        }
                }
                text += length + (text[length] == ',');
        }
        *ret = roles;
        return 0;
}

void role_list_free(char **roles)
{
        for (char **role = roles; role && *role; role++)
                free(*role);
        free(roles);
}

void uuid_make(uint64_t high, uint64_t low, uint8_t ret[UUID_SIZE])
{
        for (int i = 0; i < 8; i++) {
                ret[i] = (uint8_t) (high >> (56 - 8 * i));
                ret[8 + i] = (uint8_t) (low >> (56 - 8 * i));
        }
        ret[6] = (uint8_t) ((ret[6] & 0x0f) | 0x40); /* version 4: random */
        ret[8] = (uint8_t) ((ret[8] & 0x3f) | 0x80); /* variant of RFC 4122 */
}

void uuid_text(const uint8_t uuid[UUID_SIZE], char ret[UUID_TEXT_SIZE])
{
        static const char digits[] = "0123456789abcdef";
        char *out = ret;
        for (int i = 0; i < UUID_SIZE; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                        *out++ = '-';
                *out++ = digits[uuid[i] >> 4];
                *out++ = digits[uuid[i] & 15];
        }
        *out = '\0';
}

bool uuid_is_valid(const void *data, size_t size)
{
        if (data == NULL || size != UUID_SIZE)
                return false;
        unsigned version = ((const uint8_t *) data)[6] >> 4;
        return version >= 1 && version <= 5;
}
