"""A snapshot of the variables: types and short texts, bounded whatever they hold."""

from .pretty import pretty

COUNT = 500
REPR = 200
ITEMS = 20
_SIZED = (str, bytes, bytearray, list, tuple, dict, set, frozenset, range)


def own_names(namespace: dict, hidden) -> list:
    """What the user made: no underscores in front, no modules, nothing of the shell's own."""
    return [
        name
        for name, value in list(namespace.items())
        if isinstance(name, str)
        and not name.startswith("_")
        and type(value).__name__ != "module"
        and not (name in hidden and hidden[name] is value)
    ]


def snapshot(namespace: dict, hidden) -> dict:
    names = own_names(namespace, hidden)
    described = [_described(name, namespace[name]) for name in names[:COUNT] if name in namespace]
    return {"variables": described, "truncated": len(names) > COUNT}


def _described(name: str, value) -> dict:
    text, whole = short(value, REPR)
    kind = type(value)
    module = getattr(kind, "__module__", "builtins")
    qualified = kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"
    entry = {"name": name[:REPR], "type": qualified[:REPR], "repr": text}
    if isinstance(value, _SIZED):
        entry["length"] = len(value)
    elif (shape := _shape(value)) is not None:
        entry["shape"] = shape
    if not whole:
        entry["truncated"] = True
    return entry


def short(value, limit: int):
    """The beginning of the value's text, and whether that is all of it."""
    if isinstance(value, (str, bytes, bytearray)) and len(value) > limit:
        value, cut = value[:limit], True
    else:
        cut = isinstance(value, _SIZED) and len(value) > ITEMS and not isinstance(value, (str, bytes, bytearray, range))
    try:
        text = pretty(value, items=ITEMS, cap=10 * limit)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return f"<repr failed: {type(error).__name__}>", True
    return text[:limit], not cut and len(text) <= limit


def _shape(value):
    try:
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple) and len(shape) <= 16 and all(type(size) is int for size in shape):
            return list(shape)
    except Exception:
        pass
    return None
