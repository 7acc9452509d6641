# Stop works as ever.
tree
  root one_for_one
    a permanent
do
  pause a
  stop a
expect
  > pause a
       0 ms  a paused
  > stop a
       0 ms  a stopping
       0 ms  a ended
