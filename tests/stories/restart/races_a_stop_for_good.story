# Stop wins.
tree
  root one_for_one
    a permanent
    b permanent
do
  restart a &
  stop a
expect
  > restart a &
  > stop a
       0 ms  a stopping
       0 ms  a ended
       0 ms  a restart: E_GONE
