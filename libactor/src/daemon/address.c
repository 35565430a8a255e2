/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/error.h>
#include <actor/ref.h>

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FORMS "expected name, name@host:port, name@[v6]:port or name@ipc:/path"
#define IPC_PATH_MAX 107 /* sun_path without its NUL */

static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:~-";
static const char host_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

static int parse_name(const char *text, size_t size, struct actor_address *address, struct actor_error *error)
{
        if (size == 0)
                return actor_error_set(error, -EINVAL, "address \"%.64s\": the name is empty; " FORMS, text);
        if (size > ACTOR_NAME_MAX)
                return actor_error_set(error, -EINVAL,
                                       "address: the name has %zu bytes; at most %d are allowed", size,
                                       ACTOR_NAME_MAX);
        if (strspn(text, name_bytes) < size)
                return actor_error_set(error, -EINVAL,
                                       "address \"%.64s\": the name may hold only A-Z a-z 0-9 . _ / : ~ -",
                                       text);
        memcpy(address->name, text, size);
        address->name[size] = '\0';
        return 0;
}

static bool is_port(const char *text)
{
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 5 || text[digits] != '\0')
                return false;
        unsigned port = 0;
        for (const char *at = text; *at; at++)
                port = port * 10 + (unsigned) (*at - '0');
        return port >= 1 && port <= 65535;
}

/* "[v6]" with an optional %zone; `size` counts the brackets. */
static bool is_v6(const char *text, size_t size)
{
        char literal[INET6_ADDRSTRLEN];
        size_t inner = size - 2;
        const char *zone = memchr(text + 1, '%', inner);
        size_t length = zone ? (size_t) (zone - text - 1) : inner;
        if (length >= sizeof literal || (zone && strspn(zone + 1, host_bytes) < inner - length - 1))
                return false;
        memcpy(literal, text + 1, length);
        literal[length] = '\0';
        struct in6_addr ignored;
        return inet_pton(AF_INET6, literal, &ignored) == 1;
}

static int parse_tcp(const char *text, struct actor_address *address, struct actor_error *error)
{
        const char *colon = strrchr(text, ':');
        if (!colon || !is_port(colon + 1))
                return actor_error_set(
                        error, -EINVAL,
                        "address: \"%.64s\" ends in no port; expected host:port with a port of 1..65535",
                        text);
        size_t size = (size_t) (colon - text);
        bool bracketed = size >= 2 && text[0] == '[' && text[size - 1] == ']';
        bool good = bracketed ? is_v6(text, size) : size > 0 && strspn(text, host_bytes) == size;
        if (!good)
                return actor_error_set(
                        error, -EINVAL,
                        "address: \"%.*s\" is no host; expected a host name, an IPv4 address or an "
                        "IPv6 address in brackets",
                        size > 64 ? 64 : (int) size, text);
        if (strlen("tcp://") + strlen(text) > ACTOR_ENDPOINT_MAX)
                return actor_error_set(error, -EINVAL,
                                       "address: the host \"%.64s...\" has %zu bytes; at most %zu fit", text,
                                       size, ACTOR_ENDPOINT_MAX - strlen("tcp://") - strlen(colon));
        snprintf(address->endpoint, sizeof address->endpoint, "tcp://%s", text);
        return 0;
}

static int parse_ipc(const char *path, struct actor_address *address, struct actor_error *error)
{
        size_t size = strlen(path);
        if (size < 2 || size > IPC_PATH_MAX)
                return actor_error_set(error, -EINVAL,
                                       "address: the path \"%.64s\" has %zu bytes; expected 2..%d", path,
                                       size, IPC_PATH_MAX);
        if (path[0] != '/' && path[0] != '@')
                return actor_error_set(error, -EINVAL,
                                       "address: the path \"%.64s\" must be absolute, like ipc:/run/x", path);
        snprintf(address->endpoint, sizeof address->endpoint, "ipc://%s", path);
        return 0;
}

/* What follows the '@'; endpoints in ZeroMQ's own form are understood too, so that what
 * actor_node_describe() prints can be read back. */
static int parse_endpoint(const char *text, struct actor_address *address, struct actor_error *error)
{
        if (strncmp(text, "ipc://", 6) == 0)
                return parse_ipc(text + 6, address, error);
        if (strncmp(text, "ipc:/", 5) == 0)
                return parse_ipc(text + 4, address, error);
        if (strncmp(text, "tcp://", 6) == 0)
                return parse_tcp(text + 6, address, error);
        return parse_tcp(text, address, error);
}

int actor_address_parse(const char *text, struct actor_address *ret, struct actor_error *error)
{
        assert(text && ret);
        struct actor_address address = {.endpoint = ""};
        const char *at = strchr(text, '@');
        int r = parse_name(text, at ? (size_t) (at - text) : strlen(text), &address, error);
        if (r == 0 && at)
                r = parse_endpoint(at + 1, &address, error);
        if (r != 0)
                return r;
        *ret = address;
        return 0;
}
