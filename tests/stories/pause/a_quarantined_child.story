# It has no incarnation; the next one is paused.
tree
  root one_for_one
    a permanent
do
  quarantine a
  pause a
  release a
  resume a
expect
  > quarantine a
       0 ms  a stopping
       0 ms  a down
       0 ms  a quarantined
       0 ms  a quarantine: ok
  > pause a
  > release a
       0 ms  a released
       0 ms  a starting
       0 ms  a ready
       0 ms  a paused
       0 ms  a release: ok
  > resume a
       0 ms  a resumed
