# A supervisor is a child like any other: its failure restarts the group that it is in.
tree
  root one_for_all
    pool one_for_one max_restarts 0
      a permanent
    c permanent
do
  crash a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  pool gives up
       0 ms  pool stopping
       0 ms  pool failed (failed): more than 0 restarts within 5000 ms, the last of "a" (failed): crashed
       0 ms  c stopping
       0 ms  c down
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  pool ready
       0 ms  c starting
       0 ms  c ready
