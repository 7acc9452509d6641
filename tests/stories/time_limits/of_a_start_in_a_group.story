# A group that comes down does not wait for a start that hangs longer than for a stop.
tree
  root one_for_one
    pool one_for_all
      a permanent start_timeout 10s stop_timeout 100ms
      b permanent
do
  hang_start a
  crash b
  wait 10ms
  restart pool
  wait 101ms
expect
  > hang_start a
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
  > wait 10ms
  > restart pool
      10 ms  pool stopping
  > wait 101ms
     110 ms  a failed (killed): told to end, it was still starting after 100 ms
     110 ms  pool down
     110 ms  pool starting
     110 ms  a starting
     110 ms  a ready
     110 ms  b starting
     110 ms  b ready
     110 ms  pool ready
     110 ms  pool restart: ok
