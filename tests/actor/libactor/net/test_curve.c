/* SPDX-License-Identifier: Apache-2.0 */
/* Real nodes with keys, over loopback: who gets in, who does not, and who is told what. */
#include <check.h>

#include "probe.h"
#include "check_main.h"
#include "net/frame.h"

#include <actor/curve.h>
#include <actor/log.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

enum { HEARTBEAT_MS = 3000, QUICK_HEARTBEAT_MS = 200 };

/* ---- what the nodes log -------------------------------------------------------------------------- */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t log_changed = PTHREAD_COND_INITIALIZER;
static char log_text[65536];

static void keep_line(void *arg, enum actor_log_level level, const char *line)
{
        pthread_mutex_lock(&log_lock);
        size_t used = strlen(log_text);
        snprintf(log_text + used, sizeof log_text - used, "%s\n", line);
        pthread_cond_broadcast(&log_changed);
        pthread_mutex_unlock(&log_lock);
}

/* The lock is held. */
static unsigned count_in_log(const char *text)
{
        unsigned count = 0;
        for (const char *at = log_text; (at = strstr(at, text)); at++)
                count++;
        return count;
}

static unsigned times_logged(const char *text)
{
        pthread_mutex_lock(&log_lock);
        unsigned count = count_in_log(text);
        pthread_mutex_unlock(&log_lock);
        return count;
}

static void await_logs(const char *text, unsigned times)
{
        struct timespec limit = in_half_a_minute();
        pthread_mutex_lock(&log_lock);
        while (count_in_log(text) < times)
                if (pthread_cond_timedwait(&log_changed, &log_lock, &limit) != 0)
                        break;
        ck_assert_msg(count_in_log(text) >= times, "\"%s\" is not %u times in: %s", text, times, log_text);
        pthread_mutex_unlock(&log_lock);
}

static void await_log(const char *text)
{
        await_logs(text, 1);
}

/* ---- keys ---------------------------------------------------------------------------------------- */

static struct actor_certificate server, ops, stranger;

static struct actor_certificate made(const char *principal)
{
        struct actor_certificate certificate;
        struct actor_error error;
        ck_assert_msg(actor_certificate_make(principal, &certificate, &error) == 0, "%s", error.text);
        return certificate;
}

static void make_keys(void)
{
        ck_assert_int_eq(zmq_has("curve"), 1);
        server = made("server");
        ops = made("ops");
        stranger = made("stranger");
}

/* ---- nodes --------------------------------------------------------------------------------------- */

static struct actor_node *node_with(const struct actor_curve *curve, int64_t heartbeat_ms)
{
        static struct actor_log *log;
        struct actor_node *node;
        if (!log)
                log = actor_log_new_function(keep_line, NULL, ACTOR_LOG_INFO);
        struct actor_node_config config = {.name = "node",
                                           .workers = 1,
                                           .types = note_types,
                                           .heartbeat_ms = heartbeat_ms,
                                           .log = log,
                                           .curve = curve};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        return node;
}

static struct actor_node *listening(const struct actor_curve *curve, const char *endpoint, char *bound,
                                    size_t size)
{
        struct actor_error error;
        struct actor_node *node = node_with(curve, HEARTBEAT_MS);
        ck_assert_msg(actor_node_listen(node, endpoint, bound, size, &error) == 0, "%s", error.text);
        return node;
}

/* The server, which lets in `allowed` and nobody else. */
static struct actor_node *server_node(const struct actor_certificate *allowed, char *bound, size_t size)
{
        struct actor_certificate list[] = {*allowed};
        struct actor_curve curve = {.own = server, .allowed = {list, 1}};
        return listening(&curve, "tcp://127.0.0.1:0", bound, size);
}

/* A node that holds `own` and takes every endpoint for that of whoever holds `of_servers`. */
static struct actor_node *client_node(const struct actor_certificate *own,
                                      const struct actor_certificate *of_servers)
{
        struct actor_certificate list[] = {*of_servers};
        list[0].secret_key[0] = '\0';
        struct actor_curve curve = {.own = *own, .servers = {list, 1}};
        return node_with(&curve, HEARTBEAT_MS);
}

