"""Runs cells with IPython's shell, whose results and displays go to our owner."""

import importlib.util
import linecache
import os
import subprocess
import sys
import warnings
from itertools import islice

import IPython
from IPython.core import page
from IPython.core.compilerop import CachingCompiler
from IPython.core.completer import provisionalcompleter
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from .completion import LIMIT
from .display import METHODS, PLAIN
from .errors import report
from .tasks import Tasks

_display = None  # the one Display of the process: IPython makes its own objects, by class


class _Result(DisplayHook):
    """The last expression's value, as a `result`."""

    def write_output_prompt(self):
        pass

    def compute_format_data(self, result):
        """Plain values have plain text only: asking ten formatters for more takes longer than the cell."""
        formatters = self.shell.display_formatter.formatters
        kind = type(result)
        if kind not in PLAIN or any(kind in formatters[mime].type_printers for mime in METHODS):
            return super().compute_format_data(result)
        return {"text/plain": formatters["text/plain"](result)}, {}

    def write_format_data(self, format_dict, md_dict=None):
        if format_dict:
            _display.publish("result", format_dict, md_dict or {})

    def finish_displayhook(self):
        pass


class _Publisher(DisplayPublisher):
    """What `IPython.display` shows."""

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_):
        kind = "display_update" if update else "display"
        _display.publish(kind, data, metadata or {}, (transient or {}).get("display_id"))

    def clear_output(self, wait=False):
        _display.clear(wait)


class _Compiler(CachingCompiler):
    """Cells are files named `<cell 1>`, in both shells."""

    cell = 0

    def get_code_name(self, raw_code, transformed_code, number):
        return f"<cell {self.cell}>"

    def cache(self, transformed_code, number=0, raw_code=None):
        name = super().cache(transformed_code, number, raw_code)
        source = raw_code if raw_code is not None else transformed_code
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        return name


class _Interactive(InteractiveShell):
    """IPython's shell, silent about errors of the cell: the session reports those."""

    def showtraceback(self, exc_tuple=None, *_, **__):
        if exc_tuple is not None:  # of a formatter, beside the cell
            report(exc_tuple[1])

    def showsyntaxerror(self, *_, **__):
        pass

    def _format_exception_for_storage(self, *_, **__):
        return {}  # it calls the exception's own methods, and those may raise

    def ask_exit(self):
        raise SystemExit

    def enable_gui(self, gui=None):
        pass

    def system(self, cmd):
        """With the kernel's own descriptors, not through a pseudo-terminal."""
        sys.stdout.flush()
        self.user_ns["_exit_code"] = subprocess.run(self.var_expand(cmd, depth=1), shell=True).returncode


def _print_page(text, *_, **__):
    print(text.get("text/plain", "") if isinstance(text, dict) else text)


class IPythonShell:
    def __init__(self, main, display):
        global _display
        _display = display
        os.environ.setdefault("IPYTHONDIR", "/tmp/.ipython")
        if importlib.util.find_spec("matplotlib_inline"):
            os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        warnings.filterwarnings("ignore", message="To exit: use 'exit'")
        self._shell = _Interactive.instance(
            config=_config(),
            user_module=main,
            displayhook_class=_Result,
            display_pub_class=_Publisher,
            compiler_class=_Compiler,
        )
        self._shell.set_hook("show_in_pager", page.as_hook(_print_page), 90)
        self._tasks = Tasks()
        self._shell.loop_runner = self._tasks.run
        self.namespace = self._shell.user_ns
        self.hidden = self._shell.user_ns_hidden
        self.show = sys.modules["IPython.core.display_functions"].display

    def run(self, code: str, count: int) -> None:
        _Compiler.cell = count
        done = self._shell.run_cell(code, store_history=True)
        error = done.error_before_exec or done.error_in_exec
        if error is not None:
            raise error

    def wait(self, descriptor: int) -> None:
        self._tasks.go_on(descriptor)

    def complete(self, code: str, cursor: int):
        with warnings.catch_warnings(), provisionalcompleter():
            found = list(islice(self._shell.Completer.completions(code, cursor), LIMIT))
        if not found:
            return [], cursor, cursor
        start, end = found[0].start, found[0].end
        matches = [match.text for match in found if (match.start, match.end) == (start, end)]
        if code[start : start + 1] == "." and all(match.startswith(".") for match in matches):
            return [match[1:] for match in matches], start + 1, end
        return matches, start, end

    def is_complete(self, code: str):
        status, indent = self._shell.check_complete(code)
        return status, indent or ""


def _config() -> Config:
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor" if IPython.version_info[0] < 9 else "nocolor"
    config.IPCompleter.use_jedi = False
    return config
