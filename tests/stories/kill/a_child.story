# Its incarnation ends at once; its supervisor decides, as after a failure.
tree
  root one_for_one
    a permanent
    b temporary
do
  kill a
  kill b
expect
  > kill a
       0 ms  a failed (killed): killed
       0 ms  a starting
       0 ms  a ready
  > kill b
       0 ms  b failed (killed): killed
       0 ms  b ended
