# It is not.
tree
  root one_for_one
    pool one_for_one auto_shutdown never temporary
      a transient significant
      b transient significant
      c permanent
do
  done a
  done b
expect
  > done a
       0 ms  a stopping
       0 ms  a down
       0 ms  a ended
  > done b
       0 ms  b stopping
       0 ms  b down
       0 ms  b ended
