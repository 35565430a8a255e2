/* SPDX-License-Identifier: Apache-2.0 */
/* cuts.c — large bodies leave in parts, in turn, each as a frame of its own.
 *
 * So that a small message does not find megabytes before it in the sockets, no part leaves while more than
 * NET_PARTS_AHEAD_BYTES of the link are unread; one may always leave when the other side has just told that
 * it has read, so that parts go on beside much else. */
#include "net/cuts.h"

#include <actor/memory.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct held {
        struct held *next;
        struct waiting waiting;
};

struct cut {
        struct cut *next;
        struct waiting waiting;
        struct actor_ref from, to;
        bool holds;        /* a message or an ask: what comes later from this sender to this receiver waits */
        bool is_announced; /* its item has left */
        uint32_t number;
        struct actor_bytes *bytes; /* body_bytes(), once announced */
        size_t sent;
        struct held *held, **held_end;
};

static bool is_ordinary(const struct mail *mail)
{
        return mail->kind == MAIL_MESSAGE || mail->kind == MAIL_ASK;
}

void cut_begin(struct link *link, const struct waiting *waiting)
{
        struct cut *cut = actor_zalloc(sizeof *cut), **end = &link->cuts;
        cut->waiting = *waiting;
        cut->from = waiting->mail->from;
        cut->to = waiting->mail->to;
        cut->holds = is_ordinary(waiting->mail);
        cut->held_end = &cut->held;
        while (*end)
                end = &(*end)->next;
        *end = cut;
        link->held_bytes += waiting->body_size;
        outbox_close(link->peer->outbox);
        link_mark_dirty(link);
}

/* A name and an id may mean one receiver. */
static bool may_be_one(struct actor_ref a, struct actor_ref b)
{
        return actor_ref_equal(a, b) || a.generation == 0 || b.generation == 0;
}

bool cut_holds(struct link *link, const struct waiting *waiting)
{
        struct cut *found = NULL;
        if (!is_ordinary(waiting->mail))
                return false;
        for (struct cut *cut = link->cuts; cut; cut = cut->next)
                if (cut->holds && actor_ref_equal(cut->from, waiting->mail->from) &&
                    may_be_one(cut->to, waiting->mail->to))
                        found = cut; /* the latest */
        if (!found)
                return false;
        if (link->held_bytes + waiting->body_size > NET_QUEUE_BYTES_MAX ||
            link->held_count >= NET_QUEUE_MAILS_MAX) {
                peers_bounce(link->peers, waiting->mail, -ENOBUFS);
                return true;
        }
        struct held *held = actor_zalloc(sizeof *held);
        held->waiting = *waiting;
        *found->held_end = held;
        found->held_end = &held->next;
        link->held_bytes += waiting->body_size;
        link->held_count++;
        return true;
}

/* ---- sending ------------------------------------------------------------------------------------- */

/* Whether the other side has room for one more announced body. */
static bool may_announce(const struct link *link, const struct cut *next)
{
        size_t count = 0;
        uint64_t bytes = next->waiting.body_size;
        for (const struct cut *cut = link->cuts; cut; cut = cut->next) {
                count += cut->is_announced;
                bytes += cut->is_announced ? cut->waiting.body_size : 0;
        }
        return count < NET_CUTS_MAX && bytes <= link->message_max;
}

static void announce(struct link *link, struct cut *cut)
{
        cut->is_announced = true;
        cut->number = ++link->cut_number;
        cut->bytes = body_bytes(cut->waiting.mail->body, cut->waiting.body_size);
        link_gather_cut(link, &cut->waiting, cut->number);
}

static void cut_free(struct link *link, struct cut *cut)
{
        struct cut **at = &link->cuts;
        while (*at != cut)
                at = &(*at)->next;
        *at = cut->next;
        link->held_bytes -= cut->waiting.body_size;
        mail_free(cut->waiting.mail);
        actor_msg_unref(cut->bytes);
        free(cut);
}

static struct held *turned_round(struct held *held)
{
        struct held *first = NULL;
        for (struct held *next; held; held = next) {
                next = held->next;
                held->next = first;
                first = held;
        }
        return first;
}

/* Before all that waits, in the order it came. */
static void put_back_held(struct link *link, struct held *held)
{
        for (struct held *last = turned_round(held), *before; last; last = before) {
                before = last->next;
                link->held_bytes -= last->waiting.body_size;
                link->held_count--;
                peer_put_back(link->peer, &last->waiting);
                free(last);
        }
}

/* The last part has left: what was held by it goes the way of all mail, and may be held by the next. */
static void finish(struct link *link, struct cut *cut)
{
        struct held *held = cut->held;
        cut_free(link, cut);
        put_back_held(link, held);
        peer_drain(link->peers, link->peer);
}

static void send_part(struct link *link, struct cut *cut)
{
        size_t left = cut->waiting.body_size - cut->sent;
        size_t size = left < NET_PART_BYTES ? left : NET_PART_BYTES;
        struct lent_bytes piece = {cut->bytes->data + cut->sent, size, actor_msg_ref(cut->bytes)};
        cut->sent += size;
        link_send_part(link, cut->number, &piece);
        if (cut->sent == cut->waiting.body_size)
                finish(link, cut);
}

static bool has_room(struct link *link)
{
        if (!link_has_room(link))
                return false;
        if (link->sent.bytes - link->sent_read.bytes < NET_PARTS_AHEAD_BYTES)
                return true;
        bool due = link->part_is_due;
        link->part_is_due = false;
        return due;
}

/* The next in turn, moved to the end of the line; NULL if none may go on. */
static struct cut *next_cut(struct link *link)
{
        for (struct cut **at = &link->cuts; *at; at = &(*at)->next) {
                struct cut *cut = *at, **end = at;
                if (!cut->is_announced && !may_announce(link, cut))
                        continue;
                *at = cut->next;
                while (*end)
                        end = &(*end)->next;
                cut->next = NULL;
                *end = cut;
                return cut;
        }
        return NULL;
}

void cuts_send(struct link *link)
{
        while (link->cuts && has_room(link)) {
                struct cut *cut = next_cut(link);
                if (!cut->is_announced)
                        announce(link, cut);
                send_part(link, cut);
        }
}

/* ---- the end ------------------------------------------------------------------------------------- */

static void put_back(struct link *link, struct cut *cut)
{
        put_back_held(link, cut->held);
        if (cut->is_announced)
                mail_free(cut->waiting.mail); /* some of it has left: lost with the link */
        else
                peer_put_back(link->peer, &cut->waiting);
        actor_msg_unref(cut->bytes);
        free(cut);
}

void cuts_end(struct link *link)
{
        for (struct cut *next; link->cuts; link->cuts = next) {
                next = link->cuts->next; /* of different pairs: their order does not matter */
                put_back(link, link->cuts);
        }
}
