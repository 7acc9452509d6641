# b crashes while c is stopping: nobody decides about it any more.
tree
  root one_for_one
    pool one_for_one max_restarts 0
      a permanent
      b permanent
      c permanent
do
  slow_stop c 100ms
  stop pool
  crash b
  wait 101ms
expect
  > slow_stop c 100ms
  > stop pool
       0 ms  pool stopping
       0 ms  c stopping
  > crash b
       0 ms  b failed (failed): crashed
       0 ms  b ended
  > wait 101ms
     100 ms  c ended
     100 ms  a stopping
     100 ms  a ended
     100 ms  pool ended
