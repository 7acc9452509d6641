# Under one_for_one a permanent child is always started again, alone.
# Here c crashes, and b while c is starting again.
tree
  root one_for_one
    pool one_for_one max_restarts 5
      a permanent
      b permanent
      c permanent
do
  when c starts crash b
  crash c
expect
  > when c starts crash b
  > crash c
       0 ms  c failed (failed): crashed
       0 ms  c starting
       0 ms  b failed (failed): crashed
       0 ms  c ready
       0 ms  b starting
       0 ms  b ready
