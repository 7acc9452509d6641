# An operator's word is above the restart type.
tree
  root one_for_one
    a permanent
    b transient
    c temporary
do
  restart a
  restart b
  restart c
expect
  > restart a
       0 ms  a stopping
       0 ms  a down
       0 ms  a starting
       0 ms  a ready
       0 ms  a restart: ok
  > restart b
       0 ms  b stopping
       0 ms  b down
       0 ms  b starting
       0 ms  b ready
       0 ms  b restart: ok
  > restart c
       0 ms  c stopping
       0 ms  c down
       0 ms  c starting
       0 ms  c ready
       0 ms  c restart: ok
