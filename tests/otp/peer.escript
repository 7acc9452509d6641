#!/usr/bin/env escript
%% SPDX-License-Identifier: MIT OR Apache-2.0
%%! +S 1:1 -noshell
%% peer.escript FILE: plays the cases of cases.c with Erlang's `supervisor`, and prints what became of whom.
%%
%% What has ended for good stays ended in airssys, also when its supervisor is started again; OTP starts every child of
%% its specifications then. So that both can be compared, `init` leaves out those that have ended for good: temporary
%% children that have ended or were ended with their group, and transient ones that were done under one_for_one.
-mode(compile).
-export([init/1, start_supervisor/1, start_leaf/1, leaf/2]).

main([Path]) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    {ok, Bin} = file:read_file(Path),
    play([string:lexemes(L, " ") || L <- string:lexemes(binary_to_list(Bin), "\n")]).

%% ---------------------------------------------------------------- cases

play([]) ->
    ok;
play([["case", N] | Lines]) ->
    [ets:new(T, [named_table, public]) || T <- tables()],
    {Nodes, [_ | _] = Rest} = lists:splitwith(fun([W | _]) -> W =/= "do" end, Lines),
    [read_node(Line) || Line <- Nodes],
    {ok, Top} = start_supervisor(0),
    {Deeds, [["end"] | More]} = lists:splitwith(fun([W | _]) -> W =:= "do" end, Rest),
    lists:foldl(fun(Deed, K) -> deed(N, K, Top, Deed), K + 1 end, 1, Deeds),
    stop(Top),
    [ets:delete(T) || T <- tables()],
    play(More).

tables() -> [nodes, order, pids, attempts, starts, failing, trips, gone].

read_node(["sup", Id, Parent, Strategy, Intensity, Restart, Shutdown | More]) ->
    add(int(Id), int(Parent),
        #{kind => sup, strategy => list_to_atom(Strategy), intensity => int(Intensity),
          restart => list_to_atom(Restart), shutdown => list_to_atom(Shutdown), significant => More =/= []});
