/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server on a real node, spoken to by plain sockets, polite and not. */
#include "check_main.h"
#include "patience.h"
#include <actor/http.h>
#include <actor/log.h>
#include <actor/memory.h>
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_MAX 1000
#define CHUNKED_POST "POST /echo/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
#define BIG_SIZE (3u << 20)

static struct actor_log *quiet;
static struct actor_node *node;
static struct actor_http *http;

/* ---- the actor behind the routes --------------------------------------------------------------- */

static int answer(const struct actor_mail *mail, unsigned status, const char *text)
{
        struct actor_http_response *response = actor_msg_new(&actor_http_response_type);
        response->status = status;
        response->content_type = "text/x-test";
        response->body = actor_msg_strdup(response, text);
        response->body_size = strlen(text);
        return actor_reply(mail, response);
}

static int answer_big(const struct actor_mail *mail)
{
        struct actor_http_response *response = actor_msg_new(&actor_http_response_type);
        char *body = actor_msg_alloc(response, BIG_SIZE);
        memset(body, 'b', BIG_SIZE);
        response->status = 200;
        response->body = body;
        response->body_size = BIG_SIZE;
        return actor_reply(mail, response);
}

static int answer_moved(const struct actor_mail *mail)
{
        struct actor_http_response *response = actor_msg_new(&actor_http_response_type);
        response->status = 307;
        response->location = "http://elsewhere/";
        return actor_reply(mail, response);
}

static int echo(const struct actor_mail *mail, const struct actor_http_request *request)
{
        char text[4096];
        const char *key = actor_http_query(request, "key"), *absent = actor_http_query(request, "absent");
        snprintf(text, sizeof text, "%s %s key=%s absent=%s type=%s accept=%s body=%zu:%.*s", request->method,
                 request->path, key ? key : "-", absent ? absent : "-",
                 request->content_type ? request->content_type : "-", request->accept ? request->accept : "-",
                 request->body_size, (int) request->body_size, (const char *) request->body);
        return answer(mail, 200, text);
}

static int on_request(void **state, const struct actor_mail *mail, const struct actor_http_request *request)
{
        if (strcmp(request->path, "/never") == 0)
                return 0;
        if (strcmp(request->path, "/moved") == 0)
                return answer_moved(mail);
        if (strcmp(request->path, "/big") == 0)
                return answer_big(mail);
        if (strcmp(request->path, "/status") == 0)
                return answer(mail, 7, "no status");
        if (strcmp(request->path, "/wrong") == 0)
                return actor_reply(mail, actor_msg_new(&actor_http_request_type));
        return echo(mail, request);
}

ACTOR_BIND(on_request, void *, struct actor_http_request)

static const struct actor_handler handlers[] = {
        {&actor_http_request_type, on_request_bound, ACTOR_FROM_LOCAL}, ACTOR_HANDLER_END};
static const struct actor_class site_class = {
        .name = "site", .state_size = sizeof(void *), .handlers = handlers};

static void drop_line(void *arg, enum actor_log_level level, const char *line)
{
        (void) arg, (void) level, (void) line;
}

static struct actor_http *start(int64_t timeout_ms)
{
        struct actor_ref site;
        ck_assert_int_eq(actor_node_resolve(node, "site", &site, NULL), 0);
        const struct actor_http_route routes[] = {
                {"GET", "/echo/*", site}, {"POST", "/echo/*", site},      {"GET", "/never", site},
                {"GET", "/moved", site},  {"GET", "/status", site},       {"GET", "/wrong", site},
                {"GET", "/big", site},    {"GET", "/gone", ACTOR_NOBODY},
        };
        struct actor_http_config config = {.host = "127.0.0.1",
                                           .body_max = BODY_MAX,
                                           .timeout_ms = timeout_ms,
                                           .routes = routes,
                                           .route_count = sizeof routes / sizeof *routes};
        struct actor_error error = {""};
        struct actor_http *started = NULL;
        ck_assert_msg(actor_http_start(node, &config, &started, &error) == 0, "%s", error.text);
        return started;
}

