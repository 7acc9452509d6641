# A restart is under way: the last word counts, and both who asked are told.
tree
  root one_for_one
    a permanent
    b permanent
do
  slow_stop a 100ms
  restart a
  wait 50ms
  quarantine a
  wait 51ms
  release a
expect
  > slow_stop a 100ms
  > restart a
       0 ms  a stopping
  > wait 50ms
  > quarantine a
  > wait 51ms
     100 ms  a down
     100 ms  a quarantined
     100 ms  a restart: ok
     100 ms  a quarantine: ok
  > release a
     101 ms  a released
     101 ms  a starting
     101 ms  a ready
     101 ms  a release: ok
