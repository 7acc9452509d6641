# A child that is added while its group comes up starts after it, in its order.
tree
  root one_for_one
    pool one_for_all
      a permanent
      b permanent
do
  add c permanent under pool
  slow_start a 100ms
  crash b
  wait 50ms
  add d permanent under pool
  wait 51ms
expect
  > add c permanent under pool
       0 ms  c starting
       0 ms  c ready
  > slow_start a 100ms
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  c stopping
       0 ms  c down
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
  > wait 50ms
  > add d permanent under pool
  > wait 51ms
     100 ms  a ready
     100 ms  b starting
     100 ms  b ready
     100 ms  c starting
     100 ms  c ready
     100 ms  d starting
     100 ms  d ready
