/* SPDX-License-Identifier: Apache-2.0 */
#include <proto/command.h>

#include <errno.h>

const char **command_shell_argv(void *msg, const char *text)
{
        const char **argv = actor_msg_alloc(msg, 4 * sizeof *argv);
        argv[0] = "/bin/sh";
        argv[1] = "-c";
        argv[2] = actor_msg_strdup(msg, text);
        return argv;
}

int command_argv(void *msg, const V1__CommandInfo *command, const char ***ret, struct actor_error *error)
{
        if (command->value == NULL || command->value[0] == '\0')
                return actor_error_set(error, -EINVAL,
                                       "the command has no value: a command line or a program");
        if (!command->has_shell || command->shell) {
                *ret = command_shell_argv(msg, command->value);
                return 0;
        }
        size_t count = command->n_arguments;
        const char **argv = actor_msg_alloc(msg, (count + 2) * sizeof *argv);
        argv[0] = actor_msg_strdup(msg, command->value);
        for (size_t i = 1; i < count; i++)
                argv[i] = actor_msg_strdup(msg, command->arguments[i]);
        *ret = argv;
        return 0;
}

static int rlimit_resource(V1__RLimitInfo__RLimit__Type type)
{
        static const int resources[] = {
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_AS] = RLIMIT_AS,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_CORE] = RLIMIT_CORE,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_CPU] = RLIMIT_CPU,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_DATA] = RLIMIT_DATA,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_FSIZE] = RLIMIT_FSIZE,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_LOCKS] = RLIMIT_LOCKS,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_MEMLOCK] = RLIMIT_MEMLOCK,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_MSGQUEUE] = RLIMIT_MSGQUEUE,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_NICE] = RLIMIT_NICE,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_NOFILE] = RLIMIT_NOFILE,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_NPROC] = RLIMIT_NPROC,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_RSS] = RLIMIT_RSS,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_RTPRIO] = RLIMIT_RTPRIO,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_RTTIME] = RLIMIT_RTTIME,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_SIGPENDING] = RLIMIT_SIGPENDING,
                [V1__RLIMIT_INFO__RLIMIT__TYPE__RLMT_STACK] = RLIMIT_STACK,
        };
        bool known = type > V1__RLIMIT_INFO__RLIMIT__TYPE__UNKNOWN &&
                     (size_t) type < sizeof resources / sizeof resources[0];
        return known ? resources[type] : -1;
}

static int rlimit_from_v1(const V1__RLimitInfo__RLimit *limit, struct actor_process_rlimit *ret,
                          struct actor_error *error)
{
        int resource = rlimit_resource(limit->type);
        if (resource < 0)
                return actor_error_set(error, -EINVAL, "resource limit %d is not known", (int) limit->type);
        if (limit->has_hard != limit->has_soft || (limit->has_hard && limit->soft > limit->hard))
                return actor_error_set(
                        error, -EINVAL,
                        "resource limit %d: give soft and hard, soft not above hard, or neither "
                        "for no limit",
                        (int) limit->type);
        *ret = (struct actor_process_rlimit){.resource = resource,
                                             .limit = {limit->has_soft ? limit->soft : RLIM_INFINITY,
                                                       limit->has_hard ? limit->hard : RLIM_INFINITY}};
        return 0;
}

int rlimits_from_v1(void *msg, const V1__RLimitInfo *info, size_t *ret_count,
                    struct actor_process_rlimit **ret, struct actor_error *error)
{
        size_t count = info != NULL ? info->n_rlimits : 0;
        struct actor_process_rlimit *rlimits = actor_msg_alloc(msg, (count + 1) * sizeof *rlimits);
        for (size_t i = 0; i < count; i++) {
                int r = rlimit_from_v1(info->rlimits[i], &rlimits[i], error);
                if (r != 0)
                        return r;
        }
        *ret_count = count;
        *ret = rlimits;
        return 0;
}