static void set_up(void)
{
        struct actor_ref site;
        quiet = actor_log_new_function(drop_line, NULL, ACTOR_LOG_ERROR);
        struct actor_node_config config = {.name = "test", .workers = 2, .log = quiet};
        ck_assert_int_eq(actor_node_new(&config, &node), 0);
        ck_assert_int_eq(actor_node_spawn(node, &site_class, "site", NULL, &site), 0);
        http = start(PATIENCE_S * 1000);
}

static void tear_down(void)
{
        actor_http_stop(http);
        actor_node_free(node);
        actor_log_free(quiet);
}

/* ---- a client ---------------------------------------------------------------------------------- */

static int connect_to(const struct actor_http *server)
{
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(actor_http_port(server)),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        struct timeval bound = {.tv_sec = PATIENCE_S};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound), 0);
        ck_assert_int_eq(connect(fd, (struct sockaddr *) &address, sizeof address), 0);
        return fd;
}

static void send_all(int fd, const char *data, size_t size)
{
        while (size > 0) {
                ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
                if (sent <= 0)
                        return; /* the server may close on us; what it answered is read below */
                data += sent;
                size -= (size_t) sent;
        }
}

/* All that comes until the server closes. The caller frees it. */
static char *receive_all(int fd)
{
        size_t size = 0, capacity = 1 << 16;
        char *text = actor_malloc(capacity);
        for (;;) {
                if (capacity - size < 1 << 15)
                        text = actor_realloc_array(text, capacity *= 2, 1);
                ssize_t got = recv(fd, text + size, capacity - size - 1, 0);
                if (got <= 0) {
                        ck_assert_msg(got == 0 || errno == ECONNRESET, "%s", strerror(errno));
                        break;
                }
                size += (size_t) got;
        }
        close(fd);
        text[size] = '\0';
        return text;
}

static char *converse(const char *request, size_t size)
{
        int fd = connect_to(http);
        send_all(fd, request, size);
        return receive_all(fd);
}