/* Somebody who notes whose key the sender of a note holds, and answers. */
static pthread_mutex_t witness_lock = PTHREAD_MUTEX_INITIALIZER;
static char witnessed[ACTOR_PRINCIPAL_MAX + 1];

static void set_witnessed(const char *principal)
{
        pthread_mutex_lock(&witness_lock);
        snprintf(witnessed, sizeof witnessed, "%s", principal);
        pthread_mutex_unlock(&witness_lock);
}

static void expect_witnessed(const char *principal)
{
        pthread_mutex_lock(&witness_lock);
        ck_assert_str_eq(witnessed, principal);
        pthread_mutex_unlock(&witness_lock);
}

static int witness_on_note(void *state, const struct actor_mail *mail, const void *body)
{
        char principal[ACTOR_PRINCIPAL_MAX + 1];
        bool known = actor_node_principal(actor_node(mail->self), mail->from, principal, sizeof principal);
        ck_assert(known == (principal[0] != '\0'));
        set_witnessed(principal);
        return actor_reply(mail, note_of(&note_type, ((const struct note *) body)->number + 1000, 0));
}

static const struct actor_handler witness_handlers[] = {{&note_type, witness_on_note, ACTOR_FROM_ANY},
                                                        ACTOR_HANDLER_END};
static const struct actor_class witness_class = {.name = "witness", .handlers = witness_handlers};

static void spawn_witness(struct actor_node *node)
{
        set_witnessed("nothing");
        ck_assert_int_eq(actor_node_spawn(node, &witness_class, "q", NULL, NULL), 0);
}

/* What comes of a question to "q" there: "reply 1001\n" or "reply ERROR\n". */
static void expect_answer(struct actor_node *node, const char *endpoint, const char *answer)
{
        static struct probe p;
        p.transcript[0] = '\0';
        struct actor_ref asker = probe_spawn(node, NULL, &p);
        probe_order(node, asker,
                    (struct order){.what = ORDER_ASK, .to = resolve(node, "q", endpoint), .number = 1});
        probe_await(&p, answer);
}

static void expect_trouble(struct actor_node *node, const char *endpoint, const char *text)
{
        char trouble[256];
        struct actor_ref ref = resolve(node, "q", endpoint);
        ck_assert(actor_node_trouble(node, ref, trouble, sizeof trouble));
        ck_assert_msg(strstr(trouble, text) != NULL, "%s", trouble);
}

static uint64_t denied(struct actor_node *node)
{
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        return totals.wire_denied;
}

/* ---- let in -------------------------------------------------------------------------------------- */

