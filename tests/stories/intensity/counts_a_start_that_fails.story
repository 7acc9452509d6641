# A start that fails is one more failure: the crash and two starts make three.
tree
  root one_for_one
    pool one_for_one max_restarts 2
      a permanent
      b permanent
do
  fail a 2
  crash a
expect
  > fail a 2
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a failed (failed): did not start
       0 ms  a starting
       0 ms  a failed (failed): did not start
       0 ms  pool gives up
       0 ms  pool stopping
       0 ms  b stopping
       0 ms  b down
       0 ms  pool failed (failed): more than 2 restarts within 5000 ms, the last of "a" (failed): did not start
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  pool ready
