# A start that takes longer than its limit has failed, and is tried again.
tree
  root one_for_one
    a permanent start_timeout 100ms
do
  hang_start a
  crash a
  wait 101ms
expect
  > hang_start a
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
  > wait 101ms
     100 ms  a failed (timeout): start took longer than start_timeout, 100 ms
     100 ms  a starting
     100 ms  a ready
