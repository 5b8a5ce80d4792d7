"""Values as text, laid out as notebooks show them: at most 79 columns, a container broken at all its commas or none.

`Layout` is also what objects get in `_repr_pretty_(printer, cycle)`.
"""

import sys
from contextlib import contextmanager

WIDTH = 79
ITEMS = 1000  # of one container; what follows is "..."
TEXT = 1 << 20  # characters; whoever reads more than that isn't reading


class Full(Exception):
    """The text is long enough."""


class _Group:
    """Breaks of one container: all of them become new lines, or none."""

    __slots__ = ("broken", "depth")

    def __init__(self, depth: int):
        self.depth, self.broken = depth, False


class _Break:
    __slots__ = ("group", "indent", "text")

    def __init__(self, text: str, indent: int, group: _Group):
        self.text, self.indent, self.group = text, indent, group


class Layout:
    def __init__(self, width: int = WIDTH, items: int = ITEMS, cap: int = TEXT):
        self._width, self._items, self._cap = width, items, cap
        self.max_seq_length = items
        self.indentation = 0
        self._done: list[str] = []  # text that no later decision changes
        self._size = 0
        self._column = 0  # behind what is done
        self._line: list = []  # texts and breaks since the last new line that are still open to change
        self._pending = 0  # their width
        self._groups = [_Group(0)]
        self._inside: list[int] = []  # ids of the containers around, to see cycles

    # What objects call.

    def text(self, text: str) -> None:
        if self._line:
            self._line.append(text)
            self._pending += len(text)
            self._fit()
        else:
            self._put(text)

    def breakable(self, sep: str = " ") -> None:
        group = self._groups[-1]
        if group.broken:
            self._settle()
            self._new_line(self.indentation)
        else:
            self._line.append(_Break(sep, self.indentation, group))
            self._pending += len(sep)
            self._fit()

    def break_(self) -> None:
        """A new line in any case, which breaks the outermost group around that still could be."""
        self._break_one()
        self._settle()
        self._new_line(self.indentation)

    def begin_group(self, indent: int = 0, open: str = "") -> None:
        if open:
            self.text(open)
        self._groups.append(_Group(self._groups[-1].depth + 1))
        self.indentation += indent

    def end_group(self, dedent: int = 0, close: str = "") -> None:
        self.indentation -= dedent
        self._groups.pop()
        if close:
            self.text(close)

    @contextmanager
    def group(self, indent: int = 0, open: str = "", close: str = ""):
        self.begin_group(indent, open)
        try:
            yield
        finally:
            self.end_group(indent, close)

    @contextmanager
    def indent(self, indent: int):
        self.indentation += indent
        try:
            yield
        finally:
            self.indentation -= indent

    def pretty(self, value) -> None:
        cycle = id(value) in self._inside
        self._inside.append(id(value))
        self.begin_group()
        try:
            _printer(type(value))(value, self, cycle)
        finally:
            self.end_group()
            self._inside.pop()

    def result(self) -> str:
        self._settle()
        return "".join(self._done)

    # How lines are filled.

    def items(self, values):
        """The values with a comma between them, up to the limit."""
        for index, value in enumerate(values):
            if index:
                self.text(",")
                self.breakable()
            if index == self._items:
                self.text("...")
                return
            yield value

    def _put(self, text: str) -> None:
        self._done.append(text)
        self._column += len(text)
        self._size += len(text)
        if self._size > self._cap:
            raise Full

    def _new_line(self, indent: int) -> None:
        self._put("\n" + " " * indent)
        self._column = indent

    def _settle(self) -> None:
        """What is still open stays on this line."""
        for piece in self._line:
            self._put(piece if isinstance(piece, str) else piece.text)
        self._line, self._pending = [], 0

    def _fit(self) -> None:
        while self._column + self._pending > self._width and self._break_one():
            pass

    def _break_one(self) -> bool:
        """Breaks the outermost group with breaks on this line; of two beside each other, the later.

        All groups around it are broken from then on; if none is found, all that are open.
        """
        candidates = [piece.group for piece in self._line if isinstance(piece, _Break)]
        outermost = min((group.depth for group in candidates), default=len(self._groups))
        for group in self._groups:
            group.broken = group.broken or group.depth < outermost
        if not candidates:
            return False
        chosen = [group for group in candidates if group.depth == outermost][-1]
        chosen.broken = True
        last = max(at for at, piece in enumerate(self._line) if isinstance(piece, _Break) and piece.group is chosen)
        for piece in self._line[: last + 1]:
            if isinstance(piece, str):
                self._put(piece)
            elif piece.group is chosen:
                self._new_line(piece.indent)
            else:
                self._put(piece.text)
        self._line = self._line[last + 1 :]
        self._pending = sum(len(piece if isinstance(piece, str) else piece.text) for piece in self._line)
        return True


