"""Programs that call the tools of their client: what goes over the channels, and what the programs see of it."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import pytest

from kernel import RUNNERS

sys.path.insert(0, str(RUNNERS / "python"))

from tool_channel import bash_name, python_name  # noqa: E402

PYTHON = "/usr/bin/python3"
TOOLS = [
    {"name": "get-weather", "description": "'''\n$(touch made)", "parameters": {"properties": {"city": {}, "units": {}}}},
    {"name": "fail"},
    {"name": "echo.all x", "parameters": None, "allowed_callers": ["code_execution"]},
    {"name": "class"},
    {"name": "while"},
    {"name": "日本"},
    {"name": "__name__"},
    {"name": "x'; touch made; $(touch made)\n`touch made`"},
]
ALL_AT_ONCE = 0.07  # what the daemon waits for a further call


def answer(call):
    """As a client would."""
    told = {"call_id": call["id"], "result": {"in": call["input"], "é": [1.5, None, "\u2028"]}, "is_error": False}
    return {**told, "result": None, "is_error": True, "error_message": "it's\nbroken"} if call["name"] == "fail" else told


class Run:
    """One program with its tools; what it called is in `calls`. Answers go out once no call comes any more, in reverse."""

    def __init__(self, folder, runner, code, tools=None, replies=None, **options):
        self.work = folder / "work"
        entry = folder / "main"
        self.work.mkdir(exist_ok=True)
        entry.write_text(code)
        self.place = folder / "tools"
        self.place.write_text(json.dumps(TOOLS if tools is None else tools))
        self.calls, self.batches = [], []
        self.replies = replies or (lambda calls: "".join(json.dumps(answer(call)) + "\n" for call in reversed(calls)))
        ours, theirs = os.pipe()
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3>&{theirs} {theirs}>&-', "bash", PYTHON, RUNNERS / "python" / runner, entry, self.place],
            cwd=self.work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[theirs],
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        os.close(theirs)
        self.last = None
        threading.Thread(target=self.listen, args=[ours], daemon=True).start()
        threading.Thread(target=self.reply, daemon=True).start()
        self.stdin, self.process.stdin = self.process.stdin, None
        out, err = self.process.communicate(timeout=60)
        self.code, self.out, self.err = self.process.returncode, out.decode(), err.decode()

    def listen(self, channel):
        with os.fdopen(channel) as lines:
            for line in lines:
                self.calls.append(json.loads(line))
                self.last = time.monotonic()

    def reply(self):
        answered = 0
        while self.process.poll() is None:
            time.sleep(0.005)
            if len(self.calls) > answered and time.monotonic() - self.last > ALL_AT_ONCE:
                batch, answered = self.calls[answered:], len(self.calls)
                self.batches.append(len(batch))
                self.stdin.write(self.replies(batch).encode())
                self.stdin.flush()


@pytest.fixture
def python(tmp_path):
    return lambda code, **options: Run(tmp_path, "programmatic.py", code, **options)


@pytest.fixture
def bash(tmp_path):
    return lambda code, **options: Run(tmp_path, "programmatic_bash.py", code, **options)


# -- Names ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name, in_python, in_bash", [
    ("get-weather", "get_weather", "get_weather"),
    ("a b\tc", "a_b_c", "a_b_c"),
    ("a.b", "ab", "a_b"),
    ("3d", "_3d", "_3d"),
    ("é3", "_3", "_3"),
    ("class", "class_tool", "class"),
    ("None", "None_tool", "None"),
    ("while", "while_tool", "while_tool"),
    ("esac", "esac", "esac_tool"),
    ("un-set", "un_set", "un_set"),
    ("local", "local", "local_tool"),
    ("x();$(y)", "xy", "xy"),
    ("日本", "", ""),
    ("", "", ""),
])  # fmt: skip
def test_a_tool_has_a_name_of_the_language(name, in_python, in_bash):
    assert (python_name(name), bash_name(name)) == (in_python, in_bash)


# -- Python -----------------------------------------------------------------------------------------------------------

def test_a_call_gives_the_result(python):
    done = python("r = await get_weather(city='SF', units=None)\nprint(r['in'], r['é'])\n"
                  "print(await get_weather('é😀', 'C'), await echoall_x(**{'a-b': {'n': None}}))")
    assert (done.code, done.err) == (0, "")
    assert done.out == "{'city': 'SF'} [1.5, None, '\\u2028']\n" \
        "{'in': {'city': 'é😀', 'units': 'C'}, 'é': [1.5, None, '\\u2028']} " \
        "{'in': {'a-b': {'n': None}}, 'é': [1.5, None, '\\u2028']}\n"
    assert done.calls == [{"id": "call_001", "name": "get-weather", "input": {"city": "SF"}},
                          {"id": "call_002", "name": "get-weather", "input": {"city": "é😀", "units": "C"}},
                          {"id": "call_003", "name": "echo.all x", "input": {"a-b": {"n": None}}}]
    assert not done.place.exists() and not list(done.work.iterdir())


def test_thirty_calls_are_out_at_once_and_answered_in_any_order(python):
    done = python("r = await asyncio.gather(*(get_weather(city=str(n)) for n in range(30)))\n"
                  "print([int(one['in']['city']) for one in r] == list(range(30)))\nprint(len(await asyncio.gather(*map(class_tool, []))))")
    assert (done.out, done.err, done.batches) == ("True\n0\n", "", [30])
    assert [call["id"] for call in done.calls] == [f"call_{n:03d}" for n in range(1, 31)]


@pytest.mark.parametrize("code, out", [
    ("import asyncio as a\nasync def main():\n    print((await get_weather('x'))['in'])\na.run(main())\na.run(main())", "{'city': 'x'}\n" * 2),
    ("import threading\nt = threading.Thread(target=lambda: print(asyncio.run(get_weather('x'))['in']))\nt.start()\nt.join()", "{'city': 'x'}\n"),
    ("async def __user_main__():\n    x = '''a\n  b'''\n    print(x)\nif __name__ == '__main__':\n    await __user_main__()", "a\n  b\n"),
    ("from math import *\nprint(json.dumps([pi > 3]), __name__, __file__[-5:], __doc__)", "[true] __main__ /main None\n"),
    ("import inspect\nprint(inspect.iscoroutinefunction(fail), get_weather.__name__, get_weather.__module__)", "True get_weather __main__\n"),
    ("import sys\nprint(repr(sys.stdin.read()), open('/dev/null').fileno(), 'tool_channel' in sys.modules, sys.argv[1:])", "'' 3 False []\n"),
    ("import subprocess\nsubprocess.run('cat; ls /proc/self/fd | wc -l', shell=True, close_fds=False)", "4\n"),
    ("try: await fail()\nexcept Exception as e: print(type(e), e)", "<class 'RuntimeError'> it's\nbroken\n"),
    ("print(await asyncio.gather(fail(), return_exceptions=True))", "[RuntimeError(\"it's\\nbroken\")]\n"),
    ("try: await asyncio.wait_for(class_tool(), 0.01)\nexcept asyncio.TimeoutError: print((await class_tool())['in'])", "{}\n"),
    ("print([(await get_weather(c))['in'] for c in 'ab'])", "[{'city': 'a'}, {'city': 'b'}]\n"),
])  # fmt: skip
def test_a_program_is_one_of_python(python, code, out):
    done = python(code)
    assert (done.code, done.out, done.err) == (0, out, "")


@pytest.mark.parametrize("code, status, error", [
    ("print(1)\nawait fail()", 1, "  File \"MAIN\", line 2, in <module>\n    await fail()\nRuntimeError: it's\nbroken\n"),
    ("async def f():\n    await fail()\nawait f()", 1,
     "  File \"MAIN\", line 3, in <module>\n    await f()\n  File \"MAIN\", line 2, in f\n    await fail()\nRuntimeError: it's\nbroken\n"),
    ("await get_weather(1, 2, 3)", 1, "TypeError: get_weather() takes 2 positional arguments but 3 were given\n"),
    ("await get_weather('x', city='y')", 1, "TypeError: get_weather() got multiple values for argument 'city'\n"),
    ("await get_weather({1})", 1, "TypeError: Object of type set is not JSON serializable\n"),
    ("await get_weather(float('nan'))", 1, "ValueError: Out of range float values are not JSON compliant\n"),
    ("await get_weather(\n", 1, "SyntaxError: '(' was never closed\n"),
    ("x = 1\n\n\n1 / 0", 1, "  File \"MAIN\", line 4, in <module>\n    1 / 0\n    ~~^~~\nZeroDivisionError: division by zero\n"),
    ("await asyncio.sleep(0)\nexit(3)", 3, ""),
    ("import sys\nsys.exit('why')", 1, "why\n"),
    ("import os\nif os.fork(): os._exit(os.waitstatus_to_exitcode(os.wait()[1]))\nawait fail()", 1,
     "RuntimeError: tools cannot be called in a child process\n"),
])  # fmt: skip
def test_failures_are_those_of_the_program(python, code, status, error):
    done = python(code)
    assert done.code == status and str(RUNNERS) not in done.err and "asyncio/" not in done.err
    assert done.err.replace(f'"{done.place.parent}/main"', '"MAIN"').endswith(error) and bool(done.err) == bool(error)


@pytest.mark.parametrize("line, out", [
    ('{"call_id":"call_001","result":1}', "1"),
    ('{"call_id":"call_001"}', "None"),
    ('{"call_id":"call_001","is_error":true}', "RuntimeError('the tool failed')"),
    ('{"call_id":"call_001","is_error":true,"error_message":7,"result":"why"}', "RuntimeError('the tool failed')"),
    ('{"call_id":"call_001","result":' + "9" * 5000 + "}", "RuntimeError('the result cannot be read')"),
    ('{"call_id":"call_001","result":' + "[" * 100_000 + "]" * 100_000 + "}", "RuntimeError('the result cannot be read')"),
    ('nonsense\n[]\n{"call_id":[]}\n{"call_id":"call_009"}\n{"call_id":"call_001","result":2}', "2"),
    ('{"call_id":"call_001","result":"' + "x" * 5_000_000 + '"}', "5000000"),
    ('{"call_id":"call_001","result":"\\ud800\\u0000\\u202e"}', "'\\ud800\\x00\\u202e'"),
])  # fmt: skip
def test_whatever_comes_back_a_call_ends(python, line, out):
    done = python("try:\n    r = await fail()\n    print(len(r) if isinstance(r, str) and len(r) > 9 else repr(r))\n"
                  "except Exception as e: print(repr(e))", replies=lambda calls: line + "\n")
    assert (done.code, done.out, done.err) == (0, out + "\n", "")


def test_a_program_that_closes_the_channel_is_told_so(python):
    done = python("import os\nos.closerange(3, 1000)\nfor _ in 'ab':\n    try: asyncio.run(fail())\n    except OSError as e: print(e.errno)")
    assert (done.code, done.out, done.err) == (0, "9\n9\n", "")


def test_a_lone_surrogate_leaves_a_line_that_can_be_read(python):
    assert python("await get_weather('\\ud800')").calls[0]["input"] == {"city": "?"}


def test_plots_of_a_program_with_tools_need_nothing(python):
    assert python("import sys\nprint(type(sys.meta_path[0]).__name__)").out == "Watch\n"


# -- Bash -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("code, out", [
    ("get_weather '{\"city\": \"S\\u0000 F\"}'", '{"in":{"city":"S\\u0000 F"},"é":[1.5,null,"\u2028"]}\n'),
    ("x=$(get_weather '{\"a\": 1}'); echo \"<$x>\"", '<{"in":{"a":1},"é":[1.5,null,"\u2028"]}>\n'),
    ("get_weather | jq -c .in", "{}\n"),
    ("while_tool '{\"a\":[]}' | cat | jq -c .in", '{"a":[]}\n'),
    ("for n in 1 2 3; do get_weather \"{\\\"n\\\": $n}\" | jq -c .in & done; wait", None),
    ("printf '%s\\n' 1 2 | while read -r n; do class \"[$n]\" || get_weather \"{\\\"n\\\":$n}\" | jq .in.n; done 2>/dev/null", "1\n2\n"),
    ("echo 1 2 | xargs -n1 bash -c 'get_weather \"{\\\"n\\\":$0}\" | jq .in.n'", "1\n2\n"),
    ("set -Ceuf -o pipefail; IFS=_; PATH=/; cat() { echo mine; }; printf() { echo mine; }; get_weather", '{"in":{},"é":[1.5,null,"\u2028"]}\n'),
    ("cat; read -r x || echo none; ls /proc/self/fd | wc -l; echo ${BASH_ENV-none} $0 $#", "none\n4\nnone MAIN 0\n"),
    ("echo_all_x '{}' | jq -c .in; declare -F | grep -c ' touch'; cd /tmp; get_weather | jq -c .in", "{}\n0\n{}\n"),
    ("x=$(head -c 300000 /dev/zero | tr '\\0' x); get_weather \"{\\\"x\\\":\\\"$x\\\"}\" | wc -c", "300038\n"),
    ("trap 'echo bye' EXIT; false; echo $?", "1\nbye\n"),
])  # fmt: skip
def test_a_call_prints_the_result_wherever_it_is(bash, code, out):
    done = bash(": &\nwait \"$!\"\n" + code)
    told = done.out.replace(f"{done.place.parent}/main", "MAIN")
    assert (done.code, done.err) == (0, "") and (told == out or out is None)
    assert not done.place.exists() and not list(done.work.iterdir())


def test_thirty_jobs_call_at_once(bash):
    done = bash("for n in $(seq 30); do get_weather \"{\\\"n\\\":$n}\" > /dev/null & done; wait; get_weather > /dev/null")
    assert (done.code, done.err, sorted(call["input"].get("n", 0) for call in done.calls)) == (0, "", list(range(31)))
    assert [call["id"] for call in done.calls] == [f"call_{n:03d}" for n in range(1, 32)] and len(done.batches) <= 4


@pytest.mark.parametrize("code, status, error", [
    ("fail '{}'", 1, "it's\nbroken\n"),
    ("set -e; fail; echo on", 1, "it's\nbroken\n"),
    ("fail 2>/dev/null || exit 5", 5, ""),
    ("get_weather '[1]'", 1, "the argument is not a JSON object\n"),
    ("get_weather '{\"a\":'", 1, "the argument is not a JSON object\n"),
    ("get_weather " + "'" + "[" * 100_000 + "'", 1, "the argument is not a JSON object\n"),
    ("echo\nnosuch", 127, "MAIN: line 2: nosuch: command not found\n"),
    ("if", 2, "MAIN: line 2: syntax error: unexpected end of file\n"),
    ("set -u\nget_weather > /dev/null\necho $nothing", 1, "MAIN: line 3: nothing: unbound variable\n"),
    ("kill -TERM $$", -15, ""),
    ("exit 300", 44, ""),
])  # fmt: skip
def test_failures_of_a_script_are_its_own(bash, code, status, error):
    done = bash(code)
    assert (done.code, done.err.replace(f"{done.place.parent}/main", "MAIN")) == (status, error)


def test_a_caller_that_was_killed_keeps_nobody(bash):
    # As a job of its own: killed one after the other, the second may have got another parent, and stay.
    done = bash("set -m; get_weather > /dev/null & sleep 0.05; kill -- -$!; wait; get_weather | jq -c .in")
    assert (done.code, done.out) == (0, "{}\n")


def test_the_private_directory_is_gone_at_the_end(bash):
    before = {name for name in os.listdir(tempfile.gettempdir()) if name.startswith(".sbx_")}
    bash("fail; get_weather; exit 1")
    assert {name for name in os.listdir(tempfile.gettempdir()) if name.startswith(".sbx_")} <= before


def test_no_tools_are_tools_too(bash, python):
    assert bash("echo on", tools=[]).out == python("print('on')", tools=[]).out == "on\n"
