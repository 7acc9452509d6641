# A restart is a release too.
tree
  root one_for_one
    a permanent
do
  quarantine a
  restart a
expect
  > quarantine a
       0 ms  a stopping
       0 ms  a down
       0 ms  a quarantined
       0 ms  a quarantine: ok
  > restart a
       0 ms  a released
       0 ms  a starting
       0 ms  a ready
       0 ms  a restart: ok