START_TEST(who_is_allowed_talks_and_each_side_knows_the_other)
{
        char bound[256], principal[64];
        struct actor_node *a = client_node(&ops, &server), *b = server_node(&ops, bound, sizeof bound);
        spawn_witness(b);
        expect_answer(a, bound, "reply 1001\n");
        expect_witnessed("ops");
        ck_assert(actor_node_principal(a, resolve(a, "q", bound), principal, sizeof principal));
        ck_assert_str_eq(principal, "server");
        ck_assert_uint_eq(denied(b), 0);
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

START_TEST(a_ref_into_another_life_of_a_peer_has_no_principal)
{
        char bound[256], principal[64] = "?";
        struct actor_node *a = client_node(&ops, &server), *b = server_node(&ops, bound, sizeof bound);
        spawn_witness(b);
        expect_answer(a, bound, "reply 1001\n");
        struct actor_ref ref = resolve(a, "q", bound);
        ref.generation = 1; /* a node's generations begin at random */
        ck_assert(!actor_node_principal(a, ref, principal, sizeof principal));
        ck_assert_str_eq(principal, "");
        ck_assert(!actor_node_principal(a, ACTOR_NOBODY, principal, sizeof principal));
        ck_assert(!actor_node_principal(a, (struct actor_ref){1u << 30, 1, 1}, principal, sizeof principal));
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

START_TEST(over_ipc_nobody_is_asked_for_a_key)
{
        const char *endpoint = "ipc:///tmp/troupe-test-net-curve.sock";
        char bound[256];
        struct actor_node *a = node_with(NULL, HEARTBEAT_MS), *b = server_node(&ops, bound, sizeof bound);
        struct actor_node *c = client_node(&ops, &server);
        struct actor_error error;
        ck_assert_msg(actor_node_listen(b, endpoint, NULL, 0, &error) == 0, "%s", error.text);
        spawn_witness(b);
        expect_answer(a, endpoint, "reply 1001\n");
        expect_witnessed("");
        expect_answer(c, bound, "reply 1001\n"); /* and tcp is as guarded as it was */
        expect_witnessed("ops");
        actor_node_free(a);
        actor_node_free(b);
        actor_node_free(c);
}
END_TEST

START_TEST(an_endpoint_of_its_own_key_is_not_taken_for_another)
{
        char bound[256];
        struct actor_node *b = server_node(&ops, bound, sizeof bound);
        struct actor_certificate list[] = {stranger, server};
        snprintf(list[1].endpoint, sizeof list[1].endpoint, "%s", bound);
        struct actor_curve curve = {.own = ops, .servers = {list, 2}};
        struct actor_node *a = node_with(&curve, HEARTBEAT_MS);
        spawn_witness(b);
        expect_answer(a, bound, "reply 1001\n");
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

START_TEST(many_and_large_messages_pass_through_encryption_in_order)
{
        char bound[256];
        static struct probe p, q = {.is_quiet = true};
        struct actor_node *a = client_node(&ops, &server), *b = server_node(&ops, bound, sizeof bound);
        struct actor_ref sender = probe_spawn(a, "p", &p);
        probe_spawn(b, "q", &q);
        struct actor_ref to = resolve(a, "q", bound);
        probe_order(
                a, sender,
                (struct order){.what = ORDER_SEND_MANY, .to = to, .number = 1, .count = 10000, .size = 100});
        probe_order(a, sender,
                    (struct order){.what = ORDER_SEND, .to = to, .number = 10001, .size = 3 << 20});
        probe_await_notes(&q, 10001);
        ck_assert_uint_eq(q.out_of_order, 0);
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

/* Tells somebody when this many more frames have come in. */
enum { FRAMES_ENOUGH = 18 }; /* of ours; that is about six of libzmq's own heartbeats */

struct patient {
        struct actor_ref told;
        uint64_t frames_wanted;
};
static const struct actor_type tick_type = {.name = "tick", .size = 1};

static uint64_t frames_in(struct actor *self)
{
        struct actor_node_totals totals;
        actor_node_totals(actor_node(self), &totals);
        return totals.wire_frames_in;
}

static int patient_on_tick(void *state, const struct actor_mail *mail, const void *body)
{
        struct patient *patient = state;
        if (frames_in(mail->self) < patient->frames_wanted)
                return 0;
        patient->frames_wanted = UINT64_MAX;
        return actor_send(mail->self, patient->told, note_of(&note_type, 1, 0));
}

static int patient_init(void *state, struct actor *self, const void *config)
{
        struct patient *patient = state;
        patient->told = *(const struct actor_ref *) config;
        patient->frames_wanted = frames_in(self) + FRAMES_ENOUGH;
        actor_every(self, QUICK_HEARTBEAT_MS / 4, actor_msg_new(&tick_type));
        return 0;
}

static const struct actor_handler patient_handlers[] = {{&tick_type, patient_on_tick, ACTOR_FROM_SELF},
                                                        ACTOR_HANDLER_END};
static const struct actor_class patient_class = {.name = "patient",
                                                 .state_size = sizeof(struct patient),
                                                 .init = patient_init,
                                                 .handlers = patient_handlers};

/* Heartbeats, ours and libzmq's, are encrypted too: a link that carries nothing else lives on. */
START_TEST(an_idle_link_stays)
{
        char bound[256];
        struct actor_certificate allowed[] = {ops}, servers[] = {server};
        struct actor_curve of_b = {.own = server, .allowed = {allowed, 1}},
                           of_a = {.own = ops, .servers = {servers, 1}};
        struct actor_node *a = node_with(&of_a, QUICK_HEARTBEAT_MS),
                          *b = node_with(&of_b, QUICK_HEARTBEAT_MS);
        struct actor_error error;
        static struct probe p;
        ck_assert_int_eq(actor_node_listen(b, "tcp://127.0.0.1:0", bound, sizeof bound, &error), 0);
        spawn_witness(b);
        expect_answer(a, bound, "reply 1001\n");
        struct actor_ref told = probe_spawn(b, NULL, &p);
        ck_assert_int_eq(actor_node_spawn(b, &patient_class, NULL, &told, NULL), 0);
        probe_await(&p, "note 1\n");
        ck_assert_uint_eq(times_logged("lost"), 0);
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

/* ---- not let in ---------------------------------------------------------------------------------- */

START_TEST(a_key_that_is_not_listed_is_denied_counted_and_logged_once)
{
        char bound[256], line[128];
        struct actor_node *a = client_node(&stranger, &server), *b = server_node(&ops, bound, sizeof bound);
        spawn_witness(b);
        expect_answer(a, bound, "reply EHOSTUNREACH\n");
        expect_trouble(a, bound, "it refuses this node's key");
        snprintf(line, sizeof line,
                 "denied key \"%s\": not in the list of those allowed; it came from 127.0.0.1",
                 stranger.public_key);
        await_log(line);
        await_log("not reached: it refuses this node's key");
        expect_answer(a, bound, "reply EHOSTUNREACH\n");
        ck_assert_uint_eq(denied(b), 2);
        ck_assert_uint_eq(times_logged(line), 1);
        ck_assert_uint_eq(times_logged("not reached: it refuses"), 1);
        expect_witnessed("nothing");
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

START_TEST(a_flood_of_keys_does_not_fill_the_log)
{
        char bound[256];
        struct actor_node *b = server_node(&ops, bound, sizeof bound);
        for (int i = 0; i < 40; i++) {
                struct actor_certificate one = made(NULL);
                struct actor_node *a = client_node(&one, &server);
                expect_answer(a, bound, "reply EHOSTUNREACH\n");
                actor_node_free(a);
        }
        ck_assert_uint_eq(denied(b), 40);
        ck_assert_uint_eq(times_logged("denied key"), 16);
        actor_node_free(b);
}
END_TEST

START_TEST(a_node_without_keys_is_refused_by_one_with_keys_and_told_why)
{
        char bound[256];
        struct actor_node *a = node_with(NULL, HEARTBEAT_MS), *b = server_node(&ops, bound, sizeof bound);
        spawn_witness(b);
        expect_answer(a, bound, "reply EHOSTUNREACH\n");
        expect_trouble(a, bound, "it demands CURVE, and this node has no key");
        await_log("denied a peer: it "); /* speaks without CURVE; or broke off, where it saw so first */
        ck_assert_uint_ge(denied(b), 1);
        expect_witnessed("nothing");
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

START_TEST(a_node_with_keys_does_not_talk_to_one_without)
{
        char bound[256];
        struct actor_node *a = client_node(&ops, &server);
        struct actor_node *b = listening(NULL, "tcp://127.0.0.1:0", bound, sizeof bound);
        spawn_witness(b);
        expect_answer(a, bound, "reply EHOSTUNREACH\n");
        expect_trouble(a, bound, " speak"); /* CURVE, it does not; or it broke off, where it saw so first */
        expect_witnessed("nothing");
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

START_TEST(a_server_with_another_key_than_expected_is_not_talked_to)
{
        char bound[256];
        struct actor_node *a = client_node(&ops, &stranger), *b = server_node(&ops, bound, sizeof bound);
        spawn_witness(b);
        expect_answer(a, bound, "reply EHOSTUNREACH\n");
        expect_trouble(a, bound, "probably it does not hold the key that is known for it here");
        await_log("denied a peer: it expects another key than this node's");
        ck_assert_uint_ge(denied(b), 1);
        expect_witnessed("nothing");
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

START_TEST(an_endpoint_whose_key_is_not_known_is_not_dialed)
{
        struct actor_curve curve = {.own = ops};
        struct actor_node *a = node_with(&curve, HEARTBEAT_MS);
        expect_answer(a, "tcp://127.0.0.1:9", "reply EHOSTUNREACH\n");
        expect_trouble(a, "tcp://127.0.0.1:9", "no certificate of a server there is known here");
        actor_node_free(a);
}
END_TEST

START_TEST(with_keys_the_world_may_be_listened_to_without_a_warning)
{
        char bound[256];
        struct actor_curve curve = {.own = server};
        struct actor_node *b = listening(&curve, "tcp://*:0", bound, sizeof bound);
        ck_assert_uint_eq(times_logged("WITHOUT ENCRYPTION"), 0);
        actor_node_free(b);
        b = listening(NULL, "tcp://*:0", bound, sizeof bound);
        ck_assert_uint_eq(times_logged("WITHOUT ENCRYPTION"), 1);
        actor_node_free(b);
}
END_TEST

/* ---- the list changes ---------------------------------------------------------------------------- */

START_TEST(the_list_can_change_while_the_node_runs)
{
        char bound[256];
        struct actor_node *a = client_node(&ops, &server), *b = server_node(&stranger, bound, sizeof bound);
        spawn_witness(b);
        expect_answer(a, bound, "reply EHOSTUNREACH\n");
        ck_assert_int_eq(actor_node_allow(b, &(struct actor_certificates){&ops, 1}), 0);
        expect_answer(a, bound, "reply 1001\n");
        expect_witnessed("ops");
        ck_assert_int_eq(actor_node_allow(b, &(struct actor_certificates){&stranger, 1}), 0);
        await_log("lost: its key is not allowed any more");
        expect_answer(a, bound, "reply EHOSTUNREACH\n");
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

START_TEST(a_list_without_principals_or_for_a_node_without_keys_is_refused)
{
        char bound[256];
        struct actor_certificate nobodys = made(NULL);
        struct actor_node *a = node_with(NULL, HEARTBEAT_MS), *b = server_node(&ops, bound, sizeof bound);
        ck_assert_int_eq(actor_node_allow(b, &(struct actor_certificates){&nobodys, 1}), -EINVAL);
        ck_assert_int_eq(actor_node_allow(a, &(struct actor_certificates){&ops, 1}), -EINVAL);
        ck_assert_int_eq(actor_node_watch_allowed(a, "/tmp", NULL), -EINVAL);
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

static void run(const char *command)
{
        ck_assert_int_eq(system(command), 0);
}

START_TEST(a_directory_of_certificates_is_followed)
{
        char bound[256], folder[] = "/tmp/troupe-test-allow-XXXXXX", path[128], command[256];
        struct actor_error error;
        ck_assert_ptr_nonnull(mkdtemp(folder));
        struct actor_node *a = client_node(&ops, &server), *b = server_node(&stranger, bound, sizeof bound);
        spawn_witness(b);
        ck_assert_msg(actor_node_watch_allowed(b, folder, &error) == 0, "%s", error.text);
        await_log("read anew: 0 keys");
        expect_answer(a, bound, "reply EHOSTUNREACH\n");

        snprintf(path, sizeof path, "%s/ops", folder);
        ck_assert_int_eq(actor_certificate_write(&ops, path, &error), 0);
        await_log("allow-list: unchanged: "); /* the secret one is there too, and has no business there */
        snprintf(command, sizeof command, "rm %s/ops_secret", folder);
        run(command);
        await_log("read anew: 1 keys");
        expect_answer(a, bound, "reply 1001\n");

        /* Another directory in its place. */
        snprintf(command, sizeof command, "mv %s %s.old && mkdir %s", folder, folder, folder);
        run(command);
        await_log("lost: its key is not allowed any more");
        expect_answer(a, bound, "reply EHOSTUNREACH\n");
        snprintf(command, sizeof command, "mv %s.old/ops %s/ && rmdir %s.old", folder, folder, folder);
        run(command);
        await_logs("read anew: 1 keys", 2);
        expect_answer(a, bound, "reply 1001\n");
        snprintf(command, sizeof command, "rm -r %s", folder);
        run(command);
        ck_assert_int_eq(actor_node_watch_allowed(b, folder, &error), -ENOENT);
        ck_assert_msg(strstr(error.text, folder) != NULL, "%s", error.text);
        actor_node_free(a);
        actor_node_free(b);
}
END_TEST

/* ---- those who say to be somebody else ----------------------------------------------------------- */

static void *raw_client(void *context, const struct actor_certificate *own, const char *endpoint)
{
        void *socket = zmq_socket(context, ZMQ_DEALER);
        int linger = 0, wait_ms = 30000;
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
        zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
        if (own) {
                zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server.public_key, ACTOR_KEY_SIZE + 1);
                zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, own->public_key, ACTOR_KEY_SIZE + 1);
                zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, own->secret_key, ACTOR_KEY_SIZE + 1);
        }
        ck_assert_int_eq(zmq_connect(socket, endpoint), 0);
        return socket;
}

static void say(void *socket, struct frame_buffer *frame)
{
        ck_assert_int_ge(zmq_send(socket, frame->data, frame->size, 0), 0);
        frame_buffer_done(frame);
}

static void say_hello(void *socket, uint64_t incarnation, const char *endpoint)
{
        struct frame_buffer frame = {0};
        struct frame_hello hello = {
                .incarnation = incarnation, .message_max = 1 << 20, .heartbeat_ms = 60000, .name = "raw"};
        snprintf(hello.endpoint, sizeof hello.endpoint, "%s", endpoint);
        frame_hello_encode(&frame, FRAME_HELLO, &hello);
        say(socket, &frame);
}

static int hear(void *socket)
{
        uint8_t data[512];
        struct frame_header header;
        int size = zmq_recv(socket, data, sizeof data, 0);
        ck_assert_int_gt(size, 0);
        ck_assert_int_eq(frame_header_decode(data, (size_t) size, &header), 0);
        return header.type;
}

static void confirm(void *socket)
{
        struct frame_buffer frame = {0};
        frame_begin(&frame, FRAME_CONFIRM);
        frame_end(&frame, 0, 0);
        say(socket, &frame);
}

START_TEST(nobody_takes_over_an_incarnation_with_another_key)
{
        char bound[256];
        struct actor_certificate list[] = {ops, stranger};
        struct actor_curve curve = {.own = server, .allowed = {list, 2}};
        struct actor_node *b = listening(&curve, "tcp://127.0.0.1:0", bound, sizeof bound);
        void *context = zmq_ctx_new(), *first = raw_client(context, &ops, bound);
        void *other = raw_client(context, &stranger, bound), *again = raw_client(context, &ops, bound);
        say_hello(first, 77, "");
        ck_assert_int_eq(hear(first), FRAME_WELCOME);
        confirm(first);
        await_log("connected");
        say_hello(other, 77, "");
        await_log("it says to be a node that holds another key");
        ck_assert_uint_eq(denied(b), 1);
        say_hello(again, 77, ""); /* the node itself may */
        ck_assert_int_eq(hear(again), FRAME_WELCOME);
        ck_assert_uint_eq(times_logged("lost"), 0);
        zmq_close(first);
        zmq_close(other);
        zmq_close(again);
        zmq_ctx_term(context);
        actor_node_free(b);
}
END_TEST

/* Who is let in may not draw the mail for a server to itself by saying that it listens there. */
START_TEST(a_claim_to_an_endpoint_of_a_server_needs_its_key)
{
        char bound[256], log_line[128];
        struct actor_certificate allowed[] = {stranger}, servers[] = {ops};
        struct actor_curve curve = {.own = server, .servers = {servers, 1}, .allowed = {allowed, 1}};
        struct actor_node *b = listening(&curve, "tcp://127.0.0.1:0", bound, sizeof bound);
        void *context = zmq_ctx_new(), *client = raw_client(context, &stranger, bound);
        say_hello(client, 78, "tcp://127.0.0.1:9");
        ck_assert_int_eq(hear(client), FRAME_WELCOME);
        confirm(client);
        snprintf(log_line, sizeof log_line, "peer %s of node connected", "inbound");
        await_log(log_line);
        zmq_close(client);
        zmq_ctx_term(context);
        actor_node_free(b);
}
END_TEST

/* Takes so many bytes off a connection. */
static void take_bytes(int fd, uint8_t *ret, size_t size)
{
        for (size_t got = 0; got < size;) {
                ssize_t r = read(fd, ret + got, size - got);
                ck_assert_int_gt(r, 0);
                got += (size_t) r;
        }
}

/* A ZMTP 3.0 peer written by hand, over ipc, that says of itself to be the user of an allowed key. */
static void speak_as_user(int fd, const char *key)
{
        static const char greeting[64] = "\xff\0\0\0\0\0\0\0\0\x7f\x03\0NULL";
        static const char metadata[] = "\x05READY\x0bSocket-Type\0\0\0\x06"
                                       "DEALER\x07User-Id\0\0\0\x28";
        char ready[2 + sizeof metadata - 1 + ACTOR_KEY_SIZE] = {4, sizeof ready - 2};
        uint8_t theirs[256];
        memcpy(ready + 2, metadata, sizeof metadata - 1);
        memcpy(ready + 2 + sizeof metadata - 1, key, ACTOR_KEY_SIZE);
        ck_assert_int_eq(write(fd, greeting, sizeof greeting), sizeof greeting);
        take_bytes(fd, theirs, 64);
        ck_assert_int_eq(write(fd, ready, sizeof ready), sizeof ready);
        take_bytes(fd, theirs, 2); /* its READY: a flag, the size, the rest */
        take_bytes(fd, theirs + 2, theirs[1]);
}

static void write_frame(int fd, struct frame_buffer *frame)
{
        uint8_t head[] = {0, (uint8_t) frame->size};
        ck_assert_uint_lt(frame->size, 256);
        ck_assert_int_eq(write(fd, head, 2), 2);
        ck_assert_int_eq(write(fd, frame->data, frame->size), (ssize_t) frame->size);
        frame_buffer_done(frame);
}

START_TEST(over_ipc_nobody_makes_up_a_key)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/tmp/troupe-test-net-made-up.sock"};
        struct actor_certificate list[] = {ops};
        struct actor_curve curve = {.own = server, .allowed = {list, 1}};
        struct actor_node *b = listening(&curve, "ipc:///tmp/troupe-test-net-made-up.sock", NULL, 0);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        ck_assert_int_eq(connect(fd, (const struct sockaddr *) &address, sizeof address), 0);
        speak_as_user(fd, ops.public_key);
        struct frame_buffer frame = {0};
        struct frame_hello hello = {
                .incarnation = 79, .message_max = 1 << 20, .heartbeat_ms = 60000, .name = "raw"};
        frame_hello_encode(&frame, FRAME_HELLO, &hello);
        write_frame(fd, &frame);
        frame_begin(&frame, FRAME_CONFIRM);
        frame_end(&frame, 0, 0);
        write_frame(fd, &frame);
        await_log("peer inbound of node connected");
        ck_assert_uint_eq(times_logged("its key is that of"), 0);
        close(fd);
        actor_node_free(b);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, make_keys, NULL);
        tcase_add_test(tcase, who_is_allowed_talks_and_each_side_knows_the_other);
        tcase_add_test(tcase, a_ref_into_another_life_of_a_peer_has_no_principal);
        tcase_add_test(tcase, over_ipc_nobody_is_asked_for_a_key);
        tcase_add_test(tcase, an_endpoint_of_its_own_key_is_not_taken_for_another);
        tcase_add_test(tcase, many_and_large_messages_pass_through_encryption_in_order);
        tcase_add_test(tcase, an_idle_link_stays);
        tcase_add_test(tcase, a_key_that_is_not_listed_is_denied_counted_and_logged_once);
        tcase_add_test(tcase, a_flood_of_keys_does_not_fill_the_log);
        tcase_add_test(tcase, a_node_without_keys_is_refused_by_one_with_keys_and_told_why);
        tcase_add_test(tcase, a_node_with_keys_does_not_talk_to_one_without);
        tcase_add_test(tcase, a_server_with_another_key_than_expected_is_not_talked_to);
        tcase_add_test(tcase, an_endpoint_whose_key_is_not_known_is_not_dialed);
        tcase_add_test(tcase, with_keys_the_world_may_be_listened_to_without_a_warning);
        tcase_add_test(tcase, the_list_can_change_while_the_node_runs);
        tcase_add_test(tcase, a_list_without_principals_or_for_a_node_without_keys_is_refused);
        tcase_add_test(tcase, a_directory_of_certificates_is_followed);
        tcase_add_test(tcase, nobody_takes_over_an_incarnation_with_another_key);
        tcase_add_test(tcase, a_claim_to_an_endpoint_of_a_server_needs_its_key);
        tcase_add_test(tcase, over_ipc_nobody_makes_up_a_key);
}
TEST_MAIN("curve", add_tests)
