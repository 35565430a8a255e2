/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/inside.h"

#include "system/system.h"
#include <actor/memory.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* processes.c: processes that exist only in the simulation. A program is a function that says how long
 * its process runs and how it ends; a fatal signal ends it sooner. */

void actor_sim_program(struct actor_sim *sim, const char *program, actor_sim_program_fn run, void *arg)
{
        for (size_t i = 0; i < sim->program_count; i++) {
                if (strcmp(sim->programs[i].name, program) == 0) {
                        sim->programs[i].run = run;
                        sim->programs[i].arg = arg;
                        return;
                }
        }
        ACTOR_ARRAY_RESERVE(sim->programs, sim->program_count, sim->program_capacity);
        sim->programs[sim->program_count++] = (struct sim_program){actor_strdup(program), run, arg};
}

static struct sim_program *program_of(struct actor_sim *sim, const char *name)
{
        for (size_t i = 0; i < sim->program_count; i++) {
                if (strcmp(sim->programs[i].name, name) == 0)
                        return &sim->programs[i];
        }
        return NULL;
}

static struct sim_process *process_of(const struct actor_sim *sim, pid_t pid)
{
        for (size_t i = 0; i < sim->process_count; i++) {
                if (sim->processes[i].pid == pid)
                        return &sim->processes[i];
        }
        return NULL;
}

int sim_process_start(struct actor_sim *sim, struct actor *owner, const struct actor_process_config *config,
                      pid_t *ret, struct actor_error *error)
{
        struct sim_program *program = program_of(sim, config->argv[0]);
        if (program == NULL)
                return actor_error_set(error, -ENOENT, "cannot run \"%s\": no such simulated program",
                                       config->argv[0]);
        pid_t pid = ++sim->last_pid;
        struct actor_sim_fate fate = program->run(config, program->arg);
        ACTOR_ARRAY_RESERVE(sim->processes, sim->process_count, sim->process_capacity);
        sim->processes[sim->process_count++] = (struct sim_process){
                .pid = pid,
                .ends_ns = fate.runs_ms < 0 ? INT64_MAX : sim->now_ns + fate.runs_ms * 1000000,
                .status = fate.status,
                .new_session = config->new_session,
                .kill_with_parent = config->kill_with_parent,
                .ours = true,
                .node = owner->node,
                .owner = cell_ref(owner),
        };
        *ret = pid;
        return 0;
}

int sim_process_adopt(struct actor_sim *sim, struct actor *owner, pid_t pid)
{
        struct sim_process *process = process_of(sim, pid);
        if (process == NULL)
                return -ESRCH;
        process->ours = process->ours && process->node == owner->node;
        process->node = owner->node;
        process->owner = cell_ref(owner);
        return 0;
}

int sim_process_signal(struct actor_sim *sim, pid_t pid, int signal, bool group)
{
        struct sim_process *process = process_of(sim, pid);
        if (process == NULL || (group && !process->new_session))
                return -ESRCH;
        if (signal == 0 || signal == SIGCHLD || signal == SIGCONT || signal == SIGSTOP ||
            signal == SIGWINCH || signal == SIGURG || signal == SIGTSTP)
                return 0;
        process->ends_ns = sim->now_ns;
        process->status = signal; /* as waitpid(2) has it for a process ended by a signal */
        return 0;
}

pid_t actor_sim_last_pid(const struct actor_sim *sim)
{
        return sim->last_pid;
}

bool actor_sim_process_lives(const struct actor_sim *sim, pid_t pid)
{
        return process_of(sim, pid) != NULL;
}

void actor_sim_process_end(struct actor_sim *sim, pid_t pid, int status)
{
        struct sim_process *process = process_of(sim, pid);
        if (process == NULL)
                return;
        process->ends_ns = sim->now_ns;
        process->status = status;
}

void sim_process_unwatch(struct actor_sim *sim, struct actor *owner)
{
        for (size_t i = 0; i < sim->process_count; i++) {
                struct sim_process *process = &sim->processes[i];
                if (process->node == owner->node && actor_ref_equal(process->owner, cell_ref(owner)))
                        process->owner = ACTOR_NOBODY;
        }
}

static void end(struct actor_sim *sim, size_t index)
{
        struct sim_process process = sim->processes[index];
        memmove(&sim->processes[index], &sim->processes[index + 1],
                (sim->process_count - index - 1) * sizeof *sim->processes);
        sim->process_count--;
        if (process.node == NULL || actor_ref_is_nobody(process.owner))
                return;
        struct actor_process_exited exited = {
                .pid = process.pid,
                .status_known = process.ours,
                .status = process.ours ? process.status : 0,
        };
        system_tell_exited(process.node, &process.node->workers[0], process.owner, &exited);
}

bool sim_processes_step(struct actor_sim *sim)
{
        for (size_t i = 0; i < sim->process_count; i++) {
                if (sim->processes[i].ends_ns > sim->now_ns)
                        continue;
                end(sim, i);
                return true;
        }
        return false;
}

int64_t sim_processes_deadline(const struct actor_sim *sim)
{
        int64_t next_ns = INT64_MAX;
        for (size_t i = 0; i < sim->process_count; i++) {
                if (sim->processes[i].ends_ns < next_ns)
                        next_ns = sim->processes[i].ends_ns;
        }
        return next_ns;
}

void sim_processes_orphan(struct actor_sim *sim, const struct actor_node *node)
{
        for (size_t i = 0; i < sim->process_count; i++) {
                struct sim_process *process = &sim->processes[i];
                if (process->node != node)
                        continue;
                process->node = NULL;
                process->ours = false;
                if (process->kill_with_parent) {
                        process->ends_ns = sim->now_ns;
                        process->status = SIGKILL;
                }
        }
}

void sim_processes_done(struct actor_sim *sim)
{
        for (size_t i = 0; i < sim->program_count; i++)
                free(sim->programs[i].name);
        free(sim->programs);
        free(sim->processes);
}