/* `head` without its last empty line: the connection is to be closed after it. */
static char *ask(const char *head, const char *body)
{
        CLEANUP(actor_freep)
        char *request = actor_asprintf("%s\r\nHost: t\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                                       head, strlen(body), body);
        return converse(request, strlen(request));
}

#define expect(head, body, ...)                                                                             \
        do {                                                                                                \
                CLEANUP(actor_freep) char *got_ = ask(head, body);                                          \
                static const char *const words_[] = {__VA_ARGS__};                                          \
                for (size_t i_ = 0; i_ < sizeof words_ / sizeof *words_; i_++)                              \
                        ck_assert_msg(strstr(got_, words_[i_]) != NULL, "no \"%s\" in: %.500s", words_[i_], \
                                      got_);                                                                \
        } while (0)

static void still_serves(void)
{
        expect("GET /echo/alive HTTP/1.1", "", "HTTP/1.1 200 OK\r\n", "GET /echo/alive");
}

/* Where the server's patience is part of the test and short: a machine with much else to do makes it answer
 * 504 now and then. */
static bool got_an_answer(void *unused)
{
        CLEANUP(actor_freep) char *got = ask("GET /echo/alive HTTP/1.1", "");
        return strstr(got, "HTTP/1.1 200 OK\r\n") != NULL;
}

static void still_serves_though_impatient(void)
{
        ck_assert(comes_true(got_an_answer, NULL));
}

/* ---- what is promised -------------------------------------------------------------------------- */

START_TEST(a_request_reaches_its_actor_and_the_answer_comes_back)
{
        expect("GET /echo/a%20b?key=v%26w+x&other HTTP/1.1\r\nAccept: text/x", "", "HTTP/1.1 200 OK\r\n",
               "Content-Type: text/x-test\r\n",
               "GET /echo/a b key=v&w x absent=- type=- accept=text/x body=0:");
        expect("POST /echo/p?absent HTTP/1.1\r\nContent-Type: a/b", "hello",
               "POST /echo/p key=- absent= type=a/b", "body=5:hello");
        expect("GET /moved HTTP/1.1", "", "HTTP/1.1 307 ", "Location: http://elsewhere/\r\n",
               "Content-Length: 0\r\n");
        expect("GET /echo/x%00y HTTP/1.1", "", "GET /echo/x%00y ");
}
END_TEST

START_TEST(head_is_answered_like_get_without_the_body)
{
        CLEANUP(actor_freep) char *get = ask("GET /echo/h HTTP/1.1", "");
        CLEANUP(actor_freep) char *head = ask("HEAD /echo/h HTTP/1.1", "");
        const char *body = strstr(get, "GET /echo/h"), *length = strstr(head, "Content-Length: ");
        ck_assert_ptr_nonnull(strstr(head, "HTTP/1.1 200 OK\r\n"));
        ck_assert_ptr_nonnull(body);
        ck_assert_ptr_nonnull(length);
        ck_assert_uint_eq(strtoul(length + 16, NULL, 10), strlen(body));
        ck_assert_ptr_null(strstr(head, "GET /echo/h"));
}
END_TEST

START_TEST(what_cannot_be_served_says_what_would_be_right)
{
        expect("GET /nowhere HTTP/1.1", "", "HTTP/1.1 404 ", "There is nothing at \"/nowhere\".\n",
               "text/plain");
        expect("POST /nowhere HTTP/1.1", "some body", "HTTP/1.1 404 ");
        expect("DELETE /echo/x HTTP/1.1", "", "HTTP/1.1 405 ", "Allow: GET, HEAD, POST\r\n",
               "allowed: GET, HEAD, POST.");
        expect("GET /gone HTTP/1.1", "", "HTTP/1.1 503 ", "not available");
        expect("GET /wrong HTTP/1.1", "", "HTTP/1.1 500 ", "actor_http_request");
        expect("GET /status HTTP/1.1", "", "HTTP/1.1 500 ", "status 7");
        still_serves();
}
END_TEST

START_TEST(a_body_up_to_the_limit_is_taken_and_one_byte_more_refused)
{
        char body[BODY_MAX + 2];
        memset(body, 'x', sizeof body);
        body[BODY_MAX] = '\0';
        expect("POST /echo/p HTTP/1.1", body, "HTTP/1.1 200 OK", "body=1000:xxx");
        body[BODY_MAX] = 'x';
        body[BODY_MAX + 1] = '\0';
        expect("POST /echo/p HTTP/1.1", body, "HTTP/1.1 413 ", "larger than the 1000 bytes");
}
END_TEST

/* Goal: a length that is not told beforehand is limited all the same, and one far too long is not
 * read to its end. */
START_TEST(chunked_and_endless_bodies_are_refused)
{
        static const char head[] =
                "POST /echo/p HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        char chunk[600 + 16];
        memset(chunk, 'c', sizeof chunk);
        memcpy(chunk, "258\r\n", 5);
        memcpy(chunk + 605, "\r\n", 2);
        int fd = connect_to(http);
        send_all(fd, head, sizeof head - 1);
        send_all(fd, chunk, 607);
        send_all(fd, "0\r\n\r\n", 5);
        CLEANUP(actor_freep) char *fits = receive_all(fd);
        ck_assert_ptr_nonnull(strstr(fits, "body=600:"));

        fd = connect_to(http);
        send_all(fd, head, sizeof head - 1);
        send_all(fd, chunk, 607);
        send_all(fd, chunk, 607);
        send_all(fd, "0\r\n\r\n", 5);
        CLEANUP(actor_freep) char *refused = receive_all(fd);
        ck_assert_ptr_nonnull(strstr(refused, "HTTP/1.1 413 "));

        fd = connect_to(http);
        send_all(fd, head, sizeof head - 1);
        for (int i = 0; i < 20000; i++) /* 12 MB: the server gives up long before */
                send_all(fd, chunk, 607);
        CLEANUP(actor_freep) char *closed = receive_all(fd);
        ck_assert_ptr_null(strstr(closed, "200 OK"));
        expect("POST /echo/p HTTP/1.1\r\nContent-Length: 99999999999", "", "HTTP/1.1 4");
        still_serves();
}
END_TEST

START_TEST(an_actor_that_does_not_answer_gives_504)
{
        actor_http_stop(http);
        http = start(50);
        expect("GET /never HTTP/1.1", "", "HTTP/1.1 504 ", "No answer within 50 ms");
        still_serves_though_impatient();
}
END_TEST

START_TEST(a_large_answer_arrives_whole)
{
        CLEANUP(actor_freep) char *got = ask("GET /big HTTP/1.1", "");
        const char *body = strstr(got, "\r\n\r\n");
        ck_assert_ptr_nonnull(body);
        ck_assert_uint_eq(strspn(body + 4, "b"), BIG_SIZE);
}
END_TEST

START_TEST(requests_follow_each_other_on_one_connection)
{
        static const char one[] = "GET /echo/k HTTP/1.1\r\nHost: t\r\n\r\n";
        static const char last[] = "GET /echo/last HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
        int fd = connect_to(http);
        for (int i = 0; i < 50; i++)
                send_all(fd, one, sizeof one - 1); /* pipelined */
        send_all(fd, last, sizeof last - 1);
        CLEANUP(actor_freep) char *got = receive_all(fd);
        int count = 0;
        for (const char *at = got; (at = strstr(at, "HTTP/1.1 200 OK")); at++)
                count++;
        ck_assert_int_eq(count, 51);
        ck_assert_ptr_nonnull(strstr(got, "/echo/last"));
}
END_TEST

static void *converse_often(void *arg)
{
        for (int i = 0; i < 50; i++) {
                CLEANUP(actor_freep) char *got = ask("POST /echo/t?key=1 HTTP/1.1", "body");
                if (!strstr(got, "body=4:body"))
                        return arg;
        }
        return NULL;
}

START_TEST(many_clients_at_once_each_get_their_answer)
{
        pthread_t threads[8];
        for (int i = 0; i < 8; i++)
                ck_assert_int_eq(pthread_create(&threads[i], NULL, converse_often, &http), 0);
        for (int i = 0; i < 8; i++) {
                void *failed;
                pthread_join(threads[i], &failed);
                ck_assert_ptr_null(failed);
        }
}
END_TEST

/* ---- what is not promised, and must not hurt ---------------------------------------------------- */

START_TEST(garbage_never_ends_the_server)
{
        static const char *const cases[] = {
                "\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "\x16\x03\x01\x02",
                "{}\n\n",
                "GET /echo/x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                "GET /echo/x HTTP/1.1\r\nContent-Length: x\r\n\r\n",
                CHUNKED_POST "zz\r\n",
                "GET /%zz%%%?%=%&&==& HTTP/1.0\r\n\r\n",
                "POST /echo/x HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nabcde",
                "POST /echo/x HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                ":\r\n:\r\n\r\n",
                CHUNKED_POST "ffffffffffffffff\r\nx"};
        actor_http_stop(http);
        http = start(1000); /* some it takes for a beginning, and waits for the rest */
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                int fd = connect_to(http);
                send_all(fd, cases[i], strlen(cases[i]));
                shutdown(fd, SHUT_WR);
                CLEANUP(actor_freep) char *got = receive_all(fd);
                ck_assert_ptr_null(strstr(got, "200 OK"));
        }
        unsigned seed = 7;
        for (int i = 0; i < 300; i++) {
                char noise[512];
                for (size_t at = 0; at < sizeof noise; at++)
                        noise[at] = (char) rand_r(&seed);
                if (i % 2)
                        memcpy(noise, "POST /echo/n HTTP/1.1\r\n", 23);
                int fd = connect_to(http);
                send_all(fd, noise, sizeof noise);
                close(fd);
        }
        still_serves_though_impatient();
}
END_TEST

