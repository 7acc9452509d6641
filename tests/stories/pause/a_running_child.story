# It takes no event until it is resumed.
tree
  root one_for_one
    a permanent
    b permanent
do
  pause a
  resume a
expect
  > pause a
       0 ms  a paused
  > resume a
       0 ms  a resumed
