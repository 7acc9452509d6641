# Under rest_for_one a permanent child is always started again, with those after it.
# Here it crashes, then is done.
tree
  root one_for_one
    pool rest_for_one max_restarts 5
      a permanent
      b permanent
      c permanent
do
  crash b
  done b
expect
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  c stopping
       0 ms  c down
       0 ms  b starting
       0 ms  b ready
       0 ms  c starting
       0 ms  c ready
  > done b
       0 ms  b stopping
       0 ms  b down
       0 ms  c stopping
       0 ms  c down
       0 ms  b starting
       0 ms  b ready
       0 ms  c starting
       0 ms  c ready
