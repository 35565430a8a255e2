/* SPDX-License-Identifier: Apache-2.0 */
/* The room of a chat: knows its members by name and by ref, passes on what they say, and learns from a
 * monitor when one is gone, however it went. Usage: chat_server tcp://127.0.0.1:7000 */
#include "chat.h"
#include <actor/memory.h>
#include <actor/node.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64, MEMBERS_MAX = 1000 };

struct member {
        struct member *next;
        struct actor_ref ref;
        uint64_t monitor;
        char name[NAME_MAX_BYTES + 1];
};

struct room {
        struct member *members;
        size_t member_count;
};

static struct member *by_name(const struct room *room, const char *name)
{
        struct member *member = room->members;
        while (member && strcmp(member->name, name) != 0)
                member = member->next;
        return member;
}

static struct member *by_ref(const struct room *room, struct actor_ref ref)
{
        struct member *member = room->members;
        while (member && !actor_ref_equal(member->ref, ref))
                member = member->next;
        return member;
}

/* One immutable message for all: each send gives away a reference of its own. */
static void tell_all_but(const struct room *room, struct actor *self, struct actor_ref but, void *msg_take)
{
        for (const struct member *member = room->members; member; member = member->next)
                if (!actor_ref_equal(member->ref, but))
                        actor_send(self, member->ref, actor_msg_ref(msg_take));
        actor_msg_unref(msg_take);
}

static const char *reason_against(const struct room *room, const struct actor_mail *mail, const char *name)
{
        if (name[0] == '\0' || strlen(name) > NAME_MAX_BYTES)
                return "a name has 1 to 64 bytes";
        if (by_name(room, name) || by_ref(room, mail->from))
                return "that name is taken";
        return room->member_count == MEMBERS_MAX ? "the room is full" : NULL;
}

static int refuse(const struct actor_mail *mail, const char *reason)
{
        Chat__Refused *refused = actor_msg_new(&chat_refused_type);
        refused->reason = actor_msg_strdup(refused, reason);
        return actor_reply(mail, refused);
}

static Chat__Welcome *welcome_of(const struct room *room)
{
        Chat__Welcome *welcome = actor_msg_new(&chat_welcome_type);
        welcome->names = actor_msg_alloc(welcome, (room->member_count + 1) * sizeof *welcome->names);
        for (const struct member *member = room->members; member; member = member->next)
                welcome->names[welcome->n_names++] = actor_msg_strdup(welcome, member->name);
        return welcome;
}

static int on_join(struct room *room, const struct actor_mail *mail, const Chat__Join *msg)
{
        const char *reason = reason_against(room, mail, msg->name);
        if (reason)
                return refuse(mail, reason);
        actor_reply(mail, welcome_of(room));
        Chat__Came *came = actor_msg_new(&chat_came_type);
        came->name = actor_msg_strdup(came, msg->name);
        tell_all_but(room, mail->self, mail->from, came);

        struct member *member = actor_zalloc(sizeof *member);
        snprintf(member->name, sizeof member->name, "%s", msg->name);
        member->ref = mail->from;
        member->monitor = actor_monitor(mail->self, mail->from);
        member->next = room->members;
        room->members = member;
        room->member_count++;
        return 0;
}

static int on_say(struct room *room, const struct actor_mail *mail, const Chat__Say *msg)
{
        const struct member *member = by_ref(room, mail->from);
        if (!member)
                return 0; /* has not joined */
        Chat__Said *said = actor_msg_new(&chat_said_type);
        said->name = actor_msg_strdup(said, member->name);
        said->text = actor_msg_strdup(said, msg->text);
        tell_all_but(room, mail->self, mail->from, said);
        return 0;
}

/* Takes out the member that `link` points to and tells the others. */
static void remove_member(struct room *room, struct actor *self, struct member **link)
{
        struct member *member = *link;
        *link = member->next;
        room->member_count--;
        Chat__Left *left = actor_msg_new(&chat_left_type);
        left->name = actor_msg_strdup(left, member->name);
        free(member);
        tell_all_but(room, self, ACTOR_NOBODY, left);
}

static int on_leave(struct room *room, const struct actor_mail *mail, const Chat__Leave *msg)
{
        struct member **link = &room->members;
        while (*link && !actor_ref_equal((*link)->ref, mail->from))
                link = &(*link)->next;
        if (*link) {
                actor_demonitor(mail->self, (*link)->monitor);
                remove_member(room, mail->self, link);
        }
        return actor_reply(mail, actor_msg_new(&chat_goodbye_type));
}

static int on_down(struct room *room, const struct actor_mail *mail, const struct actor_down *down)
{
        struct member **link = &room->members;
        while (*link && (*link)->monitor != down->monitor)
                link = &(*link)->next;
        if (*link)
                remove_member(room, mail->self, link);
        return 0;
}

static void room_fini(void *state)
{
        struct room *room = state;
        while (room->members) {
                struct member *member = room->members;
                room->members = member->next;
                free(member);
        }
}

ACTOR_BIND(on_join, struct room, Chat__Join)
ACTOR_BIND(on_say, struct room, Chat__Say)
ACTOR_BIND(on_leave, struct room, Chat__Leave)
ACTOR_BIND(on_down, struct room, struct actor_down)

static const struct actor_handler handlers[] = {
        {&chat_join_type, on_join_bound, ACTOR_FROM_REMOTE},
        {&chat_say_type, on_say_bound, ACTOR_FROM_REMOTE},
        {&chat_leave_type, on_leave_bound, ACTOR_FROM_REMOTE},
        {&actor_down_type, on_down_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

static const struct actor_class room_class = {
        .name = "room",
        .state_size = sizeof(struct room),
        .fini = room_fini,
        .handlers = handlers,
};

int main(int argc, char **argv)
{
        struct actor_node *node;
        struct actor_ref room;
        struct actor_error error;
        char bound[ACTOR_ENDPOINT_MAX + 1];
        if (argc != 2) {
                fprintf(stderr, "usage: %s tcp://HOST:PORT\n", argv[0]);
                return 2;
        }
        signal(SIGPIPE, SIG_IGN);
        if (actor_node_new(&(struct actor_node_config){.name = "room", .types = chat_types}, &node) < 0)
                return 1;
        if (actor_node_listen(node, argv[1], bound, sizeof bound, &error) < 0) {
                fprintf(stderr, "%s\n", error.text);
                actor_node_free(node);
                return 1;
        }
        if (actor_node_spawn(node, &room_class, "room", NULL, &room) < 0)
                return 1;
        printf("room@%s\n", strstr(bound, "://") + strlen("://"));
        fflush(stdout);
        int status = actor_node_wait(node);
        actor_node_free(node);
        return status < 0;
}
