# Twice is once. Only what is quarantined can be released.
tree
  root one_for_one
    a permanent
do
  quarantine a
  quarantine a
  release a
  release a
expect
  > quarantine a
       0 ms  a stopping
       0 ms  a down
       0 ms  a quarantined
       0 ms  a quarantine: ok
  > quarantine a
       0 ms  a quarantine: ok
  > release a
       0 ms  a released
       0 ms  a starting
       0 ms  a ready
       0 ms  a release: ok
  > release a
       0 ms  a release: E_INVALID
