/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/uri.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int bad(const V1__CommandInfo__URI *info, struct actor_error *error, const char *why)
{
        return actor_error_set(error, -EINVAL, "URI \"%s\": %s", info->value, why);
}

static int copy_path(const char *text, struct uri *ret)
{
        int size = snprintf(ret->path, sizeof ret->path, "%s", text);
        return size > 1 && (size_t) size < sizeof ret->path && text[0] == '/' ? 0 : -EINVAL;
}

static int parse_file(const V1__CommandInfo__URI *info, const char *rest, struct uri *ret,
                      struct actor_error *error)
{
        ret->source = URI_FILE;
        return copy_path(rest, ret) == 0 ? 0
                                         : bad(info, error, "a file's path must be absolute: file:///PATH");
}

static int parse_agent(const V1__CommandInfo__URI *info, const char *rest, struct uri *ret,
                       struct actor_error *error)
{
        ret->source = URI_AGENT;
        const char *slash = strchr(rest, '/');
        int authority = slash ? (int) (slash - rest) : 0;
        if (authority == 0 || copy_path(slash, ret) != 0)
                return bad(info, error, "expected troupe://HOST:PORT/framework/F/executor/E/latest/PATH");
        int size = snprintf(ret->address, sizeof ret->address, "files@%.*s", authority, rest);
        struct actor_address address;
        struct actor_error why;
        if ((size_t) size >= sizeof ret->address)
                return bad(info, error, "host and port are too long");
        if (actor_address_parse(ret->address, &address, &why) != 0)
                return bad(info, error, why.text);
        return 0;
}

static const struct {
        const char *prefix;
        int (*parse)(const V1__CommandInfo__URI *info, const char *rest, struct uri *ret,
                     struct actor_error *error);
        size_t skip; /* bytes of the prefix that are not part of the rest */
} schemes[] = {
        {"file://", parse_file, 7},
        {"troupe://", parse_agent, 9},
        {"/", parse_file, 0},
};

/* A path that stays below the sandbox by its text: relative, no "..", no empty part. */
static bool output_is_safe(const char *path)
{
        if (path[0] == '/' || path[0] == '\0')
                return false;
        for (const char *part = path; part; part = strchr(part, '/')) {
                part += *part == '/';
                size_t size = strcspn(part, "/");
                if (size == 0 || (size == 1 && part[0] == '.') || (size == 2 && memcmp(part, "..", 2) == 0))
                        return false;
        }
        return true;
}

static int parse_output(const V1__CommandInfo__URI *info, struct uri *ret, struct actor_error *error)
{
        const char *name = info->output_file;
        if (name == NULL || *name == '\0')
                name = strrchr(ret->path, '/') + 1;
        if (strlen(name) >= sizeof ret->output || !output_is_safe(name))
                return bad(info, error, "output file must be a relative path without \"..\"");
        memcpy(ret->output, name, strlen(name) + 1); /* it fits: judged above */
        return 0;
}

int uri_parse(const V1__CommandInfo__URI *info, struct uri *ret, struct actor_error *error)
{
        memset(ret, 0, sizeof *ret);
        ret->mode = info->has_executable && info->executable ? 0755 : 0644;
        for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
                if (strncmp(info->value, schemes[i].prefix, strlen(schemes[i].prefix)) != 0)
                        continue;
                int r = schemes[i].parse(info, info->value + schemes[i].skip, ret, error);
                return r == 0 ? parse_output(info, ret, error) : r;
        }
        return bad(info, error, "unknown scheme; known are file://, troupe:// and an absolute path");
}
