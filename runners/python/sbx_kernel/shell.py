"""Runs cells without IPython: one namespace, the last expression's value, top-level await."""

import builtins
import linecache
import sys

from .tasks import Tasks

ONLY_AST = 0x400
TOP_LEVEL_AWAIT = 0x2000
COROUTINE = 0x80  # a code object's flag
FUTURES = 0x1FE0000  # compiler flags of `from __future__ import …`, all versions


class Shell:
    """A cell's exceptions leave `run`; everything else about it goes through `display`."""

    def __init__(self, main, display):
        self.main = main
        self.namespace = main.__dict__
        self.display = display
        self.show = display.show
        self._futures = 0
        self._tasks = Tasks()
        self._magics = None
        builtins.display, builtins.update_display = display.show, display.update
        builtins.clear_output = display.clear
        builtins.__sbx_magic__ = self._magic

    hidden: dict = {}  # names of the shell itself that lie among the user's

    def run(self, code: str, count: int) -> None:
        name = f"<cell {count}>"
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        value = self._evaluate(*self._compiled(code, name))
        if value is not None:
            self._shift_last(value)
            self.display.result(value)

    def evaluate(self, code: str, name: str = "<magic>"):
        """For magics: runs statements, gives the last expression's value."""
        return self._evaluate(*self._compiled(code, name))

    def _compiled(self, code: str, name: str):
        """The statements, and the last expression when its value is wanted."""
        code, tree = self._parsed(code, name)
        body, last = tree.body, None
        if body and type(body[-1]).__name__ == "Expr" and not _silenced(code, body[-1]):
            last = body.pop()
        parts = [self._code(tree, name, "exec")] if body else []
        if last is not None:
            import ast  # what `ast.parse` of the first cell would have loaded

            parts.append(self._code(ast.Expression(last.value), name, "eval"))
        return parts, last is not None

    def _parsed(self, code: str, name: str):
        if not code.lstrip().startswith("%%"):
            try:
                return code, self._tree(code, name)
            except SyntaxError as error:
                from .source import transform

                changed = transform(code)
                if changed == code:
                    raise error from None
                return changed, self._tree(changed, name)
        from .source import transform

        code = transform(code)
        return code, self._tree(code, name)

    def _tree(self, code: str, name: str):
        return compile(code, name, "exec", ONLY_AST | TOP_LEVEL_AWAIT | self._futures, dont_inherit=True)

    def _code(self, tree, name: str, mode: str):
        code = compile(tree, name, mode, TOP_LEVEL_AWAIT | self._futures, dont_inherit=True)
        self._futures |= code.co_flags & FUTURES
        return code

    def _evaluate(self, parts, has_value: bool):
        value = None
        if any(part.co_flags & COROUTINE for part in parts):
            value = self._tasks.run(self._all(parts))
        else:
            for part in parts:
                value = eval(part, self.namespace)
        return value if has_value else None

    async def _all(self, parts):
        value = None
        for part in parts:
            value = eval(part, self.namespace)
            if part.co_flags & COROUTINE:
                value = await value
        return value

    def wait(self, descriptor: int) -> None:
        """Between cells, until the next request comes."""
        self._tasks.go_on(descriptor)

    def _shift_last(self, value) -> None:
        names = self.namespace
        names["___"], names["__"], names["_"] = names.get("__"), names.get("_"), value

    def _magic(self, kind: str, name: str, line: str, body=None):
        """What the lines that `source.transform` writes call."""
        if self._magics is None:
            from .magics import Magics

            self._magics = Magics(self)
        return self._magics.call(kind, name, line, body, sys._getframe(1))

    def complete(self, code: str, cursor: int):
        from .completion import complete

        return complete(code, cursor, self.namespace)

    def is_complete(self, code: str):
        from .completion import completeness
        from .source import transform

        return completeness(transform(code))


def _silenced(code: str, statement) -> bool:
    """Whether a semicolon follows the last expression."""
    lines = code.encode("utf-8", "surrogatepass").split(b"\n")
    rest = lines[statement.end_lineno - 1][statement.end_col_offset :] if statement.end_lineno <= len(lines) else b""
    return rest.lstrip().startswith(b";")
