"""Code in the kernels of a sandbox that stays: variables live on, whatever becomes of the callers."""

import base64
import json
import os
import signal
import subprocess
import time

import pytest

from kept import Kept
from runner import RECORD_FIELDS, eventually

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def here(binary, tmp_path_factory):
    """A state directory of this file's own with a sandbox of each language that has a kernel."""
    sbx = Kept(binary, tmp_path_factory.mktemp("home"), None)
    sbx.make("--name", "py", "--pids", "256")
    yield sbx
    sbx.end_all()


@pytest.fixture
def kernel(here, request):
    """`eval` in a context that no other test has."""
    context = request.node.name.replace("[", ".").replace("]", "")[:60]

    class Kernel:
        def __call__(self, code, *flags, box="py", **options):
            return here("eval", *flags, "--context", context, box, "-c", code, **options)

        def start(self, code, *flags, box="py", **options):
            return here.start("eval", *flags, "--context", context, box, "-c", code, **options)

        def running(self, code, *flags):
            """A caller whose code has said that it has begun."""
            process = self.start(code, *flags)
            assert process.stdout.readline() == b"begun\n", process.communicate()
            return process

        def variables(self, *flags, box="py", **options):
            return here("eval", "--variables", *flags, "--context", context, box, **options)

        def known(self, *flags, box="py"):
            """The variables by name."""
            return {each["name"]: each for each in self.variables("--json", *flags, box=box).json}

        def processes(self):
            return [p for p in here.record("py")["processes"] if p["command"][-1] == f"--context={context}"]

    yield Kernel()
    for box in ("py", "js", "sh"):  # its processes would count against the limit of the next tests
        here("exec", box, "pkill", "-KILL", "-f", f"context={context}$")


def test_variables_stay_and_the_last_value_is_printed(kernel):
    assert kernel("x = 6 * 7").stdout == b""
    assert kernel("x").stdout == b"42\n"
    done = kernel("print('out')\nimport sys\nprint('err', file=sys.stderr)\nx + 1")
    assert (done.code, done.stdout, done.stderr) == (0, b"out\n43\n", b"err\n")
    assert kernel("x + 1;").stdout == b""
    assert kernel("'é∂😀'").out == "'é∂😀'\n"
    assert len(kernel.processes()) == 1


def test_code_comes_from_a_file_or_from_stdin(here, tmp_path):
    (tmp_path / "cell.py").write_text("seen = 'file'\nseen")
    assert here("eval", "py", "cell.py", cwd=tmp_path).out == "'file'\n"
    assert here("eval", "py", "-", stdin=b"seen.upper()").out == "'FILE'\n"
    assert here("eval", "-c", "seen", "py", "-q").out == "'file'\n"


def test_what_is_printed_and_shown_comes_in_its_order(kernel):
    code = "for i in range(200):\n    print('p', i)\n    display(i)\n'end'"
    expected = "".join(f"p {i}\n{i}\n" for i in range(200)) + "'end'\n"
    assert kernel(code).out == expected
    events = [e for e in kernel(code, "--ndjson").events if e["type"] not in ("start", "end")]
    assert "".join(e["data"] if e["type"] == "stdout" else e["data"]["text/plain"] + "\n" for e in events) == expected


def test_what_is_shown_comes_after_what_was_printed_before(here, kernel):
    here.make("--name", "js", "--lang", "javascript")
    code = "for (let i = 0; i < 200; i++) { console.log('p', i); display(i); }; 'end'"
    lines = kernel(code, "--lang", "js", box="js").out.splitlines()
    assert [line for line in lines if line.startswith("p")] == [f"p {i}" for i in range(200)]
    assert [line for line in lines if not line.startswith("p")] == [str(i) for i in range(200)] + ["'end'"]
    assert all(lines.index(f"p {i}") < lines.index(str(i)) for i in range(200)) and lines[-1] == "'end'"


def test_an_error_is_a_traceback_on_stderr_and_exit_code_1(kernel):
    done = kernel("x = 1\n1/0")
    assert (done.code, done.stdout) == (1, b"") and done.err.startswith("Traceback") and "ZeroDivisionError" in done.err
    assert "sbx:" not in done.err
    assert kernel("x").out == "1\n"
    record = kernel("1/0", "--json").json
    assert record["error"]["name"] == "ZeroDivisionError" and record["error"]["frames"][0]["line"] == 1
    assert (record["exit_code"], record["reason"], record["origin"]) == (1, "exited", "program")
    assert kernel("import sys; sys.exit(3)").code == 3


