/* SPDX-License-Identifier: Apache-2.0 */
/* A member of a chat: says what is typed, prints what is said. It needs no port of its own: the room answers
 * over the connection the member opened. Usage: chat_client NAME room@127.0.0.1:7000 */
#include "chat.h"
#include <actor/node.h>
#include <actor/system.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 4096, TIMEOUT_MS = 30000 };

struct member {
        const char *name;
        struct actor_ref room;
        char typed[LINE_BYTES];
        size_t typed_size;
};

struct member_config {
        const char *name;
        const char *address;
};

static void show(const char *format, ...) ACTOR_PRINTF(1, 2);
static void show(const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
        fflush(stdout);
}

/* ---- joining ------------------------------------------------------------------------------------- */

static void greet(const Chat__Welcome *welcome)
{
        if (welcome->n_names == 0)
                show("* nobody else is here");
        for (size_t i = 0; i < welcome->n_names; i++)
                show("* %s is here", welcome->names[i]);
}

static int on_joined(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct member *member = state;
        if (body && actor_msg_type(body) == &chat_welcome_type) {
                greet(body);
                actor_monitor(mail->self, member->room);
                return actor_fd_watch(mail->self, STDIN_FILENO, POLLIN);
        }
        if (body && actor_msg_type(body) == &chat_refused_type)
                show("* refused: %s", ((const Chat__Refused *) body)->reason);
        else
                show("* no room: %s", strerror(body ? EPROTO : -mail->error));
        actor_node_shutdown(actor_node(mail->self), 1);
        return 0;
}

static int member_init(void *state, struct actor *self, const void *config)
{
        struct member *member = state;
        const struct member_config *wanted = config;
        struct actor_error error;
        int r = actor_node_resolve(actor_node(self), wanted->address, &member->room, &error);
        if (r < 0) {
                fprintf(stderr, "%s\n", error.text);
                return r;
        }
        member->name = wanted->name;
        Chat__Join *join = actor_msg_new(&chat_join_type);
        join->name = actor_msg_strdup(join, member->name);
        actor_ask(self, member->room, join, TIMEOUT_MS, on_joined, NULL);
        return 0;
}

/* ---- typing -------------------------------------------------------------------------------------- */

static void say(const struct member *member, struct actor *self, const char *line, size_t size)
{
        Chat__Say *msg = actor_msg_new(&chat_say_type);
        char *text = actor_msg_alloc(msg, size + 1);
        memcpy(text, line, size);
        msg->text = text;
        actor_send(self, member->room, msg);
}

/* Says each whole line; a line that fills the buffer counts as whole. */
static void say_lines(struct member *member, struct actor *self)
{
        char *begin = member->typed, *end = begin + member->typed_size, *newline;
        while ((newline = memchr(begin, '\n', end - begin)) != NULL) {
                say(member, self, begin, newline - begin);
                begin = newline + 1;
        }
        if (begin == member->typed && member->typed_size == sizeof member->typed) {
                say(member, self, begin, end - begin);
                begin = end;
        }
        member->typed_size = end - begin;
        memmove(member->typed, begin, member->typed_size);
}

static int on_goodbye(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        actor_node_shutdown(actor_node(mail->self), 0);
        return 0;
}

static int on_typed(struct member *member, const struct actor_mail *mail, const struct actor_fd_ready *ready)
{
        char *free_part = member->typed + member->typed_size;
        ssize_t size = read(STDIN_FILENO, free_part, sizeof member->typed - member->typed_size);
        if (size <= 0) { /* the end of the input is the end of the visit */
                actor_ask(mail->self, member->room, actor_msg_new(&chat_leave_type), TIMEOUT_MS, on_goodbye,
                          NULL);
                return 0;
        }
        member->typed_size += size;
        say_lines(member, mail->self);
        return actor_fd_watch(mail->self, STDIN_FILENO, POLLIN);
}

/* ---- hearing ------------------------------------------------------------------------------------- */

static int on_said(struct member *member, const struct actor_mail *mail, const Chat__Said *msg)
{
        show("%s: %s", msg->name, msg->text);
        return 0;
}

static int on_came(struct member *member, const struct actor_mail *mail, const Chat__Came *msg)
{
        show("* %s has come", msg->name);
        return 0;
}

static int on_left(struct member *member, const struct actor_mail *mail, const Chat__Left *msg)
{
        show("* %s has left", msg->name);
        return 0;
}

static int on_down(struct member *member, const struct actor_mail *mail, const struct actor_down *down)
{
        show("* the room is gone");
        actor_node_shutdown(actor_node(mail->self), 1);
        return 0;
}

ACTOR_BIND(on_said, struct member, Chat__Said)
ACTOR_BIND(on_came, struct member, Chat__Came)
ACTOR_BIND(on_left, struct member, Chat__Left)
ACTOR_BIND(on_typed, struct member, struct actor_fd_ready)
ACTOR_BIND(on_down, struct member, struct actor_down)

static const struct actor_handler handlers[] = {
        {&chat_said_type, on_said_bound, ACTOR_FROM_REMOTE},
        {&chat_came_type, on_came_bound, ACTOR_FROM_REMOTE},
        {&chat_left_type, on_left_bound, ACTOR_FROM_REMOTE},
        {&actor_fd_ready_type, on_typed_bound, ACTOR_FROM_SYSTEM},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

static const struct actor_class member_class = {
        .name = "member",
        .state_size = sizeof(struct member),
        .init = member_init,
        .handlers = handlers,
};

int main(int argc, char **argv)
{
        struct actor_node *node;
        struct actor_ref member;
        if (argc != 3) {
                fprintf(stderr, "usage: %s NAME room@HOST:PORT\n", argv[0]);
                return 2;
        }
        signal(SIGPIPE, SIG_IGN);
        if (actor_node_new(&(struct actor_node_config){.name = argv[1], .types = chat_types}, &node) < 0)
                return 1;
        struct member_config config = {argv[1], argv[2]};
        int status = actor_node_spawn(node, &member_class, NULL, &config, &member);
        if (status == 0)
                status = actor_node_wait(node);
        actor_node_free(node);
        return status != 0;
}