START_TEST(an_overlong_line_or_header_is_refused)
{
        CLEANUP(actor_freep) char *text = actor_malloc(200001);
        memset(text, 'l', 200000);
        text[200000] = '\0';
        CLEANUP(actor_freep) char *line = actor_asprintf("GET /echo/%s HTTP/1.1", text);
        CLEANUP(actor_freep) char *header = actor_asprintf("GET /echo/x HTTP/1.1\r\nX-Long: %s", text);
        CLEANUP(actor_freep) char *first = ask(line, "");
        CLEANUP(actor_freep) char *second = ask(header, "");
        ck_assert_ptr_null(strstr(first, "200 OK"));
        ck_assert_ptr_null(strstr(second, "200 OK"));
        still_serves();
}
END_TEST

/* Goal: clients that stop half way hold nobody up and are cut off. Method: a server whose patience
 * is one second; it closes them, which ends receive_all(). */
START_TEST(clients_that_stop_half_way_are_cut_off)
{
        static const char *const halves[] = {"", "GET /ec",
                                             "POST /echo/x HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf"};
        actor_http_stop(http);
        http = start(1000);
        int fds[3];
        for (int i = 0; i < 3; i++) {
                fds[i] = connect_to(http);
                send_all(fds[i], halves[i], strlen(halves[i]));
        }
        still_serves_though_impatient();
        for (int i = 0; i < 3; i++) {
                CLEANUP(actor_freep) char *got = receive_all(fds[i]);
                ck_assert_ptr_null(strstr(got, "200 OK"));
        }
}
END_TEST