def test_a_record_holds_the_results_by_type(kernel):
    kernel(
        f"class Rich:\n  def _repr_html_(self): return '<b>1</b>'\n"
        f"  def _repr_png_(self): return bytes.fromhex('{PNG.hex()}')\n  def __repr__(self): return 'rich'"
    )
    done = kernel("print('a')\ndisplay(Rich())\nRich()", "--json")
    record = done.json
    assert set(record) == RECORD_FIELDS and done.stderr == b""
    assert [r["type"] for r in record["results"]] == ["display", "result"]
    for shown in record["results"]:
        assert shown["metadata"] == {}
        assert shown["data"]["text/plain"] == "rich" and shown["data"]["text/html"] == "<b>1</b>"
        assert base64.b64decode(shown["data"]["image/png"]) == PNG
    assert (record["stdout"], record["path"], record["exit_code"]) == ("a\n", "session", 0)
    events = kernel("print('a')\nRich()", "--ndjson").events
    assert [e["type"] for e in events] == ["start", "stdout", "result", "end"]
    assert events[-1]["results"] == [events[2]]
    events = kernel("1/0", "--ndjson").events
    assert [e["type"] for e in events] == ["start", "error", "end"] and events[1]["name"] == "ZeroDivisionError"


def test_artifacts_are_pictures_as_files(kernel, tmp_path):
    code = f"class P:\n  def _repr_png_(self): return bytes.fromhex('{PNG.hex()}')\ndisplay(P())\nP()"
    assert kernel(code, "--artifacts", tmp_path / "new").code == 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "new").iterdir()} == {"1.png": PNG, "2.png": PNG}
    assert kernel(code, "--artifacts", tmp_path / "new").code == 0
    assert len(list((tmp_path / "new").iterdir())) == 4


def test_a_picture_that_is_none_is_no_artifact(kernel, tmp_path):
    done = kernel("display({'image/png': 'no base64'}, raw=True)", "--artifacts", tmp_path / "new")
    assert done.code == 0 and "a value of image/png was not saved: it is not base64" in done.err
    assert not (tmp_path / "new").exists()


def test_updates_and_clearing_are_as_a_notebook_has_them(kernel):
    code = "display(1, display_id='a')\nupdate_display(2, display_id='a')\nclear_output(wait=True)"
    record = kernel(code, "--json").json
    assert [r["data"]["text/plain"] for r in record["results"]] == ["2"], record
    assert kernel(code + "\ndisplay(3)", "--json").json["results"][0]["data"]["text/plain"] == "3"


def test_stdin_is_given_where_it_is_asked_for(kernel):
    code = "import sys\nsys.stdin.read()"
    assert kernel(code, stdin=b"ignored").out == "''\n"
    assert kernel(code, "-i", stdin="é\nb".encode()).out == "'é\\nb'\n"
    assert kernel("input() + input()", "-i", stdin=b"a\nb\n").out == "'ab'\n"
    done = kernel(code, "-i", stdin=b"\xff\xfe")
    assert done.code == 125 and "UTF-8" in done.err
    assert kernel(code, "-i", stdin=b"x" * (3 << 20), timeout=20).code == 0


def test_contexts_share_nothing_but_the_sandbox(here, kernel):
    kernel("x = 1; open('/work/shared', 'w').write('there');")
    assert "NameError" in here("eval", "--context", "other", "py", "-c", "x").err
    assert here("eval", "--context", "other", "py", "-c", "open('/work/shared').read()").out == "'there'\n"


def test_two_callers_take_turns(kernel):
    kernel("seen = []")
    callers = [
        kernel.start(f"import time\nfor i in range(10): seen.append({n}); time.sleep(0.02)\n{n}") for n in range(4)
    ]
    assert sorted(c.communicate(timeout=20)[0] for c in callers) == [f"{n}\n".encode() for n in range(4)]
    assert eval(kernel("[seen[i:i+10] for i in range(0, 40, 10)]").out) in (
        json.loads(json.dumps([[n] * 10 for n in order])) for order in __import__("itertools").permutations(range(4))
    )


