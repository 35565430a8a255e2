/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <actor/memory.h>
#include <actor/ref.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int judge_master(const char *master, struct actor_error *error)
{
        char text[ACTOR_ENDPOINT_MAX + 16];
        struct actor_address address;
        if (snprintf(text, sizeof text, "master@%s", master) >= (int) sizeof text)
                return actor_error_set(error, -EINVAL, "--master: an address is longer than %d bytes",
                                       ACTOR_ENDPOINT_MAX);
        int r = actor_address_parse(text, &address, error);
        return r == 0 ? 0 : actor_error_prefix(error, r, "--master=\"%s\" (expected host:port)", master);
}

int options_masters(const char *text, const char ***ret, struct actor_error *error)
{
        if (text == NULL || *text == '\0')
                return actor_error_set(error, -EINVAL, "--master is required: host:port of a master");
        size_t count = 1;
        for (const char *c = text; *c; c++)
                count += *c == ',';
        size_t table = (count + 1) * sizeof(char *);
        char *block = actor_zalloc(table + strlen(text) + 1);
        char *rest = memcpy(block + table, text, strlen(text) + 1);
        const char **list = (const char **) block;
        for (size_t i = 0; i < count; i++) {
                list[i] = strsep(&rest, ",");
                int r = judge_master(list[i], error);
                if (r != 0) {
                        actor_freep(&block);
                        return r;
                }
        }
        *ret = list;
        return 0;
}

/* ---- executors' environment -------------------------------------------------------------------- */

static const char **pack(const char *const *list, size_t count)
{
        size_t size = (count + 1) * sizeof(char *);
        for (size_t i = 0; i < count; i++)
                size += strlen(list[i]) + 1;
        char *block = actor_zalloc(size), *at = block + (count + 1) * sizeof(char *);
        const char **ret = (const char **) block;
        for (size_t i = 0; i < count; i++) {
                ret[i] = at;
                size_t length = strlen(list[i]) + 1;
                memcpy(at, list[i], length);
                at += length;
        }
        return ret;
}

static const char **environment_inherited(char **environment)
{
        size_t total = 0, count = 0;
        while (environment[total])
                total++;
        CLEANUP(actor_freep) const char **list = actor_realloc_array(NULL, total + 1, sizeof *list);
        for (size_t i = 0; i < total; i++)
                if (strncmp(environment[i], "TROUPE_", 7) != 0 && strncmp(environment[i], "MESOS_", 6) != 0)
                        list[count++] = environment[i];
        return pack(list, count);
}

static int environment_from_json(const json_t *object, const char ***ret, struct actor_error *error)
{
        size_t count = 0;
        const char *name;
        json_t *value;
        CLEANUP(actor_freep)
        const char **list = actor_realloc_array(NULL, json_object_size(object) + 1, sizeof *list);
        int r = 0;
        json_object_foreach((json_t *) object, name, value)
        {
                if (!json_is_string(value) || *name == '\0' || strchr(name, '=')) {
                        r = actor_error_set(error, -EINVAL,
                                            "--executor_environment: \"%.80s\" must be a name with a string",
                                            name);
                        break;
                }
                list[count++] = actor_asprintf("%s=%s", name, json_string_value(value));
        }
        if (r == 0)
                *ret = pack(list, count);
        for (size_t i = 0; i < count; i++)
                actor_freep(&list[i]);
        return r;
}

int options_environment(const char *text, char **environment, const char ***ret, struct actor_error *error)
{
        if (text == NULL) {
                *ret = environment_inherited(environment);
                return 0;
        }
        json_error_t why;
        json_t *object = json_loads(text, 0, &why);
        int r;
        if (!json_is_object(object))
                r = actor_error_set(error, -EINVAL,
                                    "--executor_environment must be a JSON object of strings: %s",
                                    object ? "it is something else" : why.text);
        else
                r = environment_from_json(object, ret, error);
        json_decref(object);
        return r;
}
