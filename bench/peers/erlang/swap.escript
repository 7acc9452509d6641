#!/usr/bin/env escript
%% SPDX-License-Identifier: MIT OR Apache-2.0
%% swap.escript COUNT ROUNDS: prints, a line a round, the nanoseconds that sys:suspend, sys:change_code and sys:resume of
%% COUNT gen_servers with a state take: all of them suspended, then changed, then resumed, as release_handler does it.
%%
%% Two numbers a line: while they are idle, and while they pass messages to each other at half of the rate that they
%% reach when nothing holds them back. Then each of the three waits for its turn behind messages.
-mode(compile).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

%% As in bench/deploy.c.
-define(HOPS, 40).
-define(CHAINS_EACH, 16).

main([Count, Rounds]) ->
    Servers = list_to_integer(Count),
    Pids = [begin {ok, Pid} = gen_server:start(?MODULE, 0, []), Pid end || _ <- lists:seq(1, Servers)],
    persistent_term:put(servers, list_to_tuple(Pids)),
    persistent_term:put(ended, counters:new(1, [])),
    All = lists:seq(1, list_to_integer(Rounds)),
    _ = swap(Pids),
    Idle = [swap(Pids) || _ <- All],
    _ = find_rate(Servers),
    Rate = find_rate(Servers),
    Loader = spawn_link(fun() -> load(Servers, Rate / 2, erlang:monotonic_time(nanosecond), 0, ended()) end),
    _ = swap(Pids),
    Loaded = [swap(Pids) || _ <- All],
    unlink(Loader),
    exit(Loader, kill),
    _ = [io:format("~b ~b~n", [I, L]) || {I, L} <- lists:zip(Idle, Loaded)],
    ok.

swap(Pids) ->
    _ = [gen_server:cast(Pid, count) || Pid <- Pids],
    timer:sleep(100),
    Begin = erlang:monotonic_time(nanosecond),
    _ = [ok = sys:suspend(Pid, infinity) || Pid <- Pids],
    _ = [ok = sys:change_code(Pid, ?MODULE, undefined, [], infinity) || Pid <- Pids],
    _ = [ok = sys:resume(Pid, infinity) || Pid <- Pids],
    erlang:monotonic_time(nanosecond) - Begin.

%% ---------------------------------------------------------------- load: chains of messages, each to one at random

ended() ->
    counters:get(persistent_term:get(ended), 1).

begin_chain(Number) ->
    Servers = persistent_term:get(servers),
    gen_server:cast(element(Number rem tuple_size(Servers) + 1, Servers), {hop, ?HOPS}).

%% Chains a nanosecond when all go on as fast as they can.
find_rate(Servers) ->
    Chains = Servers * ?CHAINS_EACH,
    Before = ended(),
    Begin = erlang:monotonic_time(nanosecond),
    _ = [begin_chain(I) || I <- lists:seq(1, Chains)],
    wait_until_ended(Before + Chains),
    Chains / (erlang:monotonic_time(nanosecond) - Begin).

wait_until_ended(Count) ->
    case ended() >= Count of
        true -> ok;
        false -> timer:sleep(1), wait_until_ended(Count)
    end.

%% In small portions; as many as are owed, and no more under way than in `find_rate`.
load(Servers, Rate, Since, Given, Before) ->
    timer:sleep(1),
    Now = erlang:monotonic_time(nanosecond),
    Room = Servers * ?CHAINS_EACH - (Given - (ended() - Before)),
    Owed = max(0, min(Room, trunc((Now - Since) * Rate))),
    _ = [begin_chain(Given + I) || I <- lists:seq(1, Owed)],
    load(Servers, Rate, Now, Given + Owed, Before).

%% ---------------------------------------------------------------- a server

init(Handled) ->
    {ok, Handled}.

handle_cast({hop, 0}, Handled) ->
    counters:add(persistent_term:get(ended), 1, 1),
    {noreply, Handled + 1};
handle_cast({hop, Left}, Handled) ->
    Servers = persistent_term:get(servers),
    To = erlang:phash2({self(), Handled}, tuple_size(Servers)) + 1,
    gen_server:cast(element(To, Servers), {hop, Left - 1}),
    {noreply, Handled + 1};
handle_cast(count, Handled) ->
    {noreply, Handled + 1}.

handle_call(_, _, Handled) ->
    {reply, Handled, Handled}.

code_change(_, Handled, _) ->
    {ok, Handled}.
