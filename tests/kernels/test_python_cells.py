"""Cells: state, values, notebook syntax, completion, variables."""

import pytest


def test_variables_stay(python):
    python.run("x = 20")
    python.run("def twice(n):\n    return 2 * n")
    assert python.value("twice(x) + 2") == "42"


@pytest.mark.parametrize(
    "code, text",
    [
        ("1; 2", "2"),
        ("x = 1", None),
        ("None", None),
        ("5;", None),
        ("5;  # hidden", None),
        ("'a;'", "'a;'"),
        ("(1,\n 2)", "(1, 2)"),
        ("for i in range(3):\n    i", None),
        ("# nothing", None),
        ("", None),
        ("   \n\n", None),
        ("    7", "7"),
        ("'é漢字🎈'; 'é漢字🎈'", "'é漢字🎈'"),
        ("import asyncio\nawait asyncio.sleep(0, 'waited')", "'waited'"),
        ("async def f():\n    return 3\nawait f() + 1", "4"),
        ("%%time\n6 * 7", "42"),
        ("a = !echo one; echo two\na", "['one', 'two']"),
        ("if True:\n    b = !echo inside\nb", "['inside']"),
        ("text = '''\n%cd /\n!false\n'''\ntext", "'\\n%cd /\\n!false\\n'"),
        ("x = (7\n%4)\nx", "3"),
        ("from __future__ import annotations", None),
    ],
)
def test_the_last_expression_is_the_result(python, code, text):
    answer = python.run(code)
    assert (answer.status, answer.text) == ("ok", text), answer


def test_the_last_value_has_a_name(python):
    python.run("21 * 2")
    assert python.value("_ + 1") == "43"


def test_executions_are_counted_and_named(python):
    assert python.run("1").done["execution_count"] == 1
    assert python.run("2").done["execution_count"] == 2
    assert python.value("import inspect\ninspect.currentframe().f_code.co_filename") == "'<cell 3>'"


def test_future_imports_stay(python):
    python.run("from __future__ import annotations")
    assert python.run("def f(x: no_such_name): pass").status == "ok"


def test_tasks_go_on_in_later_cells_and_between_them(python):
    python.run("import asyncio, time\nasync def later():\n    await asyncio.sleep(0.05)\n    print('late')\n    return 5")
    python.run("await asyncio.sleep(0)\ntask = asyncio.create_task(later())")
    assert python.value("await task") == "5"
    python.run("await asyncio.sleep(0)\ntask = asyncio.create_task(later())")
    python.process.stdout.readline()
    assert python.value("task.result()") == "5"


def test_a_plain_cell_may_run_a_loop_of_its_own(python):
    assert python.value("import asyncio\nasync def f(): return 8\nasyncio.run(f())") == "8"


def test_main_is_a_real_module(python):
    code = "import pickle, sys\nclass Point:\n    x = 1\npickle.loads(pickle.dumps(Point())).x, sys.argv, sys.path[0]"
    assert python.value(code) == "(1, [''], '')"
    assert python.value("import __main__\n__main__.Point is Point, __name__") == "(True, '__main__')"


def test_functions_of_cells_work_in_other_processes(python):
    python.run("def square(n):\n    return n * n")
    code = "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as p:\n    r = p.map(square, range(4))\nr"
    assert python.value(code) == "[0, 1, 4, 9]"


def test_source_of_cells_can_be_read(python):
    python.run("def f():\n    return 'here'")
    assert "return 'here'" in python.value("import inspect\ninspect.getsource(f)")


def test_commands_of_the_system(python):
    python.run("name = 'world'")
    assert python.run("!echo hello {name} $name; echo oops >&2").out == "hello world world\n"
    assert python.run("%%bash\necho $((6 * 7))").out == "42\n"
    assert python.run("%%bash\nexit 3").error["name"] == "CalledProcessError"


