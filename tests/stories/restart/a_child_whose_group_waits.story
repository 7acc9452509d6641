# The group waits no longer.
tree
  root one_for_one
    pool one_for_all
      a permanent
      b permanent backoff delay 10s
do
  crash b
  restart a
expect
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  a stopping
       0 ms  a down
       0 ms  a waits 10000 ms
       0 ms  b waits 10000 ms
  > restart a
       0 ms  a starting
       0 ms  a ready
       0 ms  a restart: ok
       0 ms  b starting
       0 ms  b ready
