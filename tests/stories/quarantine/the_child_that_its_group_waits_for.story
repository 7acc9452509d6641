# The group does not wait for it any more, and comes up without it.
tree
  root one_for_one
    pool one_for_all
      a permanent backoff delay 100ms
      b permanent
do
  crash a
  quarantine a
  release a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  b stopping
       0 ms  b down
       0 ms  b waits 100 ms
       0 ms  a waits 100 ms
  > quarantine a
       0 ms  a quarantined
       0 ms  a quarantine: ok
       0 ms  b starting
       0 ms  b ready
  > release a
       0 ms  a released
       0 ms  a starting
       0 ms  a ready
       0 ms  a release: ok
