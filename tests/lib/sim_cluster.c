/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_cluster.h"

#include "agent/supervision/messages.h"
#include "agent/wiring.h"
#include "executor/command/command.h"
#include "master/registrar/messages.h"
#include "master/wiring.h"
#include <actor/log.h>
#include <actor/memory.h>
#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXECUTOR_PROGRAM "/sim/troupe-executor"
#define ASK_TIMEOUT_MS 60000

/* A process that is played by an executor driver on a node of its own. */
struct process {
        pid_t pid;
        unsigned agent;
        char *address, *framework_id, *executor_id;
        int64_t recovery_timeout_ms;
        char endpoint[32];
        struct actor_node *node; /* NULL: not begun yet */
        struct troupe_executor *driver;
        struct troupe_executor_callbacks callbacks; /* the command executor's */
        void *data;
        bool ended;
        struct process *next;
};

struct sim_agent {
        char host[8], endpoint[32];
        char *work_dir;
        unsigned incarnation; /* of the machine's directory */
        struct actor_disk *disk;
        struct actor_store *store;
        struct actor_node *node; /* NULL: it does not run */
        struct agent_flags flags;
        struct agent *agent;
};

struct sim_cluster {
        struct actor_sim *sim;
        uint64_t dice;
        char directory[64];
        struct actor_log *log;
        FILE *transcript;
        char *transcript_text;
        size_t transcript_size;
        bool loud; /* TEST_LOG is set */
        struct master_flags master_flags;
        struct actor_node *master_node;
        struct master *master;
        struct sim_agent agents[SIM_AGENTS];
        struct process *processes;
};

/* ---- time ----------------------------------------------------------------------------------------- */

static const char *variable_of(const char *const *environment, const char *name)
{
        size_t size = strlen(name);
        for (; *environment != NULL; environment++)
                if (strncmp(*environment, name, size) == 0 && (*environment)[size] == '=')
                        return *environment + size + 1;
        return NULL;
}

static void on_executor_ended(struct troupe_executor *e, void *data)
{
        struct process *p = data;
        p->ended = true;
        p->callbacks.ended(e, p->data);
}

/* The command executor's callbacks with one of ours around its end. */
#define PASS(name, params, args)                \
        static void pass_##name params          \
        {                                       \
                struct process *p = data;       \
                if (p->callbacks.name != NULL)  \
                        p->callbacks.name args; \
        }
PASS(registered, (struct troupe_executor * e, void *data, const Exec__Event__Subscribed *subscribed),
     (e, p->data, subscribed))
PASS(launch_task, (struct troupe_executor * e, void *data, const V1__TaskInfo *task), (e, p->data, task))
PASS(kill_task,
     (struct troupe_executor * e, void *data, const V1__TaskID *task_id, const V1__KillPolicy *policy),
     (e, p->data, task_id, policy))
PASS(shutdown, (struct troupe_executor * e, void *data), (e, p->data))

static int pass_other(struct troupe_executor *e, void *data, const struct actor_mail *mail, const void *body)
{
        struct process *p = data;
        return p->callbacks.other(e, p->data, mail, body);
}

static void process_begin(struct sim_cluster *c, struct process *p)
{
        snprintf(p->endpoint, sizeof p->endpoint, "tcp://x%d:1", (int) p->pid);
        p->node = sim_cluster_node(c, p->endpoint + strlen("tcp://"), p->endpoint);
        struct troupe_executor_config config = {
                .address = p->address,
                .framework_id = p->framework_id,
                .executor_id = p->executor_id,
                .recovery_timeout_ms = p->recovery_timeout_ms,
                .node = p->node,
        };
        command_executor(&config);
        p->callbacks = config.callbacks;
        p->data = config.data;
        config.data = p;
        config.callbacks = (struct troupe_executor_callbacks){
                .registered = pass_registered,
                .launch_task = pass_launch_task,
                .kill_task = pass_kill_task,
                .shutdown = pass_shutdown,
                .other = pass_other,
                .ended = on_executor_ended,
        };
        struct actor_error error = {""};
        int r = troupe_executor_new(&config, &p->driver, &error);
        ck_assert_msg(r == 0, "executor: %s", error.text);
        ck_assert_int_eq(troupe_executor_start(p->driver), 0);
}

static void process_free(struct process *p)
{
        troupe_executor_free(p->driver);
        free(p->address);
        free(p->framework_id);
        free(p->executor_id);
        free(p);
}

static bool process_is_due(struct sim_cluster *c, const struct process *p)
{
        return p->node == NULL || p->ended || !actor_sim_process_lives(c->sim, p->pid);
}

