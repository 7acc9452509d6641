# It does not wait for its children to come up: what there is of them is brought down.
tree
  root one_for_one
    pool one_for_one
      a permanent
      b permanent start_timeout 10s stop_timeout 100ms
      c permanent
do
  hang_start b
  restart pool
  wait 10ms
  stop pool
  wait 101ms
expect
  > hang_start b
  > restart pool
       0 ms  pool stopping
       0 ms  c stopping
       0 ms  c down
       0 ms  b stopping
       0 ms  b down
       0 ms  a stopping
       0 ms  a down
       0 ms  pool down
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
  > wait 10ms
  > stop pool
      10 ms  pool stopping
      10 ms  c ended
  > wait 101ms
     110 ms  b failed (killed): told to end, it was still starting after 100 ms
     110 ms  b ended
     110 ms  a stopping
     110 ms  a ended
     110 ms  pool ended
     110 ms  pool restart: E_GONE
