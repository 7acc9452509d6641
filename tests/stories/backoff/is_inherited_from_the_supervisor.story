# A child without one has that of its supervisor; b has its own.
tree
  root one_for_one
    pool one_for_one max_restarts 20 window 60s backoff delay 50ms
      a permanent
      b permanent backoff immediate
do
  crash a
  crash b
  wait 51ms
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 50 ms
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  b starting
       0 ms  b ready
  > wait 51ms
      50 ms  a starting
      50 ms  a ready
