"""Runs a Python program as `python3 FILE ARGUMENTS` would in LibreChat's sandbox.

usage: librechat.py FILE [ARGUMENT...]

The current directory is where the program's files are: its modules are found there, and figures that it draws without
saving them become files of it (plots/). Variables that count when an interpreter starts are set in here, for the program and
its children, so that an interpreter which was started ahead can become this one. The program finds nothing of this
file, and `__main__` is its own. docs/dialects.md, "librechat", says what a program is promised.
"""

import io
import os
import sys
import types

HERE = os.path.dirname(os.path.abspath(__file__))
PLOTS = os.path.join(HERE, "plots")


def main(file, *arguments):
    prepare()
    program = become_main(file, *arguments)
    run_plainly(lambda: exec(compiled(program.__file__), program.__dict__))


def prepare():
    """Makes of this process what the variables would have made of it."""
    start = os.getcwd()
    set_variables(start)
    sys.path.insert(1, start)
    sys.dont_write_bytecode = True
    if sys.stdin is not None:
        sys.stdin.reconfigure(encoding="utf-8", errors="strict")
    sys.stdout = sys.__stdout__ = unbuffered(sys.stdout, "strict")
    sys.stderr = sys.__stderr__ = unbuffered(sys.stderr, "backslashreplace")
    watch_plots(start)


def set_variables(start):
    os.environ.setdefault("MPLBACKEND", "Agg")
    os.environ.update(
        HOME="/tmp",
        PYTHONPATH=f"{PLOTS}:{start}",
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONUNBUFFERED="1",
        PYTHONIOENCODING="utf-8",
    )


def unbuffered(stream, errors):
    """As PYTHONUNBUFFERED=1 makes it: what was written before a kill is out."""
    if stream is None:
        return None
    stream.flush()
    buffer = stream.detach()
    raw = buffer.detach() if isinstance(buffer, io.BufferedWriter) else buffer
    text = io.TextIOWrapper(raw, "utf-8", errors, newline="\n", write_through=True)
    text.mode = "w"
    return text


def watch_plots(start):
    path = os.path.join(PLOTS, "sitecustomize.py")
    names = {"__name__": "plots", "__file__": path}
    with open(path, "rb") as source:
        exec(compile(source.read(), path, "exec", dont_inherit=True), names)
    names["watch"](start)


def become_main(file, *arguments):
    """@return the module in which the program runs"""
    path = os.path.abspath(file)
    program = types.ModuleType("__main__")
    program.__file__, program.__cached__ = path, None
    program.__loader__ = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", path)
    program.__builtins__ = sys.modules["builtins"]
    program.__annotations__ = {}
    sys.modules["__main__"] = program
    sys.path[0] = os.path.dirname(path)
    sys.argv[:] = [file, *arguments]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[1:] = sys.argv
    return program


def compiled(path, flags=0):
    with open(path, "rb") as source:
        return compile(source.read(), path, "exec", flags, dont_inherit=True)


# -- The end of it ----------------------------------------------------------------------------------------------------

def run_plainly(work):
    """Lets the interpreter itself end as it does after such a program; its traceback has no frames of ours."""
    try:
        work()
    except BaseException:
        hook = sys.excepthook

        def without_frames_of_ours(kind, error, _):
            drop_own_frames(error)
            hook(kind, error, error.__traceback__)

        sys.excepthook = without_frames_of_ours
        raise


def drop_own_frames(error):
    """Of it and of all that led to it."""
    for one in related(error):
        one.__traceback__ = without_own(one.__traceback__)


def related(error):
    """The exception, those that led to it, and those of a group."""
    found, left = [], [error]
    while left:
        one = left.pop()
        if one is not None and not any(one is other for other in found):
            found.append(one)
            left += [one.__cause__, one.__context__]
            left += one.exceptions if hasattr(one, "derive") else ()
    return found


def without_own(trace):
    trace = next_foreign(trace)
    at = trace
    while at is not None:
        at.tb_next = next_foreign(at.tb_next)
        at = at.tb_next
    return trace


def next_foreign(trace):
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(HERE):
        trace = trace.tb_next
    return trace


if __name__ == "__main__":
    main(*sys.argv[1:])
