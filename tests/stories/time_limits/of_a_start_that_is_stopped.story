# Told to stop in the middle of a start, it has as long for the rest of it as a stop may take.
tree
  root one_for_one
    a permanent start_timeout 10s stop_timeout 100ms
    b permanent start_timeout 50ms stop_timeout 10s
    c permanent start_timeout 10s stop_timeout 100ms
do
  hang_start a
  hang_start b
  slow_start c 50ms
  crash a &
  crash b &
  crash c
  wait 10ms
  stop a &
  stop b &
  stop c
  wait 101ms
expect
  > hang_start a
  > hang_start b
  > slow_start c 50ms
  > crash a &
  > crash b &
  > crash c
       0 ms  a failed (failed): crashed
       0 ms  c failed (failed): crashed
       0 ms  b failed (failed): crashed
       0 ms  a starting
       0 ms  c starting
       0 ms  b starting
  > wait 10ms
  > stop a &
  > stop b &
  > stop c
  > wait 101ms
      50 ms  b failed (killed): told to end, it was still starting after 50 ms
      50 ms  b ended
      50 ms  c stopping
      50 ms  c ended
     110 ms  a failed (killed): told to end, it was still starting after 100 ms
     110 ms  a ended
