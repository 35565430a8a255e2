/* SPDX-License-Identifier: Apache-2.0
 *
 * What messages between two processes cost. peers/raw_zmq.c and peers/wire.erl have the same cases.
 *
 *   wire_bench serve ENDPOINT                prints where it listens; ends when its input ends
 *   wire_bench one-way ENDPOINT COUNT SIZE   plain bytes to the server; messages per second
 *   wire_bench call ENDPOINT COUNT 1         the same with an executor's UPDATE in protobuf
 *   wire_bench round-trip ENDPOINT COUNT SIZE
 *                                            one in flight; p50 and p99 in microseconds
 *   wire_bench unpack - COUNT 1              that UPDATE, unpacked and freed by protobuf-c alone; per second
 *   wire_bench … curve                       the same with CURVE; on both sides, over tcp
 *
 * A sender keeps at most WINDOW_BYTES on their way; the server tells every ACK_EVERY messages, or each large
 * one. The call, and bytes over SHARED_FROM, are one message sent again and again by reference: what is
 * measured is the way, and not its making. */
#include "measure.h"

#include <actor/curve.h>
#include <actor/log.h>
#include <actor/memory.h>
#include <actor/node.h>
#include <proto/types.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 64, ACK_EVERY = 400, WINDOW_BYTES = 4 << 20, SHARED_FROM = 64 << 10, WARM_UP = 500 };

static ACTOR_BYTES_TYPE(item_type, "bench.item");
static ACTOR_BYTES_TYPE(echo_type, "bench.echo");
static ACTOR_BYTES_TYPE(ack_type, "bench.ack");
struct go {
        char unused;
};
static ACTOR_LOCAL_TYPE(go_type, struct go);

static void must(int result, const char *what)
{
        if (result == 0)
                return;
        fprintf(stderr, "wire_bench: %s: %s\n", what, strerror(-result));
        exit(1);
}

static const struct actor_curve *curve; /* NULL: plain */

static const struct actor_curve *bench_curve(void)
{
        static struct actor_certificate known = {.public_key = BENCH_PUBLIC_KEY, .principal = "bench"};
        static struct actor_curve both_ways = {
                .own = {.public_key = BENCH_PUBLIC_KEY, .secret_key = BENCH_SECRET_KEY, .principal = "bench"},
                .servers = {&known, 1},
                .allowed = {&known, 1}};
        return &both_ways;
}

static struct actor_node *make_node(void)
{
        static const struct actor_type *const types[] = {&item_type, &echo_type, &ack_type, &exec_call_type,
                                                         NULL};
        struct actor_node_config config = {.name = "bench",
                                           .workers = 1,
                                           .types = types,
                                           .curve = curve,
                                           .log = actor_log_new(STDERR_FILENO, ACTOR_LOG_WARN, false)};
        struct actor_node *node;
        must(actor_node_new(&config, &node), "node");
        return node;
}

/* ---- the call --------------------------------------------------------------------------------------- */

static Exec__Call *new_call(void)
{
        Exec__Call *call = actor_msg_new(&exec_call_type);
        V1__TaskStatus *status = actor_msg_alloc(call, sizeof *status);
        v1__task_status__init(status);
#define PART(owner, field, init, text)                                  \
        (owner)->field = actor_msg_alloc(call, sizeof *(owner)->field); \
        init((owner)->field);                                           \
        (owner)->field->value = actor_msg_strdup(call, text)
        PART(call, executor_id, v1__executor_id__init, "executor-0001");
        PART(call, framework_id, v1__framework_id__init, "6f1c2b9e-52ab-4c6e-8a34-0d1f7f3b5a90-0001");
        PART(status, task_id, v1__task_id__init, "task-000000000123");
        PART(status, agent_id, v1__agent_id__init, "6f1c2b9e-52ab-4c6e-8a34-0d1f7f3b5a90-S17");
#undef PART
        status->state = V1__TASK_STATE__TASK_RUNNING;
        status->has_timestamp = status->has_uuid = status->has_source = true;
        status->timestamp = 1700000000.25;
        status->source = V1__TASK_STATUS__SOURCE__SOURCE_EXECUTOR;
        status->uuid.len = 16;
        status->uuid.data = actor_msg_memdup(call, "0123456789abcdef", 16);
        call->update = actor_msg_alloc(call, sizeof *call->update);
        exec__call__update__init(call->update);
        call->update->status = status;
        call->has_type = true;
        call->type = EXEC__CALL__TYPE__UPDATE;
        return call;
}

