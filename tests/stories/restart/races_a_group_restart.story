# The child is on its way down with its group when it is told to restart: it comes up in its turn.
tree
  root one_for_one
    pool one_for_all max_restarts 5
      a permanent
      b permanent
      c permanent
do
  slow_stop c 100ms
  crash a
  wait 50ms
  restart b
  wait 51ms
expect
  > slow_stop c 100ms
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  c stopping
  > wait 50ms
  > restart b
  > wait 51ms
     100 ms  c down
     100 ms  b stopping
     100 ms  b down
     100 ms  a starting
     100 ms  a ready
     100 ms  b starting
     100 ms  b ready
     100 ms  b restart: ok
     100 ms  c starting
     100 ms  c ready
