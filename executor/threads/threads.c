/* SPDX-License-Identifier: Apache-2.0 */
#include "threads.h"

#include "worker.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Jobs wait in one queue and go to whichever worker is idle, so a long one holds up nobody but its
 * worker. Brief ones are handed over in handfuls: a hand-over costs more than they do. */
#define HANDFUL_MAX 32

struct threads {
        unsigned worker_count;
        struct actor_ref *idle; /* a stack */
        unsigned idle_count;
        bool started, stopping;
        struct task_table jobs;
        struct job *first, **last; /* waiting, in order */
        struct job *pattern;       /* what the data below asks for: of many tasks the same */
        void *pattern_data;
        size_t pattern_size;
};

static void report(struct troupe_executor *e, const struct job *job, V1__TaskState state)
{
        troupe_executor_update(e, job->entry.id, state,
                               job->task.message[0] != '\0' ? job->task.message : NULL);
}

static void start_workers(struct threads *t, struct troupe_executor *e)
{
        if (t->started)
                return;
        t->started = true;
        for (unsigned i = 0; i < t->worker_count; i++) {
                int r = actor_spawn(troupe_executor_self(e), &worker_class, NULL, NULL,
                                    &t->idle[t->idle_count]);
                assert(r == 0); /* without a name and an init nothing can refuse */
                t->idle_count++;
        }
}

static void forget(struct threads *t, struct job *job)
{
        task_table_remove(&t->jobs, &job->entry);
        job_free(job);
}

/* The next waiting job that is still wanted; killed ones end here. */
static struct job *pop_waiting(struct threads *t, struct troupe_executor *e)
{
        while (t->first != NULL) {
                struct job *job = t->first;
                t->first = job->next;
                if (t->first == NULL)
                        t->last = &t->first;
                job->next = NULL;
                if (!atomic_load(&job->killed))
                        return job;
                report(e, job, V1__TASK_STATE__TASK_KILLED);
                forget(t, job);
        }
        return NULL;
}

/* A piece of work for one worker: one job, or several brief ones. NULL if nothing waits. */
static struct job *pop_work(struct threads *t, struct troupe_executor *e)
{
        struct job *first = NULL, **last = &first;
        for (unsigned count = 0; count < HANDFUL_MAX; count++) {
                if (count > 0 && (t->first == NULL || !t->first->brief))
                        break;
                struct job *job = pop_waiting(t, e);
                if (job == NULL)
                        break;
                job->state = JOB_RUNNING;
                report(e, job, V1__TASK_STATE__TASK_RUNNING);
                *last = job;
                last = &job->next;
                if (!job->brief)
                        break;
        }
        return first;
}

static void hand_out(struct threads *t, struct troupe_executor *e)
{
        while (t->idle_count > 0 && t->first != NULL) {
                struct job *first = pop_work(t, e);
                if (first == NULL)
                        return;
                struct work *work = actor_msg_new(&work_type);
                work->first = first;
                actor_send(troupe_executor_self(e), t->idle[--t->idle_count], work);
        }
}

static void on_registered(struct troupe_executor *e, void *data, const Exec__Event__Subscribed *subscribed)
{
        start_workers(data, e);
}

static void set_pattern(struct threads *t, struct job *job_take, const void *data, size_t size)
{
        job_free(t->pattern);
        t->pattern = job_take;
        t->pattern_data = actor_realloc_array(t->pattern_data, size, 1);
        t->pattern_size = size;
        memcpy(t->pattern_data, data, size);
}

/* A job of what the task's data asks for; the data is read only where it is not what the last task's was. */
static int job_for(struct threads *t, const V1__TaskInfo *task, struct job **ret, struct actor_error *error)
{
        size_t size = task->has_data ? task->data.len : 0;
        bool known =
                size > 0 && size == t->pattern_size && memcmp(task->data.data, t->pattern_data, size) == 0;
        if (known) {
                *ret = job_like(t->pattern, task->task_id->value);
                return 0;
        }
        int r = job_parse(task->task_id->value, task->data.data, size, ret, error);
        if (r == 0 && size > 0)
                set_pattern(t, job_like(*ret, ""), task->data.data, size);
        return r;
}