static void unpack_alone(long count)
{
        Exec__Call *call = new_call();
        size_t size = protobuf_c_message_get_packed_size(&call->base);
        uint8_t *packed = actor_malloc(size);
        protobuf_c_message_pack(&call->base, packed);
        double begin = now_s();
        for (long i = 0; i < count; i++)
                protobuf_c_message_free_unpacked(
                        protobuf_c_message_unpack(&exec__call__descriptor, NULL, size, packed), NULL);
        printf("%.0f\n", (double) count / (now_s() - begin));
        free(packed);
        actor_msg_unref(call);
}

/* ---- the server -------------------------------------------------------------------------------------- */

struct server {
        long received;
};

static long ack_every(size_t size)
{
        return size > SHARED_FROM ? 1 : ACK_EVERY;
}

static int count_in(struct server *s, const struct actor_mail *mail, size_t size)
{
        if (++s->received % ack_every(size) != 0)
                return 0;
        return actor_send(mail->self, mail->from, actor_msg_bytes(&ack_type, NULL, 0));
}

static int on_item(struct server *s, const struct actor_mail *mail, const struct actor_bytes *msg)
{
        return count_in(s, mail, msg->size);
}
ACTOR_BIND(on_item, struct server, struct actor_bytes)

static int on_call(struct server *s, const struct actor_mail *mail, const Exec__Call *msg)
{
        return count_in(s, mail, 0);
}
ACTOR_BIND(on_call, struct server, Exec__Call)

static int on_echo(struct server *s, const struct actor_mail *mail, const struct actor_bytes *msg)
{
        return actor_send(mail->self, mail->from, actor_msg_ref(msg));
}
ACTOR_BIND(on_echo, struct server, struct actor_bytes)

