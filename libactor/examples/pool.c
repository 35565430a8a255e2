/* SPDX-License-Identifier: Apache-2.0 */
/* A supervised pool. Workers ask for work by saying they are ready, so that a slow one is simply handed less;
 * what they cannot do yet waits in a bounded line, beyond which callers are refused and know it at once. A
 * worker that fails on a job is restarted by the runtime, says again that it is ready, and so the pool learns
 * whose job failed. */
#include <actor/memory.h>
#include <actor/node.h>
#include <errno.h>
#include <stdio.h>

enum { WORKERS = 4, WAITING_MAX = 8, JOBS = 100, JOB_MS = 2, RETRY_MS = 5, TIMEOUT_MS = 60000 };

struct job {
        int number; /* those that end in 7 cannot be done */
};
enum outcome { DONE, FAILED, REFUSED };
struct result {
        enum outcome outcome;
};
struct nothing {
        char unused;
};
static ACTOR_LOCAL_TYPE(job_type, struct job);
static ACTOR_LOCAL_TYPE(result_type, struct result);
static ACTOR_LOCAL_TYPE(ready_type, struct nothing);
static ACTOR_LOCAL_TYPE(finish_type, struct nothing);
static ACTOR_LOCAL_TYPE(retry_type, struct job);

/* ---- a worker: one job at a time ----------------------------------------------------------------- */

struct worker {
        int job;
};

static int worker_init(void *state, struct actor *self, const void *config)
{
        return actor_send(self, actor_parent(self), actor_msg_new(&ready_type));
}

/* The work takes its time elsewhere; a worker is not blocked by it. */
static int on_work(struct worker *worker, const struct actor_mail *mail, const struct job *job)
{
        worker->job = job->number;
        actor_after(mail->self, JOB_MS, actor_msg_new(&finish_type));
        return 0;
}

static int on_finish(struct worker *worker, const struct actor_mail *mail, const struct nothing *msg)
{
        if (worker->job % 10 == 7)
                return -EIO; /* the class says what that means: a restart */
        struct result *result = actor_msg_new(&result_type);
        result->outcome = DONE;
        return actor_send(mail->self, actor_parent(mail->self), result);
}

ACTOR_BIND(on_work, struct worker, struct job)
ACTOR_BIND(on_finish, struct worker, struct nothing)

