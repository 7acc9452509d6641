# SPDX-License-Identifier: MIT OR Apache-2.0
# Runs a command at a terminal that asks "[y/N]": something changes meanwhile, then the answer is yes.
#   answer.py CHANGE COMMAND ARGUMENTS…    prints what was said, and ends as the command does
import os
import pty
import sys

child, fd = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
said = b""


def read():
    try:
        return os.read(fd, 4096)
    except OSError:
        return b""


while b"[y/N] " not in said:
    part = read()
    assert part, said
    said += part
assert os.system(sys.argv[1]) == 0
os.write(fd, b"y\n")
while part := read():
    said += part
print(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
