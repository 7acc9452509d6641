# Under one_for_one a transient child is started again unless it ended as it should, alone.
# Here it crashes, and does not start again at the first try.
tree
  root one_for_one
    pool one_for_one max_restarts 5
      a permanent
      b transient
      c permanent
do
  fail b
  crash b
expect
  > fail b
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  b starting
       0 ms  b failed (failed): did not start
       0 ms  b starting
       0 ms  b ready
