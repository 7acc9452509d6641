#!/usr/bin/env escript
%% SPDX-License-Identifier: MIT OR Apache-2.0
%% restart.escript COUNT: prints the nanoseconds that COUNT restarts of a crashing process by `supervisor` take.
%%
%% A process crashes as soon as it has started, by a message to itself. OTP's supervisor keeps the times of its restarts
%% in a list, which it walks at each restart: so that this does not grow, each supervisor makes 100 restarts.
-mode(compile).
-export([init/1, start/1, worker/2]).
-define(RESTARTS, 100).

main([Count]) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    Supervisors = list_to_integer(Count) div ?RESTARTS,
    _ = [restart(?RESTARTS) || _ <- lists:seq(1, 20)],
    Begin = erlang:monotonic_time(nanosecond),
    _ = [restart(?RESTARTS) || _ <- lists:seq(1, Supervisors)],
    io:format("~b~n", [erlang:monotonic_time(nanosecond) - Begin]).

%% Until the last process says that it is up for good.
restart(Restarts) ->
    Left = counters:new(1, []),
    counters:put(Left, 1, Restarts),
    {ok, Sup} = supervisor:start_link(?MODULE, {self(), Left}),
    receive up -> ok end,
    unlink(Sup),
    exit(Sup, kill).

init(Args) ->
    {ok, {#{strategy => one_for_one, intensity => ?RESTARTS, period => 3600},
          [#{id => worker, start => {?MODULE, start, [Args]}, shutdown => brutal_kill}]}}.

start({Who, Left}) ->
    {ok, spawn_link(?MODULE, worker, [Who, Left])}.

worker(Who, Left) ->
    case counters:get(Left, 1) of
        0 ->
            Who ! up,
            receive stop -> ok end;
        _ ->
            counters:sub(Left, 1, 1),
            self() ! crash,
            receive crash -> exit(crashed) end
    end.
