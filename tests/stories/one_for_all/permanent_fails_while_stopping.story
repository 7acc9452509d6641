# Under one_for_all a permanent child is always started again, with all its siblings.
# Here an operator restarts it, and it crashes while it stops.
tree
  root one_for_one
    pool one_for_all max_restarts 5
      a permanent
      b permanent
      c permanent
do
  when b stops crash b
  restart b
expect
  > when b stops crash b
  > restart b
       0 ms  b stopping
       0 ms  b failed (failed): crashed
       0 ms  b starting
       0 ms  b ready
       0 ms  b restart: ok
