/* SPDX-License-Identifier: Apache-2.0 */
/* Real nodes with keys, over loopback: who gets in, who does not, and who is told what. */
#include <check.h>

#include "check_main.h"
#include "endpoints.h"
#include "guarded.h"
#include "net/limits.h"
#include "probe.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- who is asked ---------------------------------------------------------------------------------- */

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

struct question {
        struct actor_node *node;
        const char *endpoint;
};

static bool is_let_in(void *arg)
{
        const struct question *question = arg;
        static struct probe p;
        p.transcript[0] = '\0';
        struct actor_ref asker = probe_spawn(question->node, NULL, &p),
                         to = resolve(question->node, "q", question->endpoint);
        probe_order(question->node, asker, (struct order){.what = ORDER_ASK, .to = to, .number = 1});
        probe_await_text(&p, "reply ");
        return strcmp(p.transcript, "reply 1001\n") == 0;
}

/* Where nothing tells when the list will have been read. */
static void await_answer(struct actor_node *node, const char *endpoint)
{
        struct question question = {node, endpoint};
        ck_assert(comes_true(is_let_in, &question));
}

static void expect_trouble(struct actor_node *node, const char *endpoint, const char *text)
{
        char trouble[256];
        struct actor_ref ref = resolve(node, "q", endpoint);
        ck_assert(actor_node_trouble(node, ref, trouble, sizeof trouble));
        ck_assert_msg(strstr(trouble, text) != NULL, "%s", trouble);
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
        char bound[256], own[80];
        const char *endpoint = own_ipc_endpoint(own, "curve");
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

/* Logs that it has, when this many more frames have come in. */
enum { QUICK_HEARTBEAT_MS = 200, ATTEMPTS = 10 };
enum { FRAMES_ENOUGH = 18 }; /* of ours; that is about six of libzmq's own heartbeats */
static const char has_heard_enough[] = "has heard enough", is_lost[] = "lost: ";

struct patient {
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
        actor_log_info(mail->self, "patient: %s", has_heard_enough);
        return 0;
}

static int patient_init(void *state, struct actor *self, const void *config)
{
        struct patient *patient = state;
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

static bool idle_link_stays(void)
{
        char bound[256];
        struct actor_certificate allowed[] = {ops}, servers[] = {server};
        struct actor_curve of_b = {.own = server, .allowed = {allowed, 1}},
                           of_a = {.own = ops, .servers = {servers, 1}};
        struct actor_node *a = node_with(&of_a, QUICK_HEARTBEAT_MS),
                          *b = node_with(&of_b, QUICK_HEARTBEAT_MS);
        struct actor_error error;
        ck_assert_int_eq(actor_node_listen(b, "tcp://127.0.0.1:0", bound, sizeof bound, &error), 0);
        spawn_witness(b);
        await_answer(a, bound);
        forget_log();
        ck_assert_int_eq(actor_node_spawn(b, &patient_class, NULL, NULL, NULL), 0);
        await_either_log(has_heard_enough, is_lost);
        bool stays = times_logged(is_lost) == 0;
        actor_node_free(a);
        actor_node_free(b);
        return stays;
}

/* Heartbeats, ours and libzmq's, are encrypted too: a link that carries nothing else lives on. Unless the
 * machine has no time for them: then the next one may. */
START_TEST(an_idle_link_stays)
{
        int attempts = 1;
        while (attempts < ATTEMPTS && !idle_link_stays())
                attempts++;
        ck_assert_int_lt(attempts, ATTEMPTS);
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
        struct timespec begin, end;
        struct actor_node *b = server_node(&ops, bound, sizeof bound);
        clock_gettime(CLOCK_MONOTONIC, &begin);
        for (int i = 0; i < 40; i++) {
                struct actor_certificate one = made(NULL);
                struct actor_node *a = client_node(&one, &server);
                expect_answer(a, bound, "reply EHOSTUNREACH\n");
                actor_node_free(a);
        }
        ck_assert_uint_eq(denied(b), 40);
        clock_gettime(CLOCK_MONOTONIC, &end);
        int64_t periods = 1 + (end.tv_sec - begin.tv_sec + 1) * 1000 / NET_DENIALS_PERIOD_MS;
        ck_assert_int_ge(times_logged("denied key"), NET_DENIALS_TOLD_MAX);
        ck_assert_int_le(times_logged("denied key"), NET_DENIALS_TOLD_MAX * periods);
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
        await_answer(a, bound);

        /* Another directory in its place. */
        snprintf(command, sizeof command, "mv %s %s.old && mkdir %s", folder, folder, folder);
        run(command);
        await_log("lost: its key is not allowed any more");
        expect_answer(a, bound, "reply EHOSTUNREACH\n");
        snprintf(command, sizeof command, "mv %s.old/ops %s/ && rmdir %s.old", folder, folder, folder);
        run(command);
        await_answer(a, bound);
        snprintf(command, sizeof command, "rm -r %s", folder);
        run(command);
        ck_assert_int_eq(actor_node_watch_allowed(b, folder, &error), -ENOENT);
        ck_assert_msg(strstr(error.text, folder) != NULL, "%s", error.text);
        actor_node_free(a);
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
}
TEST_MAIN("curve", add_tests)
