"""Notebook syntax as Python: `%magic`, `%%magic`, `!cmd`, `x = !cmd`, `obj?`. Line numbers stay.

Only cells that aren't Python as they are come here.
"""

import re

_ASSIGNED = re.compile(r"^(\s*)([^=!%#'\"()]+?(?:\[[^\]]*\])?\s*=\s*)([!%])(?!=)(.*)$", re.S)
_MAGIC = re.compile(r"^(\s*)%([A-Za-z_]\w*)(.*)$", re.S)
_SHELL = re.compile(r"^(\s*)(!!?)(.*)$", re.S)
_HELP_BEFORE = re.compile(r"^(\s*)(\?\??)\s*(%{0,2}[\w.*]+)\s*;?\s*$")
_HELP_AFTER = re.compile(r"^(\s*)(%{0,2}[\w.*\[\]]+)\s*(\?\??)\s*;?\s*$")


def transform(code: str) -> str:
    """The cell as Python."""
    code = _dedented(code)
    stripped = code.lstrip("\n")
    if stripped.startswith("%%"):
        return _cell_magic(code, stripped)
    return "".join(map(_line, _logical_lines(code)))


def _dedented(code: str) -> str:
    """A cell pasted with the indentation of its first line loses that."""
    first = next((line for line in code.splitlines() if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    if not indent:
        return code
    lines = code.splitlines(keepends=True)
    return "".join(line[len(indent) :] if line.startswith(indent) else line.lstrip(" \t") for line in lines)


def _cell_magic(code: str, stripped: str) -> str:
    head, _, body = stripped.partition("\n")
    name, _, line = head[2:].partition(" ")
    if name.endswith("?"):
        return _line(head)
    body += "\n" * (bool(body) and not body.endswith("\n"))
    before = "\n" * (len(code) - len(stripped))
    return f"{before}__sbx_magic__('cell', {name.strip()!r}, {line.strip()!r}, {body!r})\n"


def _line(line: str) -> str:
    """One logical line, which may have several physical ones."""
    text = line.rstrip("\n")
    changed = _changed(text)
    if changed is None:
        return line
    return changed + "\n" * line.count("\n")


def _changed(text: str):
    joined = re.sub(r"\\\n\s*", " ", text)
    if found := _HELP_BEFORE.match(joined):
        return _call(found[1], "help", found[3], found[2])
    if found := _HELP_AFTER.match(joined):
        return _call(found[1], "help", found[2], found[3])
    if found := _SHELL.match(text):
        return _call(found[1], "capture" if found[2] == "!!" else "shell", "", found[3])
    if found := _MAGIC.match(joined):
        return _call(found[1], "line", found[2], found[3].strip())
    if found := _ASSIGNED.match(text):
        if found[3] == "!":
            return found[1] + found[2] + _call("", "capture", "", found[4])
        name, _, rest = found[4].strip().partition(" ")
        return found[1] + found[2] + _call("", "line", name, rest.strip())
    return None


def _call(indent: str, kind: str, name: str, line: str) -> str:
    return f"{indent}__sbx_magic__({kind!r}, {name!r}, {line!r})"


def _logical_lines(code: str):
    """Physical lines joined where a string, a bracket or a backslash goes on."""
    held, state = "", _Scanner()
    for line in code.splitlines(keepends=True):
        at_start = not held
        held += line
        command = at_start and line.lstrip()[:1] in ("!", "%")
        if command or state.command:
            state.command = line.rstrip("\n").endswith("\\")
            open_still = state.command
        else:
            open_still = state.feed(line)
        if not open_still:
            yield held
            held, state = "", _Scanner()
    if held:
        yield held


class _Scanner:
    """Knows after each line whether Python would read on."""

    def __init__(self):
        self._depth, self._quote = 0, ""
        self.command = False

    def feed(self, line: str) -> bool:
        at = 0
        while at < len(line):
            at = self._in_string(line, at) if self._quote else self._in_code(line, at)
        if len(self._quote) == 1 and not line.rstrip("\n").endswith("\\"):
            self._quote = ""  # an unclosed string: the compiler will say so
        return bool(self._quote) or self._depth > 0 or line.rstrip("\n").endswith("\\")

    def _in_string(self, line: str, at: int) -> int:
        if line[at] == "\\":
            return at + 2
        if line.startswith(self._quote, at):
            at += len(self._quote)
            self._quote = ""
            return at
        return at + 1

    def _in_code(self, line: str, at: int) -> int:
        here = line[at]
        if here == "#":
            return len(line)
        if here in "'\"":
            self._quote = here * 3 if line.startswith(here * 3, at) else here
            return at + len(self._quote)
        self._depth += (here in "([{") - (here in ")]}" and self._depth > 0)
        return at + 1
