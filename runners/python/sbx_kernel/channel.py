"""Channels 3 and 4: one JSON object a line, out of reach of the code in the cells."""

import fcntl
import json
import os
import resource
import select
import signal
import threading
import time
from _signal import signal as set_handler

REQUEST_CAP = 64 << 20
OUTPUT_QUEUE = 0x5411  # SIOCOUTQ: what a socket's peer has not read yet; not of a pipe
SLOW_READER = 0.2
OWNER_GONE = 70  # EX_SOFTWARE: nobody is left to report to

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def to_json(value) -> bytes:
    """JSON that every parser takes: no lone surrogates, no NaN, nothing that isn't JSON."""
    try:
        return _encode(value).encode()
    except (TypeError, ValueError, RecursionError):
        return _encode(_cleaned(value)).encode()


def _cleaned(value, depth: int = 0):
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if depth < 100 and isinstance(value, dict):
        return {_cleaned(str(key)): _cleaned(item, depth + 1) for key, item in value.items()}
    if depth < 100 and isinstance(value, (list, tuple)):
        return [_cleaned(item, depth + 1) for item in value]
    return _cleaned(type(value).__name__) if depth >= 100 else _cleaned(str(value))


def move_high(descriptor: int) -> int:
    """A private copy where no cell looks for one, which programs started by a cell don't inherit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = 200 if soft == resource.RLIM_INFINITY or soft > 256 else 10
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, lowest)


def _uninterrupted(action):
    """Calls `action`; an interrupt that comes meanwhile is raised afterwards."""
    late = []
    before = set_handler(signal.SIGINT, lambda *signal_and_frame: late.append(signal_and_frame))
    try:
        result = action()
    finally:
        set_handler(signal.SIGINT, before if before is not None else signal.SIG_DFL)
    if late and callable(before):
        before(*late[0])
    return result


def _poller(descriptor: int):
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return poller


class Channel:
    """Reads requests, writes answers. A forked child has neither."""

    def __init__(self, requests: int = 3, answers: int = 4):
        self._requests, self._answers = move_high(requests), move_high(answers)
        for given in {requests, answers}:
            os.close(given)
        os.set_blocking(self._requests, True)
        os.set_blocking(self._answers, True)
        self._identity = self._look()
        self._unread = bytearray()
        self._poller = _poller(self._requests)
        self._lock = threading.RLock()
        self.forked = False
        os.register_at_fork(after_in_child=self._leave_to_parent)

    @property
    def descriptor(self) -> int:
        return self._requests

    def _look(self):
        return [(s.st_dev, s.st_ino) for s in map(os.fstat, (self._requests, self._answers))]

    def _leave_to_parent(self) -> None:
        self.forked = True
        for descriptor in (self._requests, self._answers):
            try:
                os.close(descriptor)
            except OSError:
                pass

    def waiting(self) -> bool:
        """Whether a request has come that nobody has read."""
        return bool(self._unread) or bool(_poller(self._requests).poll(0))

    def read(self, arriving):
        """The next request's line, or None at the end. Calls `arriving` before it takes the first bytes."""
        if not self._unread:
            self._poller.poll()
        arriving()
        searched = 0
        while (end := self._unread.find(b"\n", searched)) < 0:
            searched = len(self._unread)
            if searched > REQUEST_CAP:
                return None
            if not self._fill():
                return None
        line = bytes(self._unread[:end])
        self.drop_line()
        return line

    def peek(self):
        """The next line, left where it is, or None at the end. An interrupt ends the waiting, and takes nothing away."""
        while (end := self._unread.find(b"\n")) < 0:
            self._poller.poll()
            if not _uninterrupted(self._fill):
                return None
        return bytes(self._unread[:end])

    def drop_line(self) -> None:
        del self._unread[: self._unread.find(b"\n") + 1]

    def _fill(self) -> bool:
        try:
            piece = os.read(self._requests, 1 << 16)
        except OSError:
            os._exit(OWNER_GONE)
        self._unread += piece
        return bool(piece)

    def check(self) -> None:
        """Ends the kernel if a cell has closed the channels or put something else in their place."""
        try:
            intact = self._look() == self._identity
        except OSError:
            intact = False
        if not intact:
            os._exit(OWNER_GONE)

    def write(self, lines: bytes) -> None:
        """Writes whole lines; an interrupt that comes meanwhile is raised afterwards."""
        if self.forked:
            return
        if threading.current_thread() is not threading.main_thread():
            return self._write_out(lines)
        return _uninterrupted(lambda: self._write_out(lines))

    def await_reader(self) -> bool:
        """Waits until what was written has been read, so that what is printed next is read after it. False when the
        reader is too slow for that."""
        if self.forked:
            return True
        end = time.monotonic() + SLOW_READER
        try:
            while any(fcntl.ioctl(self._answers, OUTPUT_QUEUE, b"\0\0\0\0")):
                if time.monotonic() > end:
                    return False
                time.sleep(0.00002)
        except OSError:
            return False
        return True

    def _write_out(self, lines: bytes) -> None:
        with self._lock:
            view = memoryview(lines)
            try:
                while view:
                    view = view[os.write(self._answers, view) :]
            except OSError:
                os._exit(OWNER_GONE)
