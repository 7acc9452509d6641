# Each after the one before it.
tree
  root one_for_one
    pool one_for_all
      a permanent
      b permanent
      c permanent
do
  slow_stop a 10ms
  slow_stop b 10ms
  slow_stop c 10ms
  slow_start a 10ms
  slow_start b 10ms
  slow_start c 10ms
  restart pool
  wait 101ms
expect
  > slow_stop a 10ms
  > slow_stop b 10ms
  > slow_stop c 10ms
  > slow_start a 10ms
  > slow_start b 10ms
  > slow_start c 10ms
  > restart pool
       0 ms  pool stopping
       0 ms  c stopping
  > wait 101ms
      10 ms  c down
      10 ms  b stopping
      20 ms  b down
      20 ms  a stopping
      30 ms  a down
      30 ms  pool down
      30 ms  pool starting
      30 ms  a starting
      40 ms  a ready
      40 ms  b starting
      50 ms  b ready
      50 ms  c starting
      61 ms  c ready
      61 ms  pool ready
      61 ms  pool restart: ok