/* Begins what was started, buries what was killed or has ended by itself. */
static void processes_tend(struct sim_cluster *c)
{
        for (struct process **link = &c->processes, *p = *link; p != NULL; p = *link) {
                bool lives = actor_sim_process_lives(c->sim, p->pid);
                if (lives && p->node == NULL)
                        process_begin(c, p);
                if (lives && !p->ended) {
                        link = &p->next;
                        continue;
                }
                *link = p->next;
                if (lives)
                        actor_node_free(p->node);
                else if (p->node != NULL)
                        actor_sim_crash(c->sim, p->node);
                if (lives)
                        actor_sim_process_end(c->sim, p->pid, 0);
                process_free(p);
        }
}

struct waiting {
        struct sim_cluster *c;
        bool (*done)(void *arg);
        void *arg;
};

static bool is_time_to_look(void *arg)
{
        const struct waiting *w = arg;
        for (const struct process *p = w->c->processes; p != NULL; p = p->next)
                if (process_is_due(w->c, p))
                        return true;
        return w->done != NULL && w->done(w->arg);
}

bool sim_cluster_run_until(struct sim_cluster *c, bool (*done)(void *arg), void *arg, int64_t limit_ms)
{
        int64_t until_ms = actor_sim_now_ms(c->sim) + limit_ms;
        struct waiting w = {c, done, arg};
        while (done == NULL || !done(arg)) {
                int64_t left_ms = until_ms - actor_sim_now_ms(c->sim);
                bool looked = left_ms >= 0 && actor_sim_run_until(c->sim, is_time_to_look, &w, left_ms);
                processes_tend(c);
                if (!looked)
                        return done != NULL && done(arg);
        }
        return true;
}

void sim_cluster_run(struct sim_cluster *c, int64_t ms)
{
        int64_t until_ms = actor_sim_now_ms(c->sim) + ms;
        sim_cluster_run_until(c, NULL, NULL, ms);
        if (actor_sim_now_ms(c->sim) < until_ms)
                actor_sim_advance(c->sim, until_ms - actor_sim_now_ms(c->sim));
}

int64_t sim_cluster_now_ms(struct sim_cluster *c)
{
        return actor_sim_now_ms(c->sim);
}

/* ---- programs ------------------------------------------------------------------------------------- */

static unsigned agent_of(const struct sim_cluster *c, const char *address)
{
        for (unsigned i = 0; i < SIM_AGENTS; i++)
                if (strstr(address, c->agents[i].endpoint + strlen("tcp://")) != NULL)
                        return i;
        ck_abort_msg("an executor of no agent: %s", address);
        return 0;
}

static struct actor_sim_fate run_executor(const struct actor_process_config *config, void *arg)
{
        struct sim_cluster *c = arg;
        struct process *p = actor_zalloc(sizeof *p), **link = &c->processes;
        p->pid = actor_sim_last_pid(c->sim);
        p->address = actor_strdup(variable_of(config->environment, "TROUPE_EXECUTOR_ADDRESS"));
        p->framework_id = actor_strdup(variable_of(config->environment, "MESOS_FRAMEWORK_ID"));
        p->executor_id = actor_strdup(variable_of(config->environment, "MESOS_EXECUTOR_ID"));
        if (strcmp(variable_of(config->environment, "MESOS_CHECKPOINT"), "1") == 0)
                p->recovery_timeout_ms = 15 * 60 * 1000;
        p->agent = agent_of(c, p->address);
        while (*link != NULL)
                link = &(*link)->next;
        *link = p;
        return (struct actor_sim_fate){.runs_ms = -1};
}

/* A task: sh -c "RUNS_MS STATUS"; RUNS_MS -1: until killed. */
static struct actor_sim_fate run_shell(const struct actor_process_config *config, void *arg)
{
        long long runs_ms = -1;
        int status = 0;
        ck_assert_int_ge(sscanf(config->argv[2], "%lld %d", &runs_ms, &status), 1);
        return (struct actor_sim_fate){.runs_ms = runs_ms, .status = status << 8};
}

/* ---- agents --------------------------------------------------------------------------------------- */

static void parse_flags(const struct actor_flag_set *set, char **argv, void *ret)
{
        struct actor_error error = {""};
        int rest = 0, argc = 0;
        while (argv[argc] != NULL)
                argc++;
        int r = actor_flags_parse(set, argc, argv, ret, &rest, &error);
        ck_assert_msg(r == 0, "%s", error.text);
}

const char *sim_agent_endpoint(const struct sim_cluster *c, unsigned index)
{
        return c->agents[index].endpoint;
}

bool sim_agent_runs(const struct sim_cluster *c, unsigned index)
{
        return c->agents[index].node != NULL;
}

