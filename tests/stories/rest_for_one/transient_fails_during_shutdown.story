# Under rest_for_one a transient child is started again unless it ended as it should, with those after it.
# Here its supervisor is stopped, and it crashes while c is stopping.
tree
  root one_for_one
    pool rest_for_one max_restarts 5
      a permanent
      b transient
      c permanent
do
  when c stops crash b
  slow_stop c 10ms
  stop pool
  wait 11ms
expect
  > when c stops crash b
  > slow_stop c 10ms
  > stop pool
       0 ms  pool stopping
       0 ms  c stopping
       0 ms  b failed (failed): crashed
       0 ms  b ended
  > wait 11ms
      10 ms  c ended
      10 ms  a stopping
      10 ms  a ended
      10 ms  pool ended
