%% SPDX-License-Identifier: Apache-2.0
%% The case `call` of ../wire_bench.c over Erlang's distribution: a term equal to the protobuf message.
%% Usage: erl -name NAME@127.0.0.1 -setcookie bench -noshell -pa DIR -run wire main serve
%%        erl -name NAME@127.0.0.1 -setcookie bench -noshell -pa DIR -run wire main call SERVER COUNT
%% `serve` prints its node and ends when its input ends; `call` prints messages per second.
-module(wire).
-export([main/1]).
-define(ACK_EVERY, 400).
-define(WINDOW, 20000).

main(["serve"]) ->
    register(server, spawn_link(fun() -> serve(0) end)),
    io:format("~s~n", [node()]),
    eof = io:get_line(""),
    halt(0);
main(["call", Server, Count]) ->
    Node = list_to_atom(Server),
    pong = net_adm:ping(Node),
    N = list_to_integer(Count) div ?ACK_EVERY * ?ACK_EVERY,
    {Micros, _} = timer:tc(fun() -> send({server, Node}, call(), N, 0) end),
    io:format("~w~n", [round(N * 1.0e6 / Micros)]),
    halt(0).

%% The sender's address is part of the message here; in ours the envelope has it.
call() ->
    Status = {status, <<"task-000000000123">>, running, <<"6f1c2b9e-52ab-4c6e-8a34-0d1f7f3b5a90-S17">>,
              1700000000.25, executor, <<"0123456789abcdef">>},
    {self(), update, <<"executor-0001">>, <<"6f1c2b9e-52ab-4c6e-8a34-0d1f7f3b5a90-0001">>, Status}.

send(_, _, 0, 0) -> ok;
send(Server, Call, Left, OnTheWay) when Left > 0, OnTheWay < ?WINDOW ->
    Server ! Call,
    send(Server, Call, Left - 1, OnTheWay + 1);
send(Server, Call, Left, OnTheWay) ->
    receive ack -> send(Server, Call, Left, OnTheWay - ?ACK_EVERY) end.

serve(Received) ->
    receive
        {From, update, _, _, _} when (Received + 1) rem ?ACK_EVERY =:= 0 -> From ! ack, serve(Received + 1);
        {_, update, _, _, _} -> serve(Received + 1)
    end.
