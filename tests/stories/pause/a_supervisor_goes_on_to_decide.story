# What ends meanwhile is started again; its players have been told to pause by whoever paused the supervisor.
tree
  root one_for_one
    pool one_for_one
      a permanent
do
  pause pool
  pause a
  add b permanent under pool
  kill a
  wait 1s
  resume pool
expect
  > pause pool
       0 ms  pool paused
  > pause a
       0 ms  a paused
  > add b permanent under pool
       0 ms  b starting
       0 ms  b ready
       0 ms  b paused
  > kill a
       0 ms  a failed (killed): killed
       0 ms  a starting
       0 ms  a ready
       0 ms  a paused
  > wait 1s
  > resume pool
    1000 ms  pool resumed
