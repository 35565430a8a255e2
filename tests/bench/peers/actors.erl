%% SPDX-License-Identifier: Apache-2.0
%% The cases of ../actors_bench.c in Erlang, for comparison.
%% Usage: erl +S WORKERS:WORKERS -noshell -pa DIR -run actors main CASE COUNT; prints the same figures.
%%
%% A message is a tuple of an atom that names it and one number, built for each send and copied to the receiver;
%% where the receiver answers, the sender's pid is in it, since Erlang does not pass it along. Flags are the
%% default but for the number of schedulers; processes are spawned without options (a message queue off the heap
%% was tried for fan-in and made no difference), but for timers-other, which has to name its schedulers. A sender
%% that sends much is preempted after 4,000 reductions, wherever it is.
-module(actors).
-export([main/1]).

main([Case, Count]) ->
    io:format("~s~n", [lists:join(" ", [text(F) || F <- run(list_to_atom(Case), list_to_integer(Count))])]),
    halt(0).

text(Figure) -> io_lib:format("~.3f", [Figure * 1.0]).

%% Operations per second of Fun, which stands for Operations.
rate(Operations, Fun) ->
    {Micros, _} = timer:tc(Fun),
    Operations * 1.0e6 / Micros.

%% The same where Fun runs in a process of its own, to its end.
rate_of_process(Operations, Fun) ->
    rate(Operations, fun() ->
        {Pid, Ref} = spawn_monitor(Fun),
        receive {'DOWN', Ref, process, Pid, normal} -> ok end
    end).

run('ping-pong', N) ->
    [rate_of_process(N, fun() -> ping(spawn_link(fun pong/0), N) end)];
run('fan-in', N) -> fan_in(N, 1);
run('fan-in-8', N) -> fan_in(N, 8);
run('fork-join', N) ->
    [rate_of_process(N * 60 * 10000, fun() -> fork_join(N) end)];
run(ring, N) ->
    [rate_of_process(N, fun() ->
        Self = self(),
        First = spawn_link(fun() -> receive {next, Next} -> ring(Next, Self) end end),
        Last = lists:foldl(fun(_, Next) -> spawn_link(fun() -> ring(Next, Self) end) end, First, lists:seq(2, 503)),
        First ! {next, Last},
        First ! {token, N},
        receive {item, _} -> ok end
    end)];
run(big, N) ->
    [rate_of_process(N * 120 * 119, fun() ->
        Self = self(),
        All = [spawn_link(fun() -> receive {roster, Peers} -> big(Peers -- [self()], N, Self) end end)
               || _ <- lists:seq(1, 120)],
        [P ! {roster, All} || P <- All],
        [receive {item, _} -> ok end || _ <- All]
    end)];
run(ask, N) ->
    [rate_of_process(N, fun() -> ask(spawn_link(fun server/0), N, 0) end)];
run(spawn, N) -> [rate_of_process(N, fun() -> spawning(N, 0, 0) end)];
run(idle, N) ->
    Before = resident_bytes(),
    Idle = [spawn(fun() -> receive {item, _} -> ok end end) || _ <- lists:seq(1, N)],
    After = resident_bytes(),
    _ = length(Idle),
    [(After - Before) / N];
run(timers, N) -> [rate_of_process(N, fun() -> timers(N) end)];
run('timers-other', N) -> [rate_of_process(N, fun() -> timers_other(N div 2 div 1024 + 1) end)];
run(tail, N) ->
    Spins = calibrate(),
    Counters = counters:new(100, []),
    [spawn_link(fun() -> self() ! {go, 0}, busy(Counters, I, Spins) end) || I <- lists:seq(1, 100)],
    Pong = spawn_link(fun pong/0),
    _ = samples(Pong, N div 10, []),
    Turns = fun() -> [counters:get(Counters, I) || I <- lists:seq(1, 100)] end,
    Before = Turns(),
    Began = erlang:monotonic_time(nanosecond),
    Samples = lists:sort(samples(Pong, N, [])),
    Elapsed = erlang:monotonic_time(nanosecond) - Began,
    Served = lists:zipwith(fun(A, B) -> A - B end, Turns(), Before),
    [lists:nth(1 + trunc(Q * (N - 1)), Samples) / 1000 || Q <- [0.5, 0.99, 0.999]]
        ++ [2 * 100 * Elapsed / lists:sum(Served) / 1000, lists:max(Served) / max(1, lists:min(Served))].

%% ---- ping-pong

ping(_, 0) -> ok;
ping(Pong, N) -> Pong ! {token, N, self()}, receive {answer, _} -> ping(Pong, N - 1) end.
pong() -> receive {token, N, From} -> From ! {answer, N}, pong() end.

%% ---- fan-in: the memory is read half a second after the receiver has ended, like a process that is no more
%% needed; the emulator gives it back when it pleases

fan_in(N, Senders) ->
    Each = N div Senders,
    Rate = rate_of_process(Each * Senders, fun() ->
        Self = self(),
        [spawn_link(fun() -> produce(Self, Each) end) || _ <- lists:seq(1, Senders)],
        sink(Each * Senders, 0)
    end),
    timer:sleep(500),
    [Rate, resident_bytes() / 1048576].
