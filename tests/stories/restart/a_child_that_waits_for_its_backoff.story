# It is started at once, and the timer is forgotten.
tree
  root one_for_one
    a permanent backoff delay 100ms
do
  crash a
  restart a
  wait 201ms
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 100 ms
  > restart a
       0 ms  a starting
       0 ms  a ready
       0 ms  a restart: ok
  > wait 201ms
