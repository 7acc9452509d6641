# The start that hangs ends.
tree
  root one_for_one
    a permanent
do
  hang_start a
  restart a
  kill a
expect
  > hang_start a
  > restart a
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
  > kill a
       0 ms  a failed (killed): killed
       0 ms  a restart: E_FAILED, killed
       0 ms  a starting
       0 ms  a ready
