# One failure that restarts three children is one restart.
tree
  root one_for_one
    pool one_for_all max_restarts 1
      a permanent
      b permanent
      c permanent
do
  crash b
  wait 6s
  crash c
expect
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  c stopping
       0 ms  c down
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  c starting
       0 ms  c ready
  > wait 6s
  > crash c
    6000 ms  c failed (failed): crashed
    6000 ms  b stopping
    6000 ms  b down
    6000 ms  a stopping
    6000 ms  a down
    6000 ms  a starting
    6000 ms  a ready
    6000 ms  b starting
    6000 ms  b ready
    6000 ms  c starting
    6000 ms  c ready
