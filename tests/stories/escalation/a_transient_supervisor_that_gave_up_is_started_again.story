# To give up is a failure. (In OTP it is not: docs/reference/supervision-vs-otp.md.)
tree
  root one_for_one
    pool one_for_one max_restarts 0 transient
      a permanent
do
  crash a
expect
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  pool gives up
       0 ms  pool stopping
       0 ms  pool failed (failed): more than 0 restarts within 5000 ms, the last of "a" (failed): crashed
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  pool ready
