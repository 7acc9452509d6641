# Both are answered by the same start.
tree
  root one_for_one
    a permanent
do
  restart a &
  restart a
expect
  > restart a &
  > restart a
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
       0 ms  a ready
       0 ms  a restart: ok
       0 ms  a restart: ok