static const struct actor_handler server_handlers[] = {
        {&item_type, on_item_bound, ACTOR_FROM_ANY},
        {&exec_call_type, on_call_bound, ACTOR_FROM_ANY},
        {&echo_type, on_echo_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};
static const struct actor_class server_class = {
        .name = "server", .state_size = sizeof(struct server), .handlers = server_handlers};

static int serve(const char *endpoint)
{
        char bound[ACTOR_ENDPOINT_MAX + 1], byte;
        struct actor_error error;
        struct actor_ref ref;
        struct actor_node *node = make_node();
        if (actor_node_listen(node, endpoint, bound, sizeof bound, &error) != 0) {
                fprintf(stderr, "wire_bench: %s\n", error.text);
                return 1;
        }
        must(actor_node_spawn(node, &server_class, "server", NULL, &ref), "spawn");
        printf("%s\n", bound);
        fflush(stdout);
        while (read(STDIN_FILENO, &byte, 1) > 0)
                ;
        actor_node_free(node);
        return 0;
}

/* ---- the client -------------------------------------------------------------------------------------- */

struct client {
        struct actor_ref server;
        const char *mode;
        long count, sent, acknowledged, window;
        size_t size;
        bool paused;
        void *shared; /* what is sent again and again; owned; NULL: bytes, made anew each time */
        double begin, *times;
};

static int client_init(void *state, struct actor *self, const void *config)
{
        struct client *c = state;
        *c = *(const struct client *) config;
        if (strcmp(c->mode, "call") == 0)
                c->shared = new_call();
        else if (c->size > SHARED_FROM)
                c->shared = actor_msg_bytes(&item_type, NULL, c->size);
        c->times = actor_zalloc((size_t) (c->count + WARM_UP) * sizeof *c->times);
        return actor_send(self, c->server,
                          actor_msg_bytes(&echo_type, NULL, c->size)); /* the first connects */
}

static void client_fini(void *state)
{
        struct client *c = state;
        actor_msg_unref(c->shared);
        free(c->times);
}

static int done(struct actor *self)
{
        actor_node_shutdown(actor_node(self), 0);
        return 0;
}

static int on_go(struct client *c, const struct actor_mail *mail, const struct go *msg)
{
        static const uint8_t payload[SHARED_FROM];
        for (int i = 0; i < CHUNK && c->sent < c->count && c->sent - c->acknowledged < c->window;
             i++, c->sent++) {
                void *item =
                        c->shared ? actor_msg_ref(c->shared) : actor_msg_bytes(&item_type, payload, c->size);
                actor_send(mail->self, c->server, item);
        }
        c->paused = c->sent == c->count || c->sent - c->acknowledged >= c->window;
        return c->paused ? 0 : actor_send(mail->self, actor_self(mail->self), actor_msg_new(&go_type));
}
ACTOR_BIND(on_go, struct client, struct go)

static int on_ack(struct client *c, const struct actor_mail *mail, const struct actor_bytes *msg)
{
        c->acknowledged += ack_every(c->size);
        if (c->acknowledged == c->count) {
                printf("%.0f\n", (double) c->count / (now_s() - c->begin));
                return done(mail->self);
        }
        return c->paused ? actor_send(mail->self, actor_self(mail->self), actor_msg_new(&go_type)) : 0;
}
ACTOR_BIND(on_ack, struct client, struct actor_bytes)

static int by_value(const void *a, const void *b)
{
        double x = *(const double *) a, y = *(const double *) b;
        return (x > y) - (x < y);
}

static int on_echoed(struct client *c, const struct actor_mail *mail, const struct actor_bytes *msg)
{
        double now = now_s();
        if (strcmp(c->mode, "round-trip") != 0) {
                c->begin = now;
                return actor_send(mail->self, actor_self(mail->self), actor_msg_new(&go_type));
        }
        if (c->sent > 0)
                c->times[c->sent - 1] = (now - c->begin) * 1e6;
        if (c->sent == c->count + WARM_UP) {
                qsort(c->times + WARM_UP, (size_t) c->count, sizeof *c->times, by_value);
                printf("%.1f %.1f\n", c->times[WARM_UP + c->count / 2],
                       c->times[WARM_UP + c->count * 99 / 100]);
                return done(mail->self);
        }
        c->sent++;
        c->begin = now_s();
        return actor_send(mail->self, c->server, actor_msg_bytes(&echo_type, NULL, c->size));
}
ACTOR_BIND(on_echoed, struct client, struct actor_bytes)

static const struct actor_handler client_handlers[] = {
        {&go_type, on_go_bound, ACTOR_FROM_SELF},
        {&ack_type, on_ack_bound, ACTOR_FROM_ANY},
        {&echo_type, on_echoed_bound, ACTOR_FROM_ANY},
        ACTOR_HANDLER_END,
};
static const struct actor_class client_class = {.name = "client",
                                                .state_size = sizeof(struct client),
                                                .init = client_init,
                                                .fini = client_fini,
                                                .handlers = client_handlers};

/* "server@127.0.0.1:5050" of "tcp://127.0.0.1:5050", "server@ipc:/path" of "ipc:///path". */
static struct actor_ref find_server(struct actor_node *node, const char *endpoint)
{
        char address[ACTOR_ENDPOINT_MAX + 16];
        struct actor_error error;
        struct actor_ref ref;
        bool is_ipc = strncmp(endpoint, "ipc://", 6) == 0;
        snprintf(address, sizeof address, "server@%s%s", is_ipc ? "ipc:" : "", endpoint + 6);
        if (actor_node_resolve(node, address, &ref, &error) != 0) {
                fprintf(stderr, "wire_bench: %s\n", error.text);
                exit(1);
        }
        return ref;
}

int main(int argc, char **argv)
{
        if (wants_curve(&argc, argv))
                curve = bench_curve();
        if (argc == 3 && strcmp(argv[1], "serve") == 0)
                return serve(argv[2]);
        if (argc != 5) {
                fprintf(stderr, "usage: wire_bench serve ENDPOINT | MODE ENDPOINT COUNT SIZE [curve]\n");
                return 2;
        }
        struct client client = {.mode = argv[1], .count = number(argv[3]), .size = (size_t) number(argv[4])};
        client.window = WINDOW_BYTES / (strcmp(client.mode, "call") == 0 ? 200 : (long) client.size);
        if (strcmp(client.mode, "unpack") == 0) {
                unpack_alone(client.count);
                return 0;
        }
        if (strcmp(client.mode, "round-trip") != 0) /* what the server tells */
                client.count = (client.count + ACK_EVERY - 1) / ACK_EVERY * ACK_EVERY;
        struct actor_node *node = make_node();
        struct actor_ref ref;
        client.server = find_server(node, argv[2]);
        must(actor_node_spawn(node, &client_class, "client", &client, &ref), "spawn");
        int status = actor_node_wait(node);
        actor_node_free(node);
        return status;
}
