/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http_route.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* How well a route's path fits: 0 not at all; more is better; an exact path is better than any prefix. */
static size_t fit(const struct actor_http_route *route, const char *path)
{
        size_t size = strlen(route->path);
        if (size > 0 && route->path[size - 1] == '*')
                return strncmp(path, route->path, size - 1) == 0 ? size : 0;
        return strcmp(path, route->path) == 0 ? (size_t) -1 : 0;
}

static bool method_fits(const struct actor_http_route *route, const char *method)
{
        return strcmp(route->method, strcmp(method, "HEAD") == 0 ? "GET" : method) == 0;
}

int http_route_find(const struct actor_http_route *routes, size_t count, const char *method, const char *path,
                    const struct actor_http_route **ret)
{
        const struct actor_http_route *best = NULL;
        size_t best_fit = 0;
        bool path_known = false;
        for (size_t i = 0; i < count; i++) {
                size_t this_fit = fit(&routes[i], path);
                path_known |= this_fit > 0;
                if (this_fit > best_fit && method_fits(&routes[i], method)) {
                        best = &routes[i];
                        best_fit = this_fit;
                }
        }
        if (!best)
                return path_known ? ROUTE_E_NO_METHOD : ROUTE_E_NO_PATH;
        *ret = best;
        return 0;
}

void http_route_allowed(const struct actor_http_route *routes, size_t count, const char *path, char *ret,
                        size_t size)
{
        size_t used = 0;
        assert(size > 0);
        ret[0] = '\0';
        for (size_t i = 0; i < count; i++) {
                bool named = false;
                for (size_t j = 0; j < i; j++)
                        named |= fit(&routes[j], path) > 0 && strcmp(routes[j].method, routes[i].method) == 0;
                if (named || fit(&routes[i], path) == 0)
                        continue;
                int written = snprintf(ret + used, size - used, "%s%s%s", used ? ", " : "", routes[i].method,
                                       strcmp(routes[i].method, "GET") == 0 ? ", HEAD" : "");
                if (written < 0 || (size_t) written >= size - used) {
                        ret[used] = '\0'; /* whole names only */
                        return;
                }
                used += (size_t) written;
        }
}

static int digit(char c)
{
        static const char digits[] = "0123456789abcdef";
        const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;
        return at ? (int) (at - digits) : -1;
}

size_t http_unescape(char *text)
{
        char *to = text;
        for (const char *from = text; *from; from++) {
                int high = *from == '%' ? digit(from[1]) : -1;
                int low = high >= 0 ? digit(from[2]) : -1;
                if (low < 0 || high + low == 0) {
                        *to++ = *from;
                        continue;
                }
                *to++ = (char) (high * 16 + low);
                from += 2;
        }
        *to = '\0';
        return (size_t) (to - text);
}
