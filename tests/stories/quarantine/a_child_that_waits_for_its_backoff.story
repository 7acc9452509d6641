# It waits no longer.
tree
  root one_for_one
    a permanent backoff delay 100ms
    b permanent
do
  crash a
  quarantine a
  wait 201ms
  release a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a waits 100 ms
  > quarantine a
       0 ms  a quarantined
       0 ms  a quarantine: ok
  > wait 201ms
  > release a
     201 ms  a released
     201 ms  a starting
     201 ms  a ready
     201 ms  a release: ok
