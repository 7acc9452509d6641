# The supervisor is stopped while its group comes up.
tree
  root one_for_one
    pool one_for_all
      a permanent
      b permanent
do
  slow_start a 100ms
  crash b
  wait 50ms
  stop pool
  wait 101ms
expect
  > slow_start a 100ms
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
  > wait 50ms
  > stop pool
      50 ms  pool stopping
      50 ms  b ended
  > wait 101ms
     100 ms  a stopping
     100 ms  a ended
     100 ms  pool ended
