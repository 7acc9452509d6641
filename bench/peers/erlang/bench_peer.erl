%% SPDX-License-Identifier: MIT OR Apache-2.0
%% What messages cost between Erlang processes: payloads of 64 bytes, read by the receiver.
%%   erlc bench_peer.erl && erl -noshell -s bench_peer main
-module(bench_peer).
-export([main/0]).
-define(ROUNDS, 7).
-define(BURST, 512).

main() ->
    Ball = list_to_binary(lists:duplicate(64, 7)),
    report("erlang.round_trip", "ns", fun() -> round_trips(Ball, 500000) end),
    report("erlang.one_way", "ns", fun() -> one_way(Ball, 1000000) end),
    report("erlang.spawn", "ns", fun() -> spawns(200000) end),
    report("erlang.fanout_100", "ns", fun() -> fan_out(Ball, 100, 2000) end),
    report("erlang.mesh", "M/s", fun() -> 1000 / mesh(Ball, 1000, 16, 40) end),
    halt(0).

%% The median of the rounds, and half the distance between the quartiles.
report(Name, Unit, Measure) ->
    Measure(),
    Values = lists:sort([Measure() || _ <- lists:seq(1, ?ROUNDS)]),
    Spread = (lists:nth(?ROUNDS * 3 div 4 + 1, Values) - lists:nth(?ROUNDS div 4 + 1, Values)) / 2,
    io:format("{\"name\":\"~s\",\"value\":~.3f,\"unit\":\"~s\",\"spread\":~.3f}~n",
              [Name, lists:nth(?ROUNDS div 2 + 1, Values), Unit, Spread]).

%% Nanoseconds for each of Count.
timed(Count, Work) ->
    Begin = erlang:monotonic_time(nanosecond),
    Work(),
    (erlang:monotonic_time(nanosecond) - Begin) / Count.

%% The sum of the first and the last byte: a binary is shared, so this is all that has to be touched.
look(<<First, _:62/binary, Last>>) -> First + Last.

round_trips(Ball, Count) ->
    Pong = spawn_link(fun pong/0),
    Time = timed(Count, fun() -> ping(Pong, Ball, Count) end),
    unlink(Pong),
    exit(Pong, kill),
    Time.

pong() ->
    receive {From, Ball} -> From ! {pong, Ball}, pong() end.

ping(_, _, 0) -> ok;
ping(Pong, Ball, Left) ->
    Pong ! {self(), Ball},
    receive {pong, Answer} -> look(Answer) end,
    ping(Pong, Ball, Left - 1).

%% Sender and receiver on whatever core the schedulers choose; the receiver answers each burst.
one_way(Ball, Count) ->
    Sink = spawn_link(fun sink/0),
    Time = timed(Count, fun() -> bursts(Sink, Ball, Count div ?BURST) end),
    unlink(Sink),
    exit(Sink, kill),
    Time.

sink() ->
    receive
        {ask, From} -> From ! done;
        Ball -> look(Ball)
    end,
    sink().

bursts(_, _, 0) -> ok;
bursts(Sink, Ball, Left) ->
    send_many(Sink, Ball, ?BURST),
    Sink ! {ask, self()},
    receive done -> ok end,
    bursts(Sink, Ball, Left - 1).

send_many(_, _, 0) -> ok;
send_many(To, Ball, Left) ->
    To ! Ball,
    send_many(To, Ball, Left - 1).

%% A process that starts, says so, and ends.
spawns(Count) ->
    Self = self(),
    timed(Count, fun() -> spawn_each(Self, Count) end).

spawn_each(_, 0) -> ok;
spawn_each(Self, Left) ->
    spawn(fun() -> Self ! started end),
    receive started -> ok end,
    spawn_each(Self, Left - 1).

%% A publication is over when all have handled it.
fan_out(Ball, Subscribers, Count) ->
    Counter = counters:new(1, [atomics]),
    All = [spawn_link(fun() -> subscriber(Counter) end) || _ <- lists:seq(1, Subscribers)],
    Time = timed(Count, fun() -> publish(All, Ball, Counter, Subscribers, Count) end),
    lists:foreach(fun(One) -> unlink(One), exit(One, kill) end, All),
    Time.

subscriber(Counter) ->
    receive Ball -> look(Ball) end,
    counters:add(Counter, 1, 1),
    subscriber(Counter).

publish(_, _, _, _, 0) -> ok;
publish(All, Ball, Counter, Subscribers, Left) ->
    Expected = counters:get(Counter, 1) + Subscribers,
    [One ! Ball || One <- All],
    wait_until(Counter, Expected),
    publish(All, Ball, Counter, Subscribers, Left - 1).

wait_until(Counter, Expected) ->
    case counters:get(Counter, 1) >= Expected of
        true -> ok;
        false -> erlang:yield(), wait_until(Counter, Expected)
    end.

%% Nanoseconds a message, of actors that each pass what they get on to one of them at random.
mesh(Ball, Actors, InFlight, Hops) ->
    Self = self(),
    All = [spawn_link(fun() -> receive {all, Them} -> node_loop(Them, Actors, Self) end end)
           || _ <- lists:seq(1, Actors)],
    Them = list_to_tuple(All),
    [One ! {all, Them} || One <- All],
    Time = timed(Actors * InFlight * (Hops + 1), fun() ->
        [One ! {Hops, Ball} || One <- All, _ <- lists:seq(1, InFlight)],
        collect(Actors * InFlight)
    end),
    lists:foreach(fun(One) -> unlink(One), exit(One, kill) end, All),
    Time.

node_loop(Them, Actors, Boss) ->
    receive
        {0, Ball} -> look(Ball), Boss ! done;
        {Hops, Ball} -> look(Ball), element(rand:uniform(Actors), Them) ! {Hops - 1, Ball}
    end,
    node_loop(Them, Actors, Boss).

collect(0) -> ok;
collect(Left) -> receive done -> collect(Left - 1) end.
