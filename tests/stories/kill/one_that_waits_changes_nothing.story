# There is no incarnation to be killed.
tree
  root one_for_one
    a permanent backoff delay 100ms
do
  crash a
  kill a
  wait 101ms
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 100 ms
  > kill a
  > wait 101ms
     100 ms  a starting
     100 ms  a ready
