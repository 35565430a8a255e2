/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mail.h"

#include <string.h>

struct mail *mail_new(void)
{
        return mail_make(MAIL_MESSAGE, ACTOR_NOBODY, ACTOR_NOBODY); /* all of them zero */
}

struct mail *mail_make(enum mail_kind kind, struct actor_ref from, struct actor_ref to)
{
        uint8_t block_class = blocks_class(sizeof(struct mail));
        struct mail *mail = blocks_new(sizeof *mail, &block_class);
        mail_init(mail, kind, from, to);
        atomic_init(&mail->next, NULL);
        mail->body = NULL;
        mail->block_class = block_class;
        return mail;
}

void mail_free(struct mail *mail)
{
        if (mail == NULL)
                return;
        if (!mail->is_enveloped) {
                actor_msg_unref(mail->body);
                blocks_free(mail, mail->block_class);
        } else if (mail->body != NULL) {
                actor_msg_unref(mail->body);
        } else {
                blocks_free(mail, ((struct envelope *) mail)->block_class);
        }
}

static void copy_contents(struct mail *to, const struct mail *from)
{
        uint8_t block_class = to->block_class;
        memcpy((char *) to + sizeof to->next, (const char *) from + sizeof from->next,
               sizeof *to - sizeof to->next);
        to->block_class = block_class;
        to->is_enveloped = false;
}

void mail_extract(struct mail *to, struct mail *from)
{
        copy_contents(to, from);
        if (from->is_enveloped && from->body != NULL)
                (void) actor_msg_ref(from->body);
        else
                from->body = NULL;
}

struct mail *mail_copy(const struct mail *mail)
{
        struct mail *copy = mail_new();
        copy_contents(copy, mail);
        return copy;
}