static const struct actor_handler worker_handlers[] = {
        {&job_type, on_work_bound, ACTOR_FROM_PARENT},
        {&finish_type, on_finish_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static const struct actor_class worker_class = {
        .name = "worker",
        .state_size = sizeof(struct worker),
        .init = worker_init,
        .handlers = worker_handlers,
        .restart = ACTOR_RESTART,
        .restarts_max = JOBS,
};

/* ---- the pool ------------------------------------------------------------------------------------ */

struct order {
        struct actor_asker asker;
        int job;
};

struct slot {
        struct actor_ref worker;
        bool is_ready, is_busy;
        struct actor_asker asker; /* whose job it has, while busy */
};

struct pool {
        struct slot slots[WORKERS];
        struct order line[WAITING_MAX]; /* a ring: the oldest at `first` */
        unsigned first, count;
};

static int pool_init(void *state, struct actor *self, const void *config)
{
        struct pool *pool = state;
        int r = 0;
        for (unsigned i = 0; r == 0 && i < WORKERS; i++)
                r = actor_spawn(self, &worker_class, NULL, NULL, &pool->slots[i].worker);
        return r;
}

static void answer(struct actor *self, struct actor_asker asker, enum outcome outcome)
{
        struct result *result = actor_msg_new(&result_type);
        result->outcome = outcome;
        actor_reply_to(self, asker, result);
}

/* Gives jobs that wait to workers that wait. */
static void match(struct pool *pool, struct actor *self)
{
        for (struct slot *slot = pool->slots; slot < pool->slots + WORKERS && pool->count > 0; slot++) {
                if (!slot->is_ready || slot->is_busy)
                        continue;
                const struct order *order = &pool->line[pool->first];
                struct job *job = actor_msg_new(&job_type);
                job->number = order->job;
                slot->is_busy = true;
                slot->asker = order->asker;
                pool->first = (pool->first + 1) % WAITING_MAX;
                pool->count--;
                actor_send(self, slot->worker, job);
        }
}

static struct slot *slot_of(struct pool *pool, struct actor_ref worker)
{
        for (struct slot *slot = pool->slots; slot < pool->slots + WORKERS; slot++)
                if (actor_ref_equal(slot->worker, worker))
                        return slot;
        return NULL;
}

static int on_job(struct pool *pool, const struct actor_mail *mail, const struct job *job)
{
        if (pool->count == WAITING_MAX) {
                answer(mail->self, actor_asker(mail), REFUSED);
                return 0;
        }
        pool->line[(pool->first + pool->count++) % WAITING_MAX] =
                (struct order){actor_asker(mail), job->number};
        match(pool, mail->self);
        return 0;
}

static void end_job(struct pool *pool, const struct actor_mail *mail, enum outcome outcome)
{
        struct slot *slot = slot_of(pool, mail->from);
        if (slot && slot->is_busy) {
                slot->is_busy = false;
                answer(mail->self, slot->asker, outcome);
        }
        match(pool, mail->self);
}

static int on_result(struct pool *pool, const struct actor_mail *mail, const struct result *result)
{
        end_job(pool, mail, result->outcome);
        return 0;
}

/* From a new worker, or from one restarted in the middle of a job. */
static int on_ready(struct pool *pool, const struct actor_mail *mail, const struct nothing *msg)
{
        struct slot *slot = slot_of(pool, mail->from);
        if (slot)
                slot->is_ready = true;
        end_job(pool, mail, FAILED);
        return 0;
}

ACTOR_BIND(on_job, struct pool, struct job)
ACTOR_BIND(on_result, struct pool, struct result)
ACTOR_BIND(on_ready, struct pool, struct nothing)

static const struct actor_handler pool_handlers[] = {
        {&job_type, on_job_bound, ACTOR_FROM_LOCAL},
        {&result_type, on_result_bound, ACTOR_FROM_LOCAL}, /* from its workers */
        {&ready_type, on_ready_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

static const struct actor_class pool_class = {
        .name = "pool",
        .state_size = sizeof(struct pool),
        .init = pool_init,
        .handlers = pool_handlers,
};

/* ---- a customer, who wants everything at once ----------------------------------------------------- */

struct customer {
        struct actor_ref pool;
        int outcomes[3];
};

static int on_outcome(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct customer *customer = state;
        const struct result *result = body;
        if (!result)
                return mail->error;
        customer->outcomes[result->outcome]++;
        if (result->outcome == REFUSED) {
                struct job *retry = actor_msg_new(&retry_type);
                retry->number = (int) (intptr_t) arg;
                actor_after(mail->self, RETRY_MS, retry);
        }
        if (customer->outcomes[DONE] + customer->outcomes[FAILED] == JOBS) {
                printf("%d jobs done, %d failed, %s were refused at first\n", customer->outcomes[DONE],
                       customer->outcomes[FAILED], customer->outcomes[REFUSED] > 0 ? "some" : "none");
                actor_node_shutdown(actor_node(mail->self), 0);
        }
        return 0;
}

static void request(struct customer *customer, struct actor *self, int number)
{
        struct job *job = actor_msg_new(&job_type);
        job->number = number;
        actor_ask(self, customer->pool, job, TIMEOUT_MS, on_outcome, (void *) (intptr_t) number);
}

static int on_retry(struct customer *customer, const struct actor_mail *mail, const struct job *msg)
{
        request(customer, mail->self, msg->number);
        return 0;
}

static int customer_init(void *state, struct actor *self, const void *config)
{
        struct customer *customer = state;
        customer->pool = *(const struct actor_ref *) config;
        for (int number = 0; number < JOBS; number++)
                request(customer, self, number);
        return 0;
}

ACTOR_BIND(on_retry, struct customer, struct job)

static const struct actor_handler customer_handlers[] = {
        {&retry_type, on_retry_bound, ACTOR_FROM_SELF},
        ACTOR_HANDLER_END,
};

static const struct actor_class customer_class = {
        .name = "customer",
        .state_size = sizeof(struct customer),
        .init = customer_init,
        .handlers = customer_handlers,
};

int main(void)
{
        struct actor_node *node;
        struct actor_ref pool, customer;
        if (actor_node_new(&(struct actor_node_config){.name = "pool"}, &node) < 0)
                return 1;
        if (actor_node_spawn(node, &pool_class, "pool", NULL, &pool) < 0 ||
            actor_node_spawn(node, &customer_class, "customer", &pool, &customer) < 0)
                return 1;
        int status = actor_node_wait(node);
        actor_node_free(node);
        return status != 0;
}
