"""The programs, with the arguments and the input of each run. Runners take a row and a folder with all the programs."""

import signal
from typing import NamedTuple, Optional


class Program(NamedTuple):
    name: str
    arguments: tuple  # what follows `python3`
    stdin: bytes = b""
    environment: dict = {}  # beside PATH, HOME, USER and LANG
    image_environment: dict = {}  # the part of it that the image has, so that it is there at the start
    signal: Optional[int] = None  # sent when the program has written its first line
    anew: bool = False  # needs an interpreter of its own


def script(name, *arguments, case="", **more):
    return Program(name + (" " + case if case else ""), (name + ".py", *arguments), **more)


def code(case, text, *arguments, **more):
    return Program("code " + case, ("-c", text, *arguments), **more)


UNDECODABLE = "\udcff\udc80x"
SURROGATE_BYTES = b"\xed\xa0\x80".decode("utf-8", "surrogateescape")
SHOW = "import sys; print(sys.argv, sys.path[0], sys.orig_argv if hasattr(sys, 'orig_argv') else '', sorted(globals()))"

PROGRAMS = [
    # arguments
    script("hello"),
    script("arguments"),
    script("arguments", "a", "b c", "", "-c", "--flag=1", "-u", "*", case="several"),
    script("arguments", "é", "日本", "🐍", UNDECODABLE, SURROGATE_BYTES, case="of all bytes"),
    script("arguments", *(["x" * 1000] * 100), case="long"),
    script("arguments", *map(str, range(5000)), case="many"),
    script("argparse_usage"),
    script("argparse_usage", "--number", "4", case="right"),
    Program("name with a folder", ("folder/deep er/script.py", "a")),
    Program("name with a dot", ("./hello.py",)),
    Program("name with two dots", ("folder/../frames.py",)),
    Program("name with slashes", (".//folder//.././/frames.py",)),
    Program("name beside", ("naïve name.py", "ü")),
    Program("name of nothing", ("no such.py",)),
    Program("name of a folder", ("folder", "a")),
    Program("name of a folder without main", ("programs",)),
    Program("name of an archive", ("archive.zip", "a")),
    Program("name of an archive behind a script", ("archive behind.py", "a")),
    Program("name of an empty file", ("empty.py",)),
    Program("name of a link", ("link.py",)),
    Program("name undecodable", ("\udcff.py", "a")),
    Program("name too long", ("x" * 4000 + ".py",)),
    Program("name beyond the placeholder", ("x" * 5000 + ".py",), anew=True),
    Program("name empty", ("", "a"), anew=True),
    Program("module", ("-m", "helper_module", "a", "b")),
    Program("module frames", ("-m", "frames")),
    Program("module package", ("-m", "package_beside", "a")),
    Program("module missing", ("-m", "no.such")),
    Program("module of the library", ("-m", "json.tool"), stdin=b'{"a": [1]}'),
    Program("option without code", ("-c",), anew=True),
    Program("option unbuffered", ("-u", "hello.py"), anew=True),
    Program("option joined", ("-cprint(1)",), anew=True),
    Program("option -O", ("-O", "-c", "print(__debug__)"), anew=True),
    Program("option -X", ("-X", "dev", "hello.py"), anew=True),
    Program("option -I", ("-I", "interpreter_state.py"), anew=True),
    Program("option unknown", ("--nonsense",), anew=True),
    Program("standard input", ("-", "a"), stdin=b"import sys\nprint(sys.argv, sys.path[0], __name__)\n1/0\n"),
    Program("standard input both", ("-",), stdin=b"import sys\nprint(sys.stdin.read())\nthis is data\n"),
    Program("standard input with an error", ("-",), stdin=b"print(1)\ndef broken(:\n"),
    Program("no arguments", (), stdin=b"print(1)\n", anew=True),
    # -c
    code("plain", "print(1)"),
    code("arguments", SHOW, "a", "é", "-c"),
    code("unicode", "print('日本', '🐍', len('é'))"),
    code("surrogates", "print(ascii('" + UNDECODABLE + "'))"),
    code("lines", "import sys\nfor x in range(3):\n    print(x)\nraise SystemExit('end')\n"),
    code("empty", ""),
    code("traceback", "def f():\n    1/0\nf()"),
    code("syntax error", "print('a'\nx = ="),
    code("frames", "import sys, inspect; print(sys._getframe().f_back, [i.filename for i in inspect.stack()])"),
    code("imports beside", "import helper_module; print(helper_module.__file__)"),
    code("input", "print(input(), open(0).read())", stdin=b"a\nb\n"),
    code("processes", "import multiprocessing as m\nm.set_start_method('fork')\n"
         "p = m.Process(target=print, args=(1,)); p.start(); p.join(); print(p.exitcode)"),
    code("as long as fits", "#" + "x" * 4080 + "\nprint(1)"[:13]),
    code("too long", "#" + "x" * 8000 + "\nprint(1)", anew=True),
    # what the interpreter is
    script("main_module"),
    script("interpreter_state"),
    script("garbage"),
    script("ends"),
    script("ends", "elsewhere", case="elsewhere"),
    script("frames"),
    script("code_object"),
    script("import_state"),
    script("site_builtins"),
    script("hashing"),
    script("files_and_process"),
    script("signal_state"),
    script("locale_and_time"),
    script("own_memory"),
    script("inspect_source"),
    script("tracing"),
    script("audit"),
    script("socket_pair"),
    # environment
    script("environment"),
    script("environment", case="with additions", environment={"EMPTY": "", "BYTES": UNDECODABLE, "A": "é=b"}),
    script("environment", case="of the image", environment={"APP": "1", "MORE": "2"}, image_environment={"APP": "1"}),
    script("environment", case="changed", environment={"APP": "2"}, image_environment={"APP": "1"}),
    script("environment", case="less", image_environment={"APP": "1"}),
    script("environment", case="path of the image", environment={"PYTHONPATH": "/opt/x:folder"},
           image_environment={"PYTHONPATH": "/opt/x:folder"}),
    script("interpreter_state", case="path of the image", environment={"PYTHONPATH": "/opt/x:folder"},
           image_environment={"PYTHONPATH": "/opt/x:folder"}),
    script("interpreter_state", case="warnings", environment={"PYTHONWARNINGS": "error"},
           image_environment={"PYTHONWARNINGS": "error"}),
    script("interpreter_state", case="new path", environment={"PYTHONPATH": "/opt"}, anew=True),
    script("hashing", case="fixed", environment={"PYTHONHASHSEED": "0"}, anew=True),
    script("locale_and_time", case="elsewhere", environment={"TZ": "Asia/Tokyo"}, anew=True),
    script("locale_and_time", case="C", environment={"LC_ALL": "C"}, anew=True),
    script("interpreter_state", case="C", environment={"LANG": "C"}, anew=True),
    script("interpreter_state", case="other home", environment={"HOME": "/nowhere"}, anew=True),
    # streams
    script("stdin_text", stdin="one\ntwo é\r\nthree".encode()),
    script("stdin_text", case="empty"),
    script("stdin_binary", stdin=bytes(range(256)) * 4096),
    script("stdin_raw", stdin=b"\0" * 3_000_000),
    script("stdin_undecodable", stdin=b"a\xff\xc3(\x00b"),
    script("input_function", stdin=b"you\n"),
    script("stderr_apart"),
    script("big_output"),
    script("no_newline_flush"),
    script("closed_stdout"),
    script("broken_pipe"),
    script("dev_stdin", stdin=b"through /dev/stdin"),
    script("unicode_output"),
    script("encodings"),
    script("latin1_source"),
    script("shebang"),
    script("tempfiles"),
    script("logging_output"),
    script("read_main_stdin_code", stdin=b"x + 1\n1/0\nraise SystemExit(3)\n"),
    # ends
    script("exit_number"),
    *(script("exit_forms", form, case=form) for form in (
        "text", "none", "true", "false", "256", "-1", "huge", "float", "tuple", "list", "empty", "unicode", "bytes",
        "1000")),
    script("exit_nested"),
    script("exit_in_thread"),
    script("exit_builtin"),
    script("exit_os"),
    script("abort"),
    script("segfault"),
    *(script("killed", name, case=name) for name in (
        "SIGKILL", "SIGTERM", "SIGINT", "SIGPIPE", "SIGUSR1", "SIGQUIT")),
    script("keyboard_interrupt", signal=signal.SIGINT),
    script("interrupt_caught", signal=signal.SIGINT),
    script("interrupt_raised"),
    script("terminated", signal=signal.SIGTERM),
    script("terminated_by_default", signal=signal.SIGTERM),
    script("keyboard_interrupt", case="hangup", signal=signal.SIGHUP),
    script("alarm"),
    script("guard"),
    script("atexit_order"),
    script("finalization"),
    # errors
    script("traceback_plain"),
    script("traceback_chained"),
    script("traceback_long"),
    script("traceback_group"),
    script("traceback_modules"),
    script("syntax_error"),
    script("indentation_error"),
    script("null_byte"),
    script("import_syntax_error"),
    script("import_missing"),
    script("recursion"),
    script("warnings_stacklevel"),
    script("warning_resource"),
    script("excepthook"),
    script("excepthook_broken"),
    script("unraisable"),
    script("faulthandler_dump"),
    script("limits"),
    # threads, processes, tasks
    script("threads"),
    script("thread_outlives_main"),
    script("thread_daemon"),
    script("thread_exception"),
    script("thread_pool"),
    script("subprocess_run"),
    script("subprocess_inherits", stdin=b"for the child\n"),
    script("fork"),
    script("exec_again"),
    script("spawned_script"),
    *(script("multiprocessing_start", method, case=method) for method in ("fork", "spawn", "forkserver")),
    script("multiprocessing_failure"),
    script("multiprocessing_memory"),
    script("asyncio_tasks"),
    script("asyncio_failure"),
    script("asyncio_interrupt", signal=signal.SIGINT),
    script("asyncio_never_awaited"),
    # the library
    script("pickling"),
    script("imports_beside"),
    script("import_shadow"),
    script("import_main"),
    script("generators"),
    script("doctest_run"),
    script("unittest_run"),
    script("runpy_main"),
    script("future_annotations"),
]
