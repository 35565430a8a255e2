/* SPDX-License-Identifier: Apache-2.0 */
#include "files/path.h"

#include <errno.h>
#include <proto/ids.h>
#include <stdio.h>
#include <string.h>

struct parts {
        char framework[256], executor[256], container[256];
        const char *rest;
};

/* Reads one name up to the next slash; moves *path behind it. Ids only: no "", ".", "..", control characters.
 */
static bool take_name(const char **path, char ret[256])
{
        size_t size = strcspn(*path, "/");
        if (size == 0 || size > 255)
                return false;
        memcpy(ret, *path, size);
        ret[size] = '\0';
        *path += size;
        *path += strspn(*path, "/");
        return id_validate("name", ret, NULL) == 0;
}

static bool take_word(const char **path, const char *word)
{
        size_t size = strlen(word);
        if (strncmp(*path, word, size) != 0 || ((*path)[size] != '/' && (*path)[size] != '\0'))
                return false;
        *path += size;
        *path += strspn(*path, "/");
        return true;
}

static bool parse_virtual(const char *path, struct parts *ret)
{
        path += strspn(path, "/");
        if (!take_word(&path, "framework") || !take_name(&path, ret->framework) ||
            !take_word(&path, "executor") || !take_name(&path, ret->executor))
                return false;
        if (take_word(&path, "latest"))
                memcpy(ret->container, "latest", sizeof "latest");
        else if (!take_word(&path, "runs") || !take_name(&path, ret->container))
                return false;
        ret->rest = path;
        return true;
}

static bool parse_real(const char *path, const char *work_dir, const char *agent_id, struct parts *ret)
{
        size_t size = strlen(work_dir);
        if (strncmp(path, work_dir, size) != 0 || path[size] != '/')
                return false;
        path += size + strspn(path + size, "/");
        if (!take_word(&path, "agents") || !take_word(&path, agent_id) || !take_word(&path, "frameworks") ||
            !take_name(&path, ret->framework) || !take_word(&path, "executors") ||
            !take_name(&path, ret->executor) || !take_word(&path, "runs") ||
            !take_name(&path, ret->container))
                return false;
        ret->rest = path;
        return true;
}

int files_path_parse(const char *path, const char *work_dir, const char *agent_id, struct files_path *ret,
                     struct actor_error *error)
{
        if (strlen(path) >= PATH_MAX)
                return actor_error_set(error, -EINVAL, "path is longer than %d bytes", PATH_MAX - 1);
        if (agent_id == NULL)
                return actor_error_set(error, -EINVAL,
                                       "this agent has no sandboxes yet: it is not registered");

        struct parts parts;
        if (!parse_real(path, work_dir, agent_id, &parts) && !parse_virtual(path, &parts))
                return actor_error_set(
                        error, -EINVAL,
                        "path \"%.200s\" is not in a sandbox of this agent: expected "
                        "/framework/F/executor/E/latest/PATH or /framework/F/executor/E/runs/C/PATH",
                        path);
        int size = snprintf(ret->runs, sizeof ret->runs, "agents/%s/frameworks/%s/executors/%s/runs",
                            agent_id, parts.framework, parts.executor);
        if (size < 0 || (size_t) size >= sizeof ret->runs)
                return actor_error_set(error, -EINVAL, "path is too long");
        memcpy(ret->container, parts.container, sizeof ret->container);
        snprintf(ret->inside, sizeof ret->inside, "%s", *parts.rest ? parts.rest : "."); /* shorter than path */
        return 0;
}