static void on_launch_task(struct troupe_executor *e, void *data, const V1__TaskInfo *task)
{
        struct threads *t = data;
        struct actor_error error;
        struct job *job = NULL;
        if (job_for(t, task, &job, &error) != 0) {
                troupe_executor_update(e, task->task_id->value, V1__TASK_STATE__TASK_FAILED, error.text);
                return;
        }
        task_table_add(&t->jobs, &job->entry);
        *t->last = job;
        t->last = &job->next;
        hand_out(t, e);
}

/* A waiting job ends when its turn comes; to wait for that would keep its resources, so: at once. */
static void on_kill_task(struct troupe_executor *e, void *data, const V1__TaskID *task_id,
                         const V1__KillPolicy *policy)
{
        struct threads *t = data;
        struct job *job = (struct job *) task_table_find(&t->jobs, task_id->value);
        if (job == NULL)
                return;
        job_kill(job);
        if (job->state == JOB_RUNNING)
                return;
        struct job **link = &t->first;
        while (*link != job)
                link = &(*link)->next;
        *link = job->next;
        if (t->last == &job->next)
                t->last = link;
        report(e, job, V1__TASK_STATE__TASK_KILLED);
        forget(t, job);
}

static void stop_if_done(struct threads *t, struct troupe_executor *e)
{
        if (t->stopping && t->jobs.count == 0)
                troupe_executor_stop(e);
}

static void on_shutdown(struct troupe_executor *e, void *data)
{
        struct threads *t = data;
        t->stopping = true;
        for (struct task_entry *entry = task_table_next(&t->jobs, NULL); entry != NULL;
             entry = task_table_next(&t->jobs, entry))
                job_kill((struct job *) entry);
        struct job *unwanted = pop_waiting(t, e); /* all of them are killed: this ends them */
        assert(unwanted == NULL);
        stop_if_done(t, e);
}

static V1__TaskState outcome(const struct job *job)
{
        if (atomic_load(&job->killed))
                return V1__TASK_STATE__TASK_KILLED;
        return job->result == 0 ? V1__TASK_STATE__TASK_FINISHED : V1__TASK_STATE__TASK_FAILED;
}

static int on_other(struct troupe_executor *e, void *data, const struct actor_mail *mail, const void *body)
{
        struct threads *t = data;
        if (actor_msg_type(body) != &work_done_type)
                return 0;
        const struct work *work = body;
        struct job *job = work->first;
        t->idle[t->idle_count++] = work->worker;
        while (job != NULL) {
                struct job *next = job->next;
                report(e, job, outcome(job));
                forget(t, job);
                job = next;
        }
        hand_out(t, e);
        stop_if_done(t, e);
        return 0;
}

/* Jobs that still run are left to their threads: the process is about to end. */
static void on_ended(struct troupe_executor *e, void *data)
{
        struct threads *t = data;
        struct task_entry *entry;
        while ((entry = task_table_pop(&t->jobs)) != NULL)
                if (((struct job *) entry)->state == JOB_WAITING)
                        job_free((struct job *) entry);
        task_table_done(&t->jobs);
        job_free(t->pattern);
        free(t->pattern_data);
        free(t->idle);
        free(t);
}

void threads_executor(unsigned workers, struct troupe_executor_config *config)
{
        assert(workers > 0);
        struct threads *t = actor_zalloc(sizeof *t);
        t->worker_count = workers;
        t->idle = actor_zalloc(workers * sizeof *t->idle);
        t->last = &t->first;
        config->data = t;
        config->blocking_threads = workers;
        config->callbacks = (struct troupe_executor_callbacks){
                .registered = on_registered,
                .launch_task = on_launch_task,
                .kill_task = on_kill_task,
                .shutdown = on_shutdown,
                .other = on_other,
                .ended = on_ended,
        };
}
