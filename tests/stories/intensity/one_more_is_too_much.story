# Three restarts are allowed. The fourth failure ends the supervisor, and the root starts it again, with b, which
# never failed.
tree
  root one_for_one
    pool one_for_one max_restarts 3 window 5s
      a permanent
      b permanent
do
  crash a
  crash a
  crash a
  crash a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  pool gives up
       0 ms  pool stopping
       0 ms  b stopping
       0 ms  b down
       0 ms  pool failed (failed): more than 3 restarts within 5000 ms, the last of "a" (failed): crashed
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  pool ready
