# Each child of a one_for_one waits for its own delay.
tree
  root one_for_one
    pool one_for_one max_restarts 20 window 60s
      a permanent backoff delay 300ms
      b permanent backoff delay 200ms
      c permanent backoff delay 100ms
do
  crash a
  crash b
  crash c
  wait 101ms
  wait 101ms
  wait 101ms
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 300 ms
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  b waits 200 ms
  > crash c
       0 ms  c failed (failed): crashed
       0 ms  c waits 100 ms
  > wait 101ms
     100 ms  c starting
     100 ms  c ready
  > wait 101ms
     200 ms  b starting
     200 ms  b ready
  > wait 101ms
     300 ms  a starting
     300 ms  a ready
