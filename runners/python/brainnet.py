"""Runs a Python program as `python3 FILE` would, with `input_data` among its variables, and tells of its end.

usage: brainnet.py FILE INPUT [--report]
FILE   the program; frames and tracebacks show it under this name
INPUT  JSON of `input_data`; removed before the program starts
With --report one JSON object is written on descriptor 3 when the program has ended by itself:
{"variables_after": {name: text}, "exceptions": [{"type", "message", "traceback", "frames": [{"file", "line",
"function", "source", "locals"}]}], "truncated": bool}, of at most MOST_BYTES. docs/dialects.md says what is in it.

The program finds nothing of this file, and `__main__` is its own. What only a report needs is imported for it alone:
that is half of what a run takes.
"""

import os
import sys
import types

CHANNEL = 3
MOST_BYTES = 1_000_000
MOST_MEMBERS = 9_000  # the daemon takes 10,000
TEXT = 1_000
SHORT_TEXT = 100
VARIABLES = 500
EXCEPTIONS = 10
FRAMES = 50
LOCALS = 50


# -- The program ------------------------------------------------------------------------------------------------------

def main(file, place, *flags):
    channel = take_channel() if "--report" in flags else None
    process = os.getpid()
    data = take_input(place)
    path = os.path.abspath(file)
    program = types.ModuleType("__main__")
    program.__file__, program.__cached__ = path, None
    program.__builtins__ = sys.modules["builtins"]
    program.__annotations__ = {}
    program.input_data = data
    sys.modules["__main__"] = program
    sys.path[0] = os.path.dirname(path)
    sys.argv[:] = [file]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[1:] = [file]
    error = run(file, program)
    if channel is not None and os.getpid() == process:
        send(channel, report(program, error))
    end(error)


def take_channel():
    """Out of the way of the program, whose first file gets the lowest free number, and of its children."""
    channel = os.dup(CHANNEL)
    os.close(CHANNEL)
    return channel


def take_input(place):
    with open(place, "rb") as file:
        text = file.read()
    os.remove(place)
    if text == b"{}":
        return {}
    import json
    return json.loads(text)


def run(file, program):
    """@return the exception that ended it, without frames of ours; None where it came to its end"""
    try:
        with open(file, "rb") as source:
            text = source.read()
        code = compile(text, file, "exec", dont_inherit=True)
        exec(code, program.__dict__)
    except BaseException as error:
        drop_own_frames(error)
        return error
    return None


def drop_own_frames(error):
    """Of it and of all that led to it: none of them began outside of this module."""
    for one in chain(error):
        trace = one.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        one.__traceback__ = trace


def chain(error):
    """The exception and those that led to it, the newest first."""
    seen = []
    while error is not None and not any(error is one for one in seen):
        seen.append(error)
        error = error.__cause__ if error.__cause__ is not None or error.__suppress_context__ else error.__context__
    return seen


def end(error):
    """As an interpreter ends whose program has ended so."""
    if error is None:
        return
    if isinstance(error, SystemExit):
        raise error
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit:
        raise
    except BaseException:
        sys.__excepthook__(type(error), error, error.__traceback__)
    sys.exit(130 if isinstance(error, KeyboardInterrupt) else 1)


# -- What is told of it -----------------------------------------------------------------------------------------------

def report(program, error):
    """The report as bytes. Never raises: values may do whatever they like in their `repr`."""
    for limit, has_locals in ((TEXT, True), (SHORT_TEXT, True), (SHORT_TEXT, False)):
        try:
            import json
            told = describe(program, error, limit, has_locals)
            told["truncated"] = told["truncated"] or limit != TEXT
            text = json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace")
            if len(text) <= MOST_BYTES and members(told) <= MOST_MEMBERS:
                return text
        except BaseException:  # memory, recursion, a signal, a program that has changed what is used here
            break
    return b'{"variables_after": {}, "exceptions": [], "truncated": true}'


def describe(program, error, limit, has_locals):
    names = [name for name, value in list(vars(program).items()) if is_own(name, value)]
    told = [one for one in chain(error) if counts(one)][:EXCEPTIONS]
    return {
        "variables_after": texts(vars(program), names[:VARIABLES], limit),
        "exceptions": [describe_exception(one, limit, has_locals) for one in reversed(told)],
        "truncated": len(names) > VARIABLES,
    }


