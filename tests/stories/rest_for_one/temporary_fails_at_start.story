# Under rest_for_one a temporary child is never started again, with those after it.
# Here it crashes, and does not start again at the first try.
tree
  root one_for_one
    pool rest_for_one max_restarts 5
      a permanent
      b temporary
      c permanent
do
  fail b
  crash b
expect
  > fail b
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  b ended
