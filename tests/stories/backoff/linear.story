# One more delay each time, up to the cap.
tree
  root one_for_one
    pool one_for_one max_restarts 10 window 60s
      a permanent backoff linear 100ms max 250ms
do
  crash a
  wait 101ms
  crash a
  wait 201ms
  crash a
  wait 251ms
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 100 ms
  > wait 101ms
     100 ms  a starting
     100 ms  a ready
  > crash a
     101 ms  a failed (failed): crashed
     101 ms  a waits 200 ms
  > wait 201ms
     301 ms  a starting
     301 ms  a ready
  > crash a
     302 ms  a failed (failed): crashed
     302 ms  a waits 250 ms
  > wait 251ms
     552 ms  a starting
     552 ms  a ready