def test_directory_and_environment(python, tmp_path):
    (tmp_path / "below").mkdir()
    assert python.run("%cd below").out == f"{tmp_path}/below\n"
    assert python.value("%pwd") == repr(f"{tmp_path}/below")
    assert python.run("%env SBX_TRY=some thing").out == "env: SBX_TRY=some thing\n"
    assert python.value("%env SBX_TRY") == "'some thing'"
    assert python.run("%%writefile note.txt\none\ntwo\n").out == "Writing note.txt\n"
    assert (tmp_path / "below" / "note.txt").read_text() == "one\ntwo\n"


def test_measuring(python):
    assert " loops each)" in python.run("%timeit -n 10 -r 2 sum(range(10))").out
    timed = python.run("%time sum(range(10))")
    assert timed.text == "45" and "Wall time: " in timed.out


def test_names_and_help(python):
    python.run("alpha = 1\nbeta = 'b'\ndef documented():\n    'Says what it does.'")
    assert python.run("%who").out.split() == ["alpha", "beta", "documented"]
    assert "Says what it does." in python.run("documented?").out
    assert "def documented" in python.run("??documented").out
    assert "not found" in python.run("nothing_like_this?").out


def test_pip_is_the_interpreters(python):
    assert python.run("%pip --version").out.startswith("pip ") or "No module named pip" in python.run("%pip --version").err


def test_an_unknown_command_is_an_error(python):
    assert python.run("%nothing_like_this").error["name"] == "UsageError"
    assert python.run("%%nothing_like_this\nx").error["name"] == "UsageError"


def test_completion_comes_from_the_namespace(python):
    python.run("import os\nlong_name = 'text'")
    for code, cursor, match, start in (
        ("long_n", 6, "long_name", 0),
        ("x = long_name.uppe + 1", 18, "upper", 14),
        ("os.path.isd", 11, "isdir", 8),
        ("impor", 5, "import", 0),
        ("'🎈', long_n", 11, "long_name", 5),
        ("%%ba", 4, "%%bash", 0),
    ):
        (found,) = python.ask("complete", code=code, cursor=cursor).of("completions")
        assert match in found["matches"] and (found["start"], found["end"]) == (start, cursor), (code, found)
    (found,) = python.ask("complete", code="nothing.like.this.", cursor=18).of("completions")
    assert found["matches"] == []


@pytest.mark.parametrize(
    "code, status",
    [
        ("1 + 1", "complete"),
        ("x = (1,", "incomplete"),
        ("for x in y:", "incomplete"),
        ("def f():\n    return 1", "incomplete"),
        ("def f():\n    return 1\n", "complete"),
        ("'''open", "incomplete"),
        ("1 +", "invalid"),
        ("%cd /", "complete"),
        ("await f()", "complete"),
    ],
)
def test_a_prompt_learns_whether_more_is_to_come(python, code, status):
    (found,) = python.ask("is_complete", code=code).of("completeness")
    assert found["status"] == status, found


def test_variables_have_types_and_short_texts(python):
    python.run("import os\nn = 1\ns = 'x' * 10_000\nrows = list(range(10**6))\n_hidden = 1\nclass Odd:\n    def __repr__(self): 1 / 0\nodd = Odd()")
    (snapshot,) = python.ask("variables").of("variables")
    found = {entry["name"]: entry for entry in snapshot["variables"]}
    assert set(found) == {"n", "s", "rows", "Odd", "odd"} and not snapshot["truncated"]
    assert found["n"] == {"name": "n", "type": "int", "repr": "1"}
    assert found["s"]["length"] == 10_000 and found["s"]["truncated"] and len(found["s"]["repr"]) <= 200
    assert found["rows"]["length"] == 10**6 and found["rows"]["truncated"]
    assert found["odd"]["type"] == "__main__.Odd" and "ZeroDivisionError" in found["odd"]["repr"]
    python.run("for i in range(1000): globals()[f'v{i}'] = i")
    (snapshot,) = python.ask("variables").of("variables")
    assert len(snapshot["variables"]) == 500 and snapshot["truncated"]
