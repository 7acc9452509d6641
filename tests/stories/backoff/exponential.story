# Three times the last delay each time, up to the cap.
tree
  root one_for_one
    pool one_for_one max_restarts 10 window 60s
      a permanent backoff exponential 100ms factor 3 max 2s
do
  crash a
  wait 101ms
  crash a
  wait 301ms
  crash a
  wait 901ms
  crash a
  wait 2001ms
  crash a
  wait 2001ms
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 100 ms
  > wait 101ms
     100 ms  a starting
     100 ms  a ready
  > crash a
     101 ms  a failed (failed): crashed
     101 ms  a waits 300 ms
  > wait 301ms
     401 ms  a starting
     401 ms  a ready
  > crash a
     402 ms  a failed (failed): crashed
     402 ms  a waits 900 ms
  > wait 901ms
    1302 ms  a starting
    1302 ms  a ready
  > crash a
    1303 ms  a failed (failed): crashed
    1303 ms  a waits 2000 ms
  > wait 2001ms
    3303 ms  a starting
    3303 ms  a ready
  > crash a
    3304 ms  a failed (failed): crashed
    3304 ms  a waits 2000 ms
  > wait 2001ms
    5304 ms  a starting
    5304 ms  a ready
