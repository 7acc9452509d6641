# It goes down with all its children. What is wanted of them meanwhile fails.
tree
  root one_for_one
    pool one_for_one
      a permanent
      b permanent
    c permanent
do
  quarantine pool
  restart a
  crash c
  release pool
expect
  > quarantine pool
       0 ms  pool stopping
       0 ms  b stopping
       0 ms  b down
       0 ms  a stopping
       0 ms  a down
       0 ms  pool down
       0 ms  pool quarantined
       0 ms  pool quarantine: ok
  > restart a
       0 ms  a restart: E_FAILED
  > crash c
       0 ms  c failed (failed): crashed
       0 ms  c starting
       0 ms  c ready
  > release pool
       0 ms  pool released
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  pool ready
       0 ms  pool release: ok
