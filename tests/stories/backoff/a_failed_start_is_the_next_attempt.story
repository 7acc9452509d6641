# The attempts go on when it does not even start.
tree
  root one_for_one
    pool one_for_one max_restarts 20 window 60s
      a permanent backoff linear 100ms
do
  fail a 2
  crash a
  wait 101ms
  wait 201ms
  wait 301ms
expect
  > fail a 2
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 100 ms
  > wait 101ms
     100 ms  a starting
     100 ms  a failed (failed): did not start
     100 ms  a waits 200 ms
  > wait 201ms
     300 ms  a starting
     300 ms  a failed (failed): did not start
     300 ms  a waits 300 ms
  > wait 301ms
     600 ms  a starting
     600 ms  a ready
