/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AGENT_FETCHER_URI_H
#define AGENT_FETCHER_URI_H

#include <actor/error.h>
#include <actor/ref.h>
#include <limits.h>
#include <proto/types.h>
#include <sys/types.h>

/* Where a URI's content comes from. One row a scheme in uri.c; http, https and archives join there. */
enum uri_source {
        URI_FILE,  /* "file:///path" or "/path": of this machine */
        URI_AGENT, /* "troupe://HOST:PORT/framework/F/executor/E/latest/path": from an agent's sandboxes */
};

struct uri {
        enum uri_source source;
        char path[PATH_MAX];                  /* absolute, of the file or within the agent's virtual tree */
        char address[ACTOR_ENDPOINT_MAX + 8]; /* URI_AGENT: "files@HOST:PORT" */
        char output[PATH_MAX]; /* relative to the sandbox: output_file, or the last part of the path */
        mode_t mode;           /* 0755 if executable, else 0644 */
};

/* Judges a URI. Pure. 0, or -EINVAL with a sentence that quotes it. */
int uri_parse(const V1__CommandInfo__URI *info, struct uri *ret, struct actor_error *error);

#endif
