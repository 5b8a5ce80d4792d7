"""What the kernel tells its owner: answers, bounded and in order, each with the execution it belongs to."""

import json
import threading
from contextvars import ContextVar

from .channel import Channel, to_json
from .streams import Streams

TEXT_CAP = 1 << 20
VALUE_CAP = 8 << 20
EXECUTION_CAP = 32 << 20

# Tasks inherit it; threads get it from `_start`, as they begin with an empty context.
_execution: ContextVar = ContextVar("sbx_execution", default=None)


def _note_starter() -> None:
    """Lets every thread remember the execution that started it."""
    start = threading.Thread.start

    def start_noted(self):
        self._sbx_execution = current_execution()
        return start(self)

    start_noted.__name__, start_noted.__qualname__, start_noted.__doc__ = "start", start.__qualname__, start.__doc__
    threading.Thread.start = start_noted


def current_execution():
    own = _execution.get()
    return own if own is not None else getattr(threading.current_thread(), "_sbx_execution", None)


class Owner:
    def __init__(self, channel: Channel, streams: Streams):
        self._channel, self._streams = channel, streams
        self._sent = 0
        self._kept = b""
        self._in_step = True  # displays are read before what is printed after them
        _note_starter()

    def begin(self, request_id) -> None:
        _execution.set(request_id)
        self._sent = 0
        self._in_step = True

    def send(self, kind: str, **fields) -> None:
        """One answer, at once."""
        self._emit(to_json({"type": kind, "id": current_execution(), **fields}) + b"\n")

    def ask_input(self) -> bytes:
        """A line that is typed for this execution; nothing at the end of input."""
        if self._channel.forked:
            return b""
        self.send("input")
        while (line := self._channel.peek()) is not None:
            answer = _as_input(line)
            if answer is None:  # another owner's request, who has found this execution still under way
                break
            self._channel.drop_line()
            if answer.get("id") == current_execution():
                return answer["text"].encode(errors="replace")
        return b""

    def keep(self, line: bytes) -> None:
        """Holds back an answer that `done` follows at once: one write, one wake-up."""
        self._kept += line

    def done(self, status: str, count: int, left: dict) -> None:
        kept, self._kept = self._kept, b""
        self._channel.check()
        end = to_json({"type": "done", "id": current_execution(), "status": status, "execution_count": count, **left})
        self._emit(kept + end + b"\n")

    def drop(self) -> None:
        self._kept = b""

    def _emit(self, lines: bytes) -> None:
        self._streams.flush()
        self._channel.write(lines)

    def bundle(self, kind: str, data: dict, metadata: dict, display_id=None) -> None:
        """A result or a display, within the caps."""
        line = self._bundle_line(kind, data, metadata, display_id)
        if kind == "result":
            self.keep(line)
        else:
            self._emit(line)
            self._in_step = self._in_step and self._channel.await_reader()

    def _bundle_line(self, kind: str, data: dict, metadata: dict, display_id) -> bytes:
        values, truncated = [], []
        for mime, value in data.items():
            encoded, whole = _bounded(mime, value)
            if encoded is not None and self._sent + len(encoded) > EXECUTION_CAP:
                encoded, whole = None, False
            if not whole:
                truncated.append(mime)
            if encoded is not None:
                self._sent += len(encoded)
                values.append(to_json(str(mime)) + b":" + encoded)
        described = to_json(metadata) if metadata else b"{}"
        head = {"type": kind, "id": current_execution()}
        if display_id is not None:
            head["display_id"] = str(display_id)
        if truncated:
            head["truncated"] = truncated
        described = described if len(described) <= TEXT_CAP else b"{}"
        return to_json(head)[:-1] + b',"data":{' + b",".join(values) + b'},"metadata":' + described + b"}\n"


def _as_input(line: bytes):
    """The answer to `input`, or None where the line is something else."""
    try:
        answer = json.loads(line)
    except ValueError:
        return None
    is_input = isinstance(answer, dict) and answer.get("type") == "input" and isinstance(answer.get("text"), str)
    return answer if is_input else None


def _bounded(mime: str, value):
    """The value as JSON, and whether that is all of it."""
    cap = TEXT_CAP if mime == "text/plain" else VALUE_CAP
    if isinstance(value, (bytes, bytearray)):
        from base64 import b64encode

        value = b64encode(value).decode()
    elif not isinstance(value, str) and not (mime == "application/json" or mime.endswith("+json")):
        value = str(value)
    if mime == "text/plain" and len(value) > cap:
        return _cut(value, cap), False
    encoded = to_json(value)
    if len(encoded) <= cap:
        return encoded, True
    return (_cut(value, cap), False) if mime == "text/plain" else (None, False)


def _cut(text: str, cap: int) -> bytes:
    """The beginning of a text whose JSON is within the cap, whatever its characters cost there."""
    text = text[:cap]
    while len(encoded := to_json(text)) > cap:
        text = text[: max(len(text) * cap // len(encoded) - 8, 0)]
    return encoded
