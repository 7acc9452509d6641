# A significant child that is started again has not ended.
tree
  root one_for_one
    pool one_for_one auto_shutdown any temporary
      a transient significant
      b transient significant
      c permanent
do
  crash a
  kill a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
  > kill a
       0 ms  a failed (killed): killed
       0 ms  a starting
       0 ms  a ready
