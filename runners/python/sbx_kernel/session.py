"""The kernel's life: requests in, answers out, one after the other."""

import json
import os
import sys
import traceback

from . import figures
from .channel import Channel
from .display import Display
from .errors import describe, exit_of
from .interrupts import Interrupts
from .owner import Owner
from .streams import Streams


class ProtocolError(Exception):
    """The line isn't a request."""


def _fresh_main():
    """A real module for the cells, so that pickling and multiprocessing find what they define."""
    main = type(sys)("__main__")
    main.__dict__["__builtins__"] = sys.modules["builtins"]
    sys.modules["__main__"] = main
    sys.argv[:] = [""]
    sys.path[0] = ""
    return main


def _make_shell(main, display):
    if os.environ.get("SBX_KERNEL_IPYTHON") != "0":
        try:
            from .ipython_shell import IPythonShell

            return IPythonShell(main, display)
        except ImportError:
            pass
    from .shell import Shell

    return Shell(main, display)


class Session:
    def __init__(self):
        self._channel = Channel()
        self._streams = Streams()
        self._interrupts = Interrupts(self._channel.waiting)
        self._owner = Owner(self._channel, self._streams)
        self._display = Display(self._owner)
        self._shell = _make_shell(_fresh_main(), self._display)
        self._count = 0
        figures.watch(self._shell.show)

    def serve(self) -> None:
        """Until `shutdown` or the end of the requests."""
        while True:
            if not self._channel.waiting():
                self._shell.wait(self._channel.descriptor)
            line = self._channel.read(self._interrupts.begin)
            if line == b"":  # ends what a lost owner has left of one
                self._interrupts.over()
            elif line is None or not self._answer(line):
                return

    def _answer(self, line: bytes) -> bool:
        """One request, up to its `done`. False ends the kernel."""
        request, status, left = {}, "ok", {}
        self._owner.begin(None)
        try:
            request = _parsed(line)
            self._owner.begin(request["id"])
            self._interrupts.run(lambda: self._do(request))
        except KeyboardInterrupt as interrupt:
            status = "interrupted"
            self._fail(interrupt)
        except BaseException as error:  # SystemExit too: the kernel lives on
            status, left = "error", exit_of(error)
            self._fail(error)
        if self._channel.forked:
            _end_child(status)
        self._streams.end()
        self._interrupts.over()
        self._owner.done(status, self._count, left)
        return request.get("type") != "shutdown"

    def _fail(self, error: BaseException) -> None:
        if self._channel.forked:
            if isinstance(error, SystemExit):
                _end_child(error.code)
            traceback.print_exception(error)
            return
        described = describe(error)
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
        sys.last_exc = error
        self._owner.send("error", **described)

    def _do(self, request: dict) -> None:
        kind = request["type"]
        if kind == "execute":
            self._execute(request)
        elif kind == "variables":
            from .variables import snapshot

            self._owner.send("variables", **snapshot(self._shell.namespace, self._shell.hidden))
        elif kind == "complete":
            matches, start, end = self._shell.complete(_text(request, "code"), _cursor(request))
            self._owner.send("completions", matches=matches, start=start, end=end)
        elif kind == "is_complete":
            status, indent = self._shell.is_complete(_text(request, "code"))
            self._owner.send("completeness", status=status, indent=indent)
        elif kind not in ("shutdown", "input"):  # input: its execution has ended meanwhile
            raise ProtocolError(f"no such request: {kind}")

    def _execute(self, request: dict) -> None:
        code = _text(request, "code")
        self._count += 1
        self._streams.begin(request.get("stdin"), self._owner.ask_input if request.get("asks") is True else None)
        try:
            self._shell.run(code, self._count)
        finally:
            if not self._channel.forked:
                figures.flush(self._shell.show)


def _parsed(line: bytes) -> dict:
    try:
        request = json.loads(line.decode(errors="surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not JSON: {error}") from None
    if not isinstance(request, dict) or not isinstance(request.get("type"), str):
        raise ProtocolError("not a request: no type")
    request.setdefault("id", None)
    if not isinstance(request["id"], (str, type(None))) or len(request["id"] or "") > 128:
        raise ProtocolError("not a request: the id isn't a short string")
    return request


def _text(request: dict, key: str) -> str:
    if not isinstance(request.get(key), str):
        raise ProtocolError(f"not a request: {key} isn't a string")
    return request[key]


def _cursor(request: dict) -> int:
    cursor, length = request.get("cursor"), len(request["code"])
    return min(max(cursor, 0), length) if type(cursor) is int else length


def _end_child(code) -> None:
    """A child that a cell forked ends where the cell ends, as silently as any program."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
    if not isinstance(code, (int, type(None))):
        code = 0 if code == "ok" else 1
    os._exit((code or 0) & 0xFF)


def main() -> None:
    Session().serve()
