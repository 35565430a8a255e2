/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mail.h"

#include "core/blocks.h"
#include <string.h>

enum { MAIL_CLASS = 0 };
_Static_assert(sizeof(struct mail) <= 96, "a mail fits into the first class of blocks");

struct mail *mail_new(void)
{
        struct mail *mail = blocks_new(sizeof *mail, MAIL_CLASS);
        memset(mail, 0, sizeof *mail);
        return mail;
}

void mail_free(struct mail *mail)
{
        if (mail == NULL)
                return;
        actor_msg_unref(mail->body);
        blocks_free(mail, MAIL_CLASS);
}

static void copy_contents(struct mail *to, const struct mail *from)
{
        memcpy((char *) to + sizeof to->next, (const char *) from + sizeof from->next,
               sizeof *to - sizeof to->next);
}

void mail_move(struct mail *to, struct mail *from)
{
        copy_contents(to, from);
        from->body = NULL;
}

struct mail *mail_copy(const struct mail *mail)
{
        struct mail *copy = mail_new();
        copy_contents(copy, mail);
        return copy;
}
