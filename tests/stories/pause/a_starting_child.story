# It starts, then rests.
tree
  root one_for_one
    a permanent
do
  slow_start a 100ms
  restart a
  wait 50ms
  pause a
  wait 51ms
  resume a
expect
  > slow_start a 100ms
  > restart a
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
  > wait 50ms
  > pause a
  > wait 51ms
     100 ms  a ready
     100 ms  a paused
     100 ms  a restart: ok
  > resume a
     101 ms  a resumed
