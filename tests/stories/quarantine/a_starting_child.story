# It is stopped as soon as its start has come back.
tree
  root one_for_one
    a permanent
    b permanent
do
  slow_start a 100ms
  crash a
  wait 50ms
  quarantine a
  wait 51ms
  release a
expect
  > slow_start a 100ms
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
  > wait 50ms
  > quarantine a
  > wait 51ms
     100 ms  a stopping
     100 ms  a down
     100 ms  a quarantined
     100 ms  a quarantine: ok
  > release a
     101 ms  a released
     101 ms  a starting
     101 ms  a ready
     101 ms  a release: ok
