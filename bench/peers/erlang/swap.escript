#!/usr/bin/env escript
%% SPDX-License-Identifier: MIT OR Apache-2.0
%% swap.escript COUNT ROUNDS: prints, a line a round, the nanoseconds that sys:suspend, sys:change_code and sys:resume of
%% COUNT gen_servers with a state take: all of them suspended, then changed, then resumed, as release_handler does it.
%%
%% They are idle: under load each of the three waits for its turn behind messages, which takes many times as long.
-mode(compile).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

main([Count, Rounds]) ->
    Pids = [begin {ok, Pid} = gen_server:start(?MODULE, 0, []), Pid end || _ <- lists:seq(1, list_to_integer(Count))],
    _ = swap(Pids),
    _ = [io:format("~b~n", [swap(Pids)]) || _ <- lists:seq(1, list_to_integer(Rounds))],
    ok.

swap(Pids) ->
    _ = [gen_server:cast(Pid, count) || Pid <- Pids],
    timer:sleep(20),
    Begin = erlang:monotonic_time(nanosecond),
    _ = [ok = sys:suspend(Pid, infinity) || Pid <- Pids],
    _ = [ok = sys:change_code(Pid, ?MODULE, undefined, [], infinity) || Pid <- Pids],
    _ = [ok = sys:resume(Pid, infinity) || Pid <- Pids],
    erlang:monotonic_time(nanosecond) - Begin.

init(Handled) ->
    {ok, Handled}.

handle_cast(count, Handled) ->
    {noreply, Handled + 1}.

handle_call(_, _, Handled) ->
    {reply, Handled, Handled}.

code_change(_, Handled, _) ->
    {ok, Handled}.
