# All its children go down and come up with it; its history is empty then.
tree
  root one_for_one
    pool one_for_one max_restarts 1
      a permanent
      b temporary
do
  crash a
  restart pool
  crash a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
  > restart pool
       0 ms  pool stopping
       0 ms  b stopping
       0 ms  b down
       0 ms  a stopping
       0 ms  a down
       0 ms  pool down
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  pool ready
       0 ms  pool restart: ok
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
