# The next incarnation is paused too.
tree
  root one_for_one
    a permanent
do
  pause a
  kill a
  resume a
expect
  > pause a
       0 ms  a paused
  > kill a
       0 ms  a failed (killed): killed
       0 ms  a starting
       0 ms  a ready
       0 ms  a paused
  > resume a
       0 ms  a resumed
