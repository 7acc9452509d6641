# The last first, at each level.
tree
  root one_for_one
    outer one_for_one
      a permanent
      inner one_for_one
        b permanent
        c permanent
      d permanent
do
  stop outer
expect
  > stop outer
       0 ms  outer stopping
       0 ms  d stopping
       0 ms  d ended
       0 ms  inner stopping
       0 ms  c stopping
       0 ms  c ended
       0 ms  b stopping
       0 ms  b ended
       0 ms  inner ended
       0 ms  a stopping
       0 ms  a ended
       0 ms  outer ended