def test_callers_come_in_the_order_in_which_they_asked(kernel):
    kernel("seen = []")
    first = kernel.running("print('begun', flush=True); import time; time.sleep(2.5); seen.append(0)")
    callers = []
    for n in (1, 2, 3):
        callers.append(kernel.start(f"seen.append({n})"))
        time.sleep(0.4)
    for caller in (first, *callers):
        assert caller.communicate(timeout=20) == (b"", b"") and caller.returncode == 0
    assert kernel("seen").out == "[0, 1, 2, 3]\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_caller_that_waits_no_longer_disturbs_nobody(kernel, number):
    kernel("x = 'kept'")
    first = kernel.running("print('begun', flush=True); import time; time.sleep(2); x + ' on'")
    waiting, last = kernel.start("x = 'no'"), None
    time.sleep(0.5)
    last = kernel.start("x + ' last'")
    time.sleep(0.5)
    waiting.send_signal(number)
    assert waiting.wait(5) == (130 if number == signal.SIGINT else -number)
    assert first.communicate(timeout=10) == (b"'kept on'\n", b"") and first.returncode == 0
    assert last.communicate(timeout=10) == (b"'kept last'\n", b"") and last.returncode == 0


def test_with_a_keeper_that_dies_all_turns_end(here, kernel):
    kernel("x = 'kept'")
    first = kernel.running("print('begun', flush=True); import time; time.sleep(60)")
    waiting = kernel.start("x")
    time.sleep(0.5)
    for pid in here.keepers():
        os.kill(pid, signal.SIGKILL)
    for caller in (first, waiting):
        assert caller.wait(10) == 125
    done = kernel("x", "--timeout", "20s")
    assert (done.code, done.out) == (0, "'kept'\n"), done


def test_a_kernel_that_is_busy_for_too_long_is_a_timeout(kernel):
    first = kernel.running("print('begun', flush=True); import time; time.sleep(30)")
    done = kernel("1", "--timeout", "300ms")
    assert done.code == 124 and "busy" in done.err, done
    assert done.seconds < 3
    first.send_signal(signal.SIGINT)
    assert first.wait(10) == 130


def test_a_caller_that_dies_leaves_the_kernel_and_none_of_its_output(kernel):
    kernel("x = 'kept'")
    caller = kernel.running("import time\nprint('begun', flush=True)\nwhile True: print('mine'); time.sleep(0.001)")
    caller.kill()
    caller.communicate()
    done = kernel("print('own'); x")
    assert (done.code, done.out, done.err) == (0, "own\n'kept'\n", "")
    assert done.seconds < 3


def test_the_code_of_a_caller_that_dies_is_interrupted(here, kernel):
    kernel("import time, pathlib; end = pathlib.Path('/work/interrupted')")
    caller = kernel.start("try:\n  print('begun', flush=True)\n  time.sleep(1000)\nfinally: end.touch()")
    assert caller.stdout.readline() == b"begun\n"
    caller.kill()
    caller.communicate()
    assert eventually(lambda: here("files", "stat", "py:/work/interrupted").code == 0, 5)
    assert kernel("end.name").out == "'interrupted'\n"


def test_what_code_has_started_outlives_a_caller_that_is_done(here, kernel):
    kernel("import subprocess; child = subprocess.Popen(['sleep', '1000'])")
    kernel.variables()
    assert kernel("child.poll()").out == ""
    kernel("child.kill()")


def test_code_that_cannot_be_interrupted_costs_its_kernel(kernel):
    kernel("x = 1")
    caller = kernel.running("import time\nwhile True:\n  try: print('begun', flush=True); time.sleep(1)\n  except KeyboardInterrupt: pass")
    caller.kill()
    caller.communicate()
    done = kernel("'x' in globals()")
    assert done.code == 0 and done.out == "False\n" and "variables are lost" in done.err, done


def test_a_keeper_that_dies_costs_nothing(here, kernel):
    kernel("x = 'kept'")
    for pid in here.keepers():
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not here.keepers(), 5)
    assert kernel("x").out == "'kept'\n"


def test_at_the_time_limit_code_is_interrupted_and_variables_stay(kernel):
    done = kernel("x = 5\nimport time\ntime.sleep(60)", "--timeout", "300ms")
    assert done.code == 124 and "--timeout 600ms" in done.err and "lost" not in done.err, done
    assert kernel("x").out == "5\n"
    done = kernel(
        "import time\nwhile True:\n  try: time.sleep(9)\n  except KeyboardInterrupt: pass",
        "--timeout", "300ms", "--grace", "1s", "--json",
    )  # fmt: skip
    record = done.json
    assert (done.code, record["reason"], record["origin"]) == (124, "timeout", "sbx")
    assert "variables are lost" in done.err and kernel("'x' in globals()").out == "False\n"


