"""`obj?` and `obj??`: what something is, on stdout."""

import builtins
import fnmatch
import inspect

from .pretty import pretty


def show_help(name: str, detailed: bool, namespace: dict) -> None:
    if "*" in name:
        print("\n".join(sorted(word for word in {*namespace, *vars(builtins)} if fnmatch.fnmatchcase(word, name))))
        return
    found, value = _found(name, namespace)
    if not found:
        print(f"Object `{name}` not found.")
        return
    for title, text in _parts(name, value, detailed):
        print(f"{title + ':':<15}{text}" if "\n" not in text else f"{title}:\n{text}")


def _found(name: str, namespace: dict):
    if name.startswith("%"):
        from .magics import Magics

        kinds = ("cell_",) if name.startswith("%%") else ("line_", "cell_")
        methods = [getattr(Magics, kind + name.lstrip("%"), None) for kind in kinds]
        return next(((True, method) for method in methods if method), (False, None))
    try:
        return True, eval(name, {**vars(builtins), **namespace})
    except Exception:
        return False, None


def _parts(name: str, value, detailed: bool):
    if callable(value):
        try:
            yield ("Init signature" if inspect.isclass(value) else "Signature"), f"{name}{inspect.signature(value)}"
        except (ValueError, TypeError):
            pass
    yield "Type", type(value).__name__
    if not callable(value):
        try:
            yield "String form", pretty(value, cap=500)[:500]
        except Exception:
            pass
    if detailed:
        try:
            yield "Source", inspect.getsource(value)
            return
        except (OSError, TypeError):
            pass
    yield "Docstring", inspect.getdoc(value) or "<no docstring>"
    try:
        yield "File", inspect.getfile(value)
    except (OSError, TypeError):
        pass
