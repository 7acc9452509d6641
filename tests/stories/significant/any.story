# The end for good of one significant child is the end of its supervisor.
tree
  root one_for_one
    pool one_for_one auto_shutdown any temporary
      a transient significant
      b transient significant
      c permanent
do
  done a
expect
  > done a
       0 ms  a stopping
       0 ms  a down
       0 ms  pool stopping
       0 ms  a ended
       0 ms  c stopping
       0 ms  c down
       0 ms  b stopping
       0 ms  b down
       0 ms  pool down
       0 ms  pool ended
       0 ms  c ended
       0 ms  b ended
