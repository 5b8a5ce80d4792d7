"""SIGINT belongs to the running cell, and to a request that has come but isn't running yet."""

import signal
from _signal import signal as set_handler  # signal.signal makes enumerators of its arguments: 6 µs each time


class Interrupts:
    """While idle SIGINT does nothing; in a cell it is Python's own KeyboardInterrupt."""

    def __init__(self, waiting):
        self._waiting = waiting  # tells whether a request lies unread
        self._wanted = False
        self._busy = False
        set_handler(signal.SIGINT, self._idle)

    def _idle(self, *_) -> None:
        if self._busy or self._waiting():
            self._wanted = True

    def begin(self) -> None:
        """A request is being read: from here on SIGINT is meant for it."""
        self._busy = True

    def rest(self) -> None:
        """Idle from here on, however many signals arrive."""
        while True:
            try:
                set_handler(signal.SIGINT, self._idle)
                return
            except KeyboardInterrupt:
                continue

    def over(self) -> None:
        """The request is answered: what comes later isn't meant for it."""
        self._busy = self._wanted = False

    def run(self, action):
        """Calls `action`; KeyboardInterrupt leaves it, if at all, once SIGINT is idle again."""
        try:
            try:
                set_handler(signal.SIGINT, signal.default_int_handler)
                if self._wanted:
                    raise KeyboardInterrupt
                return action()
            finally:
                self.rest()
        except KeyboardInterrupt:
            self.rest()
            raise
