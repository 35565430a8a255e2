/* SPDX-License-Identifier: Apache-2.0
 *
 * The cases of ../wire_bench.c over bare libzmq, one message a frame, DEALER to ROUTER: what the transport
 * gives to whoever uses it plainly.
 *
 *   raw_zmq serve ENDPOINT                     prints where it listens; ends when its input ends
 *   raw_zmq one-way ENDPOINT COUNT SIZE        prints messages per second
 *   raw_zmq round-trip ENDPOINT COUNT SIZE     prints the median and the 99th percentile in microseconds
 *   raw_zmq peers ENDPOINT COUNT SECONDS       as ../wire_peers.c, without anything to keep a connection
 * alive raw_zmq … curve                            the same with CURVE; on both sides
 *
 * Messages over LENT_FROM are sent without copying. The first byte says what a message is for. Queues hold
 * 100,000 messages: more than the default, which makes both sides wait for each other. */
#include "../measure.h"

#include <actor/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum {
        ITEM = 'i',
        LAST = 'l',
        ECHO = 'e',
        QUEUE_MAX = 100000,
        SIZE_MAX_BYTES = 1 << 20,
        LENT_FROM = 64 << 10
};

static void must(int result)
{
        if (result >= 0)
                return;
        fprintf(stderr, "raw_zmq: %s\n", zmq_strerror(zmq_errno()));
        exit(1);
}

static bool is_curve;

static void arm(void *socket, int is_server)
{
        must(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, BENCH_SECRET_KEY, sizeof BENCH_SECRET_KEY));
        must(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, BENCH_PUBLIC_KEY, sizeof BENCH_PUBLIC_KEY));
        if (is_server)
                must(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &is_server, sizeof is_server));
        else
                must(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, BENCH_PUBLIC_KEY, sizeof BENCH_PUBLIC_KEY));
}

static void *open_socket(void *context, int type)
{
        void *socket = zmq_socket(context, type);
        int queue_max = QUEUE_MAX;
        must(zmq_setsockopt(socket, ZMQ_SNDHWM, &queue_max, sizeof queue_max));
        must(zmq_setsockopt(socket, ZMQ_RCVHWM, &queue_max, sizeof queue_max));
        if (is_curve)
                arm(socket, type == ZMQ_ROUTER);
        return socket;
}

/* ---- the server ------------------------------------------------------------------------------------ */

static void answer(void *router, zmq_msg_t *id, zmq_msg_t *message)
{
        must(zmq_msg_send(id, router, ZMQ_SNDMORE));
        must(zmq_msg_send(message, router, 0));
}

static void serve_one(void *router)
{
        zmq_msg_t id, message;
        zmq_msg_init(&id);
        zmq_msg_init(&message);
        must(zmq_msg_recv(&id, router, 0));
        must(zmq_msg_recv(&message, router, 0));
        if (*(char *) zmq_msg_data(&message) != ITEM)
                answer(router, &id, &message);
        zmq_msg_close(&id);
        zmq_msg_close(&message);
}

static void until_input_ends(void *context)
{
        char byte;
        while (read(STDIN_FILENO, &byte, 1) > 0)
                ;
        exit(0);
}

static void serve(void *context, const char *endpoint)
{
        char bound[256];
        size_t bound_size = sizeof bound;
        void *router = open_socket(context, ZMQ_ROUTER);
        must(zmq_bind(router, endpoint));
        must(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, bound, &bound_size));
        printf("%s\n", bound);
        fflush(stdout);
        zmq_threadstart(until_input_ends, context);
        for (;;)
                serve_one(router);
}

/* ---- the client ------------------------------------------------------------------------------------ */

static void exchange(void *dealer, char *buffer, size_t size, char kind)
{
        buffer[0] = kind;
        must(zmq_send(dealer, buffer, size, 0));
        must(zmq_recv(dealer, buffer, size, 0));
}

static void let_go(void *buffer, void *hint)
{
}

static void send_item(void *dealer, char *buffer, size_t size)
{
        zmq_msg_t message;
        if (size <= LENT_FROM) {
                must(zmq_send(dealer, buffer, size, 0));
                return;
        }
        must(zmq_msg_init_data(&message, buffer, size, let_go, NULL));
        must(zmq_msg_send(&message, dealer, 0));
}

static void one_way(void *dealer, char *buffer, size_t size, long count)
{
        char word[1];
        exchange(dealer, word, sizeof word, ECHO); /* connected */
        double begin = now_s();
        buffer[0] = ITEM;
        for (long i = 1; i < count; i++)
                send_item(dealer, buffer, size);
        exchange(dealer, word, sizeof word, LAST);
        printf("%.0f\n", (double) count / (now_s() - begin));
}

static int compare(const void *a, const void *b)
{
        double x = *(const double *) a, y = *(const double *) b;
        return (x > y) - (x < y);
}

static void round_trip(void *dealer, char *buffer, size_t size, long count)
{
        double *times = actor_zalloc((size_t) count * sizeof *times);
        for (long i = 0; i < count / 10; i++)
                exchange(dealer, buffer, size, ECHO);
        for (long i = 0; i < count; i++) {
                double begin = now_s();
                exchange(dealer, buffer, size, ECHO);
                times[i] = (now_s() - begin) * 1e6;
        }
        qsort(times, (size_t) count, sizeof *times, compare);
        printf("%.1f %.1f\n", times[count / 2], times[count * 99 / 100]);
        free(times);
}

/* ---- many peers ------------------------------------------------------------------------------------ */

static void speak(void *dealers, long index)
{
        char item[100] = {ITEM};
        must(zmq_send(((void **) dealers)[index], item, sizeof item, 0));
}

static int many(void *context, const char *endpoint, long count, long seconds)
{
        char hello[100];
        void **dealers = actor_zalloc((size_t) count * sizeof *dealers);
        must(zmq_ctx_set(context, ZMQ_MAX_SOCKETS, (int) count + 16));
        for (long i = 0; i < count; i++) {
                dealers[i] = open_socket(context, ZMQ_DEALER);
                must(zmq_connect(dealers[i], endpoint));
                exchange(dealers[i], hello, sizeof hello, ECHO);
        }
        in_turn(count, seconds, speak, dealers);
        free(dealers);
        return 0; /* the sockets end with the process */
}

int main(int argc, char **argv)
{
        void *context = zmq_ctx_new();
        is_curve = wants_curve(&argc, argv);
        if (argc == 3 && strcmp(argv[1], "serve") == 0)
                serve(context, argv[2]);
        if (argc != 5)
                return 2;
        long count = number(argv[3]);
        size_t size = (size_t) number(argv[4]);
        if (strcmp(argv[1], "peers") == 0)
                return many(context, argv[2], count, (long) size);
        char *buffer = actor_zalloc(SIZE_MAX_BYTES);
        void *dealer = open_socket(context, ZMQ_DEALER);
        must(zmq_connect(dealer, argv[2]));
        if (strcmp(argv[1], "one-way") == 0)
                one_way(dealer, buffer, size, count);
        else
                round_trip(dealer, buffer, size, count);
        zmq_close(dealer);
        zmq_ctx_term(context);
        free(buffer);
        return 0;
}
