/* SPDX-License-Identifier: Apache-2.0 */
#include "net/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int parse_ipc(const char *text, const char *path, struct endpoint *ret, struct actor_error *error)
{
        struct endpoint endpoint = {.is_ipc = true};
        if (path[0] == '\0')
                return actor_error_set(error, -EINVAL,
                                       "endpoint \"%s\" has no path; right would be ipc:///run/x.sock", text);
        if (strlen(path) >= sizeof endpoint.path)
                return actor_error_set(error, -EINVAL,
                                       "the path of endpoint \"%.120s…\" is longer than %zu bytes", text,
                                       sizeof endpoint.path - 1);
        memcpy(endpoint.path, path, strlen(path) + 1);
        *ret = endpoint;
        return 0;
}

/* 0 to 65535, "*" as 0. */
static bool parse_port(const char *text, char *ret)
{
        if (strcmp(text, "*") == 0) {
                memcpy(ret, "0", 2);
                return true;
        }
        size_t size = strlen(text);
        if (size == 0 || size > 5 || strspn(text, "0123456789") != size || strtol(text, NULL, 10) > 65535)
                return false;
        memcpy(ret, text, size + 1);
        return true;
}

static bool host_is_sound(const char *host, size_t size)
{
        static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
        static const char v6_bytes[] = "0123456789abcdefABCDEF:.%abcdefghijklmnopqrstuvwxyz";
        if (size == 1 && host[0] == '*')
                return true;
        if (size > 2 && host[0] == '[')
                return host[size - 1] == ']' && strspn(host + 1, v6_bytes) == size - 2;
        return size > 0 && strspn(host, name_bytes) == size;
}

int endpoint_parse(const char *text, struct endpoint *ret, struct actor_error *error)
{
        struct endpoint endpoint = {0};
        if (strncmp(text, "ipc://", 6) == 0)
                return parse_ipc(text, text + 6, ret, error);
        if (strncmp(text, "tcp://", 6) != 0)
                return actor_error_set(error, -EINVAL,
                                       "endpoint \"%.200s\" is neither tcp://host:port nor ipc://path", text);
        const char *host = text + 6;
        const char *colon = strrchr(host, ':');
        size_t size = colon ? (size_t) (colon - host) : 0;
        if (!colon || size >= sizeof endpoint.host)
                return actor_error_set(error, -EINVAL,
                                       "endpoint \"%.200s\" has no port; right would be tcp://host:port",
                                       text);
        memcpy(endpoint.host, host, size);
        if (!host_is_sound(endpoint.host, size))
                return actor_error_set(error, -EINVAL, "endpoint \"%.200s\" has a bad host \"%s\"", text,
                                       endpoint.host);
        if (!parse_port(colon + 1, endpoint.port))
                return actor_error_set(error, -EINVAL,
                                       "endpoint \"%.200s\" has a bad port \"%.20s\"; right is 0 to 65535",
                                       text, colon + 1);
        *ret = endpoint;
        return 0;
}

bool endpoint_is_local(const struct endpoint *endpoint)
{
        struct in_addr v4;
        if (endpoint->is_ipc)
                return true;
        if (inet_pton(AF_INET, endpoint->host, &v4) == 1)
                return (ntohl(v4.s_addr) >> 24) == 127;
        return strcmp(endpoint->host, "[::1]") == 0 || strcmp(endpoint->host, "localhost") == 0 ||
               strcmp(endpoint->host, "lo") == 0;
}

bool endpoint_is_wildcard(const struct endpoint *endpoint)
{
        return strcmp(endpoint->host, "*") == 0 || strcmp(endpoint->host, "0.0.0.0") == 0 ||
               strcmp(endpoint->host, "[::]") == 0;
}

/* The source address the kernel would choose for a far destination: connecting a datagram socket
 * makes it choose and sends nothing. The destinations are documentation addresses. */
static bool source_address(int family, const void *far, socklen_t far_size, void *ret, socklen_t ret_size)
{
        int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return false;
        bool found = connect(fd, far, far_size) == 0 && getsockname(fd, ret, &ret_size) == 0;
        close(fd);
        return found;
}

void endpoint_primary_host(char *ret, size_t size)
{
        struct sockaddr_in v4_far = {.sin_family = AF_INET, .sin_port = htons(9)}, v4;
        struct sockaddr_in6 v6_far = {.sin6_family = AF_INET6, .sin6_port = htons(9)}, v6;
        char text[INET6_ADDRSTRLEN];
        inet_pton(AF_INET, "192.0.2.1", &v4_far.sin_addr);
        inet_pton(AF_INET6, "2001:db8::1", &v6_far.sin6_addr);
        if (source_address(AF_INET, &v4_far, sizeof v4_far, &v4, sizeof v4))
                snprintf(ret, size, "%s", inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text));
        else if (source_address(AF_INET6, &v6_far, sizeof v6_far, &v6, sizeof v6))
                snprintf(ret, size, "[%s]", inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text));
        else
                snprintf(ret, size, "127.0.0.1");
}
