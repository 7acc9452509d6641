# Each is a failure.
tree
  root one_for_one max_restarts 1
    a permanent
do
  kill a
  kill a
expect
  > kill a
       0 ms  a failed (killed): killed
       0 ms  a starting
       0 ms  a ready
  > kill a
       0 ms  a failed (killed): killed
       0 ms  root gives up
       0 ms  root stopping
       0 ms  a ended
       0 ms  root failed (failed): more than 1 restarts within 5000 ms, the last of "a" (killed): killed
       0 ms  root ended
