# Under simple_one_for_one a permanent child is always started again, alone.
# Here its supervisor is stopped, and it crashes while c is stopping.
tree
  root one_for_one
    pool simple_one_for_one max_restarts 5
      a permanent
      b permanent
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
       0 ms  b stopping
       0 ms  b failed (failed): crashed
       0 ms  b ended
       0 ms  a stopping
       0 ms  a ended
  > wait 11ms
      10 ms  c ended
      10 ms  pool ended