static void take_work_dir(struct sim_cluster *c, struct sim_agent *a, bool fresh)
{
        if (a->disk != NULL && !fresh)
                return;
        actor_disk_free(a->disk);
        actor_freep(&a->work_dir);
        a->disk = actor_disk_new();
        a->work_dir = actor_asprintf("%s/%s.%u", c->directory, a->host, ++a->incarnation);
        ck_assert_int_eq(mkdir(a->work_dir, 0755), 0);
}

void sim_agent_start(struct sim_cluster *c, unsigned index, bool fresh)
{
        struct sim_agent *a = &c->agents[index];
        ck_assert_ptr_null(a->node);
        take_work_dir(c, a, fresh);
        struct actor_error error = {""};
        int r = actor_store_open_memory(a->disk, "troupe-agent", 1, &a->store, &error);
        ck_assert_msg(r == 0, "%s", error.text);
        a->node = sim_cluster_node(c, a->host, a->endpoint);
        const struct agent_place place = {
                .node = a->node,
                .store = a->store,
                .log = c->log,
                .work_dir = a->work_dir,
                .endpoint = a->endpoint + strlen("tcp://"),
                .executor_endpoint = a->endpoint + strlen("tcp://"),
                .signal_fd = -1,
        };
        r = agent_start(&a->flags, &place, &a->agent, &error);
        ck_assert_msg(r == 0, "agent: %s", error.text);
        agent_begin(a->agent);
}

static void agent_bury(struct sim_agent *a)
{
        agent_free(a->agent);
        actor_store_close(a->store);
        a->agent = NULL;
        a->store = NULL;
        a->node = NULL;
}

void sim_agent_crash(struct sim_cluster *c, unsigned index)
{
        struct sim_agent *a = &c->agents[index];
        ck_assert_ptr_nonnull(a->node);
        actor_sim_crash(c->sim, a->node);
        agent_bury(a);
}

void sim_agent_break_executors(struct sim_cluster *c, unsigned index)
{
        for (const struct process *p = c->processes; p != NULL; p = p->next)
                if (p->agent == index && p->node != NULL)
                        actor_sim_break(c->sim, c->agents[index].endpoint, p->endpoint);
}

static void agents_prepare(struct sim_cluster *c)
{
        for (unsigned i = 0; i < SIM_AGENTS; i++) {
                struct sim_agent *a = &c->agents[i];
                snprintf(a->host, sizeof a->host, "a%u", i + 1);
                snprintf(a->endpoint, sizeof a->endpoint, "tcp://a%u:5051", i + 1);
                CLEANUP(actor_freep) char *hostname = actor_asprintf("--hostname=%s", a->host);
                char *argv[] = {"agent",
                                "--master=m:5050",
                                hostname,
                                "--launcher_dir=/sim",
                                "--no-switch_user",
                                "--executor_environment={}",
                                "--resources=cpus:4;mem:4096;disk:10000;ports:[31000-32000]",
                                NULL};
                parse_flags(&agent_flag_set, argv, &a->flags);
                sim_agent_start(c, i, true);
        }
}

/* ---- the cluster ---------------------------------------------------------------------------------- */

static void write_line(void *arg, enum actor_log_level level, const char *line)
{
        struct sim_cluster *c = arg;
        const char *rest =
                strchr(line, ' '); /* behind the wall's time, which is not simulated for the network */
        ck_assert_ptr_nonnull(rest);
        fprintf(c->transcript, "%lld%s\n", (long long) actor_sim_now_ms(c->sim), rest);
        if (c->loud)
                fprintf(stderr, "%lld%s\n", (long long) actor_sim_now_ms(c->sim), rest);
}

static void master_start_on(struct sim_cluster *c)
{
        char *argv[] = {"master", "--registry=memory", NULL};
        parse_flags(&master_flag_set, argv, &c->master_flags);
        const struct place place = {.address = "m:5050", .hostname = "m"};
        struct actor_error error = {""};
        c->master_node = sim_cluster_node(c, "m", SIM_MASTER);
        int r = master_start(c->master_node, &c->master_flags, &place, &c->master, &error);
        ck_assert_msg(r == 0, "master: %s", error.text);
}

static int remove_entry(const char *path, const struct stat *entry, int kind, struct FTW *walk)
{
        (void) entry;
        (void) kind;
        (void) walk;
        return remove(path);
}

