# Also when its supervisor ends for good.
tree
  root one_for_one
    pool one_for_one
      a permanent stop_timeout 100ms
      b permanent
do
  hang_stop a
  stop pool
  wait 101ms
expect
  > hang_stop a
  > stop pool
       0 ms  pool stopping
       0 ms  b stopping
       0 ms  b ended
       0 ms  a stopping
  > wait 101ms
     100 ms  a failed (killed): stop took longer than stop_timeout, 100 ms
     100 ms  a ended
     100 ms  pool ended
