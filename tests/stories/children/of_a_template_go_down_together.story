# Children of a simple_one_for_one do not wait for each other at the end.
tree
  root one_for_one
    pool simple_one_for_one
      a permanent
      b permanent
      c permanent
do
  slow_stop a 100ms
  slow_stop b 200ms
  slow_stop c 300ms
  stop pool
  wait 301ms
expect
  > slow_stop a 100ms
  > slow_stop b 200ms
  > slow_stop c 300ms
  > stop pool
       0 ms  pool stopping
       0 ms  c stopping
       0 ms  b stopping
       0 ms  a stopping
  > wait 301ms
     100 ms  a ended
     200 ms  b ended
     300 ms  c ended
     300 ms  pool ended
