# Under the root, it ends the tree.
tree
  root one_for_one
    a transient significant
    b permanent
do
  done a
expect
  > done a
       0 ms  a stopping
       0 ms  a down
       0 ms  root stopping
       0 ms  a ended
       0 ms  b stopping
       0 ms  b ended
       0 ms  root down
       0 ms  root ended
