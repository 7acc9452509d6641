# SPDX-License-Identifier: MIT OR Apache-2.0
"""Drives `airssys top` on a terminal of its own. Its node has the actors `echo`, which it stops, and `trap`."""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

AIRSSYS = sys.argv[1]
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
DEADLINE = 60


class Top:
    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execv(AIRSSYS, [AIRSSYS, "top", "-i", "100ms"])
        self.resize(24, 80)
        self.seen = b""
        self.before = termios.tcgetattr(self.fd)[3]
        self.wait(ENTER)

    def resize(self, lines, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self):
        """False when the terminal has been closed."""
        if not select.select([self.fd], [], [], 0.1)[0]:
            return True
        try:
            part = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += part
        return bool(part)

    def wait(self, text):
        """Until it is shown, in what was not waited for yet."""
        end = time.monotonic() + DEADLINE
        while text not in self.seen:
            assert time.monotonic() < end and self.read(), (text, self.seen[-2000:])
        self.seen = self.seen.split(text, 1)[1]

    def press(self, keys):
        os.write(self.fd, keys)

    def end(self, code):
        end = time.monotonic() + DEADLINE
        while self.read():
            assert time.monotonic() < end
        assert LEAVE in self.seen and b"\x1b[?25h" in self.seen, self.seen[-300:]
        _, status = os.waitpid(self.pid, 0)
        assert os.waitstatus_to_exitcode(status) == code, status
        os.close(self.fd)


def keys():
    top = Top()
    top.wait(b"shop  ready")
    top.wait(b"echo")
    # The mark is on the first row, then on the next ones.
    top.press(b"\x1b[B")
    top.wait(b"\x1b[7m  echo")
    top.press(b"j")
    top.wait(b"\x1b[7m  trap")
    top.press(b"s")
    top.wait(b"[mailbox]")
    top.press(b"S")
    top.wait(b"[tree]")
    top.press(b"/ech")
    top.wait(b"filter: ech_")
    top.press(b"\x7f\r")
    top.wait(b"[tree /ec]")
    top.press(b"\r")
    top.wait(b"max_memory")
    top.wait(b"any key: back")
    top.press(b" ")
    top.wait(b"[tree /ec]")
    # Sequences that nobody knows do nothing, nor does a stop that is not meant.
    top.press(b"\x1b[21~\x1b[1;5C")
    top.press(b"x")
    top.wait(b"stop echo, with all its children? y/n")
    top.press(b"n")
    top.wait(b"[tree /ec]")
    top.resize(10, 40)
    top.wait(b"\x1b[2J")
    top.wait(b"MAILBOX")
    top.press(b"xy")
    top.wait(b"it has ended")
    top.press(b"q")
    top.end(0)


def signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        top = Top()
        top.wait(b"shop")
        os.kill(top.pid, number)
        top.end(0)
    # A fault ends it, with the terminal as it was.
    top = Top()
    top.wait(b"shop")
    os.kill(top.pid, signal.SIGABRT)
    top.end(-signal.SIGABRT)


keys()
signals()
