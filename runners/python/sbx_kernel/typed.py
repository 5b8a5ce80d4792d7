"""The stdin of a cell whose owner has somebody at a keyboard: a line is asked for when the cell wants one."""

import io
import threading


class Typed(io.RawIOBase):
    """What cells do not read is never asked for, and so stays at the keyboard for the next prompt."""

    def __init__(self, ask):
        self._ask = ask
        self._rest = b""

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0  # where programs that the cell starts find the end of input

    def readinto(self, buffer) -> int:
        if not self._rest and threading.current_thread() is threading.main_thread():
            self._rest = self._ask()
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def open_typed(ask):
    """A text stream on what `ask` gives: a line, or nothing at the end of input."""
    return io.TextIOWrapper(io.BufferedReader(Typed(ask)), encoding="utf-8", errors="surrogateescape")
