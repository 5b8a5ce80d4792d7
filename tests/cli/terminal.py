"""A pseudo-terminal as a user has one: a session leader in front, sbx as its foreground child."""

import fcntl
import os
import re
import select
import signal
import struct
import termios
import time


class Terminal:
    """Runs a command on a pseudo-terminal.

    The session's leader is a process of its own, as a login shell is, so that the terminal outlives the command and
    what the command left of its modes can be seen.
    """

    def __init__(self, command, environment, rows=24, columns=80, cwd=None, redirect=None):
        """`redirect` opens other files in place of the terminal: {0: "/dev/null"}."""
        self.master, self._slave = os.openpty()
        self.resize(rows, columns)
        self.output = b""
        self.modes_before = termios.tcgetattr(self._slave)
        self._status, report = os.pipe()
        self._leader = os.fork()
        if self._leader == 0:
            try:
                self._lead(command, environment, cwd, redirect or {}, report)
            finally:
                os._exit(1)
        os.close(report)
        self.pid = int.from_bytes(os.read(self._status, 4), "little")

    def _lead(self, command, environment, cwd, redirect, report):
        os.setsid()
        fcntl.ioctl(self._slave, termios.TIOCSCTTY, 0)
        child = os.fork()
        if child == 0:
            if cwd:
                os.chdir(cwd)
            for number in (0, 1, 2):
                target = os.open(redirect[number], os.O_RDWR) if number in redirect else self._slave
                os.dup2(target, number)
            os.closerange(3, 256)
            os.execve(command[0], command, environment)
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        os.write(report, child.to_bytes(4, "little"))
        status = os.waitpid(child, 0)[1]
        os.write(report, os.waitstatus_to_exitcode(status).to_bytes(4, "little", signed=True))
        signal.pause()

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, data):
        os.write(self.master, data)

    def signal(self, number):
        os.kill(self.pid, number)

    def expect(self, pattern, seconds=20):
        """Reads until `pattern` (bytes, a regular expression) has appeared; takes all up to its end."""
        end = time.monotonic() + seconds
        while not (match := re.search(pattern, self.output)):
            left = end - time.monotonic()
            assert left > 0, f"{pattern!r} did not appear in {self.output!r}"
            self._read(left)
        self.output = self.output[match.end() :]
        return match

    def wait(self, seconds=20):
        """The command's exit code, negative for a signal, as Popen has it."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            assert left > 0, f"sbx did not end; so far: {self.output!r}"
            ready = select.select([self._status, self.master], [], [], left)[0]
            if self.master in ready:
                self._read(0)
            elif self._status in ready:
                return int.from_bytes(os.read(self._status, 4), "little", signed=True)

    def is_raw(self):
        return not termios.tcgetattr(self._slave)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)

    def is_restored(self):
        return termios.tcgetattr(self._slave) == self.modes_before

    def _read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            self.output += os.read(self.master, 65536)

    def close(self):
        for pid in (self.pid, self._leader):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        os.waitpid(self._leader, 0)
        for number in (self.master, self._slave, self._status):
            os.close(number)
