# Its turn to be halted has not come yet.
tree
  root one_for_one
    pool one_for_all max_restarts 5
      a permanent
      b permanent
      c permanent
do
  slow_stop c 100ms
  crash a
  wait 50ms
  quarantine b
  wait 51ms
  release b
expect
  > slow_stop c 100ms
  > crash a
       0 ms  a failed (failed): crashed
       0 ms  c stopping
  > wait 50ms
  > quarantine b
  > wait 51ms
     100 ms  c down
     100 ms  b stopping
     100 ms  b down
     100 ms  b quarantined
     100 ms  b quarantine: ok
     100 ms  a starting
     100 ms  a ready
     100 ms  c starting
     100 ms  c ready
  > release b
     101 ms  b released
     101 ms  b starting
     101 ms  b ready
     101 ms  b release: ok
