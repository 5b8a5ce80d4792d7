"""Descriptors 0, 1 and 2: flushed before every answer, given back when a cell has closed them."""

import os
import sys

from .channel import move_high


class Streams:
    def __init__(self):
        self._own = [move_high(number) for number in (0, 1, 2)]
        self._nothing = move_high(os.open(os.devnull, os.O_RDONLY))
        os.dup2(self._nothing, 0)
        self._given = False
        self._reopen_stdin()
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True)

    def begin(self, stdin, ask=None) -> None:
        """Puts the caller's input in place: a text, the program's own stdin (True), what `ask` gives, or nothing."""
        if ask is not None:
            from .typed import open_typed

            sys.stdin = sys.__stdin__ = open_typed(ask)
            self._given = True
            return
        if stdin is None:
            return
        source = self._own[0] if stdin is True else _in_memory(str(stdin))
        os.dup2(source, 0)
        if source != self._own[0]:
            os.close(source)
        self._given = True
        self._reopen_stdin()

    def end(self) -> None:
        """After a cell: everything as the next one expects it."""
        self.flush()
        self._mend_outputs()
        if self._given or sys.stdin is None or sys.stdin.closed or not _is_open(0):
            os.dup2(self._nothing, 0)
            self._given = False
            self._reopen_stdin()

    def flush(self) -> None:
        """What the code has printed comes before what the kernel says next."""
        for stream in {sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__}:
            try:
                stream.flush()
            except Exception:  # closed, broken, or no stream at all: the cell's own affair
                pass
        if "ctypes" in sys.modules:  # only then is there a way, and code that may print through C
            try:
                sys.modules["ctypes"].CDLL(None).fflush(None)
            except Exception:
                pass

    def _reopen_stdin(self) -> None:
        sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)

    def _mend_outputs(self) -> None:
        for number, name in ((1, "stdout"), (2, "stderr")):
            if not _is_open(number):
                os.dup2(self._own[number], number)
            original, current = getattr(sys, f"__{name}__"), getattr(sys, name)
            if original is None or original.closed:
                errors = "backslashreplace" if number == 2 else "surrogateescape"
                original = open(number, "w", buffering=1, encoding="utf-8", errors=errors, closefd=False)
                setattr(sys, f"__{name}__", original)
            if current is None or getattr(current, "closed", False):
                setattr(sys, name, original)


def _in_memory(text: str) -> int:
    descriptor = os.memfd_create("stdin")
    data = memoryview(text.encode("utf-8", "surrogatepass"))
    while data:
        data = data[os.write(descriptor, data) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
