# One that has ended as it should, and would come back with its group, does not.
tree
  root one_for_one
    pool one_for_all
      a permanent
      b transient
do
  done b
  quarantine b
  crash a
  release b
expect
  > done b
       0 ms  b stopping
       0 ms  b down
       0 ms  b at rest
  > quarantine b
       0 ms  b quarantined
       0 ms  b quarantine: ok
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
  > release b
       0 ms  b released
       0 ms  b starting
       0 ms  b ready
       0 ms  b release: ok
