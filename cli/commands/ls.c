/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"
#include "command.h"
#include "sandbox_command.h"

#include <actor/table.h>
#include <string.h>
#include <sys/stat.h>

#define LS_FLAGS(FLAG) SANDBOX_FLAGS(FLAG)
CLI_FLAG_SET(ls_flags, LS_FLAGS, "troupe ls", "Lists the files of a task's sandbox.", "TASK [FOLDER]")

static void print_mode(struct actor_table *table, uint32_t mode)
{
        static const char letters[] = "rwxrwxrwx";
        char text[11];
        text[0] = S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : '-';
        for (int i = 0; i < 9; i++)
                text[i + 1] = mode & (1u << (8 - i)) ? letters[i] : '-';
        text[10] = '\0';
        actor_table_cell(table, text);
}

static void print_table(const AgentApi__Response__ListFiles *files)
{
        static const char *const columns[] = {"MODE", "OWNER", ">SIZE", ">AGE", "NAME", NULL};
        struct actor_table *table = actor_table_new(columns);
        for (size_t i = 0; i < files->n_file_infos; i++) {
                const V1__FileInfo *file = files->file_infos[i];
                const char *slash = strrchr(file->path, '/');
                char age[32];
                print_mode(table, file->mode);
                actor_table_cell(table, file->uid);
                actor_table_cellf(table, "%llu", (unsigned long long) file->size);
                actor_table_cell(table,
                           file->mtime != NULL ? cluster_age((double) file->mtime->nanoseconds / 1e9, age) : NULL);
                actor_table_cell(table, slash != NULL ? slash + 1 : file->path);
        }
        actor_table_print(table, stdout, "the folder is empty");
        actor_table_free(table);
}

static int list(struct session *session, const struct sandbox *sandbox, int argc, char **argv, const void *flags,
                struct actor_error *error)
{
        void *answer;
        int r = sandbox_list(session, sandbox, argc > 1 ? argv[1] : "", &answer, error);
        if (r != 0)
                return r;
        const AgentApi__Response *response = answer;
        if (((const struct flags *) flags)->json)
                cluster_print_json(response->list_files);
        else
                print_table(response->list_files);
        actor_msg_unref(answer);
        return 0;
}

int ls_run(int argc, char **argv)
{
        struct flags flags;
        int rest, exit;
        if (!cli_parse(&ls_flags, argc, argv, &flags, &rest, &exit))
                return exit;
        struct sandbox_command command = {"ls", SESSION_OF(&flags), flags.framework, 1, 2, list, &flags};
        exit = sandbox_command_run(&command, argc - rest, argv + rest);
        actor_flags_done(&ls_flags, &flags);
        return exit;
}
