"""What could stand at the cursor, from the namespace alone: nothing is called but attribute access."""

import builtins
import keyword
import os
import re

LIMIT = 500


def complete(code: str, cursor: int, namespace: dict):
    """(matches, start, end): each match can stand in the place of code[start:end]."""
    before = code[:cursor]
    line = before.rpartition("\n")[2]
    if (magic := re.search(r"^\s*(%{1,2})(\w*)$", line)) is not None:
        return _magics(magic[1], magic[2]), cursor - len(magic[1]) - len(magic[2]), cursor
    if (path := re.search(r"""["']([^"'\s]*)$""", line)) is not None and (line.count("'") + line.count('"')) % 2:
        return _paths(path[1]), cursor - len(path[1]), cursor
    if (found := re.search(r"^\s*(?:from|import)\s+([\w.]*)$", line)) is not None:
        return _modules(found[1]), cursor - len(found[1]), cursor
    if (found := re.search(r"([^\W\d]\w*(?:\.\w+)*)\.(\w*)$", before)) is not None:
        return _attributes(found[1], found[2], namespace), cursor - len(found[2]), cursor
    found = re.search(r"(?<![\w.])([^\W\d]\w*)$", before)
    word = found[1] if found else ""
    if not word and before.endswith((".", ")", "]", '"', "'")):
        return [], cursor, cursor
    return _names(word, namespace), cursor - len(word), cursor


def _chosen(words, prefix: str) -> list:
    """Those that begin so; underscored ones only when asked for."""
    found = {word for word in words if isinstance(word, str) and word.startswith(prefix)}
    if not prefix.startswith("_"):
        found = {word for word in found if not word.startswith("_")}
    return sorted(found)[:LIMIT]


def _names(prefix: str, namespace: dict) -> list:
    return _chosen([*list(namespace), *vars(builtins), *keyword.kwlist], prefix)


def _attributes(path: str, prefix: str, namespace: dict) -> list:
    first, *rest = path.split(".")
    try:
        value = namespace[first] if first in namespace else vars(builtins)[first]
        for name in rest:
            value = getattr(value, name)
        return _chosen(dir(value), prefix)
    except Exception:
        return []


def _magics(mark: str, prefix: str) -> list:
    from .magics import Magics

    kind = "cell_" if mark == "%%" else "line_"
    return [mark + name for name in _chosen((n[5:] for n in dir(Magics) if n.startswith(kind)), prefix)]


def _paths(prefix: str) -> list:
    directory, name = os.path.split(prefix)
    try:
        entries = list(os.scandir(os.path.expanduser(directory) or "."))
    except OSError:
        return []
    found = [entry.name + "/" * entry.is_dir() for entry in entries if entry.name.startswith(name)]
    return [os.path.join(directory, entry) for entry in sorted(found)][:LIMIT]


def _modules(prefix: str) -> list:
    import pkgutil
    import sys

    parent, dot, name = prefix.rpartition(".")
    if not dot:
        return _chosen([*sys.builtin_module_names, *(module.name for module in pkgutil.iter_modules())], name)
    try:
        places = __import__(parent, fromlist=["*"]).__path__
    except Exception:
        return []
    return [parent + dot + word for word in _chosen((module.name for module in pkgutil.iter_modules(places)), name)]


def completeness(code: str):
    """(status, indent) of a cell that someone is still typing."""
    import warnings
    from codeop import PyCF_ALLOW_INCOMPLETE_INPUT, PyCF_DONT_IMPLY_DEDENT

    flags = PyCF_ALLOW_INCOMPLETE_INPUT | PyCF_DONT_IMPLY_DEDENT | 0x2000 | 0x400
    lines = code.splitlines()
    last = lines[-1] if lines else ""
    indent = last[: len(last) - len(last.lstrip())]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(code, "<input>", "exec", flags)
        except SyntaxError as error:
            if "incomplete input" in str(error):
                deeper = "    " if last.rstrip().endswith(":") else ""
                return "incomplete", indent + deeper
            return "invalid", ""
        except (ValueError, OverflowError, MemoryError, RecursionError):
            return "invalid", ""
    block = bool(indent) and len(lines) > 1 and not code.endswith("\n")
    return ("incomplete", indent) if block else ("complete", "")