def test_ctrl_c_interrupts_and_variables_stay_a_second_one_kills(kernel):
    kernel("x = 7")
    caller = kernel.running("print('begun', flush=True); import time\nwhile True: time.sleep(0.1)")
    caller.send_signal(signal.SIGINT)
    out, err = caller.communicate(timeout=10)
    assert caller.returncode == 130 and b"KeyboardInterrupt" in err
    assert kernel("x").out == "7\n"
    caller = kernel.running("import time\nwhile True:\n  try: print('begun', flush=True); time.sleep(9)\n  except KeyboardInterrupt: pass", "--grace", "30s")
    caller.send_signal(signal.SIGINT)
    time.sleep(0.3)
    caller.send_signal(signal.SIGINT)
    assert caller.wait(5) == 130
    assert kernel("'x' in globals()").out == "False\n"


def test_code_that_catches_the_interrupt_ends_as_it_likes(kernel):
    caller = kernel.running("import time\ntry:\n  print('begun', flush=True)\n  while True: time.sleep(0.1)\nexcept KeyboardInterrupt: print('caught')")
    caller.send_signal(signal.SIGINT)
    assert caller.communicate(timeout=10) == (b"caught\n", b"") and caller.returncode == 0


@pytest.mark.parametrize(
    "code, exit_code, reason, number",
    [("import os; os._exit(9)", 9, "exited", None), ("import os; os.kill(os.getpid(), 11)", 139, "signaled", 11),
     ("import os; os.close(1); os.execvp('true', ['true'])", 0, "exited", None)],
)  # fmt: skip
def test_a_kernel_that_dies_is_told_and_the_next_one_is_new(kernel, code, exit_code, reason, number):
    kernel("x = 1")
    done = kernel("print('before', flush=True)\n" + code, "--json")
    record = done.json
    assert (done.code, record["reason"], record["signal"]) == (exit_code, reason, number), done
    assert record["stdout"] == "before\n" and "variables are lost" in done.err
    assert kernel("'x' in globals()").out == "False\n"


def test_a_kernel_without_memory_is_told(kernel):
    done = kernel("b'x' * (1 << 30)", "--json")
    assert (done.code, done.json["reason"]) == (137, "oom") and "--memory" in done.err and "lost" in done.err, done
    assert kernel("1").out == "1\n"


def test_restart_gives_a_fresh_kernel(kernel):
    kernel("x = 1")
    assert kernel("'x' in globals()", "--restart").out == "False\n"
    assert len([p for p in kernel.processes() if p["running"]]) == 1


def test_output_is_whole_and_has_a_limit(kernel):
    done = kernel("print('x' * (5 << 20))")
    assert (done.code, len(done.stdout)) == (0, (5 << 20) + 1)
    kernel("x = 1")
    done = kernel("while True: print('y' * 1000)", "--max-output", "1m")
    assert (done.code, len(done.stdout)) == (153, 1 << 20) and "--max-output 2m" in done.err, done.err
    done = kernel("while True: display('y' * 1000)", "--max-output", "1m", "--json")
    assert done.code == 153 and done.json["truncated"]
    assert kernel("x").out == "1\n"


def test_a_reader_that_goes_away_ends_it_quietly(here, kernel):
    kernel("x = 1")
    done = here.shell(
        f"'{here.binary}' eval --context pipes py -c 'while True: print(1)' | head -1; echo ${{PIPESTATUS[0]}}"
    )
    assert done.out == "1\n141\n" and done.err == "", done


def test_what_nobody_should_believe_on_the_answers_channel_ends_the_kernel(kernel):
    code = (
        "import os, time\nfor fd in os.listdir('/proc/self/fd'):\n"
        "  try:\n    if int(fd) > 4 and 'socket' in os.readlink('/proc/self/fd/' + fd): os.write(int(fd), b'{}\\n')\n"
        "  except OSError: pass\ntime.sleep(5)"
    )
    done = kernel(code)
    assert done.code == 137 and "answer of the kernel" in done.err and "lost" in done.err, done
    assert kernel("1").out == "1\n"


