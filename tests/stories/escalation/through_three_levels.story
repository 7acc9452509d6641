# middle allows no restart, upper one, the root one: the first crash takes middle with it, the second upper, the
# fourth the root.
tree
  root one_for_one max_restarts 1
    upper one_for_one max_restarts 1
      middle one_for_one max_restarts 0
        a permanent
        b permanent
do
  crash a
  crash a
  crash b
  crash b
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  middle gives up
       0 ms  middle stopping
       0 ms  b stopping
       0 ms  b down
       0 ms  middle failed (failed): more than 0 restarts within 5000 ms, the last of "a" (failed): crashed
       0 ms  middle starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  middle ready
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  middle gives up
       0 ms  middle stopping
       0 ms  b stopping
       0 ms  b down
       0 ms  middle failed (failed): more than 0 restarts within 5000 ms, the last of "a" (failed): crashed
       0 ms  upper gives up
       0 ms  upper stopping
       0 ms  upper failed (failed): more than 1 restarts within 5000 ms, the last of "middle" (failed): more than 0 restarts within 5000 ms, the last of "a" (failed): crashed
       0 ms  upper starting
       0 ms  middle starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  middle ready
       0 ms  upper ready
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  middle gives up
       0 ms  middle stopping
       0 ms  a stopping
       0 ms  a down
       0 ms  middle failed (failed): more than 0 restarts within 5000 ms, the last of "b" (failed): crashed
       0 ms  middle starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  middle ready
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  middle gives up
       0 ms  middle stopping
       0 ms  a stopping
       0 ms  a down
       0 ms  middle failed (failed): more than 0 restarts within 5000 ms, the last of "b" (failed): crashed
       0 ms  upper gives up
       0 ms  upper stopping
       0 ms  upper failed (failed): more than 1 restarts within 5000 ms, the last of "middle" (failed): more than 0 restarts within 5000 ms, the last of "b" (failed): crashed
       0 ms  root gives up
       0 ms  root stopping
       0 ms  upper ended
       0 ms  root failed (failed): more than 1 restarts within 5000 ms, the last of "upper" (failed): more than 1 restarts within 5000 ms, the last of "middle" (failed): more than 0 restarts within 5000 ms, the last of "b"
       0 ms  root ended
       0 ms  middle ended
       0 ms  b ended
       0 ms  a ended