def is_own(name, value):
    is_hidden = type(name) is not str or name.startswith("_") or name == "input_data"
    return not is_hidden and type(value) is not types.ModuleType


def counts(error):
    """Leaving with 0 is no failure."""
    return not isinstance(error, SystemExit) or attempt(lambda: error.code not in (None, 0), True)


def describe_exception(error, limit, has_locals):
    frames = [describe_frame(frame, line, limit, has_locals) for frame, line in calls(error.__traceback__)]
    if isinstance(error, SyntaxError):
        frames = [attempt(lambda: syntax_frame(error, limit), None)]
    told = traceback_of(error)
    return {
        "type": type(error).__name__[:limit],
        "message": attempt(lambda: str(error), "<exception str() failed>")[:limit],
        "traceback": told if len(told) <= 20 * limit else told[:10 * limit] + "\n...\n" + told[-10 * limit:],
        "frames": [frame for frame in frames if frame],
    }


def calls(trace):
    """The beginning and the end of a traceback."""
    found = []
    while trace is not None:
        found.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return found if len(found) <= FRAMES else found[:FRAMES // 2] + found[-(FRAMES // 2):]


def describe_frame(frame, line, limit, has_locals):
    import linecache
    code = frame.f_code
    known = frame.f_locals if has_locals and code.co_name != "<module>" else {}
    names = [name for name in list(known) if is_own(name, known[name])]
    return {
        "file": code.co_filename[:limit],
        "line": line or 0,
        "function": code.co_name[:limit],
        "source": linecache.getline(code.co_filename, line or 0).strip()[:limit],
        "locals": texts(known, names[:LOCALS], limit),
    }


def syntax_frame(error, limit):
    return {
        "file": str(error.filename or "")[:limit],
        "line": int(error.lineno or 0),
        "function": "",
        "source": str(error.text or "").strip()[:limit],
        "locals": {},
    }


def traceback_of(error):
    import traceback
    return attempt(lambda: "".join(traceback.format_exception(type(error), error, error.__traceback__)), "")


def texts(values, names, limit):
    return {name[:limit]: text_of(values[name], limit) for name in names}


def text_of(value, limit):
    if type(value) is str:
        return value[:limit]
    return attempt(lambda: Beginning(limit).of(value), "<repr failed>")


class Beginning:
    """The first characters of `repr(value)`, without making the rest of them, which may be larger than memory."""

    BRACKETS = {list: "[ ]", tuple: "( )", dict: "{ }", set: "{ }", frozenset: "frozenset({ })"}

    def __init__(self, limit):
        self.limit = limit
        self.text = ""
        self.open = set()  # containers that are being written, which may hold themselves

    def of(self, value):
        self.add(value)
        return self.text[:self.limit]

    def is_full(self):
        return len(self.text) >= self.limit

    def add(self, value):
        kind = type(value)
        if kind in (str, bytes, bytearray):
            self.text += repr(value[:self.limit])
        elif kind not in self.BRACKETS or not value or id(value) in self.open:
            self.text += repr(value) if id(value) not in self.open else self.BRACKETS[kind].replace(" ", "...")
        else:
            self.open.add(id(value))
            self.add_items(kind, value)
            self.open.remove(id(value))

    def add_items(self, kind, value):
        begin, end = self.BRACKETS[kind].split()
        self.text += begin
        for at, item in enumerate(value):
            if self.is_full():
                return
            self.text += ", " if at else ""
            self.add(item)
            if kind is dict:
                self.text += ": "
                self.add(value[item])
        self.text += "," + end if kind is tuple and len(value) == 1 else end


def attempt(make, otherwise):
    """What it makes, as a plain text where it is one: a subclass may do anything when it is cut."""
    try:
        made = make()
        return str.__str__(made) if isinstance(made, str) else made
    except BaseException:
        return otherwise


def members(told):
    if isinstance(told, dict):
        return sum(1 + members(value) for value in told.values())
    if isinstance(told, list):
        return sum(1 + members(value) for value in told)
    return 0


def send(channel, text):
    try:
        while text:
            text = text[os.write(channel, text):]
        os.close(channel)
    except OSError:
        pass  # the program closed it


if __name__ == "__main__":
    main(*sys.argv[1:])
