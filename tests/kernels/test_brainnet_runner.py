"""The runner of the dialect brainnet: the program cannot tell it from `python3 main.py`, and its end is told."""

import json
import re
import subprocess
import sys

import pytest

from kernel import RUNNERS

PYTHON = "/usr/bin/python3"
RUNNER = RUNNERS / "python" / "brainnet.py"


class Run:
    """One program; its report where `debug` says so."""

    def __init__(self, directory, code, data=None, debug=True):
        (directory / "main.py").write_bytes(code if isinstance(code, bytes) else code.encode())
        (directory / "input").write_text(json.dumps(data or {}))
        script = 'exec "$@" 3> ../report' if debug else 'exec "$@"'
        self.ended = self.python(directory, "sh", "-c", script, "sh", PYTHON, RUNNER, "main.py", "input",
                                 *(["--report"] if debug else []))
        self.text = (directory.parent / "report").read_bytes() if debug else b""
        self.plain = self.python(directory, PYTHON, "main.py")

    @staticmethod
    def python(directory, *command):
        return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=60, check=False)

    @property
    def report(self):
        return json.loads(self.text)

    @property
    def error(self):
        return self.report["exceptions"][-1]


@pytest.fixture
def run(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    return lambda code, *data, **flags: Run(work, code, *data, **flags)


@pytest.mark.parametrize("code", [
    "print('Hello, World!')",
    "import sys, os\nprint(__name__, sys.argv, sys.path[0], os.path.basename(__file__), os.listdir('.'))",
    "import sys\nprint(sorted(name for name in globals() if name != 'input_data'), 'brainnet' in sys.modules)",
    "import sys\nprint('last words', file=sys.stderr)\nsys.exit(3)",
    "import sys\nsys.exit('why')",
    "import sys\nsys.exit(0)",
    "raise SystemExit",
    "import os\nos._exit(7)",
    "import atexit\natexit.register(print, 'at the end')\n1 / 0",
    "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start()\n1 / 0",
    "import sys\nsys.excepthook = lambda kind, error, trace: print('mine', kind)\n1 / 0",
    "import sys\ndef hook(*said):\n    raise ValueError('hook')\nsys.excepthook = hook\n1 / 0",
    "import pickle\nclass A: pass\nprint(pickle.dumps(A()), type(pickle.loads(pickle.dumps(A()))))",
    "class A: pass\nprint(A.__module__, A)",
    "def f():\n    return x\ndef g():\n    f()\ng()",
    "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e",
    "def f(:\n",
    "  x = 1",
    "def f(n):\n    return f(n + 1)\nf(0)",
    "# -*- coding: latin-1 -*-\nprint(len('é'))",
    "raise ExceptionGroup('two', [ValueError(1), KeyError(2)])" if sys.version_info >= (3, 11) else "1 / 0",
])
def test_it_runs_as_without_a_runner(run, code):
    done = run(code, debug=False)
    assert done.ended.returncode == done.plain.returncode

    assert done.ended.stdout == done.plain.stdout

    def told(text):  # a starting interpreter shows the file's absolute name, and has some frames less
        text = re.sub(r'"/\S+/main.py"', '"main.py"', text)
        return re.sub(r"repeated \d+ more", "repeated", text)

    if "hook" not in code:
        assert told(done.ended.stderr) == told(done.plain.stderr)


def test_input_data_is_a_variable_and_its_file_is_gone(run, tmp_path):
    data = {"key": "value", "list": [1, None, True, 2.5], "ünï": {"\ud83d": 1}}
    done = run("print(input_data['key'], input_data['list'], type(input_data), 'input_data' in globals())", data)
    assert done.ended.stdout == "value [1, None, True, 2.5] <class 'dict'> True\n"
    assert not (tmp_path / "work" / "input").exists()
    assert done.report["variables_after"] == {}
    assert run("print(input_data)").ended.stdout == "{}\n"


def test_variables_are_told_as_texts(run):
    told = run("import os, sys as s\nresult = 2 + 2\ntext = 'as it is'\n"
               "list_ = [1, 'a', (2,), {'k': {3}}, frozenset()]\n_hidden = 1\nempty = [[], (), {}, set()]\nnested = []\nnested.append(nested)\n").report
    assert told == {"exceptions": [], "truncated": False, "variables_after": {
        "result": "4", "text": "as it is", "list_": "[1, 'a', (2,), {'k': {3}}, frozenset()]",
        "empty": "[[], (), {}, set()]", "nested": "[[...]]"}}


def test_what_is_larger_than_a_text_is_cut(run):
    told = run("a = 'x' * 5000\nb = list(range(10 ** 6))\nc = {'data': [[0] * 10 ** 6] * 1000}\n"
               "d = b'y' * 10 ** 7\nclass R:\n    def __repr__(self): return 'z' * 10 ** 6\ne = R()\n")
    texts = told.report["variables_after"]
    assert all(len(texts[name]) == 1000 for name in "abcde"), {name: len(text) for name, text in texts.items()}
    assert texts["b"] == repr(list(range(1000)))[:1000]
    assert texts["c"].startswith("{'data': [[0, 0, ")


def test_variables_are_told_after_an_exception(run):
    told = run("x = 1\nraise ValueError('no')\ny = 2").report
    assert told["variables_after"] == {"x": "1"}
    assert [(one["type"], one["message"]) for one in told["exceptions"]] == [("ValueError", "no")]


def test_frames_have_lines_sources_and_locals(run):
    code = ("def inner(x):\n    y = [x]\n    raise ValueError(x)\n\n"
            "def outer():\n    _own = 1\n    inner('1')\n\nouter()\n")
    error = run(code).error
    assert error["frames"] == [
        {"file": "main.py", "line": 9, "function": "<module>", "source": "outer()", "locals": {}},
        {"file": "main.py", "line": 7, "function": "outer", "source": "inner('1')", "locals": {}},
        {"file": "main.py", "line": 3, "function": "inner", "source": "raise ValueError(x)",
         "locals": {"x": "1", "y": "['1']"}},
    ]
    assert error["traceback"].startswith('Traceback (most recent call last):\n  File "main.py", line 9, in <module>\n')
    assert "brainnet" not in error["traceback"]


def test_causes_come_first(run):
    told = run("try:\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        {}['k']\n"
               "except KeyError as e:\n    raise OSError('last') from e").report
    assert [one["type"] for one in told["exceptions"]] == ["ZeroDivisionError", "KeyError", "OSError"]
    hidden = run("try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise OSError('alone') from None").report
    assert [one["type"] for one in hidden["exceptions"]] == ["OSError"]


def test_a_syntax_error_has_one_frame(run):
    error = run("x = 1\nif x\n    pass").error
    assert (error["type"], error["message"].split(" (")[0]) == ("SyntaxError", "expected ':'")
    assert error["frames"] == [{"file": "main.py", "line": 2, "function": "", "source": "if x", "locals": {}}]


@pytest.mark.parametrize("code, types", [("0", []), ("None", []), ("False", []), ("3", ["SystemExit"]),
                                         ("'why'", ["SystemExit"])])
def test_leaving_counts_with_other_than_0(run, code, types):
    told = run(f"x = 1\nimport sys\nsys.exit({code})").report
    assert [one["type"] for one in told["exceptions"]] == types
    assert told["variables_after"] == {"x": "1"}


def test_there_are_so_many_of_each_at_most(run):
    told = run("for i in range(600):\n    globals()[f'v{i}'] = i").report
    assert len(told["variables_after"]) == 500 and told["truncated"]
    locals_ = "".join(f"    a{i} = {i}\n" for i in range(60))
    frames = run("def f(n):\n" + locals_ + "    return 1 / n if n == 0 else f(n - 1)\nf(80)").error["frames"]
    assert len(frames) == 50
    assert [len(frames[at]["locals"]) for at in (0, 1, -1)] == [0, 50, 50]
    deep = ("error = ValueError(0)\nfor i in range(30):\n    new = ValueError(i)\n    new.__cause__ = error\n"
            "    error = new\n")
    assert [one["message"] for one in run(deep + "raise error").report["exceptions"]][-1] == "29"
    assert len(run(deep + "raise error").report["exceptions"]) == 10


def test_a_large_report_is_cut_in_steps(run):
    code = "for i in range(500):\n    globals()[f'v{i}'] = 'ü' * 5000"
    short = run(code).report
    assert short["truncated"] and {len(text) for name, text in short["variables_after"].items() if name != "i"} == {100}
    names = "\n".join(f"    {'n' * 900}{i} = 1" for i in range(50))
    done = run(f"def f(n):\n{names}\n    return 1 / n if n == 0 else f(n - 1)\nf(60)")
    assert done.report["truncated"] and len(done.text) <= 1_000_000
    many = "\n".join(f"    n{i} = 1" for i in range(50))
    chain = ("def f(n):\n" + many + "\n    return 1 / n if n == 0 else f(n - 1)\ndef g(n):\n    try:\n        f(60)\n"
             "    finally:\n        n == 0 or g(n - 1)\ng(9)")
    told = run(chain).report
    assert told["truncated"] and not any(frame["locals"] for one in told["exceptions"] for frame in one["frames"])


@pytest.mark.parametrize("code", [
    "class A:\n    def __repr__(self): raise SystemExit(5)\na = A()",
    "class A:\n    def __repr__(self): return A.b()\na = A()",
    "class S(str):\n    def __getitem__(self, at): raise OSError\n    def __len__(self): return 1\na = S('s')",
    "class E(Exception):\n    def __str__(self): raise KeyboardInterrupt\nraise E",
    "class E(SyntaxError):\n    @property\n    def lineno(self): raise OSError\nraise E",
    "class M(type):\n    def __getattribute__(self, name): raise OSError\n"
    "class E(Exception, metaclass=M): pass\nraise E",
    "a = 10 ** 9999",
    "a = '\\ud800'",
    "globals()[5] = 1\nglobals()['\\udcff'] = 2",
    "import sys\nsys.stdout = sys.stderr = None\nraise ValueError",
    "import json, builtins\njson.dumps = None\n1 / 0",
    "import builtins\ndel builtins.len\n1 / 0",
])
def test_whatever_a_value_does_a_report_is_written_and_the_exit_code_stays(run, code):
    done = run(code)
    assert done.ended.returncode == done.plain.returncode
    assert set(done.report) == {"variables_after", "exceptions", "truncated"}


def test_the_first_file_of_the_program_has_the_number_it_would_have(run):
    done = run("f = open('main.py')\nprint(f.fileno())")
    assert done.ended.stdout.split()[0] == "3"
    assert done.report["variables_after"]["f"].startswith("<_io.TextIOWrapper")


def test_a_child_reports_nothing(run):
    told = run("import os\nif os.fork() == 0:\n    x = 'child'\nelse:\n    os.wait()\n    x = 'parent'").report
    assert told["variables_after"]["x"] == "parent"


def test_a_closed_channel_is_no_failure(run):
    done = run("import os\nos.closerange(3, 100)\nprint('on')")
    assert (done.ended.returncode, done.ended.stdout, done.text) == (0, "on\n", b"")
