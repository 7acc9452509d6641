# Whoever adds it is told; nothing else happens, and nothing is counted (docs/decisions/0003-first-start.md).
tree
  root one_for_one
    pool one_for_all max_restarts 0
      a permanent
do
  add b permanent fails 1 under pool
expect
  > add b permanent fails 1 under pool
       0 ms  b starting
       0 ms  b failed (failed): did not start
       0 ms  b ended
