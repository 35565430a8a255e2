/* SPDX-License-Identifier: Apache-2.0 */
/* operators.c: what operators ask, passed to the session it concerns. */
#include "inside.h"
#include <proto/copy.h>

#define SESSION_TIMEOUT_MS 30000

static void tell(struct membership *m, struct actor_asker asker, bool done, const char *message)
{
        Troupe__OperatorResult *result = actor_msg_new(&operator_result_type);
        result->done = done;
        if (message != NULL)
                result->message = actor_msg_strdup(result, message);
        actor_reply_to(m->self, asker, result);
}

struct operator_ask {
        struct waiting waiting;
        struct actor_asker asker;
};

static void operator_ask_free(struct waiting *waiting)
{
        free(waiting);
}

/* The session's answer goes on to who asked. */
static int on_result(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct membership *m = state;
        const struct operator_ask *ask = arg;
        if (body != NULL)
                actor_reply_to(m->self, ask->asker, actor_msg_ref(body));
        else
                tell(m, ask->asker, false, "the framework's session did not answer in time");
        waiting_end(&m->waiting, arg);
        return 0;
}

static void ask_session(struct membership *m, struct actor_asker asker, const char *framework_id,
                        void *msg_take)
{
        struct framework_entry *entry = directory_framework(&m->directory, framework_id);
        if (entry == NULL || entry->state != FRAMEWORK_LIVE) {
                actor_msg_unref(msg_take);
                tell(m, asker, false,
                     entry == NULL ? "no such framework; see `troupe frameworks`"
                                   : "the framework has ended");
                return;
        }
        struct operator_ask *ask = actor_zalloc(sizeof *ask);
        ask->asker = asker;
        waiting_add(&m->waiting, &ask->waiting, operator_ask_free);
        actor_ask(m->self, entry->session, msg_take, SESSION_TIMEOUT_MS, on_result, ask);
}

/* ---- which framework has the task?
 * ------------------------------------------------------------------------- */

struct search {
        struct waiting waiting;
        struct actor_asker asker;
        const Troupe__OperatorKill *kill; /* held */
        size_t awaited, found;
        char *framework_id; /* of the last one found; owned */
};

static void search_free(struct waiting *waiting)
{
        struct search *search = (struct search *) waiting;
        actor_msg_unref(search->kill);
        free(search->framework_id);
        free(search);
}

static void search_finish(struct membership *m, struct search *search)
{
        if (search->found == 1)
                ask_session(m, search->asker, search->framework_id, actor_msg_ref(search->kill));
        else
                tell(m, search->asker, false,
                     search->found == 0 ? "no such task; see `troupe ps`"
                                        : "several frameworks have a task of this id; name the framework");
        waiting_end(&m->waiting, &search->waiting);
}

static int on_found(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct search *search = arg;
        const struct framework_task_found *found = body;
        if (found != NULL && found->found) {
                search->found++;
                free(search->framework_id);
                search->framework_id = actor_strdup(found->framework_id);
        }
        if (--search->awaited == 0)
                search_finish(state, search);
        return 0;
}

static void search_everywhere(struct membership *m, const struct actor_mail *mail,
                              const Troupe__OperatorKill *msg)
{
        struct search *search = actor_zalloc(sizeof *search);
        waiting_add(&m->waiting, &search->waiting, search_free);
        search->asker = actor_asker(mail);
        search->kill = actor_msg_ref(msg);
        search->awaited =
                1; /* this function itself: answers may not finish the search before it has asked all */
        struct framework_entry *entry, *next;
        HASH_ITER(hh, m->directory.frameworks, entry, next)
        {
                if (entry->state != FRAMEWORK_LIVE)
                        continue;
                struct framework_find_task *question = actor_msg_new(&framework_find_task_type);
                actor_msg_hold(question, msg);
                question->task_id = msg->task_id->value;
                search->awaited++;
                actor_ask(m->self, entry->session, question, SESSION_TIMEOUT_MS, on_found, search);
        }
        if (--search->awaited == 0)
                search_finish(m, search);
}

int membership_on_operator_kill(struct membership *m, const struct actor_mail *mail,
                                const Troupe__OperatorKill *msg)
{
        if (msg->framework_id != NULL)
                ask_session(m, actor_asker(mail), msg->framework_id->value, actor_msg_ref(msg));
        else
                search_everywhere(m, mail, msg);
        return 0;
}

int membership_on_master_call(struct membership *m, const struct actor_mail *mail,
                              const MasterApi__Call *call)
{
        if (!call->has_type || call->type != MASTER_API__CALL__TYPE__TEARDOWN)
                tell(m, actor_asker(mail), false,
                     "the actor \"master\" answers TEARDOWN; questions go to the actor \"state\"");
        else if (call->teardown == NULL)
                tell(m, actor_asker(mail), false, "Expecting 'teardown' to be present");
        else
                ask_session(m, actor_asker(mail), call->teardown->framework_id->value,
                            actor_msg_new(&framework_teardown_type));
        return 0;
}
