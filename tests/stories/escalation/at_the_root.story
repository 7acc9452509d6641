# The root has nobody above it: its end is the end of all.
tree
  root one_for_one max_restarts 1
    a permanent
    b permanent
do
  crash a
  crash a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  root gives up
       0 ms  root stopping
       0 ms  b stopping
       0 ms  b ended
       0 ms  a ended
       0 ms  root failed (failed): more than 1 restarts within 5000 ms, the last of "a" (failed): crashed
       0 ms  root ended