struct sim_cluster *sim_cluster_new(uint64_t seed)
{
        struct sim_cluster *c = actor_zalloc(sizeof *c);
        c->sim = actor_sim_new(seed);
        c->dice = seed ^ UINT64_C(0x5DEECE66D);
        c->loud = getenv("TEST_LOG") != NULL;
        c->transcript = open_memstream(&c->transcript_text, &c->transcript_size);
        c->log = actor_log_new_function(write_line, c, ACTOR_LOG_DEBUG);
        /* Named by the process, not by chance: the same seed gives the same transcript. */
        snprintf(c->directory, sizeof c->directory, "/tmp/troupe-sim-%d", (int) getpid());
        (void) nftw(c->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS); /* of a run that failed */
        ck_assert_int_eq(mkdir(c->directory, 0700), 0);
        actor_sim_program(c->sim, EXECUTOR_PROGRAM, run_executor, c);
        actor_sim_program(c->sim, "/bin/sh", run_shell, c);
        master_start_on(c);
        agents_prepare(c);
        return c;
}

void sim_cluster_free(struct sim_cluster *c)
{
        if (c == NULL)
                return;
        for (struct process *p = c->processes; p != NULL; p = p->next)
                if (p->node != NULL)
                        actor_sim_crash(c->sim, p->node);
        for (unsigned i = 0; i < SIM_AGENTS; i++)
                if (c->agents[i].node != NULL)
                        sim_agent_crash(c, i);
        actor_sim_free(c->sim);
        while (c->processes != NULL) {
                struct process *p = c->processes;
                c->processes = p->next;
                process_free(p);
        }
        for (unsigned i = 0; i < SIM_AGENTS; i++) {
                actor_disk_free(c->agents[i].disk);
                actor_freep(&c->agents[i].work_dir);
                actor_flags_done(&agent_flag_set, &c->agents[i].flags);
        }
        master_free(c->master);
        actor_flags_done(&master_flag_set, &c->master_flags);
        actor_log_free(c->log);
        (void) fclose(c->transcript);
        free(c->transcript_text);
        (void) nftw(c->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        free(c);
}

struct actor_sim *sim_cluster_sim(struct sim_cluster *c)
{
        return c->sim;
}

struct actor_node *sim_cluster_master(struct sim_cluster *c)
{
        return c->master_node;
}

struct actor_node *sim_cluster_node(struct sim_cluster *c, const char *name, const char *endpoint)
{
        const struct actor_node_config config = {.name = name, .types = proto_wire_types, .log = c->log};
        return actor_sim_node(c->sim, endpoint, &config);
}

unsigned sim_cluster_dice(struct sim_cluster *c, unsigned sides)
{
        c->dice = c->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (unsigned) ((c->dice >> 33) % sides);
}

/* ---- what they know ------------------------------------------------------------------------------- */

static const void *ask(struct actor_node *node, const char *name, void *msg_take)
{
        struct actor_ref ref;
        void *answer = NULL;
        ck_assert_int_eq(actor_node_resolve(node, name, &ref, NULL), 0);
        int r = actor_node_ask(node, ref, msg_take, ASK_TIMEOUT_MS, &answer);
        ck_assert_msg(r == 0, "%s does not answer: %s", name, strerror(-r));
        return answer;
}

const struct inventory *sim_agent_inventory(struct sim_cluster *c, unsigned index)
{
        return ask(c->agents[index].node, "executors", actor_msg_new(&inventory_request_type));
}

const MasterApi__Response *sim_master_ask(struct sim_cluster *c, MasterApi__Call__Type question)
{
        MasterApi__Call *call = actor_msg_new(&master_call_type);
        call->has_type = true;
        call->type = question;
        return ask(c->master_node, "state", call);
}

bool sim_registry_has_unreachable(struct sim_cluster *c, const char *agent_id)
{
        const struct registry_content *content =
                ask(c->master_node, "registrar", actor_msg_new(&registrar_get_type));
        bool found = false;
        for (size_t i = 0; i < content->agent_count; i++)
                found |= strcmp(content->agents[i].info->id->value, agent_id) == 0 &&
                         content->agents[i].unreachable_since_ns != 0;
        actor_msg_unref(content);
        return found;
}

unsigned sim_master_agents_active(struct sim_cluster *c)
{
        const MasterApi__Response *response = sim_master_ask(c, MASTER_API__CALL__TYPE__GET_AGENTS);
        unsigned active = 0;
        for (size_t i = 0; i < response->get_agents->n_agents; i++)
                active += response->get_agents->agents[i]->active;
        actor_msg_unref(response);
        return active;
}

unsigned sim_executors_alive(const struct sim_cluster *c)
{
        unsigned alive = 0;
        for (const struct process *p = c->processes; p != NULL; p = p->next)
                alive++;
        return alive;
}

const char *sim_cluster_transcript(const struct sim_cluster *c)
{
        (void) fflush(c->transcript);
        return c->transcript_text;
}
