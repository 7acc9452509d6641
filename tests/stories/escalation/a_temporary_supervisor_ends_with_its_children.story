# Nobody starts it again, so its children end for good.
tree
  root one_for_one
    pool one_for_one max_restarts 0 temporary
      a permanent
      b permanent
    c permanent
do
  crash a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  pool gives up
       0 ms  pool stopping
       0 ms  b stopping
       0 ms  b down
       0 ms  pool failed (failed): more than 0 restarts within 5000 ms, the last of "a" (failed): crashed
       0 ms  pool ended
       0 ms  a ended
       0 ms  b ended
