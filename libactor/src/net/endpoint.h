/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_ENDPOINT_H
#define NET_ENDPOINT_H

#include <actor/error.h>
#include <actor/ref.h>
#include <stdbool.h>

/* The places a node can listen at, as texts and taken apart. Pure but for endpoint_primary_host(). */
struct endpoint {
        bool is_ipc;
        char path[108];                    /* ipc: what fits a socket address */
        char host[ACTOR_ENDPOINT_MAX + 1]; /* tcp: a name, an address, "[v6]" or "*" */
        char port[6];                      /* tcp: "0" picks one */
};

/* "tcp://host:port" or "ipc://path". 0, or -EINVAL with a sentence; *ret is then left alone. */
int endpoint_parse(const char *text, struct endpoint *ret, struct actor_error *error);
/* Whether only this machine can reach it. */
bool endpoint_is_local(const struct endpoint *endpoint);
/* Whether it stands for every address of this machine. */
bool endpoint_is_wildcard(const struct endpoint *endpoint);

/* The address by which others most likely reach this machine: that from which it would speak to the
 * world, else loopback. Sends nothing. `size` ≥ 64; IPv6 in brackets. */
void endpoint_primary_host(char *ret, size_t size);

#endif
