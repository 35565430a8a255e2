/* SPDX-License-Identifier: Apache-2.0 */
#include "job_parts.h"

#include <actor/memory.h>
#include <actor/message.h>
#include <actor/suggest.h>
#include <errno.h>
#include <proto/ids.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CPUS_MAX 1e6
#define MEGABYTES_MAX 1e12

int job_check_keys(const json_t *object, const char *const *known, struct actor_error *error)
{
        const char *key;
        json_t *value;
        json_object_foreach((json_t *) object, key, value)
        {
                size_t i = 0;
                while (known[i] != NULL && strcmp(known[i], key) != 0)
                        i++;
                if (known[i] != NULL)
                        continue;
                const char *near = actor_suggest(key, known);
                return actor_error_set(error, -EINVAL, "unknown key \"%s\"%s%s%s", key,
                                       near != NULL ? ": did you mean \"" : "", near != NULL ? near : "",
                                       near != NULL ? "\"?" : "");
        }
        return 0;
}

static int read_amount(const json_t *json, const char *key, double most, double *ret,
                       struct actor_error *error)
{
        const json_t *value = json_object_get(json, key);
        if (value == NULL)
                return 0;
        double number = json_number_value(value);
        if (!json_is_number(value) || !(number >= 0 && number <= most))
                return actor_error_set(error, -EINVAL, "\"%s\" must be a number from 0 to %.0f", key, most);
        *ret = number;
        return 0;
}

static int read_command(struct job *job, struct job_task *task, const json_t *json, struct actor_error *error)
{
        const json_t *line = json_object_get(json, "command"), *argv = json_object_get(json, "argv");
        size_t count = json_array_size(argv);
        bool valid_line = line == NULL || (json_is_string(line) && json_string_value(line)[0] != '\0');
        if ((line == NULL) == (argv == NULL) || !valid_line || (argv != NULL && count == 0))
                return actor_error_set(
                        error, -EINVAL,
                        "give one of \"command\", a line for the shell, and \"argv\", a list of strings");
        task->command = actor_msg_alloc(job->arena, (count + 3) * sizeof *task->command);
        if (line != NULL)
                task->command[0] = actor_msg_strdup(job->arena, json_string_value(line));
        for (size_t i = 0; i < count; i++) {
                const char *argument = json_string_value(json_array_get(argv, i));
                if (argument == NULL || (i == 0 && *argument == '\0'))
                        return actor_error_set(error, -EINVAL, "\"argv\"[%zu] is not a string%s", i,
                                               i == 0 ? " that names a program" : "");
                task->command[i] = actor_msg_strdup(job->arena, argument);
        }
        if (count == 1) { /* a program without arguments is no line for the shell */
                task->command[1] = task->command[0];
                task->command[0] = "env";
        }
        return 0;
}

static int read_environment(struct job *job, struct job_task *task, const json_t *json,
                            struct actor_error *error)
{
        json_t *env = json_object_get(json, "env"), *value;
        const char *name;
        size_t count = 0;
        if (env != NULL && !json_is_object(env))
                return actor_error_set(error, -EINVAL, "\"env\" must be an object of strings");
        task->environment =
                actor_msg_alloc(job->arena, (json_object_size(env) + 1) * sizeof *task->environment);
        json_object_foreach(env, name, value)
        {
                if (!json_is_string(value) || *name == '\0' || strchr(name, '=') != NULL)
                        return actor_error_set(
                                error, -EINVAL,
                                "\"env\": \"%s\" must be a name without '=' and have a string as value",
                                name);
                task->environment[count++] =
                        actor_msg_printf(job->arena, "%s=%s", name, json_string_value(value));
        }
        return 0;
}

static int read_id(struct job *job, struct job_task *task, const json_t *json, struct actor_error *error)
{
        const char *id = json_string_value(json_object_get(json, "id"));
        if (id == NULL)
                return actor_error_set(error, -EINVAL, "\"id\" must be a string");
        int r = id_validate("\"id\"", id, error);
        if (r != 0)
                return r;
        if (strlen(id) > JOB_ID_MAX || strchr(id, '~') != NULL)
                return actor_error_set(error, -EINVAL, "\"id\": at most %d bytes and no '~'", JOB_ID_MAX);
        task->id = actor_msg_strdup(job->arena, id);
        return 0;
}

int job_read_task(struct job *job, size_t index, const json_t *json, struct actor_error *error)
{
        static const char *const keys[] = {"id",      "command", "argv",    "cpus", "mem",         "disk",
                                           "depends", "inputs",  "retries", "env",  "constraints", NULL};
        struct job_task *task = &job->tasks[index];
        const json_t *retries = json_object_get(json, "retries");
        task->cpus = 0.1;
        task->mem = 32;
        if (!json_is_object(json))
                return actor_error_set(error, -EINVAL, "a task must be an object");
        int r = read_id(job, task, json, error);
        if (r != 0 || (r = job_check_keys(json, keys, error)) != 0 ||
            (r = read_command(job, task, json, error)) != 0 ||
            (r = read_environment(job, task, json, error)) != 0 ||
            (r = job_read_constraints(job, json, &task->constraints, error)) != 0 ||
            (r = read_amount(json, "cpus", CPUS_MAX, &task->cpus, error)) != 0 ||
            (r = read_amount(json, "mem", MEGABYTES_MAX, &task->mem, error)) != 0 ||
            (r = read_amount(json, "disk", MEGABYTES_MAX, &task->disk, error)) != 0)
                return r;
        json_int_t count = json_integer_value(retries);
        if (retries != NULL && (!json_is_integer(retries) || count < 0 || count > JOB_RETRIES_MAX))
                return actor_error_set(error, -EINVAL, "\"retries\" must be a whole number from 0 to %d",
                                       JOB_RETRIES_MAX);
        task->retries = (unsigned) count;
        if (task->cpus < 0.001 && task->mem < 1)
                return actor_error_set(error, -EINVAL,
                                       "\"cpus\" and \"mem\" are both nothing: a task needs some resources");
        return 0;
}

