"""Errors: plain text and frames of the program only, and a kernel that lives on."""

import pytest


def test_a_traceback_has_the_programs_frames_only(python):
    python.run("def inner():\n    raise ValueError('no')\n\ndef outer():\n    inner()")
    error = python.run("x = 1\nouter()").error
    assert (error["name"], error["value"]) == ("ValueError", "no")
    assert [(f["file"], f["line"], f["function"], f["source"]) for f in error["frames"]] == [
        ("<cell 2>", 2, "<module>", "outer()"),
        ("<cell 1>", 5, "outer", "inner()"),
        ("<cell 1>", 2, "inner", "raise ValueError('no')"),
    ]
    assert error["traceback"].startswith("Traceback (most recent call last):\n  File \"<cell 2>\", line 2, in <module>\n")
    assert error["traceback"].endswith("ValueError: no\n")


def test_frames_of_libraries_are_the_programs(python):
    error = python.run("import json\njson.loads('{')").error
    assert error["name"] == "JSONDecodeError"
    assert [frame["function"] for frame in error["frames"]] == ["<module>", "loads", "decode", "raw_decode"]


def test_causes_are_told_without_the_kernels_frames(python):
    error = python.run("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e").error
    assert "direct cause" in error["traceback"] and error["traceback"].count("File ") == 2


def test_groups_of_exceptions_are_told(python):
    error = python.run("raise ExceptionGroup('many', [ValueError(1), TypeError(2)])").error
    assert error["name"] == "ExceptionGroup" and "TypeError: 2" in error["traceback"]


@pytest.mark.parametrize("code", ["import asyncio\nawait asyncio.sleep(0)\n1/0", "%time 1/0", "async def f():\n    1/0\nawait f()"])
def test_neither_the_loop_nor_a_command_shows_in_frames(python, code):
    error = python.run(code).error
    assert error["name"] == "ZeroDivisionError"
    assert {frame["file"] for frame in error["frames"]} <= {"<cell 1>", "<timed>", "<timed exec>", "<timed eval>"}


def test_a_syntax_error_shows_its_line(python):
    answer = python.run("x = 1\ny = = 2")
    assert answer.error["name"] == "SyntaxError" and answer.error["frames"] == [
        {"file": "<cell 1>", "line": 2, "function": "", "source": "y = = 2"}
    ]
    assert answer.error["traceback"].startswith('  File "<cell 1>", line 2\n    y = = 2\n')
    assert python.run("x").error["name"] == "NameError", "nothing of the cell has run"


@pytest.mark.parametrize(
    "code, name, value",
    [
        ("import sys; sys.exit(3)", "SystemExit", "3"),
        ("raise SystemExit('bye')", "SystemExit", "bye"),
        ("raise BaseException('base')", "BaseException", "base"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("raise GeneratorExit", "GeneratorExit", ""),
    ],
)
def test_the_kernel_lives_on_whatever_is_raised(python, code, name, value):
    answer = python.run(code)
    assert (answer.error["name"], answer.error["value"]) == (name, value)
    assert answer.status == ("interrupted" if name == "KeyboardInterrupt" else "error")
    assert "To exit" not in answer.err
    assert python.value("1 + 1") == "2"


@pytest.mark.parametrize(
    "argument, code, message",
    [
        ("", 0, None),
        ("None", 0, None),
        ("0", 0, None),
        ("3", 3, None),
        ("True", 1, None),
        ("-1", 255, None),
        ("256 + 7", 7, None),
        ("'3'", 1, "3"),
        ("'1'", 1, "1"),
        ("(1, 2)", 1, "(1, 2)"),
        ("'x' * 10**6", 1, "x" * (64 << 10)),
    ],
)
def test_an_exit_tells_the_code_of_a_script(python, argument, code, message):
    done = python.run(f"import sys; sys.exit({argument})").done
    assert (done["status"], done["exit_code"], done.get("message")) == ("error", code, message)
    assert "exit_code" not in python.run("1/0").done
    assert "exit_code" not in python.run("1").done


def test_an_exit_whose_code_cannot_be_told(python):
    answer = python.run("class Bad(SystemExit):\n    @property\n    def code(self): raise ValueError\nraise Bad(3)")
    assert answer.error["name"] == "Bad" and answer.done["exit_code"] == 1
    assert python.value("1") == "1"


def test_exit_and_quit_are_errors_too(python):
    for code in ("exit()", "quit()"):
        assert python.run(code).error["name"] == "SystemExit"
    assert python.run("input()").error["name"] == "EOFError"


def test_endless_recursion_is_told_in_few_frames(python):
    answer = python.run("def f(n): return f(n + 1)\nf(0)")
    assert answer.error["name"] == "RecursionError"
    assert len(answer.error["frames"]) <= 100 and any("omitted" in frame for frame in answer.error["frames"])
    assert len(answer.error["traceback"]) < 5000
    assert python.value("1") == "1"


@pytest.mark.parametrize("method", ["__str__", "__repr__"])
@pytest.mark.parametrize("raised", ["ValueError", "SystemExit", "KeyboardInterrupt"])
def test_exceptions_that_cannot_say_what_they_are(python, method, raised):
    answer = python.run(f"class Bad(Exception):\n    def {method}(self): raise {raised}('worse')\nraise Bad()")
    assert answer.error["name"] == "Bad" and "Bad" in answer.error["traceback"]
    assert python.value("1") == "1"


def test_a_huge_message_is_cut(python):
    error = python.run("raise ValueError('x' * 10**6)").error
    assert error["truncated"] and len(error["value"]) == 64 << 10 and len(error["traceback"]) < 300_000
    assert error["traceback"].startswith("Traceback") and error["traceback"].endswith("x\n")


@pytest.mark.parametrize("code", ["x = 1\0", "'\ud800'\0", "\0", "x = '\udcff", "x = '\ud800'"])
def test_code_that_no_file_could_hold(python, code):
    answer = python.run(code)
    assert answer.status in ("ok", "error")
    assert python.value("1 + 1") == "2"


def test_texts_that_are_not_unicode_still_come(python):
    assert python.run("raise ValueError('a\\ud800b')").error["value"] == "a\ufffdb"
    assert python.run("display({'text/plain': 'a\\udcffb'}, raw=True)").displays == [{"text/plain": "a\ufffdb"}]


def test_a_repr_that_raises_costs_only_the_result(python):
    answer = python.run("class Bad:\n    def __repr__(self): 1 / 0\nBad()")
    assert (answer.status, answer.result) == ("ok", None) and "ZeroDivisionError" in answer.err


def test_a_rich_form_that_raises_costs_only_itself(python):
    answer = python.run("class Half:\n    def __repr__(self): return 'half'\n    def _repr_html_(self): 1 / 0\nHalf()")
    assert (answer.status, answer.result) == ("ok", {"text/plain": "half"}) and "ZeroDivisionError" in answer.err


def test_warnings_name_the_line(python):
    assert "<cell 1>:2: UserWarning: careful" in python.run("import warnings\nwarnings.warn('careful')").err


def test_post_mortem_is_possible(python):
    python.run("def f():\n    local = 42\n    1 / 0\nf()")
    assert python.value("import sys\nsys.last_traceback.tb_next.tb_frame.f_locals['local']") == "42"
