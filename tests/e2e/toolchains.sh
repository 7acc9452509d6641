#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# A component is replaced by one that another toolchain has made, in another language, and back: what they share is the
# format of the state. tests/stress/deploys.c does the same under load.
. "$(dirname "$0")/lib.sh"

app shop ada=teller-1
start_node shop
run 0 call ada add
run 0 call ada add
run 0 deploy "$guests/teller-cpp.wasm" --name ada --yes --probation 10ms
out_has 'teller-1 1.0.0 -> teller-cpp 2.5.0'
out_has 'state    goes along'
run 0 call ada get
out_is 'C++ 2'
run 0 call ada add
out_is 3
run 0 deploy "$guests/teller-2.wasm" --name ada --yes --probation 10ms
run 0 call ada get
out_is '2 3 upgraded 2.5.0'
run 0 call ada add
run 0 rollback ada --probation 10ms
run 0 call ada get
out_is 'C++ 4'

# A version in C that can't read it leaves the one in C++ where it is.
run 6 deploy "$guests/teller-load-error.wasm" --name ada -y
err_has 'actor ada: loading the state: another format'
run 0 call ada get
out_is 'C++ 4'
kill -TERM "$node"
node_ends 0
