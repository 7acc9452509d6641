# Who asked is told why; then it is a failure like any other.
tree
  root one_for_one
    a permanent
do
  fail a
  restart a
expect
  > fail a
  > restart a
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
       0 ms  a failed (failed): did not start
       0 ms  a restart: E_FAILED, did not start
       0 ms  a starting
       0 ms  a ready
