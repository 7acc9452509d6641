# Its children are killed with it, and come up with it.
tree
  root one_for_one
    pool one_for_one
      a permanent
      b permanent
    c permanent
do
  kill pool
expect
  > kill pool
       0 ms  pool failed (killed): killed
       0 ms  b failed (killed): killed
       0 ms  a failed (killed): killed
       0 ms  pool starting
       0 ms  a starting
       0 ms  a ready
       0 ms  b starting
       0 ms  b ready
       0 ms  pool ready
