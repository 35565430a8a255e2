/* SPDX-License-Identifier: Apache-2.0 */
/* zmq_driver.c — the bridge: the thread that owns every ZeroMQ socket of a node, or its stand-in (duty.h).
 *
 * It turns around: mail left by the workers → frames; frames that have arrived → mail; time; sleep.
 * While it turns nobody needs to wake it; before it sleeps it says so (asleep) and looks into the
 * post box once more, and whoever finds it asleep writes to its eventfd. So a busy bridge costs its
 * senders no system call, and an idle one costs nothing.
 *
 * ZeroMQ's descriptors tell of changes, not of states: a readable descriptor means "look", and any
 * call on a socket may swallow the hint. Hence after a send the socket counts as ready, and a ready
 * socket is read until it is empty. For the same reason all descriptors are watched for changes only
 * (EPOLLET), and when the bridge must wake by itself lies in a timer that stays set: so a look that finds
 * nothing costs the kernel least. */
#include "net/zmq_private.h"
#include "net/limits.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000, EVENTS_MAX = 64, TURNS_WITHOUT_EVENTS = 8 };

/* The one use of real time that is not the node's: how long leaving may take. */
static int64_t real_ns(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

void zmq_wake(struct zmq_driver *driver)
{
        if (!atomic_exchange(&driver->asleep, false))
                return;
        uint64_t one = 1;
        ssize_t written = write(driver->wake_fd, &one, sizeof one);
        assert(written == sizeof one || errno == EAGAIN); /* EAGAIN: it is full, thus readable */
}

static void on_post(struct net *net)
{
        zmq_wake(net->driver);
}

/* ---- one turn ---------------------------------------------------------------------------------- */

static void answer_request(struct zmq_driver *driver)
{
        if (likely(!atomic_load(&driver->asked)))
                return;
        atomic_store(&driver->asked, false);
        pthread_mutex_lock(&driver->lock);
        struct zmq_request *request = driver->request;
        pthread_mutex_unlock(&driver->lock);
        zmq_bind_request(driver, request);
        pthread_mutex_lock(&driver->lock);
        request->done = true;
        driver->request = NULL;
        pthread_cond_broadcast(&driver->answered);
        pthread_mutex_unlock(&driver->lock);
}

static void on_revise(struct net *net)
{
        struct zmq_driver *driver = net->driver;
        atomic_store(&driver->revised, true);
        zmq_wake(driver);
}

static void revise_if_asked(struct zmq_driver *driver)
{
        if (unlikely(atomic_load(&driver->revised)) && atomic_exchange(&driver->revised, false))
                peers_revise(driver->net->peers);
}

static void on_event(struct zmq_driver *driver, struct zmq_source *source)
{
        switch (source->kind) {
        case SOURCE_WAKE: /* its count need not be read: each write is a change */
                break;
        case SOURCE_TIMER:
                driver->timer_ns = INT64_MAX;
                break;
        case SOURCE_ROUTER:
                driver->router_ready = true;
                break;
        case SOURCE_ROUTER_MONITOR:
                zmq_on_router_monitor(driver);
                break;
        case SOURCE_DEALER:
                if (source->connection->link)
                        zmq_mark_ready(source->connection);
                break;
        case SOURCE_DEALER_MONITOR:
                if (source->connection->link)
                        zmq_on_dealer_monitor(source->connection);
                break;
        }
}

/* Whether there is something to do that nobody would wake us for. */
static bool has_more(const struct zmq_driver *driver)
{
        return driver->ready || driver->ending || driver->router_ready;
}

/* What is due only grows later while frames go to and fro: an earlier time that is set already does no harm,
 * beyond one look for nothing. */
static void set_timer(struct zmq_driver *driver)
{
        int64_t at_ns = peers_deadline(driver->net->peers);
        if (unlikely(driver->stop_by_ns != 0) && driver->stop_by_ns < at_ns)
                at_ns = driver->stop_by_ns;
        if (likely(at_ns >= driver->timer_ns))
                return;
        driver->timer_ns = at_ns;
        struct itimerspec spec = {.it_value = {at_ns / NS_PER_S, at_ns % NS_PER_S}};
        int r = timerfd_settime(driver->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
        assert(r == 0);
}

/* Says that the bridge sleeps; false: something came before. */
static bool may_sleep(struct zmq_driver *driver)
{
        set_timer(driver);
        atomic_store(&driver->asleep, true);
        bool stop_unseen = atomic_load(&driver->stopping) && driver->stop_by_ns == 0;
        return post_box_is_empty(&driver->net->posts) && !atomic_load(&driver->asked) &&
               !atomic_load(&driver->revised) && !stop_unseen;
}

static void wait_for_events(struct zmq_driver *driver)
{
        struct epoll_event events[EVENTS_MAX];
        bool more = has_more(driver);
        if (more && ++driver->turns_without_events < TURNS_WITHOUT_EVENTS)
                return;
        driver->turns_without_events = 0;
        int ms = more || !may_sleep(driver) ? 0 : -1;
        int count = epoll_wait(driver->epoll_fd, events, EVENTS_MAX, ms);
        assert(count >= 0 || errno == EINTR);
        atomic_store(&driver->asleep, false);
        for (int i = 0; i < count; i++)
                on_event(driver, events[i].data.ptr);
}

/* Whether the bridge may end: it was asked to, and has sent what it can or tried long enough. */
static bool has_ended(struct zmq_driver *driver)
{
        if (likely(!atomic_load(&driver->stopping)))
                return false;
        if (driver->stop_by_ns == 0)
                driver->stop_by_ns = real_ns() + (int64_t) NET_LINGER_MS * NS_PER_MS;
        if (real_ns() >= driver->stop_by_ns)
                return true;
        return post_box_is_empty(&driver->net->posts) && peers_are_drained(driver->net->peers);
}

bool zmq_hand_over(struct zmq_driver *driver)
{
        struct mail *arrived = peers_take_arrived(driver->net->peers);
        if (!arrived)
                return true;
        struct worker *worker = node_deliver_chain(driver->net->config.node, arrived);
        if (!worker)
                return true;
        unsigned lent = duty_lend(&driver->duty); /* not before: what another brings must come after it */
        node_run_borrowed(worker);
        return duty_resume(&driver->duty, lent);
}

/* False: the duty is another thread's now. */
static bool take_turn(struct zmq_driver *driver)
{
        struct peers *peers = driver->net->peers;
        answer_request(driver);
        revise_if_asked(driver);
        net_take_posts(driver->net);
        if (unlikely(!zmq_read_ready(driver)))
                return false;
        net_take_posts(driver->net); /* what was run meanwhile may have answered */
        peers_tick(peers);
        peers_flush(peers);
        zmq_reap(driver);
        wait_for_events(driver);
        return true;
}

static void leave(struct zmq_driver *driver)
{
        peers_goodbye(driver->net->peers);
        int64_t left_ms = (driver->stop_by_ns - real_ns()) / NS_PER_MS;
        zmq_close_all(driver, left_ms > 0 ? (int) left_ms : 0);
        duty_end(&driver->duty);
}

static void *bridge(void *arg)
{
        struct zmq_driver *driver = arg;
        struct block_cache *pools = node_lend_pools(driver->net->config.node);
        unsigned index = duty_enlist(&driver->duty);
        while (duty_await(&driver->duty, index)) {
                bool has_duty = true;
                while (has_duty && !has_ended(driver))
                        has_duty = take_turn(driver);
                if (has_duty)
                        leave(driver);
        }
        node_return_pools(pools);
        return NULL;
}

/* ---- start and stop ---------------------------------------------------------------------------- */

int zmq_watch(struct zmq_driver *driver, int fd, struct zmq_source *source)
{
        struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = source};
        return epoll_ctl(driver->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

/* libzmq mallocs each full frame that arrives, and malloc would give the memory back to the system each time
 * it is released: from the first large block that was released on it knows better (mallopt(3),
 * M_MMAP_THRESHOLD).
 */
static void prepare_malloc(void)
{
        free(actor_malloc(NET_MALLOC_KEEPS / 2));
}

void zmq_start(struct net *net)
{
        struct zmq_driver *driver = net->driver;
        pthread_mutex_lock(&driver->lock);
        if (!driver->started) {
                prepare_malloc();
                driver->context = zmq_ctx_new();
                assert(driver->context);
                zmq_ctx_set(driver->context, ZMQ_MAX_SOCKETS, NET_ZMQ_SOCKETS_MAX);
                int r = duty_start(&driver->duty);
                assert(r == 0); /* as memory: without its bridge a node is nothing */
                driver->started = true;
        }
        pthread_mutex_unlock(&driver->lock);
}

static void on_relieve(struct net *net)
{
        struct zmq_driver *driver = net->driver;
        duty_relieve(&driver->duty);
}

static void close_all(struct zmq_driver *driver)
{
        actor_closep(&driver->wake_fd);
        actor_closep(&driver->timer_fd);
        actor_closep(&driver->epoll_fd);
}

static void stop(struct net *net)
{
        struct zmq_driver *driver = net->driver;
        atomic_store(&driver->stopping, true);
        zmq_wake(driver);
        duty_done(&driver->duty);
        if (driver->started) {
                zmq_ctx_term(driver->context); /* waits for what lingers */
                zap_join(driver->zap);
        }
}

static void done(struct net *net)
{
        struct zmq_driver *driver = net->driver;
        close_all(driver);
        pthread_mutex_destroy(&driver->lock);
        pthread_cond_destroy(&driver->answered);
        free(driver->by_fd);
}

static const struct net_backend backend = {
        .driver = {.dial = zmq_driver_dial,
                   .send = zmq_driver_send,
                   .close = zmq_driver_close,
                   .key = zmq_driver_key,
                   .keep = zmq_driver_keep},
        .listen = zmq_driver_listen,
        .start = zmq_start,
        .wake = on_post,
        .revise = on_revise,
        .relieve = on_relieve,
        .stop = stop,
        .done = done,
};

int net_new_zmq(const struct net_config *config, struct net **ret)
{
        struct zmq_driver *driver = actor_zalloc(sizeof *driver);
        driver->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        driver->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        driver->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        driver->timer_ns = INT64_MAX;
        driver->wake_source.kind = SOURCE_WAKE;
        driver->timer_source.kind = SOURCE_TIMER;
        driver->router_source.kind = SOURCE_ROUTER;
        driver->router_monitor_source.kind = SOURCE_ROUTER_MONITOR;
        int r = driver->wake_fd < 0 || driver->timer_fd < 0 || driver->epoll_fd < 0 ? -errno : 0;
        if (r == 0)
                r = zmq_watch(driver, driver->wake_fd, &driver->wake_source);
        if (r == 0)
                r = zmq_watch(driver, driver->timer_fd, &driver->timer_source);
        if (r != 0) {
                close_all(driver);
                free(driver);
                return r;
        }
        pthread_mutex_init(&driver->lock, NULL);
        pthread_cond_init(&driver->answered, NULL);
        duty_init(&driver->duty, bridge, driver);
        driver->net = net_new(config, &backend, driver);
        *ret = driver->net;
        return 0;
}
