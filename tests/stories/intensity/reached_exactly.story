# Three restarts within five seconds are allowed: the third is made.
tree
  root one_for_one
    pool one_for_one max_restarts 3 window 5s
      a permanent
      b permanent
do
  crash a
  wait 1s
  crash a
  wait 1s
  crash a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
  > wait 1s
  > crash a
    1000 ms  a failed (failed): crashed
    1000 ms  a starting
    1000 ms  a ready
  > wait 1s
  > crash a
    2000 ms  a failed (failed): crashed
    2000 ms  a starting
    2000 ms  a ready
