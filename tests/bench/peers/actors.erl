%% SPDX-License-Identifier: Apache-2.0
%% The cases of ../actors_bench.c in Erlang, for comparison.
%% Usage: erl +S WORKERS -noshell -pa DIR -run actors main CASE COUNT; prints one number.
-module(actors).
-export([main/1]).

main([Case, Count]) ->
    N = list_to_integer(Count),
    io:format("~w~n", [run(list_to_atom(Case), N)]),
    halt(0).

%% Operations per second of Fun, which stands for Operations.
rate(Operations, Fun) ->
    {Micros, _} = timer:tc(Fun),
    round(Operations * 1.0e6 / Micros).

run('ping-pong', N) ->
    rate(N, fun() ->
        Pong = spawn_link(fun pong/0),
        done(fun() -> ping(Pong, N) end)
    end);
run('fan-in', N) -> fan_in(N, 1);
run('fan-in-8', N) -> fan_in(N, 8);
run('fork-join', N) ->
    rate(60 * N, fun() ->
        done(fun() ->
            Self = self(),
            Workers = [spawn_link(fun() -> worker(Self, N) end) || _ <- lists:seq(1, 60)],
            fork(Workers, N),
            [receive joined -> ok end || _ <- Workers]
        end)
    end);
run(ring, N) ->
    rate(N, fun() ->
        done(fun() ->
            Self = self(),
            First = spawn_link(fun() -> ring_first(Self) end),
            Last = lists:foldl(fun(_, Next) -> spawn_link(fun() -> ring(Next, Self) end) end, First, lists:seq(2, 503)),
            First ! {next, Last},
            First ! {token, N},
            receive ended -> ok end
        end)
    end);
run(big, N) ->
    rate(N * 120 * 119, fun() ->
        done(fun() ->
            Self = self(),
            All = [spawn_link(fun() -> receive {roster, Peers} -> big(Peers -- [self()], N, Self) end end)
                   || _ <- lists:seq(1, 120)],
            [P ! {roster, All} || P <- All],
            [receive ended -> ok end || _ <- All]
        end)
    end);
run(spawn, N) -> rate(N, fun() -> done(fun() -> spawning(N, 0) end) end);
run(idle, N) ->
    Before = erlang:memory(total),
    Idle = [spawn(fun() -> receive stop -> ok end end) || _ <- lists:seq(1, N)],
    After = erlang:memory(total),
    _ = length(Idle),
    (After - Before) / N;
run(timers, N) ->
    rate(N, fun() -> done(fun() -> timers(N) end) end);
run(ask, N) ->
    rate(N, fun() ->
        Server = spawn_link(fun server/0),
        done(fun() -> ask(Server, N) end)
    end).

%% Runs Fun in a process of its own and waits for its end.
done(Fun) ->
    {Pid, Ref} = spawn_monitor(Fun),
    receive {'DOWN', Ref, process, Pid, normal} -> ok end.

ping(_, 0) -> ok;
ping(Pong, N) -> Pong ! {ping, self()}, receive pong -> ping(Pong, N - 1) end.
pong() -> receive {ping, From} -> From ! pong, pong() end.

fan_in(N, Senders) ->
    Each = N div Senders,
    rate(Each * Senders, fun() ->
        done(fun() ->
            Self = self(),
            [spawn_link(fun() -> produce(Self, Each) end) || _ <- lists:seq(1, Senders)],
            sink(Each * Senders)
        end)
    end).
produce(_, 0) -> ok;
produce(Sink, N) -> Sink ! item, produce(Sink, N - 1).
sink(0) -> ok;
sink(N) -> receive item -> sink(N - 1) end.

worker(Judge, 0) -> Judge ! joined;
worker(Judge, N) -> receive item -> worker(Judge, N - 1) end.
fork(_, 0) -> ok;
fork(Workers, N) -> [W ! item || W <- Workers], fork(Workers, N - 1).

ring_first(Judge) -> receive {next, Next} -> ring(Next, Judge) end.
ring(Next, Judge) ->
    receive
        {token, 0} -> Judge ! ended;
        {token, N} -> Next ! {token, N - 1}, ring(Next, Judge)
    end.

big(Peers, N, Judge) -> [P ! {question, self()} || P <- Peers], big(Peers, N, Judge, length(Peers)).
big(_, 1, Judge, 0) -> Judge ! ended, serve();
big(Peers, N, Judge, 0) -> big(Peers, N - 1, Judge);
big(Peers, N, Judge, Waiting) ->
    receive
        {question, From} -> From ! answer, big(Peers, N, Judge, Waiting);
        answer -> big(Peers, N, Judge, Waiting - 1)
    end.
serve() -> receive {question, From} -> From ! answer, serve() end.

spawning(0, 0) -> ok;
spawning(N, Out) when N > 0, Out < 100 ->
    Self = self(),
    Pid = spawn(fun() -> receive item -> Self ! answer end end),
    Pid ! item,
    spawning(N - 1, Out + 1);
spawning(N, Out) -> receive answer -> spawning(N, Out - 1) end.

timers(0) -> ok;
timers(N) -> erlang:cancel_timer(erlang:send_after(1000 + N rem 64, self(), item)), timers(N - 1).

server() -> receive {'$gen_call', From, ask} -> gen:reply(From, answer), server() end.
ask(_, 0) -> ok;
ask(Server, N) -> {ok, answer} = gen:call(Server, '$gen_call', ask, 10000), ask(Server, N - 1).
