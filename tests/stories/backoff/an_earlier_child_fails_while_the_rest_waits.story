# Under rest_for_one a child before those that wait may fail: its group is the larger one, and waits no less.
tree
  root one_for_one
    pool rest_for_one max_restarts 20 window 60s
      a permanent
      b permanent backoff delay 100ms
      c permanent
do
  crash b
  wait 30ms
  crash a
  wait 71ms
expect
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  b waits 100 ms
       0 ms  c stopping
       0 ms  c down
       0 ms  c waits 100 ms
  > wait 30ms
  > crash a
      30 ms  a failed (failed): crashed
      30 ms  a waits 70 ms
  > wait 71ms
     100 ms  a starting
     100 ms  a ready
     100 ms  b starting
     100 ms  b ready
     100 ms  c starting
     100 ms  c ready
