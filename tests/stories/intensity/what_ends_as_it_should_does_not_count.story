# A transient child that is done is no failure, and an operator's restart is none.
tree
  root one_for_one
    pool one_for_one max_restarts 0
      a transient
      b transient
do
  done a
  restart b
expect
  > done a
       0 ms  a stopping
       0 ms  a down
       0 ms  a ended
  > restart b
       0 ms  b stopping
       0 ms  b down
       0 ms  b starting
       0 ms  b ready
       0 ms  b restart: ok
