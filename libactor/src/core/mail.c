/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mail.h"

#include <actor/memory.h>
#include <stdlib.h>
#include <string.h>

struct mail *mail_new(void)
{
        return actor_zalloc(sizeof(struct mail));
}

void mail_free(struct mail *mail)
{
        if (mail == NULL)
                return;
        actor_msg_unref(mail->body);
        free(mail);
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
