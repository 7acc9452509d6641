# One that is quarantined can be stopped for good.
tree
  root one_for_one
    a permanent
    b permanent
do
  quarantine a
  stop a
  release a
expect
  > quarantine a
       0 ms  a stopping
       0 ms  a down
       0 ms  a quarantined
       0 ms  a quarantine: ok
  > stop a
       0 ms  a ended
  > release a
       0 ms  a release: E_GONE
