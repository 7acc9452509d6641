# The history of a supervisor ends with its incarnation: after its own restart it allows as many again.
tree
  root one_for_one max_restarts 1
    pool one_for_one max_restarts 1
      a permanent
do
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
       0 ms  pool gives up
       0 ms  pool stopping
       0 ms  pool failed (failed): more than 1 restarts within 5000 ms, the last of "a" (failed): crashed
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  pool ready
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