def pretty(value, items: int = ITEMS, cap: int = TEXT) -> str:
    """`value` as text. Raises what its methods raise; a text beyond `cap` characters ends there."""
    if type(value) in (int, float, bool, type(None)):
        return repr(value)
    layout = Layout(items=items, cap=cap)
    try:
        layout.pretty(value)
        return layout.result()
    except Full:
        return "".join(layout._done)


# One printer a type: (value, layout, cycle).


def _printer(kind: type):
    for base in kind.__mro__:
        found = _PRINTERS.get(base) or _LATE_PRINTERS.get(f"{base.__module__}.{base.__qualname__}")
        if found:
            return found
        own = base.__dict__
        if callable(own.get("_repr_pretty_")):
            return lambda value, layout, cycle: value._repr_pretty_(layout, cycle)
        if base is not object and callable(own.get("__repr__")):
            return _print_repr
    return _print_default


def _print_repr(value, layout: Layout, cycle: bool) -> None:
    with layout.group():
        for index, line in enumerate(repr(value).splitlines()):
            if index:
                layout.break_()
            layout.text(line)


def _print_default(value, layout: Layout, cycle: bool) -> None:
    with layout.group(1, "<", ">"):
        layout.pretty(type(value))
        layout.text(f" at 0x{id(value):x}")


def _own_repr(value, base: type) -> bool:
    return type(value) is not base and type(value).__repr__ is not base.__repr__


def _sequence(base: type, opening: str, closing: str):
    def show(value, layout: Layout, cycle: bool) -> None:
        if _own_repr(value, base):
            return layout.text(repr(value))
        if cycle:
            return layout.text(opening + "..." + closing)
        with layout.group(len(opening), opening, closing):
            for item in layout.items(value):
                layout.pretty(item)
            if base is tuple and len(value) == 1:
                layout.text(",")

    return show


def _set(base: type, opening: str, closing: str):
    def show(value, layout: Layout, cycle: bool) -> None:
        if _own_repr(value, base):
            return layout.text(repr(value))
        if not value:
            return layout.text(base.__name__ + "()")
        if cycle:
            return layout.text(opening + "..." + closing)
        with layout.group(len(opening), opening, closing):
            for item in layout.items(_ordered(value) if len(value) <= layout.max_seq_length else value):
                layout.pretty(item)

    return show


def _ordered(values):
    for key in (None, str):
        try:
            return sorted(values, key=key)
        except Exception:  # what can't be compared keeps its order
            continue
    return values


def _print_dict(value, layout: Layout, cycle: bool) -> None:
    if _own_repr(value, dict):
        return layout.text(repr(value))
    if cycle:
        return layout.text("{...}")
    with layout.group(1, "{", "}"):
        for key in layout.items(value):
            layout.pretty(key)
            layout.text(": ")
            layout.pretty(value[key])


def _print_mapping_proxy(value, layout: Layout, cycle: bool) -> None:
    call(layout, "mappingproxy", "..." if cycle else value.copy(), raw=cycle)


def call(layout: Layout, name: str, *arguments, raw: bool = False, **named) -> None:
    """`name(a, b, c=d)`; with `raw` the arguments are texts."""
    with layout.group(len(name) + 1, name + "(", ")"):
        for item in layout.items([*arguments, *named.items()]) if named else layout.items(arguments):
            if named and isinstance(item, tuple) and item in named.items():
                with layout.group(len(item[0]) + 1, item[0] + "="):
                    layout.pretty(item[1])
            elif raw:
                layout.text(item)
            else:
                layout.pretty(item)


