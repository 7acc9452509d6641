# Under rest_for_one a temporary child is never started again, with those after it.
# Here c crashes, and b while c is starting again.
tree
  root one_for_one
    pool rest_for_one max_restarts 5
      a permanent
      b temporary
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
       0 ms  b ended