read_node(["leaf", Id, Parent, Restart | More]) ->
    add(int(Id), int(Parent), #{kind => leaf, restart => list_to_atom(Restart), significant => More =/= []}).

add(Id, Parent, Node) ->
    ets:insert(nodes, {Id, Node#{parent => Parent}}),
    ets:insert(attempts, {Id, 0}),
    ets:insert(starts, {Id, 0}).

int(Text) -> list_to_integer(Text).

deed(_, _, _, ["do", "fail", Id, Count]) ->
    ets:insert(failing, {int(Id), int(Count)});
deed(_, _, _, ["do", "trip", Id, Other]) ->
    ets:insert(trips, {int(Id), int(Other)});
deed(N, K, Top, ["do", What, Id]) ->
    tell(int(Id), list_to_atom(What)),
    settle(Top),
    io:format("~s.~b~s~n", [N, K, [shown(L) || L <- leaves()]]).

%% Tells a leaf to end, and waits until it has.
tell(Id, What) ->
    case ets:lookup(pids, Id) of
        [{_, Pid}] ->
            Ref = monitor(process, Pid),
            Pid ! What,
            receive {'DOWN', Ref, _, _, _} -> ok end;
        [] ->
            ok
    end.

leaves() ->
    lists:sort([Id || {Id, #{kind := leaf}} <- ets:tab2list(nodes)]).

shown(Id) ->
    Up = case ets:lookup(pids, Id) of
             [{_, Pid}] -> is_process_alive(Pid);
             [] -> false
         end,
    [{_, Starts}] = ets:lookup(starts, Id),
    [{_, Attempts}] = ets:lookup(attempts, Id),
    io_lib:format(" ~b:~s:~b/~b", [Id, case Up of true -> "up"; false -> "down" end, Starts, Attempts]).

%% ---------------------------------------------------------------- at rest

%% Nothing has changed while each supervisor was asked three times; a call is answered after what came before it.
settle(Top) -> settle(Top, look(Top), 3).

settle(_, _, 0) -> ok;
settle(Top, Before, Left) ->
    erlang:yield(),
    case look(Top) of
        Before -> settle(Top, Before, Left - 1);
        Other -> settle(Top, Other, 3)
    end.

look(Top) ->
    {asked(Top), lists:sort(ets:tab2list(attempts)), lists:sort(ets:tab2list(pids))}.

asked(Sup) ->
    try supervisor:which_children(Sup) of
        Children ->
            case [restarting || {_, restarting, _, _} <- Children] of
                [] -> [{Id, case Type of supervisor when is_pid(Pid) -> asked(Pid); _ -> Pid end}
                       || {Id, Pid, Type, _} <- Children];
                _ -> make_ref()
            end
    catch
        exit:_ -> gone
    end.

stop(Top) ->
    Ref = monitor(process, Top),
    exit(Top, shutdown),
    receive {'DOWN', Ref, _, _, _} -> ok end,
    flush().

flush() ->
    receive _ -> flush() after 0 -> ok end.

%% ---------------------------------------------------------------- supervisors

start_supervisor(Id) ->
    supervisor:start_link(?MODULE, Id).

init(Id) ->
    [{_, #{strategy := Strategy, intensity := Intensity, shutdown := Shutdown}}] = ets:lookup(nodes, Id),
    Auto = maps:get(Shutdown, #{any => any_significant, all => all_significant, never => never}),
    Children = lists:sort([C || {C, #{parent := P}} <- ets:tab2list(nodes), P =:= Id, not ets:member(gone, C)]),
    {ok, {#{strategy => Strategy, intensity => Intensity, period => 3600, auto_shutdown => Auto},
          [spec(C) || C <- Children]}}.

spec(Id) ->
    [{_, #{kind := Kind, restart := Restart, significant := Significant}}] = ets:lookup(nodes, Id),
    Type = case Kind of sup -> supervisor; leaf -> worker end,
    Start = case Kind of sup -> start_supervisor; leaf -> start_leaf end,
    #{id => Id, start => {?MODULE, Start, [Id]}, restart => Restart, significant => Significant, type => Type,
      shutdown => case Kind of sup -> infinity; leaf -> 5000 end}.

%% ---------------------------------------------------------------- leaves

start_leaf(Id) ->
    proc_lib:start_link(?MODULE, leaf, [Id, self()]).

leaf(Id, Parent) ->
    process_flag(trap_exit, true),
    ets:update_counter(attempts, Id, 1),
    case ets:take(trips, Id) of
        [{_, Other}] -> tell(Other, crash);
        [] -> ok
    end,
    case ets:lookup(failing, Id) of
        [{_, Left}] when Left > 0 ->
            ets:insert(failing, {Id, Left - 1}),
            proc_lib:init_ack(Parent, {error, did_not_start}),
            exit(did_not_start);
        _ ->
            ets:update_counter(starts, Id, 1),
            ets:insert(pids, {Id, self()}),
            proc_lib:init_ack(Parent, {ok, self()}),
            loop(Id, Parent)
    end.

loop(Id, Parent) ->
    receive
        crash ->
            ended(Id, crash),
            exit(crash);
        done ->
            ended(Id, done),
            exit(normal);
        {'EXIT', Parent, Reason} ->
            ended(Id, case is_in_group_restart(Parent) of true -> group; false -> shutdown end),
            exit(Reason)
    end.

is_in_group_restart(Sup) ->
    case process_info(Sup, current_stacktrace) of
        {_, Stack} -> lists:any(fun({_, F, _, _}) -> F =:= restart_multiple_children end, Stack);
        undefined -> false
    end.

ended(Id, How) ->
    ets:delete(pids, Id),
    [{_, #{restart := Restart, parent := Parent}}] = ets:lookup(nodes, Id),
    [{_, #{strategy := Strategy}}] = ets:lookup(nodes, Parent),
    case {Restart, How, Strategy} of
        {temporary, shutdown, _} -> ok;
        {temporary, _, _} -> ets:insert(gone, {Id});
        {transient, done, one_for_one} -> ets:insert(gone, {Id});
        _ -> ok
    end.
