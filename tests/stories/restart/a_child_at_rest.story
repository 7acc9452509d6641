# One that has ended with its place kept comes back.
tree
  root one_for_one
    pool one_for_all
      a permanent
      b transient
do
  done b
  restart b
expect
  > done b
       0 ms  b stopping
       0 ms  b down
       0 ms  b at rest
  > restart b
       0 ms  b starting
       0 ms  b ready
       0 ms  b restart: ok
