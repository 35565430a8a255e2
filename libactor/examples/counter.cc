/* SPDX-License-Identifier: Apache-2.0 */
/* A counter of words in C++17: its state is an object, constructed in init and destroyed in fini. */
#include <actor/node.h>
#include <iostream>
#include <map>
#include <new>
#include <string>

namespace
{

struct word {
        const char *text; // in the message's arena
};
struct count {
        unsigned value;
};
ACTOR_LOCAL_TYPE(word_type, word);
ACTOR_LOCAL_TYPE(question_type, word);
ACTOR_LOCAL_TYPE(count_type, count);

struct counter {
        std::map<std::string, unsigned> seen;
};

int on_word(counter *self, const actor_mail *, const word *msg)
{
        self->seen[msg->text]++;
        return 0;
}

int on_question(counter *self, const actor_mail *mail, const word *msg)
{
        auto *answer = static_cast<count *>(actor_msg_new(&count_type));
        auto found = self->seen.find(msg->text);
        answer->value = found == self->seen.end() ? 0 : found->second;
        return actor_reply(mail, answer);
}

ACTOR_BIND(on_word, counter, word)
ACTOR_BIND(on_question, counter, word)

const actor_handler handlers[] = {
        {&word_type, on_word_bound, ACTOR_FROM_LOCAL},
        {&question_type, on_question_bound, ACTOR_FROM_LOCAL},
        ACTOR_HANDLER_END,
};

/* No exception may leave a handler, init or fini: the runtime is C. */
actor_class counter_class()
{
        actor_class kind{};
        kind.name = "counter";
        kind.state_size = sizeof(counter);
        kind.init = [](void *state, actor *, const void *) {
                new (state) counter();
                return 0;
        };
        kind.fini = [](void *state) { static_cast<counter *>(state)->~counter(); };
        kind.handlers = handlers;
        return kind;
}

word *make_word(const actor_type &type, const char *text)
{
        auto *msg = static_cast<word *>(actor_msg_new(&type));
        msg->text = actor_msg_strdup(msg, text);
        return msg;
}

} // namespace

int main()
{
        static const actor_class kind = counter_class(); // outlives its actors
        actor_node_config config{};
        struct actor_node *node = nullptr; // "struct", since actor_node() is a function too
        actor_ref counter_ref = ACTOR_NOBODY;
        if (actor_node_new(&config, &node) < 0 ||
            actor_node_spawn(node, &kind, "counter", nullptr, &counter_ref) < 0)
                return 1;
        for (const char *text : {"to", "be", "or", "not", "to", "be"})
                actor_node_send(node, counter_ref, make_word(word_type, text));
        void *answer = nullptr;
        int r = actor_node_ask(node, counter_ref, make_word(question_type, "be"), 30000, &answer);
        if (r == 0)
                std::cout << "be: " << static_cast<count *>(answer)->value << '\n';
        actor_msg_unref(answer);
        actor_node_free(node);
        return r == 0 ? 0 : 1;
}
