/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_HTTP_ROUTE_H
#define DAEMON_HTTP_ROUTE_H

#include <actor/http.h>

/* Which route a request takes. Pure. A HEAD takes the route of a GET. */
enum { ROUTE_E_NO_PATH = 1, ROUTE_E_NO_METHOD };

/* The route for a method and a decoded path: an exact path before a prefix, a longer prefix before a
 * shorter one. 0; ROUTE_E_NO_PATH; or ROUTE_E_NO_METHOD where only other methods are served there. */
int http_route_find(const struct actor_http_route *routes, size_t count, const char *method, const char *path,
                    const struct actor_http_route **ret);

/* The methods served at a path, as an Allow header has them: "GET, HEAD, POST". */
void http_route_allowed(const struct actor_http_route *routes, size_t count, const char *path, char *ret,
                        size_t size);

/* Decodes %XX in place and returns the new length. "%00" and what is no escape stay as they are, so
 * that no text ends early. */
size_t http_unescape(char *text);

#endif
