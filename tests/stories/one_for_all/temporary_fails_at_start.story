# Under one_for_all a temporary child is never started again, with all its siblings.
# Here it crashes, and does not start again at the first try.
tree
  root one_for_one
    pool one_for_all max_restarts 5
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
