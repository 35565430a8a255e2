/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sandbox_done(struct sandbox *sandbox)
{
        free(sandbox->files);
        free(sandbox->path);
        *sandbox = (struct sandbox){NULL, NULL};
}

static double task_time(const V1__Task *task)
{
        return task->n_statuses > 0 ? task->statuses[task->n_statuses - 1]->timestamp : 0;
}

static bool is_wanted(const V1__Task *task, const char *id, const char *framework)
{
        return strcmp(task->task_id->value, id) == 0 &&
               (framework == NULL || strcmp(task->framework_id->value, framework) == 0);
}

static const V1__Task *newest(V1__Task *const *tasks, size_t count, const char *id, const char *framework,
                              const V1__Task *best)
{
        for (size_t i = 0; i < count; i++)
                if (is_wanted(tasks[i], id, framework) && (best == NULL || task_time(tasks[i]) >= task_time(best)))
                        best = tasks[i];
        return best;
}

static const V1__Task *find_task(const MasterApi__Response__GetTasks *tasks, const char *id, const char *framework)
{
        const V1__Task *best = newest(tasks->completed_tasks, tasks->n_completed_tasks, id, framework, NULL);
        best = newest(tasks->unreachable_tasks, tasks->n_unreachable_tasks, id, framework, best);
        return newest(tasks->tasks, tasks->n_tasks, id, framework, best);
}

/* "agent@host:port" → "files@host:port" */
static char *files_address(const MasterApi__Response__GetAgents *agents, const char *agent_id)
{
        for (size_t i = 0; i < agents->n_agents; i++) {
                const MasterApi__Response__GetAgents__Agent *agent = agents->agents[i];
                const char *at = agent->pid != NULL ? strchr(agent->pid, '@') : NULL;
                if (at != NULL && agent->agent_info->id != NULL && strcmp(agent->agent_info->id->value, agent_id) == 0)
                        return actor_asprintf("files%s", at);
        }
        return NULL;
}

static int locate(const MasterApi__Response__GetState *state, const char *id, const char *framework,
                  struct sandbox *ret, struct actor_error *error)
{
        const V1__Task *task = state->get_tasks != NULL ? find_task(state->get_tasks, id, framework) : NULL;
        if (task == NULL)
                return actor_error_set(error, SANDBOX_E_UNKNOWN, "no task '%s'; `troupe ps --all` lists them", id);
        char *files = state->get_agents != NULL ? files_address(state->get_agents, task->agent_id->value) : NULL;
        if (files == NULL)
                return actor_error_set(error, SANDBOX_E_UNKNOWN, "task '%s' ran on agent %s, which is not here now", id,
                                       task->agent_id->value);
        const char *executor = task->executor_id != NULL && *task->executor_id->value != '\0'
                                       ? task->executor_id->value
                                       : task->task_id->value;
        ret->files = files;
        ret->path = actor_asprintf("/framework/%s/executor/%s/latest", task->framework_id->value, executor);
        return 0;
}

int sandbox_find(struct session *session, const char *task, const char *framework, struct sandbox *ret,
                 struct actor_error *error)
{
        void *answer;
        int r = session_get(session, MASTER_API__CALL__TYPE__GET_STATE, &answer, error);
        if (r != 0)
                return r;
        const MasterApi__Response *response = answer;
        if (response->get_state == NULL)
                r = actor_error_set(error, -EPROTO, "the master's answer bears no state");
        else
                r = locate(response->get_state, task, framework, ret, error);
        actor_msg_unref(answer);
        return r;
}

static int ask_files(struct session *session, const struct sandbox *sandbox, AgentApi__Call *call_take, void **ret,
                     struct actor_error *error)
{
        return session_ask(session, sandbox->files, call_take, &agent_response_type, ret, error);
}

static char *join(void *msg, const struct sandbox *sandbox, const char *file)
{
        return *file != '\0' ? actor_msg_printf(msg, "%s/%s", sandbox->path, file)
                             : actor_msg_strdup(msg, sandbox->path);
}

int sandbox_read(struct session *session, const struct sandbox *sandbox, const char *file, uint64_t offset, void **ret,
                 struct actor_error *error)
{
        AgentApi__Call *call = actor_msg_new(&agent_call_type);
        call->has_type = true;
        call->type = AGENT_API__CALL__TYPE__READ_FILE;
        call->read_file = actor_msg_alloc(call, sizeof *call->read_file);
        agent_api__call__read_file__init(call->read_file);
        call->read_file->path = join(call, sandbox, file);
        call->read_file->offset = offset;
        return ask_files(session, sandbox, call, ret, error);
}

int sandbox_list(struct session *session, const struct sandbox *sandbox, const char *folder, void **ret,
                 struct actor_error *error)
{
        AgentApi__Call *call = actor_msg_new(&agent_call_type);
        call->has_type = true;
        call->type = AGENT_API__CALL__TYPE__LIST_FILES;
        call->list_files = actor_msg_alloc(call, sizeof *call->list_files);
        agent_api__call__list_files__init(call->list_files);
        call->list_files->path = join(call, sandbox, folder);
        return ask_files(session, sandbox, call, ret, error);
}

static int write_all(int fd, const uint8_t *data, size_t size, struct actor_error *error)
{
        while (size > 0) {
                ssize_t n = write(fd, data, size);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return actor_error_set(error, -errno, "cannot write: %s", strerror(errno));
                data += n;
                size -= (size_t) n;
        }
        return 0;
}

/* Turns "so many bytes before the end" into an offset, which takes one question for the size. */
static int resolve_offset(struct session *session, const struct sandbox *sandbox, const char *file, int64_t offset,
                          uint64_t *ret, struct actor_error *error)
{
        if (offset >= 0) {
                *ret = (uint64_t) offset;
                return 0;
        }
        void *answer;
        int r = sandbox_read(session, sandbox, file, INT64_MAX, &answer, error);
        if (r != 0)
                return r;
        uint64_t size = ((AgentApi__Response *) answer)->read_file->size, back = (uint64_t) -offset;
        *ret = size > back ? size - back : 0;
        actor_msg_unref(answer);
        return 0;
}

int sandbox_copy(struct session *session, const struct sandbox *sandbox, const char *file, int64_t offset, int fd,
                 uint64_t *ret_end, struct actor_error *error)
{
        uint64_t position = 0;
        int r = resolve_offset(session, sandbox, file, offset, &position, error);
        size_t got = 1;
        while (r == 0 && got > 0) {
                void *answer;
                r = sandbox_read(session, sandbox, file, position, &answer, error);
                if (r != 0)
                        break;
                const AgentApi__Response__ReadFile *piece = ((AgentApi__Response *) answer)->read_file;
                got = piece->data.len;
                r = write_all(fd, piece->data.data, got, error);
                position += got;
                actor_msg_unref(answer);
        }
        if (ret_end != NULL)
                *ret_end = position;
        return r;
}
