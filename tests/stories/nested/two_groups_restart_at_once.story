# Two supervisors do not wait for each other.
tree
  root one_for_one
    one one_for_all
      a permanent
      b permanent
    two one_for_all
      c permanent
      d permanent
do
  slow_start a 10ms
  slow_start c 10ms
  crash b &
  crash d
  wait 31ms
expect
  > slow_start a 10ms
  > slow_start c 10ms
  > crash b &
  > crash d
       0 ms  d failed (failed): crashed
       0 ms  b failed (failed): crashed
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
       0 ms  c stopping
       0 ms  c down
       0 ms  c starting
  > wait 31ms
      10 ms  a ready
      10 ms  c ready
      10 ms  d starting
      10 ms  d ready
      10 ms  b starting
      10 ms  b ready
