# It is stopped and stays down; what its siblings do is nothing to it, until it is released.
tree
  root one_for_one
    pool one_for_all max_restarts 5
      a permanent
      b permanent
      c permanent
do
  quarantine b
  crash a
  release b
expect
  > quarantine b
       0 ms  b stopping
       0 ms  b down
       0 ms  b quarantined
       0 ms  b quarantine: ok
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  c stopping
       0 ms  c down
       0 ms  a starting
       0 ms  a ready
       0 ms  c starting
       0 ms  c ready
  > release b
       0 ms  b released
       0 ms  b starting
       0 ms  b ready
       0 ms  b release: ok
