/* SPDX-License-Identifier: Apache-2.0 */
#include "system/pool.h"

#include "core/deliver.h"
#include <actor/memory.h>
#include <assert.h>
#include <stdlib.h>

/* pool.c: threads for work that blocks, started when there is work and nobody free for it.
 *
 * Each actor has a line of jobs; a line waits for a thread only while it has jobs and none of them
 * runs. So one actor's jobs run in order, and no actor keeps the others waiting longer than a job. */
struct job {
        struct job *next;
        void (*work)(void *body);
        struct mail *result;
};

struct job_line {
        struct job_line *next; /* in the pool's queue */
        struct job *first, **end;
        unsigned refs; /* its actor, and each job */
        bool waits_or_runs;
};

struct pool {
        struct actor_node *node;
        pthread_mutex_t lock;
        pthread_cond_t work_or_stop;
        struct job_line *first, **end;
        pthread_t *threads;
        unsigned thread_count, threads_max, idle, waiting; /* threads; lines in the queue */
        bool stopping;
};

/* Line references are counted under no lock of their own: the actor's is dropped at its end, which
 * may race with a job's, hence atomically. */
struct job_line *pool_line_new(void)
{
        struct job_line *line = actor_zalloc(sizeof *line);
        line->end = &line->first;
        line->refs = 1;
        return line;
}

void pool_line_unref(struct job_line *line)
{
        if (line != NULL && __atomic_sub_fetch(&line->refs, 1, __ATOMIC_ACQ_REL) == 0)
                free(line);
}

struct pool *pool_new(struct actor_node *node, unsigned threads_max)
{
        struct pool *pool = actor_zalloc(sizeof *pool);
        pool->node = node;
        pool->threads_max = threads_max;
        pool->threads = actor_zalloc(threads_max * sizeof *pool->threads);
        pool->end = &pool->first;
        pthread_mutex_init(&pool->lock, NULL);
        pthread_cond_init(&pool->work_or_stop, NULL);
        return pool;
}

/* The lock is held. */
static void enqueue(struct pool *pool, struct job_line *line)
{
        line->next = NULL;
        *pool->end = line;
        pool->end = &line->next;
        pool->waiting++;
        pthread_cond_signal(&pool->work_or_stop);
}

/* The lock is held, and let go while the job runs. */
static void run_first(struct pool *pool)
{
        struct job_line *line = pool->first;
        pool->first = line->next;
        if (pool->first == NULL)
                pool->end = &pool->first;
        pool->waiting--;
        struct job *job = line->first;
        line->first = job->next;
        if (line->first == NULL)
                line->end = &line->first;
        pthread_mutex_unlock(&pool->lock);

        /* Nobody else looks at the body before it is sent. */
        job->work((void *) job->result->body);
        (void) deliver(pool->node, NULL, job->result);
        free(job);

        pthread_mutex_lock(&pool->lock);
        line->waits_or_runs = line->first != NULL;
        if (line->waits_or_runs)
                enqueue(pool, line);
        pool_line_unref(line); /* the job's; a waiting job has its own */
}

static void *pool_main(void *arg)
{
        struct pool *pool = arg;
        (void) pthread_setname_np(pthread_self(), "blocking");
        pthread_mutex_lock(&pool->lock);
        for (;;) {
                while (pool->first != NULL)
                        run_first(pool);
                if (pool->stopping)
                        break;
                pool->idle++;
                pthread_cond_wait(&pool->work_or_stop, &pool->lock);
                pool->idle--;
        }
        pthread_mutex_unlock(&pool->lock);
        return NULL;
}

void pool_add(struct pool *pool, struct job_line *line, void (*work)(void *body), struct mail *result_take)
{
        struct job *job = actor_malloc(sizeof *job);
        *job = (struct job){.work = work, .result = result_take};
        __atomic_add_fetch(&line->refs, 1, __ATOMIC_RELAXED);
        pthread_mutex_lock(&pool->lock);
        *line->end = job;
        line->end = &job->next;
        if (!line->waits_or_runs) {
                line->waits_or_runs = true;
                enqueue(pool, line);
                if (pool->waiting > pool->idle && pool->thread_count < pool->threads_max &&
                    pthread_create(&pool->threads[pool->thread_count], NULL, pool_main, pool) == 0)
                        pool->thread_count++;
                assert(pool->thread_count > 0);
        }
        pthread_mutex_unlock(&pool->lock);
}

void pool_stop(struct pool *pool)
{
        pthread_mutex_lock(&pool->lock);
        pool->stopping = true;
        pthread_cond_broadcast(&pool->work_or_stop);
        pthread_mutex_unlock(&pool->lock);
        for (unsigned i = 0; i < pool->thread_count; i++)
                (void) pthread_join(pool->threads[i], NULL);
        pool->thread_count = 0;
}

void pool_free(struct pool *pool)
{
        assert(pool->first == NULL && pool->thread_count == 0);
        pthread_mutex_destroy(&pool->lock);
        pthread_cond_destroy(&pool->work_or_stop);
        free(pool->threads);
        free(pool);
}
