# One failure of each of three children is one too many for a supervisor that allows two.
tree
  root one_for_one
    pool one_for_one max_restarts 2
      a permanent
      b permanent
      c permanent
do
  crash a
  crash b
  crash c
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  b starting
       0 ms  b ready
  > crash c
       0 ms  c failed (failed): crashed
       0 ms  pool gives up
       0 ms  pool stopping
       0 ms  b stopping
       0 ms  b down
       0 ms  a stopping
       0 ms  a down
       0 ms  pool failed (failed): more than 2 restarts within 5000 ms, the last of "c" (failed): crashed
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  c starting
       0 ms  c ready
       0 ms  pool ready
