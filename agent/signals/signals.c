/* SPDX-License-Identifier: Apache-2.0 */
#include "signals/signals.h"

#include "registration/messages.h"
#include <actor/system.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int on_ready(struct signals_config *s, const struct actor_mail *mail, const struct actor_fd_ready *msg)
{
        struct signalfd_siginfo info;
        while (read(s->fd, &info, sizeof info) == sizeof info) {
                struct agent_stop *stop = actor_msg_new(&agent_stop_type);
                stop->signal = (int) info.ssi_signo;
                actor_send(mail->self, s->gateway, stop);
        }
        return actor_fd_watch(mail->self, s->fd, POLLIN);
}

ACTOR_BIND(on_ready, struct signals_config, struct actor_fd_ready)

static const struct actor_handler handlers[] = {
        {&actor_fd_ready_type, on_ready_bound, ACTOR_FROM_SYSTEM},
        ACTOR_HANDLER_END,
};

static int signals_init(void *state, struct actor *self, const void *config)
{
        struct signals_config *s = state;
        *s = *(const struct signals_config *) config;
        return actor_fd_watch(self, s->fd, POLLIN);
}

const struct actor_class signals_class = {
        .name = "signals",
        .state_size = sizeof(struct signals_config),
        .init = signals_init,
        .handlers = handlers,
};
