"""The notebook's commands for kernels without IPython: `%cd`, `%timeit`, `%%bash`, `!cmd`, `obj?` and the like.

A magic is a method `line_NAME(line)` or `cell_NAME(line, body)`; its docstring is its help.
"""

import importlib
import os
import re
import shlex
import subprocess
import sys
import time


class UsageError(Exception):
    """The command was used wrongly, or there is none of that name."""

    __module__ = "builtins"  # its name alone in tracebacks


class Lines(list):
    """What `x = !cmd` gives: the lines, and them as one text (`n`, `s`)."""

    @property
    def n(self) -> str:
        return "\n".join(self)

    @property
    def s(self) -> str:
        return " ".join(self)


class Magics:
    def __init__(self, shell):
        self._shell = shell
        self._names = shell.namespace
        self._locals: dict = {}
        self._last_directory = ""

    def call(self, kind: str, name: str, line: str, body, frame):
        """Runs one command for the code of `frame`, whose variables `{x}` and `$x` mean."""
        self._locals = frame.f_locals
        if kind == "shell":
            return self._run(self._expanded(line))
        if kind == "capture":
            return self._captured(self._expanded(line))
        if kind == "help":
            from .inspection import show_help

            return show_help(name, detailed=line == "??", namespace=self._names)
        method = getattr(self, f"{kind}_{name}", None)
        if method is None:
            mark = "%%" if kind == "cell" else "%"
            raise UsageError(f"{'Cell' if kind == 'cell' else 'Line'} magic function `{mark}{name}` not found.")
        return method(self._expanded(line), body) if kind == "cell" else method(self._expanded(line))

    # Commands of the system.

    def _expanded(self, line: str) -> str:
        """`{expression}`, `$name` and `$$`; what means nothing here is left to the shell."""

        def replaced(found: re.Match) -> str:
            if found[0] == "$$":
                return "$"
            try:
                return str(eval(found[1] or found[2], self._names, self._locals))
            except Exception:
                return found[0]

        return re.sub(r"\$\$|\{([^{}]+)\}|\$([A-Za-z_]\w*)", replaced, line)

    def _run(self, command: str) -> None:
        status = subprocess.run(command, shell=True).returncode
        self._names["_exit_code"] = status

    def _captured(self, command: str) -> Lines:
        done = subprocess.run(command, shell=True, stdout=subprocess.PIPE)
        self._names["_exit_code"] = done.returncode
        return Lines(done.stdout.decode(errors="replace").splitlines())

    def _script(self, program: list, body: str) -> None:
        done = subprocess.run(program, input=(body or "").encode("utf-8", "surrogateescape"))
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, (body or "").encode("utf-8", "replace"))

    def cell_bash(self, line: str, body: str) -> None:
        """Runs the cell with bash."""
        self._script(["bash", *shlex.split(line)], body)

    def cell_sh(self, line: str, body: str) -> None:
        """Runs the cell with sh."""
        self._script(["sh", *shlex.split(line)], body)

    def cell_script(self, line: str, body: str) -> None:
        """Runs the cell with the given program."""
        self._script(shlex.split(line), body)

    def line_pip(self, line: str) -> None:
        """Runs pip for this interpreter."""
        self._run_tool(["-m", "pip", *shlex.split(line)])

    def _run_tool(self, arguments: list) -> None:
        self._names["_exit_code"] = subprocess.run([sys.executable, *arguments]).returncode
        importlib.invalidate_caches()

    # Directory and environment.

    def line_cd(self, line: str) -> None:
        """Changes the working directory: `%cd DIR`, `%cd -`, `%cd` for home."""
        where = os.path.expanduser(line.strip().strip("'\"") or "~")
        here = os.getcwd()
        if where == "-":
            if not self._last_directory:
                raise UsageError("%cd -: No previous directory to change to.")
            where = self._last_directory
        try:
            os.chdir(where)
        except OSError as error:
            print(error)
        else:
            self._last_directory = here
        print(os.getcwd())

    def line_pwd(self, line: str) -> str:
        """The working directory."""
        return os.getcwd()

    def line_ls(self, line: str) -> None:
        """Lists files."""
        self._run("ls " + line)

    def line_cat(self, line: str) -> None:
        """Shows files."""
        self._run("cat " + line)

    def line_env(self, line: str):
        """Environment variables: `%env`, `%env NAME`, `%env NAME=VALUE`, `%env NAME VALUE`."""
        if not line:
            return dict(os.environ)
        name, mark, value = line.partition("=") if "=" in line else line.partition(" ")
        name, value = name.strip(), value.strip()
        if mark:
            os.environ[name] = value
            print(f"env: {name}={value}")
            return None
        if name not in os.environ:
            raise UsageError(f"Environment does not have key: {name}")
        return os.environ[name]

    def line_set_env(self, line: str) -> None:
        """Sets an environment variable."""
        self.line_env(line)

    def cell_writefile(self, line: str, body: str) -> None:
        """Writes the cell to a file; with `-a` to its end."""
        words = shlex.split(line)
        append = "-a" in words or "--append" in words
        names = [word for word in words if word not in ("-a", "--append")]
        if len(names) != 1:
            raise UsageError("the following arguments are required: filename")
        name = os.path.expanduser(names[0])
        print(("Appending to " if append else "Overwriting " if os.path.exists(name) else "Writing ") + names[0])
        with open(name, "a" if append else "w", encoding="utf-8") as file:
            file.write(body or "")

    # Time.

    def line_time(self, line: str):
        """Runs a statement and says how long it took."""
        return self._timed(line)

    def cell_time(self, line: str, body: str):
        """Runs the cell and says how long it took."""
        return self._timed(body)

    def _timed(self, code: str):
        cpu, wall = os.times(), time.perf_counter()
        try:
            value = self._shell.evaluate(code, "<timed>")
        finally:
            wall, now = time.perf_counter() - wall, os.times()
            user, system = now.user - cpu.user, now.system - cpu.system
            print(f"CPU times: user {_span(user)}, sys: {_span(system)}, total: {_span(user + system)}")
            print(f"Wall time: {_span(wall)}")
        return value

    def line_timeit(self, line: str) -> None:
        """Measures a statement many times: `%timeit [-n LOOPS] [-r RUNS] [-q] STATEMENT`."""
        self._measured(line, None)

    def cell_timeit(self, line: str, body: str) -> None:
        """Measures the cell many times; the line is its set-up."""
        self._measured(line, body)

    def _measured(self, line: str, body) -> None:
        import timeit

        options, rest = _options(line, "nr", "qpcot")
        timer = timeit.Timer(rest if body is None else body, rest if body is not None else "pass", globals=self._names)
        loops = int(options.get("n", 0)) or timer.autorange()[0]
        runs = int(options.get("r", 7))
        each = [run / loops for run in timer.repeat(runs, loops)]
        if "q" in options:
            return
        mean = sum(each) / runs
        spread = (sum((run - mean) ** 2 for run in each) / runs) ** 0.5
        print(
            f"{_span(mean)} ± {_span(spread)} per loop (mean ± std. dev. of {runs} run{'s' * (runs != 1)}, "
            f"{loops:,} loop{'s' * (loops != 1)} each)"
        )

    # Names.

    def line_who_ls(self, line: str) -> list:
        """The names of variables, of the given types only."""
        from .variables import own_names

        kinds = line.split()
        names = own_names(self._names, self._shell.hidden)
        return sorted(name for name in names if not kinds or type(self._names[name]).__name__ in kinds)

    def line_who(self, line: str) -> None:
        """Prints the names of variables."""
        names = self.line_who_ls(line)
        print("\t ".join(names) + "\t " if names else "Interactive namespace is empty.")

    def line_whos(self, line: str) -> None:
        """Prints variables with their types and values."""
        from .variables import short

        rows = [(n, type(self._names[n]).__name__, short(self._names[n], 60)[0]) for n in self.line_who_ls(line)]
        width = max([8, *(len(name) for name, _, _ in rows)])
        print(f"{'Variable':<{width}}   {'Type':<12} Data/Info")
        for name, kind, text in rows:
            print(f"{name:<{width}}   {kind:<12} {text}")

    def line_reset(self, line: str) -> None:
        """Forgets all variables."""
        from .variables import own_names

        for name in own_names(self._names, self._shell.hidden):
            del self._names[name]

    def line_lsmagic(self, line: str) -> None:
        """Prints the names of all commands."""
        for kind, mark in (("line", "%"), ("cell", "%%")):
            print(" ".join(sorted(mark + name[5:] for name in dir(self) if name.startswith(kind + "_"))))

    def line_run(self, line: str) -> None:
        """Runs a script in a namespace of its own, which is then merged into this one."""
        import runpy

        words, before = shlex.split(line), sys.argv
        sys.argv = words
        try:
            made = runpy.run_path(os.path.expanduser(words[0]), run_name="__main__")
        except SystemExit as left:
            if left.code:
                raise
            made = {}
        finally:
            sys.argv = before
            sys.modules["__main__"] = self._shell.main
        self._names.update({name: value for name, value in made.items() if not name.startswith("__")})

    # Output.

    def cell_capture(self, line: str, body: str) -> None:
        """Runs the cell and keeps what it prints, in the variable that is named."""
        import contextlib
        import io

        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            self._shell.evaluate(body, "<captured>")
        names = [word for word in line.split() if not word.startswith("-")]
        if names:
            self._names[names[0]] = type("Captured", (), {"stdout": out.getvalue(), "stderr": err.getvalue()})()

    def _shown(self, mime: str, body: str) -> None:
        self._shell.display.show({mime: body, "text/plain": body}, raw=True)

    def cell_html(self, line: str, body: str) -> None:
        """Shows the cell as HTML."""
        self._shown("text/html", body)

    cell_HTML = cell_html

    def cell_markdown(self, line: str, body: str) -> None:
        """Shows the cell as Markdown."""
        self._shown("text/markdown", body)

    def cell_latex(self, line: str, body: str) -> None:
        """Shows the cell as LaTeX."""
        self._shown("text/latex", body)

    def cell_svg(self, line: str, body: str) -> None:
        """Shows the cell as SVG."""
        self._shown("image/svg+xml", body)

    def line_matplotlib(self, line: str) -> None:
        """Nothing: figures are shown anyway."""

    line_config = line_load_ext = line_reload_ext = line_autoreload = line_pylab = line_matplotlib


def _options(line: str, with_value: str, without: str):
    """The leading options of a command, and what follows them."""
    found: dict = {}
    while match := re.match(rf"\s*-([{without}])(?:\s+|$)|\s*-([{with_value}])\s*(\S+)(?:\s+|$)", line):
        found[match[1] or match[2]] = match[3] or True
        line = line[match.end() :]
    return found, line


def _span(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("μs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
