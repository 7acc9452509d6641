# A child that was ready for ten seconds begins with the first delay again; one of less does not.
tree
  root one_for_one
    pool one_for_one max_restarts 20 window 1s
      a permanent backoff exponential 100ms reset 10s
do
  crash a
  wait 101ms
  wait 9998ms
  crash a
  wait 201ms
  wait 10s
  crash a
  wait 101ms
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 100 ms
  > wait 101ms
     100 ms  a starting
     100 ms  a ready
  > wait 9998ms
  > crash a
   10099 ms  a failed (failed): crashed
   10099 ms  a waits 200 ms
  > wait 201ms
   10299 ms  a starting
   10299 ms  a ready
  > wait 10s
  > crash a
   20300 ms  a failed (failed): crashed
   20300 ms  a waits 100 ms
  > wait 101ms
   20400 ms  a starting
   20400 ms  a ready