produce(_, 0) -> ok;
produce(Sink, N) -> Sink ! {item, N}, produce(Sink, N - 1).
sink(0, Sum) -> Sum;
sink(N, Sum) -> receive {item, I} -> sink(N - 1, Sum + I) end.

resident_bytes() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = binary:split(Text, <<" ">>, [global]),
    4096 * binary_to_integer(Pages).

%% ---- fork-join

fork_join(0) -> ok;
fork_join(Rounds) ->
    Self = self(),
    Workers = [spawn_link(fun() -> worker(Self, 10000, 0) end) || _ <- lists:seq(1, 60)],
    fork(Workers, 10000),
    [receive {answer, _} -> ok end || _ <- Workers],
    fork_join(Rounds - 1).
worker(Forker, 0, Sum) -> Forker ! {answer, Sum};
worker(Forker, N, Sum) -> receive {item, I} -> worker(Forker, N - 1, Sum + I) end.
fork(_, 0) -> ok;
fork(Workers, N) -> fork_one(Workers, N), fork(Workers, N - 1).
fork_one([], _) -> ok;
fork_one([Worker | Others], N) -> Worker ! {item, N}, fork_one(Others, N).

%% ---- ring

ring(Next, Judge) ->
    receive
        {token, 0} -> Judge ! {item, 0};
        {token, N} -> Next ! {token, N - 1}, ring(Next, Judge)
    end.

%% ---- big

big(Peers, N, Judge) -> ask_all(Peers, N, self()), big(Peers, N, Judge, length(Peers), 0).
big(_, 1, Judge, 0, Sum) -> Judge ! {item, Sum}, serve();
big(Peers, N, Judge, 0, _) -> big(Peers, N - 1, Judge);
big(Peers, N, Judge, Waiting, Sum) ->
    receive
        {question, I, From} -> From ! {answer, I}, big(Peers, N, Judge, Waiting, Sum);
        {answer, I} -> big(Peers, N, Judge, Waiting - 1, Sum + I)
    end.
ask_all([], _, _) -> ok;
ask_all([Peer | Others], N, Self) -> Peer ! {question, N, Self}, ask_all(Others, N, Self).
serve() -> receive {question, I, From} -> From ! {answer, I}, serve() end.

%% ---- ask: gen:call is what gen_server:call does, without a gen_server's loop behind it

server() -> receive {'$gen_call', From, {item, N}} -> gen:reply(From, {answer, N}), server() end.
ask(_, 0, Sum) -> Sum;
ask(Server, N, Sum) ->
    {ok, {answer, I}} = gen:call(Server, '$gen_call', {item, N}, 10000),
    ask(Server, N - 1, Sum + I).

%% ---- spawn

spawning(0, 0, Sum) -> Sum;
spawning(N, Out, Sum) when N > 0, Out < 100 ->
    Self = self(),
    Pid = spawn(fun() -> receive {item, I} -> Self ! {answer, I} end end),
    Pid ! {item, N},
    spawning(N - 1, Out + 1, Sum);
spawning(N, Out, Sum) -> receive {answer, I} -> spawning(N, Out - 1, Sum + I) end.

%% ---- timers. The one who cancels on another scheduler does not wait for what became of the timer, since
%% nobody asks; waiting would cost an answer of the other scheduler each.

timers(0) -> ok;
timers(N) -> erlang:cancel_timer(erlang:send_after(1000 + N rem 64, self(), {item, N})), timers(N - 1).

timers_other(Batches) ->
    Here = self(),
    [begin
        Canceller = spawn_opt(fun canceller/0, [link, {scheduler, B}]),
        spawn_opt(fun() -> armer(Canceller, Batches), Here ! done end, [link, {scheduler, A}])
     end || {A, B} <- [{1, 2}, {2, 1}]],
    [receive done -> ok end || _ <- [1, 2]].
armer(_, 0) -> ok;
armer(Canceller, Batches) ->
    Canceller ! {timers, self(), [erlang:send_after(1000 + I rem 64, self(), {item, I}) || I <- lists:seq(1, 1024)]},
    receive {cancelled, _} -> armer(Canceller, Batches - 1) end.
canceller() ->
    receive {timers, From, Timers} ->
        cancel_all(Timers),
        From ! {cancelled, 1024},
        canceller()
    end.
cancel_all([]) -> ok;
cancel_all([Timer | Others]) -> erlang:cancel_timer(Timer, [{async, true}, {info, false}]), cancel_all(Others).

%% ---- tail

calibrate() ->
    _ = spin(10000000),
    {Micros, _} = timer:tc(fun() -> spin(10000000) end),
    round(10000000 / Micros).
spin(0) -> ok;
spin(N) -> spin(N - 1).
busy(Counters, I, Spins) ->
    receive {go, N} ->
        spin(Spins),
        counters:add(Counters, I, 1),
        self() ! {go, N + 1},
        busy(Counters, I, Spins)
    end.
samples(_, 0, Samples) -> Samples;
samples(Pong, N, Samples) ->
    Sent = erlang:monotonic_time(nanosecond),
    Pong ! {token, N, self()},
    receive {answer, _} -> samples(Pong, N - 1, [erlang:monotonic_time(nanosecond) - Sent | Samples]) end.
