# While a supervisor comes up, a child that does not start ends that, and its own supervisor counts.
tree
  root one_for_one max_restarts 3
    pool one_for_one max_restarts 0
      a permanent
      b permanent
do
  fail b 1
  crash a
expect
  > fail b 1
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  pool gives up
       0 ms  pool stopping
       0 ms  b stopping
       0 ms  b down
       0 ms  pool failed (failed): more than 0 restarts within 5000 ms, the last of "a" (failed): crashed
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b failed (failed): did not start
       0 ms  a stopping
       0 ms  a down
       0 ms  pool failed (failed): "b" did not start again (failed): did not start
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  pool ready
