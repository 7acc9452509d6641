# The same delay each time.
tree
  root one_for_one
    pool one_for_one max_restarts 10 window 60s
      a permanent backoff delay 100ms
      b permanent
do
  crash a
  wait 99ms
  wait 2ms
  crash a
  wait 101ms
  crash a
  wait 101ms
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 100 ms
  > wait 99ms
  > wait 2ms
     100 ms  a starting
     100 ms  a ready
  > crash a
     101 ms  a failed (failed): crashed
     101 ms  a waits 100 ms
  > wait 101ms
     201 ms  a starting
     201 ms  a ready
  > crash a
     202 ms  a failed (failed): crashed
     202 ms  a waits 100 ms
  > wait 101ms
     302 ms  a starting
     302 ms  a ready
