# Failures that are five seconds old do not count any more: two in any five seconds may go on for ever.
tree
  root one_for_one
    pool one_for_one max_restarts 2 window 5s
      a permanent
do
  crash a
  wait 2500ms
  crash a
  wait 2500ms
  crash a
  wait 2500ms
  crash a
  wait 2499ms
  crash a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  a starting
       0 ms  a ready
  > wait 2500ms
  > crash a
    2500 ms  a failed (failed): crashed
    2500 ms  a starting
    2500 ms  a ready
  > wait 2500ms
  > crash a
    5000 ms  a failed (failed): crashed
    5000 ms  a starting
    5000 ms  a ready
  > wait 2500ms
  > crash a
    7500 ms  a failed (failed): crashed
    7500 ms  a starting
    7500 ms  a ready
  > wait 2499ms
  > crash a
    9999 ms  a failed (failed): crashed
    9999 ms  pool gives up
    9999 ms  pool stopping
    9999 ms  pool failed (failed): more than 2 restarts within 5000 ms, the last of "a" (failed): crashed
    9999 ms  pool starting
    9999 ms  a starting
    9999 ms  a ready
    9999 ms  pool ready
