# A temporary child that fails is not started again; its supervisor fails with it, and is started again itself.
# What has ended for good stays ended.
tree
  root one_for_one
    pool one_for_one
      a temporary significant
      b permanent
do
  crash a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  pool stopping
       0 ms  b stopping
       0 ms  b down
       0 ms  a ended
       0 ms  pool failed (failed): "a", on which it depends, ended (failed): crashed
       0 ms  pool starting
       0 ms  b starting
       0 ms  b ready
       0 ms  pool ready
