# A stop that takes longer is ended: the child is killed, its group goes on.
tree
  root one_for_one
    pool one_for_all
      a permanent
      b permanent stop_timeout 100ms
do
  hang_stop b
  crash a
  wait 101ms
expect
  > hang_stop b
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  b stopping
  > wait 101ms
     100 ms  b failed (killed): stop took longer than stop_timeout, 100 ms
     100 ms  a starting
     100 ms  a ready
     100 ms  b starting
     100 ms  b ready