@pytest.mark.parametrize(
    "args, code, word",
    [([], 125, "sandbox"), (["py"], 125, "code"), (["nobody", "-c", "1"], 127, "nobody"), (["py", "none.py"], 127, "none.py"),
     (["py", "-c", "1", "more"], 125, "arguments"), (["--lang", "c", "py", "-c", "1"], 127, "kernel"),
     (["--lang", "cobol", "py", "-c", "1"], 127, "cobol"), (["--lang", "js", "py", "-c", "1"], 127, "node"),
     (["--context", "a/b", "py", "-c", "1"], 125, "--context"), (["--timeout", "0", "py", "-c", "1"], 125, "--timeout"),
     (["-i", "py", "-"], 125, "stdin"), (["py", "-c", b"'\xff'"], 125, "UTF-8"), (["--workdir", "/", "py", "-c", "1"], 125, "--workdir")],
)  # fmt: skip
def test_what_cannot_run_says_why(here, args, code, word):
    done = here("eval", *args)
    assert (done.code, done.stdout) == (code, b"") and word in done.err, done
    done = here("eval", "--json", *args)
    assert done.code == code and word in json.dumps(done.json["error"]) and done.json["exit_code"] == code


def test_javascript_has_a_kernel(kernel):
    assert kernel("const x = {a: 1}", "--lang", "js", box="js").code == 0
    done = kernel("console.log('out'); x", "--lang", "js", box="js")
    assert (done.code, done.out) == (0, "out\n{ a: 1 }\n")
    assert kernel("x", "--lang", "javascript", "--json", box="js").json["results"][0]["data"]["application/json"] == {"a": 1}
    done = kernel("throw new TypeError('no')", "--lang", "js", box="js")
    assert done.code == 1 and "TypeError: no" in done.err
    assert kernel("process.argv.length", "--lang", "js", box="js").out == "1\n"
    done = kernel("for (;;) ;", "--lang", "js", "--timeout", "300ms", box="js")
    assert done.code == 124 and kernel("x.a", "--lang", "js", box="js").out == "1\n"


def test_bash_has_a_kernel(here, kernel):
    here.make("--name", "sh", "--lang", "bash")
    assert kernel("x=1; cd /tmp; f() { return 7; }", "--lang", "bash", box="sh").code == 0
    done = kernel("echo $x $#; pwd; f", "--lang", "sh", box="sh")
    assert (done.code, done.out, done.err) == (7, "1 0\n/tmp\n", "")
    assert kernel("cat", "--lang", "bash", "-i", box="sh", stdin=b"given\n").out == "given\n"
    done = kernel("sleep 60", "--lang", "bash", "--timeout", "300ms", box="sh")
    assert done.code == 124 and kernel("echo $x", "--lang", "bash", box="sh").out == "1\n"


@pytest.mark.parametrize(
    "language, assign, x, shown, fails, error, loop, dies",
    [
        ("typescript", "var x: number = 42", "x", "42", "null!.y", "TypeError", "for (;;) ;", "process.reallyExit(4)"),
        ("ruby", "x = 42", "x", "42", "raise 'no'", "no (RuntimeError)", "loop {}", "exit! 4"),
        ("php", "$x = 42;", "$x", "42", "throw new Exception('no')", "Exception: no in cell://", "while (true);",
         "pcntl_exec('/bin/sh', ['-c', 'exit 4']);"),
        ("lua", "x = 42", "x", "42", "error('no')", ":1: no", "while true do end", "os.execute('kill -KILL $PPID')"),
        ("r", "x <- 42", "x", "[1] 42", "stop('no')", "Error: no", "while (TRUE) {}", "tools::pskill(Sys.getpid(), 9)"),
    ],
    ids=["typescript", "ruby", "php", "lua", "r"],
)  # fmt: skip
def test_others_have_a_kernel(here, language, assign, x, shown, fails, error, loop, dies):
    box = here.make("--name", language, "--lang", language)

    def run(code, *flags):
        return here("eval", "--lang", language, *flags, box, "-c", code)

    try:
        assert run(assign).code == 0
        done = run(x)
        assert (done.code, done.out, done.err) == (0, f"{shown}\n", "")
        done = run(fails)
        assert (done.code, done.out) == (1, "") and error in done.err, done
        done = run(loop, "--timeout", "1s")
        assert done.code == 124 and run(x).out == f"{shown}\n"
        (known,) = [each for each in here("eval", "--variables", "--json", "--lang", language, box).json if each["name"] in ("x", "$x")]
        assert known["value"].endswith("42")
        done = run(dies)
        assert done.code in (4, 137) and "its variables are lost" in done.err, done
        done = run(x)
        assert shown not in done.out
        assert run(assign).code == 0 and run(x).out == f"{shown}\n"
    finally:
        here("rm", box)


