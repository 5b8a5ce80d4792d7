"""Exceptions for the owner: plain text and frames, without the kernel's own."""

import os
import sys
import traceback
from types import TracebackType

from . import HOME

VALUE = 64 << 10
TRACEBACK = 256 << 10
FRAMES = 100


def describe(error: BaseException) -> dict:
    """The fields of an `error` answer. Never raises, whatever the exception's own methods do."""
    _clean_chain(error)
    try:
        told = traceback.TracebackException(type(error), error, error.__traceback__, compact=True)
        text, frames = "".join(told.format()), _frames(told)
    except BaseException as worse:  # classes that lie about their attributes, memory, recursion
        text, frames = f"{_name(error)} (its traceback failed: {_name(worse)})\n", []
    value = _value(error)
    fields = {"name": _name(error), "value": value[:VALUE], "traceback": text, "frames": frames}
    if len(text) > TRACEBACK:
        half = TRACEBACK // 2
        fields["traceback"] = text[:half] + "\n...\n" + text[-half:]
    if len(text) > TRACEBACK or len(value) > VALUE:
        fields["truncated"] = True
    return fields


def exit_of(error: BaseException) -> dict:
    """What a script that it ends would leave with, and say on stderr: fields of `done`."""
    if not isinstance(error, SystemExit):
        return {}
    try:
        code = error.code
        if code is None:
            return {"exit_code": 0}
        if isinstance(code, int):
            return {"exit_code": int.__and__(code, 0xFF)}
    except BaseException:  # a subclass may have any `code`
        pass
    return {"exit_code": 1, "message": _value(error)[:VALUE]}


def report(error: BaseException) -> None:
    """Writes a traceback to stderr: for what failed beside the cell, as a `_repr_html_` that raises."""
    sys.stderr.write(describe(error)["traceback"])


def _name(error: BaseException) -> str:
    return type(error).__name__


def _value(error: BaseException) -> str:
    try:
        return str.__str__(str(error))
    except BaseException:  # even SystemExit: this is the exception's code, not the cell's
        return "<exception str() failed>"


def _clean_chain(error: BaseException) -> None:
    """Takes the kernel's frames out of the exception and all that led to it."""
    seen, left = set(), [error]
    while left:
        one = left.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = _without_own(one.__traceback__)
        left += [one.__cause__, one.__context__, *_parts(one)]


def _parts(error: BaseException):
    parts = getattr(error, "exceptions", ())
    return parts if isinstance(parts, tuple) else ()


def _without_own(trace):
    links = []
    while trace is not None:
        links.append(trace)
        trace = trace.tb_next
    in_cell = next((at for at, link in enumerate(links) if _file(link).startswith("<cell ")), None)
    if in_cell is not None:
        links = links[in_cell:]
    for link in reversed(links):
        if not _is_own(_file(link)):
            trace = TracebackType(trace, link.tb_frame, link.tb_lasti, link.tb_lineno)
    return trace


def _file(link) -> str:
    return link.tb_frame.f_code.co_filename


def _is_own(file: str) -> bool:
    if file.startswith(HOME) or file == "<frozen _sitebuiltins>":  # exit() and quit()
        return True
    ipython = sys.modules.get("IPython")
    return ipython is not None and file.startswith(os.path.dirname(ipython.__file__) + os.sep + "core" + os.sep)


def _frames(told: traceback.TracebackException) -> list:
    stack = [_frame(entry.filename, entry.lineno, entry.name, entry.line) for entry in told.stack]
    if told.exc_type and issubclass(told.exc_type, SyntaxError) and told.lineno is not None:
        stack.append(_frame(told.filename, int(told.lineno), "", (told.text or "").strip("\n")))
    if len(stack) <= FRAMES:
        return stack
    half = FRAMES // 2
    rest = stack[-half:]
    rest[0] = {**rest[0], "omitted": len(stack) - FRAMES}
    return stack[:half] + rest


def _frame(file, line, function, source) -> dict:
    return {"file": file or "", "line": line or 0, "function": function or "", "source": (source or "")[:500]}
