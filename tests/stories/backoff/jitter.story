# A random share of up to a fifth is added to the delay or taken off it: 80 to 120 ms, but no more than the cap.
tree
  root one_for_one
    pool one_for_one max_restarts 20 window 60s
      a permanent backoff delay 100ms jitter 20% max 110ms
do
  crash a
  wait 111ms
  crash a
  wait 111ms
  crash a
  wait 111ms
  crash a
  wait 111ms
  crash a
  wait 111ms
  crash a
  wait 111ms
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 80 ms
  > wait 111ms
      80 ms  a starting
      80 ms  a ready
  > crash a
     111 ms  a failed (failed): crashed
     111 ms  a waits 110 ms
  > wait 111ms
     221 ms  a starting
     221 ms  a ready
  > crash a
     222 ms  a failed (failed): crashed
     222 ms  a waits 93 ms
  > wait 111ms
     315 ms  a starting
     315 ms  a ready
  > crash a
     333 ms  a failed (failed): crashed
     333 ms  a waits 110 ms
  > wait 111ms
     443 ms  a starting
     443 ms  a ready
  > crash a
     444 ms  a failed (failed): crashed
     444 ms  a waits 96 ms
  > wait 111ms
     540 ms  a starting
     540 ms  a ready
  > crash a
     555 ms  a failed (failed): crashed
     555 ms  a waits 108 ms
  > wait 111ms
     663 ms  a starting
     663 ms  a ready