START_TEST(clients_that_leave_before_the_answer_harm_nobody)
{
        static const char request[] = "GET /big HTTP/1.1\r\nHost: t\r\n\r\n";
        for (int i = 0; i < 50; i++) {
                int fd = connect_to(http);
                send_all(fd, request, sizeof request - 1);
                close(fd);
        }
        still_serves();
}
END_TEST

START_TEST(a_stop_answers_those_who_wait)
{
        static const char request[] = "GET /never HTTP/1.1\r\nHost: t\r\n\r\n";
        int fds[20];
        for (int i = 0; i < 20; i++) {
                fds[i] = connect_to(http);
                send_all(fds[i], request, sizeof request - 1);
        }
        still_serves(); /* by now those before it have been read */
        actor_http_stop(http);
        http = NULL;
        for (int i = 0; i < 20; i++) {
                CLEANUP(actor_freep) char *got = receive_all(fds[i]);
                ck_assert_msg(got[0] == '\0' || strstr(got, "HTTP/1.1 503 "), "%s", got);
        }
}
END_TEST

/* Goal: when the node goes first, who waits is answered by the gateway's end. */
START_TEST(a_node_that_shuts_down_answers_those_who_wait)
{
        static const char request[] = "GET /never HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
        int fd = connect_to(http);
        send_all(fd, request, sizeof request - 1);
        still_serves();
        actor_node_shutdown(node, 0);
        ck_assert_int_eq(actor_node_wait(node), 0);
        CLEANUP(actor_freep) char *got = receive_all(fd);
        ck_assert_msg(strstr(got, "HTTP/1.1 503 ") != NULL, "%s", got);
        expect("GET /echo/x HTTP/1.1", "", "HTTP/1.1 503 ");
}
END_TEST

START_TEST(an_address_in_use_or_unknown_is_refused_with_its_name)
{
        struct actor_error error = {""};
        struct actor_http *second = NULL;
        struct actor_http_config config = {.host = "127.0.0.1", .port = actor_http_port(http)};
        ck_assert_int_eq(actor_http_start(node, &config, &second, &error), -EADDRINUSE);
        ck_assert_ptr_nonnull(strstr(error.text, "127.0.0.1 port"));
        config.host = "256.1.1.1";
        ck_assert_int_eq(actor_http_start(node, &config, &second, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "\"256.1.1.1\""));
        ck_assert_ptr_null(second);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, set_up, tear_down);
        tcase_add_test(tcase, a_request_reaches_its_actor_and_the_answer_comes_back);
        tcase_add_test(tcase, head_is_answered_like_get_without_the_body);
        tcase_add_test(tcase, what_cannot_be_served_says_what_would_be_right);
        tcase_add_test(tcase, a_body_up_to_the_limit_is_taken_and_one_byte_more_refused);
        tcase_add_test(tcase, chunked_and_endless_bodies_are_refused);
        tcase_add_test(tcase, an_actor_that_does_not_answer_gives_504);
        tcase_add_test(tcase, a_large_answer_arrives_whole);
        tcase_add_test(tcase, requests_follow_each_other_on_one_connection);
        tcase_add_test(tcase, many_clients_at_once_each_get_their_answer);
        tcase_add_test(tcase, garbage_never_ends_the_server);
        tcase_add_test(tcase, an_overlong_line_or_header_is_refused);
        tcase_add_test(tcase, clients_that_stop_half_way_are_cut_off);
        tcase_add_test(tcase, clients_that_leave_before_the_answer_harm_nobody);
        tcase_add_test(tcase, a_stop_answers_those_who_wait);
        tcase_add_test(tcase, a_node_that_shuts_down_answers_those_who_wait);
        tcase_add_test(tcase, an_address_in_use_or_unknown_is_refused_with_its_name);
}
TEST_MAIN("http", add_tests)
