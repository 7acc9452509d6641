# The supervisor gives up while its child is being restarted: the answer comes when all is up again.
tree
  root one_for_one
    pool one_for_one max_restarts 0
      a permanent
      b permanent
do
  slow_stop a 100ms
  restart a
  crash b
  wait 101ms
expect
  > slow_stop a 100ms
  > restart a
       0 ms  a stopping
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  pool gives up
       0 ms  pool stopping
  > wait 101ms
     100 ms  a down
     100 ms  pool failed (failed): more than 0 restarts within 5000 ms, the last of "b" (failed): crashed
     100 ms  pool starting
     100 ms  a starting
     100 ms  a ready
     100 ms  a restart: ok
     100 ms  b starting
     100 ms  b ready
     100 ms  pool ready
