# Under one_for_all a permanent child is always started again, with all its siblings.
# Here it crashes, and does not start again at the first try.
tree
  root one_for_one
    pool one_for_all max_restarts 5
      a permanent
      b permanent
      c permanent
do
  fail b
  crash b
expect
  > fail b
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  c stopping
       0 ms  c down
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b failed (failed): did not start
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  c starting
       0 ms  c ready
