# It crashes just when it is told to stop: once is enough.
tree
  root one_for_one
    a permanent
do
  crash a &
  restart a
expect
  > crash a &
  > restart a
       0 ms  a stopping
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
       0 ms  a restart: ok
