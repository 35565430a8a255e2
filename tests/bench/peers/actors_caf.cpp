// SPDX-License-Identifier: Apache-2.0
//
// The cases of ../actors_bench.c in the C++ Actor Framework, for comparison.
// Usage: actors_caf CASE WORKERS COUNT; prints the same figures.
//
// A message is an atom that names it and one 64-bit number, made anew for each send. Actors are classes
// derived from event_based_actor with their state in members, CAF's cheapest kind; a reply is what a handler
// returns. The configuration is the default but for the number of workers. A handler runs to its end, so
// whoever sends much sends CHUNK messages, then one to itself, as ours do.
//
// Not here: `timers`, since a delayed message of CAF 0.17 cannot be cancelled; `tail`, since an actor that
// always has a message waiting is by default never made to yield.
#include <caf/all.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <thread>
#include <unistd.h>
#include <vector>

using caf::actor;
using caf::actor_config;
using caf::behavior;

using token_atom = caf::atom_constant<caf::atom("token")>;
using next_atom = caf::atom_constant<caf::atom("next")>;
using go_atom = caf::atom_constant<caf::atom("go")>;
using item_atom = caf::atom_constant<caf::atom("item")>;
using answer_atom = caf::atom_constant<caf::atom("answer")>;

namespace
{
constexpr int64_t CHUNK = 64, FORK_COUNT = 60, FORK_ITEMS = 10000, RING_COUNT = 503, BIG_COUNT = 120;
constexpr int64_t SPAWN_WINDOW = 100, POPULATE_A_TURN = 1000;

using numbered = caf::result<answer_atom, int64_t>;
using seconds = std::chrono::duration<double>;
std::chrono::steady_clock::time_point ended; // when the last message had been handled

double resident_bytes()
{
        std::ifstream file("/proc/self/statm");
        double all = 0, pages = 0;
        file >> all >> pages;
        return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// An actor with a count, one to send to and one to tell of the end.
class player : public caf::event_based_actor
{
public:
        explicit player(actor_config &config, int64_t count = 0, actor peer = {}, actor judge = {})
            : event_based_actor(config), left(count), peer(std::move(peer)), judge(std::move(judge))
        {
        }

        void on_exit() override // without this, actors that know one another would keep each other alive
        {
                peer = judge = nullptr;
                peers.clear();
        }

        void done()
        {
                ended = std::chrono::steady_clock::now();
                quit();
        }

protected:
        int64_t left, waiting = 0, sum = 0;
        actor peer, judge;
        std::vector<actor> peers;
};

// Waits for `left` items.
class judge_actor : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                return {[this](item_atom, int64_t number) {
                        sum += number;
                        if (--left == 0)
                                done();
                }};
        }
};

class pong : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                return {[](token_atom, int64_t number) -> numbered { return {answer_atom::value, number}; },
                        [this](go_atom) { quit(); }};
        }
};

class ping : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                return {[this](go_atom, int64_t number) { send(peer, token_atom::value, number); },
                        [this](answer_atom, int64_t number) {
                                if (number > 1)
                                        return send(peer, token_atom::value, number - 1);
                                send(peer, go_atom::value);
                                send(judge, item_atom::value, number);
                                quit();
                        }};
        }
};

class ring_member : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                return {[this](next_atom, const actor &next) { peer = next; },
                        [this](token_atom, int64_t number) {
                                if (number > 0)
                                        send(peer, token_atom::value, number - 1);
                                else
                                        send(judge, item_atom::value, number);
                        }};
        }
};

class producer : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                return {[this](go_atom, int64_t) {
                        for (int64_t i = 0; i < CHUNK && left > 0; i++, left--)
                                send(peer, item_atom::value, left);
                        if (left > 0)
                                send(this, go_atom::value, left);
                        else
                                quit();
                }};
        }
};

class worker : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                return {[this](item_atom, int64_t number) {
                        sum += number;
                        if (--left > 0)
                                return;
                        send(judge, answer_atom::value, sum);
                        quit();
                }};
        }
};

class forker : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                begin_round();
                return {[this](go_atom, int64_t number) {
                                for (auto &each : peers)
                                        send(each, item_atom::value, number);
                                if (number > 1)
                                        send(this, go_atom::value, number - 1);
                        },
                        [this](answer_atom, int64_t number) {
                                sum += number;
                                if (--waiting > 0)
                                        return;
                                if (--left > 0)
                                        begin_round();
                                else
                                        done();
                        }};
        }

private:
        void begin_round()
        {
                peers.clear();
                for (waiting = 0; waiting < FORK_COUNT; waiting++)
                        peers.push_back(spawn<worker>(FORK_ITEMS, actor{}, actor{this}));
                send(this, go_atom::value, FORK_ITEMS);
        }
};

class one_of_all : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                return {[this](next_atom, const std::vector<actor> &all) {
                                for (auto &each : all)
                                        if (each != this)
                                                peers.push_back(each);
                                ask_all();
                        },
                        [](item_atom, int64_t number) -> numbered { return {answer_atom::value, number}; },
                        [this](answer_atom, int64_t number) {
                                sum += number;
                                if (--waiting > 0)
                                        return;
                                if (--left > 0)
                                        ask_all();
                                else
                                        send(judge, item_atom::value, sum);
                        }};
        }

private:
        void ask_all()
        {
                for (auto &each : peers)
                        send(each, item_atom::value, left);
                waiting = static_cast<int64_t>(peers.size());
        }
};

class mayfly : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                return {[this](item_atom, int64_t number) -> numbered {
                        quit();
                        return {answer_atom::value, number};
                }};
        }
};

