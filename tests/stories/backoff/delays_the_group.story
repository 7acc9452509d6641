# The delay of the child that failed is that of its group, which is down meanwhile.
tree
  root one_for_one
    pool one_for_all max_restarts 20 window 60s
      a permanent
      b permanent backoff delay 100ms
      c permanent
do
  crash b
  wait 50ms
  crash a
  wait 51ms
expect
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  b waits 100 ms
       0 ms  c stopping
       0 ms  c down
       0 ms  c waits 100 ms
       0 ms  a stopping
       0 ms  a down
       0 ms  a waits 100 ms
  > wait 50ms
  > crash a
  > wait 51ms
     100 ms  a starting
     100 ms  a ready
     100 ms  b starting
     100 ms  b ready
     100 ms  c starting
     100 ms  c ready
