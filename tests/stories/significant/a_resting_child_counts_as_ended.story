# Under one_for_all a transient child that is done keeps its place, but it has ended.
tree
  root one_for_one
    pool one_for_all auto_shutdown all temporary
      a transient significant
      b transient significant
do
  done a
  crash b
  done a
  done b
expect
  > done a
       0 ms  a stopping
       0 ms  a down
       0 ms  a at rest
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
  > done a
       0 ms  a stopping
       0 ms  a down
       0 ms  a at rest
  > done b
       0 ms  b stopping
       0 ms  b down
       0 ms  pool stopping
       0 ms  pool down
       0 ms  pool ended
       0 ms  b at rest
       0 ms  b ended
       0 ms  a ended