class spawner : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                while (left > 0 && waiting < SPAWN_WINDOW)
                        spawn_one();
                return {[this](answer_atom, int64_t number) {
                        sum += number;
                        waiting--;
                        if (left > 0)
                                spawn_one();
                        else if (waiting == 0)
                                done();
                }};
        }

private:
        void spawn_one()
        {
                left--;
                waiting++;
                send(spawn<mayfly>(), item_atom::value, left);
        }
};

class populator : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                send(this, go_atom::value, left);
                return {[this](go_atom, int64_t) {
                        for (int64_t i = 0; i < POPULATE_A_TURN && left > 0; i++, left--)
                                peers.push_back(spawn<mayfly>());
                        if (left > 0)
                                return send(this, go_atom::value, left);
                        send(judge, item_atom::value, static_cast<int64_t>(resident_bytes()));
                }};
        }
};

class asked : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                return {[](item_atom, int64_t number) -> numbered { return {answer_atom::value, number}; }};
        }
};

class asker : public player
{
public:
        using player::player;
        behavior make_behavior() override
        {
                ask();
                return {[](go_atom) {}};
        }

private:
        void ask()
        {
                request(peer, std::chrono::seconds(10), item_atom::value, left)
                        .then([this](answer_atom, int64_t number) {
                                sum += number;
                                if (--left > 0)
                                        ask();
                                else
                                        done();
                        });
        }
};

struct bench {
        caf::actor_system &system;
        int64_t count;
        double operations = 0, note = -1;
        std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();

        // Prints as soon as `last` has ended.
        int finish(const actor &last)
        {
                caf::scoped_actor self{system};
                self->wait_for(last);
                if (operations > 0)
                        std::printf("%.0f ", operations / seconds(ended - began).count());
                if (operations > 0 && note == 0) {
                        std::this_thread::sleep_for(std::chrono::milliseconds(500));
                        note = resident_bytes() / (1 << 20);
                }
                if (note >= 0)
                        std::printf("%.3f ", note);
                std::printf("\n");
                std::fflush(stdout);
                _exit(0);
        }

        int ping_pong()
        {
                actor judge = system.spawn<judge_actor>(1);
                caf::anon_send(system.spawn<ping>(0, system.spawn<pong>(), judge), go_atom::value, count);
                operations = static_cast<double>(count);
                return finish(judge);
        }

        int fan_in(int64_t senders)
        {
                int64_t each = count / senders;
                actor sink = system.spawn<judge_actor>(each * senders);
                operations = static_cast<double>(each * senders);
                note = 0;
                for (int64_t i = 0; i < senders; i++)
                        caf::anon_send(system.spawn<producer>(each, sink), go_atom::value, each);
                return finish(sink);
        }

        int fork_join()
        {
                operations = static_cast<double>(count * FORK_COUNT * FORK_ITEMS);
                return finish(system.spawn<forker>(count));
        }

        int ring()
        {
                actor judge = system.spawn<judge_actor>(1);
                actor first = system.spawn<ring_member>(0, actor{}, judge), next = first;
                for (int64_t i = 1; i < RING_COUNT; i++)
                        next = system.spawn<ring_member>(0, next, judge);
                caf::anon_send(first, next_atom::value, next);
                caf::anon_send(first, token_atom::value, count);
                operations = static_cast<double>(count);
                return finish(judge);
        }

        int big()
        {
                actor judge = system.spawn<judge_actor>(BIG_COUNT);
                std::vector<actor> all;
                for (int64_t i = 0; i < BIG_COUNT; i++)
                        all.push_back(system.spawn<one_of_all>(count, actor{}, judge));
                for (auto &each : all)
                        caf::anon_send(each, next_atom::value, all);
                operations = static_cast<double>(count * BIG_COUNT * (BIG_COUNT - 1));
                return finish(judge);
        }

        int spawning()
        {
                operations = static_cast<double>(count);
                return finish(system.spawn<spawner>(count));
        }

        int ask()
        {
                operations = static_cast<double>(count);
                return finish(system.spawn<asker>(count, system.spawn<asked>()));
        }

        int idle()
        {
                double before = resident_bytes();
                caf::scoped_actor self{system};
                actor all = system.spawn<populator>(count, actor{}, actor{self});
                self->receive([&](item_atom, int64_t bytes) {
                        std::printf("%.3f\n", (static_cast<double>(bytes) - before) / static_cast<double>(count));
                });
                std::fflush(stdout);
                _exit(0);
        }
};

int run(bench &one, const char *name)
{
        const struct {
                const char *name;
                std::function<int()> run;
        } cases[] = {
                {"ping-pong", [&] { return one.ping_pong(); }}, {"fan-in", [&] { return one.fan_in(1); }},
                {"fan-in-8", [&] { return one.fan_in(8); }},    {"fork-join", [&] { return one.fork_join(); }},
                {"ring", [&] { return one.ring(); }},           {"big", [&] { return one.big(); }},
                {"spawn", [&] { return one.spawning(); }},      {"ask", [&] { return one.ask(); }},
                {"idle", [&] { return one.idle(); }},
        };
        for (auto &row : cases)
                if (std::strcmp(row.name, name) == 0)
                        return row.run();
        std::fprintf(stderr, "there is no case '%s'\n", name);
        return 2;
}
} // namespace

// big sends the roster of all actors, within this process only.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<caf::actor>)

int main(int argc, char **argv)
{
        if (argc != 4) {
                std::fputs("usage: actors_caf CASE WORKERS COUNT\n", stderr);
                return 2;
        }
        caf::actor_system_config config;
        config.set("scheduler.max-threads", static_cast<uint64_t>(std::strtoul(argv[2], nullptr, 10)));
        caf::actor_system system{config};
        bench one{system, std::strtoll(argv[3], nullptr, 10)};
        return run(one, argv[1]);
}
