# Two are allowed; one that has gone makes room.
tree
  root one_for_one
    pool simple_one_for_one children_max 2
      a permanent
      b temporary
do
  add c permanent under pool
  done b
  add c permanent under pool
expect
  > add c permanent under pool
  add: E_LIMIT
  > done b
       0 ms  b stopping
       0 ms  b down
       0 ms  b ended
  > add c permanent under pool
       0 ms  c starting
       0 ms  c ready