/* ---- links ---------------------------------------------------------------------------------------- */

static int find_other(const struct job *job, size_t index, const json_t *name, const char *where, size_t *ret,
                      struct actor_error *error)
{
        const char *id = json_string_value(name);
        if (id == NULL)
                return actor_error_set(error, -EINVAL, "%s must be the id of a task", where);
        long found = job_find(job, id);
        if (found < 0)
                return actor_error_set(error, -EINVAL, "%s: there is no task \"%s\"", where, id);
        if ((size_t) found == index)
                return actor_error_set(error, -EINVAL, "%s: a task cannot depend on itself", where);
        *ret = (size_t) found;
        return 0;
}

static int compare_indices(const void *a, const void *b)
{
        size_t x = *(const size_t *) a, y = *(const size_t *) b;
        return (x > y) - (x < y);
}

/* Each dependency once, in the order of the file. */
static void unite_dependencies(struct job_task *task)
{
        size_t used = 0;
        qsort(task->depends, task->depend_count, sizeof *task->depends, compare_indices);
        for (size_t i = 0; i < task->depend_count; i++)
                if (used == 0 || task->depends[used - 1] != task->depends[i])
                        task->depends[used++] = task->depends[i];
        task->depend_count = used;
}

/* A path inside a sandbox: relative, not leading out of it. */
static bool is_inside(const char *path)
{
        if (path == NULL || *path == '\0' || *path == '/' || strlen(path) > 1000)
                return false;
        for (const char *part = path; *part != '\0';) {
                size_t size = strcspn(part, "/");
                if (size == 0 || (size == 2 && strncmp(part, "..", 2) == 0) || (size == 1 && *part == '.'))
                        return false;
                part += size;
                if (*part == '/' && *++part == '\0')
                        return false;
        }
        return true;
}

static int read_input(struct job *job, size_t index, size_t number, const json_t *json,
                      struct actor_error *error)
{
        static const char *const keys[] = {"task", "path", "as", NULL};
        struct job_task *task = &job->tasks[index];
        struct job_input *input = &task->inputs[number];
        char where[64];
        snprintf(where, sizeof where, "\"inputs\"[%zu]", number);
        const char *path = json_string_value(json_object_get(json, "path"));
        const char *as = json_string_value(json_object_get(json, "as"));
        if (!json_is_object(json) || !is_inside(path) || !is_inside(as))
                return actor_error_set(
                        error, -EINVAL,
                        "%s: expected {\"task\": id, \"path\": file, \"as\": file}, the files inside a "
                        "sandbox: relative, without \".\" and \"..\"",
                        where);
        int r = job_check_keys(json, keys, error);
        if (r != 0)
                return actor_error_prefix(error, r, "%s", where);
        r = find_other(job, index, json_object_get(json, "task"), where, &input->task, error);
        if (r != 0)
                return r;
        input->path = actor_msg_strdup(job->arena, path);
        input->as = actor_msg_strdup(job->arena, as);
        task->depends[task->depend_count++] = input->task;
        return 0;
}

int job_read_links(struct job *job, size_t index, const json_t *json, struct actor_error *error)
{
        struct job_task *task = &job->tasks[index];
        const json_t *depends = json_object_get(json, "depends"), *inputs = json_object_get(json, "inputs");
        size_t depend_count = json_array_size(depends), other;
        if ((depends != NULL && !json_is_array(depends)) || (inputs != NULL && !json_is_array(inputs)))
                return actor_error_set(error, -EINVAL, "\"depends\" and \"inputs\" must be lists");
        task->input_count = json_array_size(inputs);
        if (depend_count + task->input_count > JOB_DEPENDS_MAX)
                return actor_error_set(error, -EINVAL, "more than %d dependencies", JOB_DEPENDS_MAX);
        task->depends =
                actor_msg_alloc(job->arena, (depend_count + task->input_count + 1) * sizeof *task->depends);
        task->inputs = actor_msg_alloc(job->arena, (task->input_count + 1) * sizeof *task->inputs);
        for (size_t i = 0; i < depend_count; i++) {
                char where[64];
                snprintf(where, sizeof where, "\"depends\"[%zu]", i);
                int r = find_other(job, index, json_array_get(depends, i), where, &other, error);
                if (r != 0)
                        return r;
                task->depends[task->depend_count++] = other;
        }
        for (size_t i = 0; i < task->input_count; i++) {
                int r = read_input(job, index, i, json_array_get(inputs, i), error);
                if (r != 0)
                        return r;
        }
        unite_dependencies(task);
        return 0;
}