def _print_type(value, layout: Layout, cycle: bool) -> None:
    if type(value).__repr__ is not type.__repr__:
        return _print_repr(value, layout, cycle)
    layout.text(_full_name(value))


def _full_name(value) -> str:
    try:
        name = value.__qualname__
        if not isinstance(name, str):
            raise TypeError
    except Exception:
        name = value.__name__ if isinstance(getattr(value, "__name__", None), str) else "<unknown type>"
    module = getattr(value, "__module__", None)
    return name if module in (None, "builtins") else f"{module}.{name}"


def _print_function(value, layout: Layout, cycle: bool) -> None:
    from inspect import signature

    name = _full_name(value)
    try:
        name += str(signature(value))
    except ValueError:
        pass
    layout.text(f"<function {name}>")


def _print_exception(value, layout: Layout, cycle: bool) -> None:
    call(layout, _full_name(type(value)), *(["..."] if cycle else getattr(value, "args", ())), raw=cycle)


def _print_super(value, layout: Layout, cycle: bool) -> None:
    with layout.group(8, "<super: ", ">"):
        layout.pretty(value.__thisclass__)
        layout.text(",")
        layout.breakable()
        layout.pretty(value.__self__)


def _print_defaultdict(value, layout: Layout, cycle: bool) -> None:
    name = type(value).__name__
    call(layout, name, "...", raw=True) if cycle else call(layout, name, value.default_factory, dict(value))


def _print_ordered_dict(value, layout: Layout, cycle: bool) -> None:
    name = type(value).__name__
    call(layout, name, "...", raw=True) if cycle else call(layout, name, *([list(value.items())] if value else []))


def _print_deque(value, layout: Layout, cycle: bool) -> None:
    name, limit = type(value).__name__, {} if value.maxlen is None else {"maxlen": value.maxlen}
    call(layout, name, "...", raw=True) if cycle else call(layout, name, list(value), **limit)


def _print_counter(value, layout: Layout, cycle: bool) -> None:
    name = type(value).__name__
    call(layout, name, "...", raw=True) if cycle else call(layout, name, *([dict(value.most_common())] if value else []))


def _print_user_list(value, layout: Layout, cycle: bool) -> None:
    call(layout, type(value).__name__, "..." if cycle else value.data, raw=cycle)


def _print_pattern(value, layout: Layout, cycle: bool) -> None:
    import re

    flags = ("TEMPLATE", "IGNORECASE", "LOCALE", "MULTILINE", "DOTALL", "UNICODE", "VERBOSE", "DEBUG")
    names = [f"re.{flag}" for flag in flags if value.flags & getattr(re, flag, 0)]
    pattern = "r" + repr(value.pattern).replace("\\\\", "\\")
    call(layout, "re.compile", *([pattern, "|".join(names)] if names else [pattern]), raw=True)


def _print_namespace(value, layout: Layout, cycle: bool) -> None:
    name = "namespace" if type(value).__name__ == "SimpleNamespace" else type(value).__name__
    call(layout, name, "...", raw=True) if cycle else call(layout, name, **value.__dict__)


def _print_environ(value, layout: Layout, cycle: bool) -> None:
    call(layout, "environ", "..." if cycle else dict(value), raw=cycle)


_PRINTERS = {
    int: _print_repr,
    float: _print_repr,
    str: _print_repr,
    bytes: _print_repr,
    tuple: _sequence(tuple, "(", ")"),
    list: _sequence(list, "[", "]"),
    dict: _print_dict,
    set: _set(set, "{", "}"),
    frozenset: _set(frozenset, "frozenset({", "})"),
    super: _print_super,
    type: _print_type,
    type(_print_repr): _print_function,
    type(len): _print_function,
    type(Layout().text): _print_repr,
    type(type.__dict__): _print_mapping_proxy,
    BaseException: _print_exception,
    type(sys.implementation): _print_namespace,
}

# Types of modules that a kernel need not have imported.
_LATE_PRINTERS = {
    "collections.defaultdict": _print_defaultdict,
    "collections.OrderedDict": _print_ordered_dict,
    "collections.deque": _print_deque,
    "collections.Counter": _print_counter,
    "collections.UserList": _print_user_list,
    "re.Pattern": _print_pattern,
    "os._Environ": _print_environ,
}