def test_a_language_without_a_kernel_is_told_of_those_that_have_one(here):
    done = here("eval", "--lang", "c", "py", "-c", "1")
    assert "c has no kernel" in done.err
    assert "python, javascript, typescript, bash, ruby, php, lua and r have one" in done.err


def test_on_a_terminal_ctrl_c_reaches_the_code(here, kernel):
    master, slave = os.openpty()
    try:
        caller = subprocess.Popen(
            here.command("eval", "--context", "tty", "py", "-c", "import time; time.sleep(60)"),
            stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=here.environment(), start_new_session=True,
            preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
        )  # fmt: skip
        assert eventually(lambda: any("tty" in p["command"][-1] for p in here.record("py")["processes"]), 5)
        time.sleep(0.5)
        os.write(master, b"\x03")
        assert caller.wait(10) == 130
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize("code", ["x", "x = 1", "print(1)"])
def test_code_where_a_file_belongs_is_told_of_its_flag(here, code):
    done = here("eval", "py", code)
    assert done.code == 127, done
    assert done.words[-1] == "  → sbx eval SANDBOX -c CODE  runs code from the command line"


def test_variables_are_shown_with_their_types(kernel):
    assert kernel.variables("--json").json == [] and kernel.variables().stdout == b""
    kernel("n = 6\nname = 'Ada'\nmany = list(range(1000))\nclass P: pass\np = P(); two = 'a\\nb'")
    known = kernel.known()
    assert known["n"] == {"name": "n", "type": "int", "value": "6", "truncated": False, "length": None, "shape": None}
    assert (known["name"]["value"], known["name"]["length"]) == ("'Ada'", 3)
    assert known["many"]["truncated"] and known["many"]["length"] == 1000 and len(known["many"]["value"]) <= 200
    assert known["p"]["type"] == "__main__.P" and set(known) == {"n", "name", "many", "P", "p", "two"}
    lines = kernel.variables().out.splitlines()
    assert lines[0].split() == ["NAME", "TYPE", "VALUE"] and lines[1].split() == ["n", "int", "6"]
    assert lines[3].endswith(" …") and len(lines) == 7
    assert kernel("n").out == "6\n"


@pytest.mark.parametrize(
    "box, lang, code, expected",
    [
        ("js", "js", "const n = 6; let list = [1, 2]", {"n": ("number", "6"), "list": ("Array", "[ 1, 2 ]")}),
        ("sh", "bash", "n=6; list=(1 2)", {"n": ("string", "6"), "list": ("array", '([0]="1" [1]="2")')}),
    ],
    ids=["javascript", "bash"],
)
def test_variables_of_other_languages(here, kernel, box, lang, code, expected):
    if box not in {each["name"] for each in here.known().values()}:
        here.make("--name", box, "--lang", lang)
    kernel(code, "--lang", lang, box=box)
    known = kernel.known("--lang", lang, box=box)
    assert {name: (each["type"], each["value"]) for name, each in known.items()} == expected


def test_a_hostile_repr_ends_neither_the_caller_nor_the_screen(kernel):
    kernel("class E:\n  def __repr__(self): return chr(27) + '[2Jx'\ne = E()")
    assert "\x1b" not in kernel.variables().out
    kernel("class E:\n  def __repr__(self):\n    while True: pass\ne = E(); n = 1")
    done = kernel.variables("--json", "--timeout", "1s")
    assert done.code == 125 and done.json["error"]["code"] == "deadline_exceeded"
    assert kernel("n").out == "1\n"


def test_variables_go_with_no_code(here):
    for wrong in (["py", "-c", "x"], ["py", "x.py"], [], ["-i", "py"], ["--restart", "py"], ["--lang", "c", "py"]):
        done = here("eval", "--variables", *wrong)
        assert done.code in (125, 127) and done.stdout == b"" and done.err, wrong
