"""Many jobs in one command: each is the run that `sbx run` would have made, and its result one whole line."""

import json
import os
import pty
import signal
import subprocess
import time
import uuid
import xml.etree.ElementTree as xml

import pytest

from own_daemon import own_daemon
from runner import RECORD_FIELDS, Sbx, eventually, peak_memory


class Batch(Sbx):
    """sbx with a label on each batch, and jobs written as Python values."""

    def __init__(self, binary, home, label):
        super().__init__(binary, home, label)
        self.folder = home

    def command(self, *args):
        if args and args[0] == "batch":
            args = ("batch", *self.label, *args[1:])
        return super().command(*args)

    def write(self, jobs, name="jobs.jsonl"):
        path = self.folder / name
        path.write_text("".join(json.dumps(job) + "\n" for job in jobs))
        return path

    def batch(self, jobs, *flags, **options):
        """Runs jobs of a file; with the results by id."""
        done = self("batch", *flags, self.write(jobs), timeout=300, **options)
        return done, by_id(done.events)


def by_id(events):
    results = {event["id"]: event for event in events}
    assert len(results) == len(events), events
    return results


def python(code, **fields):
    return {"language": "python", "code": code, **fields}


@pytest.fixture
def sbx(binary, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    batch = Batch(binary, home, f"batch-{uuid.uuid4().hex[:12]}")
    with own_daemon(batch, home):
        yield batch


def sandboxes(sbx, engine, state=None):
    label = sbx.label[1].removeprefix("test=")
    return [c["Id"] for c in engine.containers(label) if state in (None, c["State"])]


def none_left(sbx, engine, state=None):
    return eventually(lambda: not sandboxes(sbx, engine, state), 15)


# ---- what jobs say


def test_several_languages_in_one_batch(sbx):
    jobs = [
        {"id": "py", "language": "python", "code": "print(6 * 7)"},
        {"id": "js", "language": "javascript", "code": "console.log(6 * 7)"},
        {"id": "sh", "language": "bash", "code": "echo $((6 * 7))"},
        {"id": "c", "language": "c", "code": '#include <stdio.h>\nint main(){ printf("%d\\n", 6 * 7); }'},
    ]
    done, results = sbx.batch(jobs, "-j", "2")
    assert (done.code, set(results)) == (0, {"py", "js", "sh", "c"}), done
    for result in results.values():
        assert result["stdout"] == "42\n"
        assert RECORD_FIELDS | {"id", "line", "passed", "difference"} == set(result)
        assert (result["passed"], result["difference"], result["reused"]) == (None, None, False)
    assert "4 runs, 0 passed, 0 failed" in done.err


def test_a_job_has_arguments_stdin_files_variables_and_limits(sbx):
    code = "import os, sys; print(sys.argv[1:], input(), open('data/x.txt').read(), os.environ['WORD'])"
    files = {"data/x.txt": "in a file"}
    job = python(code, id=7, args=["a", "b c"], stdin="typed\n", files=files, env={"WORD": "w"}, limits={"timeout": 20})
    done, results = sbx.batch([job, python("while True: pass", id="slow", limits={"wall_ms": 500})])
    assert results[7]["stdout"] == "['a', 'b c'] typed in a file w\n"
    assert (results["slow"]["reason"], results["slow"]["exit_code"]) == ("timeout", 124)
    assert done.code == 1


def test_a_script_of_this_host_runs_under_its_name(sbx):
    (sbx.folder / "hello there.py").write_text("import sys; print(sys.argv)")
    done, results = sbx.batch([{"file": "hello there.py", "args": ["x"]}], cwd=sbx.folder)
    assert results[1]["stdout"] == "['hello there.py', 'x']\n", done


def test_a_jobs_own_fields_win_over_the_flags(sbx):
    jobs = [python("import os; print(os.environ['A'], os.environ['B'])", env={"A": "job"}, limits={"memory": "100m"})]
    done, results = sbx.batch(jobs, "-e", "A=flag", "-e", "B=flag", "--memory", "64m")
    assert results[1]["stdout"] == "job flag\n", done


def test_input_as_people_write_it(sbx):
    lines = b"\xef\xbb\xbf" + json.dumps(python("print(1)")).encode() + b"\r\n\r\n  \n" + json.dumps(python("print(2)")).encode()
    path = sbx.folder / "jobs.jsonl"
    path.write_bytes(lines)
    done = sbx("batch", path)
    assert {event["id"]: event["stdout"] for event in done.events} == {1: "1\n", 4: "2\n"}
    path.write_bytes(b"")
    empty = sbx("batch", path)
    assert (empty.code, empty.stdout) == (0, b""), empty


BAD_LINES = [
    (b"{", "not JSON"),
    (b"[1]", "one JSON object"),
    (b'{"language": "python"}', "either code or a file"),
    (b'{"lang": "python", "code": "1"}', "unknown key 'lang'"),
    (b'{"languge": "python", "code": "1"}', "did you mean language?"),
    (b'{"language": "pyton", "code": "1"}', "did you mean python?"),
    (b'{"code": "\xff"}', "UTF-8"),
    (b'{"code": 1}', "code is a string"),
    (b'{"file": "nothing-here.py"}', "no such file"),
    (b'{"code": "1", "limits": {"memory": "banana"}}', "banana"),
    (b'{"code": "1", "limits": {"memry": "1g"}}', "did you mean memory?"),
    (b'{"code": "1", "files": {"../../etc/x": ""}}', "below /work"),
    (b'{"code": "1", "check": "nearly"}', "is no check"),
    (b'{"code": "1", "args": ["a\\u0000b"]}', "NUL"),
    (b'{"code": "1", "id": "first"}', "the id 'first' is that of line 1 too"),
]


@pytest.mark.parametrize(("line", "words"), BAD_LINES)
def test_a_wrong_line_of_a_file_is_refused_before_anything_runs(sbx, line, words):
    path = sbx.folder / "jobs.jsonl"
    path.write_bytes(b'{"id": "first", "code": "print(1)"}\n' + line + b"\n")
    done = sbx("batch", path)
    assert (done.code, done.stdout) == (2, b""), done
    assert f"{path}:2: " in done.err and words in done.err


def test_a_wrong_line_of_stdin_is_a_result(sbx):
    lines = b'{"code": "print(1)"}\nnonsense\n{"id": "a", "code": "print(3)"}\n{"id": "a", "code": "print(4)"}\n'
    done = sbx("batch", "--ordered", "-", stdin=lines)
    assert done.code == 1
    assert [event["id"] for event in done.events] == [1, 2, "a", "a"]
    assert "not JSON" in done.events[1]["error"]["message"]
    assert "line 3 too" in done.events[3]["error"]["message"]
    assert [done.events[0]["stdout"], done.events[2]["stdout"]] == ["1\n", "3\n"]


def test_a_large_job_runs(sbx):
    code = "x = '" + "a" * (64 << 20) + "'\nprint(len(x))"
    done, results = sbx.batch([python(code)], "--memory", "1g")
    assert results[1]["stdout"] == f"{64 << 20}\n", done.err


@pytest.mark.parametrize(
    ("flags", "words"),
    [(["-j", "0"], "-j"), (["--check", "near"], "near"), (["--timeout", "banana"], "banana"), (["--nonsense"], "nonsense")],
)
def test_wrong_flags_are_usage_errors(sbx, flags, words):
    done = sbx("batch", *flags, sbx.write([python("1")]))
    assert (done.code, done.stdout) == (2, b"") and words in done.err


def test_a_missing_file_is_named(sbx):
    done = sbx("batch", "nothing.jsonl")
    assert done.code == 3 and "nothing.jsonl" in done.err


def test_results_never_overwrite_the_jobs(sbx):
    path = sbx.write([python("1")])
    assert sbx("batch", "-o", path, path).code == 2
    assert path.read_text()


# ---- order, parallel


def test_results_come_as_they_end_or_in_order(sbx):
    jobs = [python(f"import time; time.sleep({pause}); print(1)", id=pause) for pause in (4, 0)]
    assert [event["id"] for event in sbx("batch", "-j", "2", sbx.write(jobs)).events] == [0, 4]
    assert [event["id"] for event in sbx("batch", "-j", "2", "--ordered", sbx.write(jobs)).events] == [4, 0]


def test_no_more_run_at_a_time_than_asked_for(sbx, engine, started):
    jobs = [python("import time; time.sleep(1)") for _ in range(6)]
    process = started("batch", "-j", "2", sbx.write(jobs), stdout=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, len(sandboxes(sbx, engine, "running")))
        time.sleep(0.05)
    assert (process.returncode, most) == (0, 2)


@pytest.fixture
def started(sbx):
    processes = []

    def start(*args, **options):
        processes.append(sbx.start(*args, **options))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()
        for stream in filter(None, (process.stdin, process.stdout, process.stderr)):
            stream.close()


def test_jobs_of_stdin_start_as_they_come(started):
    process = started("batch", "-")
    for number in range(2):
        process.stdin.write(json.dumps(python(f"print({number})")).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["stdout"] == f"{number}\n"
    process.stdin.close()
    assert process.wait(30) == 0


# ---- compilations

PROGRAMS = {
    "c": '#include <stdio.h>\nint main(void) { int x; scanf("%d", &x); printf("%d\\n", x * 2); }',
    "java": "class Twice { public static void main(String[] a) { System.out.println(2 * new java.util.Scanner(System.in).nextInt()); } }",
    "typescript": 'import * as fs from "fs";\nconst x: number = Number(fs.readFileSync(0, "utf8"));\nconsole.log(x * 2);',
}


# When the program that runs was made, in milliseconds. One that was moved has whole seconds, as archives have.
MADE = {
    "c": '#include <stdio.h>\n#include <sys/stat.h>\nint main(void) { struct stat s; stat("/tmp/.sbx-program", &s); '
         'printf("%f\\n", s.st_mtim.tv_sec * 1e3 + s.st_mtim.tv_nsec / 1e6); }',
    "java": "class Made { public static void main(String[] a) throws Exception { "
            'System.out.println(java.nio.file.Files.getLastModifiedTime(java.nio.file.Path.of("/tmp/.sbx-program"))'
            ".to(java.util.concurrent.TimeUnit.NANOSECONDS) / 1e6); } }",
    "typescript": 'import * as fs from "fs";\nconsole.log(fs.statSync("/tmp/.sbx-program/main.js").mtimeMs);',
}  # fmt: skip


@pytest.mark.here
@pytest.mark.parametrize("language", PROGRAMS)
def test_equal_sources_are_compiled_once(sbx, language):
    jobs = [{"language": language, "code": PROGRAMS[language], "stdin": f"{x}\n", "expected_stdout": f"{2 * x}\n"}
            for x in range(3)]  # fmt: skip
    jobs += [{"language": language, "code": MADE[language]} for _ in range(3)]
    done, results = sbx.batch(jobs, "-j", "2", "--debug")
    assert done.code == 0, done
    assert [results[x]["passed"] for x in (1, 2, 3)] == [True] * 3
    made = [float(results[x]["stdout"]) for x in (4, 5, 6)]
    assert len({time // 1000 for time in made}) == 1
    assert sum(time % 1000 != 0 for time in made) == 1, made
    # One sandbox a job: the first one of each source compiled in its own.
    assert done.err.count("/containers/create") == len(jobs)


@pytest.mark.here
def test_what_does_not_compile_is_tried_once_for_all(sbx):
    jobs = [{"language": "c", "code": "int main( {", "stdin": str(x)} for x in range(4)]
    done, results = sbx.batch([*jobs, {"language": "c", "code": "int main(void) {}"}], "-j", "2", "--debug")
    assert done.code == 1
    assert {results[x]["phase"] for x in range(1, 5)} == {"compile"}
    assert len({results[x]["execution_id"] for x in range(1, 5)}) == 1
    assert results[5]["exit_code"] == 0
    assert done.err.count("/containers/create") == 2


# ---- expectations


def test_checkers(sbx):
    jobs = [
        python("print('a b')", id="equal", expected_stdout="a b\n"),
        python("print('a  b')", id="exact", expected_stdout="a b\n"),
        python("print('a  b')", id="tokens", expected_stdout="a b", check="tokens"),
        python("print(1 / 3)", id="floats", expected_stdout="0.3333", check={"floats": 1e-3}),
        python("print(1 / 3)", id="strict", expected_stdout="0.3333", check={"floats": 1e-9}),
        python("print('a b'); raise SystemExit(3)", id="code", expected_stdout="a b\n"),
        python("raise SystemExit(3)", id="three", expected_exit_code=3),
        python("raise SystemExit(3)", id="free"),
    ]
    done, results = sbx.batch(jobs)
    passed = {id: result["passed"] for id, result in results.items()}
    assert passed == {"equal": True, "exact": False, "tokens": True, "floats": True, "strict": False, "code": False,
                      "three": True, "free": None}  # fmt: skip
    assert results["exact"]["difference"] == "line 1: expected 'a b', got 'a  b'"
    assert results["strict"]["difference"].startswith("word 1: expected '0.3333'")
    assert results["code"]["difference"] == "exit code: expected 0, got 3"
    assert done.code == 1 and "8 runs, 4 passed, 3 failed" in done.err


def test_a_program_checks(sbx):
    check = (
        "import sys\n"
        "given, expected, actual = (open(name).read() for name in sys.argv[1:4])\n"
        "if actual == 'crash': raise RuntimeError('oh')\n"
        "ok = sorted(actual.split()) == sorted(expected.split()) and given == 'in'\n"
        "print('fine' if ok else f'not the words of {expected}')\n"
        "sys.exit(not ok)\n"
    )
    (sbx.folder / "check.py").write_text(check)
    flags = ["--check", f"program:{sbx.folder}/check.py"]
    jobs = [
        python("print('b a')", id="good", stdin="in", expected_stdout="a b"),
        python("print('b c')", id="bad", stdin="in", expected_stdout="a b"),
        python("print('a b')", id="own", expected_stdout="a b", check="tokens"),
        python("print('x')", id="code", check={"program": {"code": "print('always'); raise SystemExit(1)"}}),
        python("print(end='crash')", id="broken", expected_stdout=""),
    ]
    done, results = sbx.batch(jobs, *flags)
    assert [results[id]["passed"] for id in ("good", "bad", "own", "code", "broken")] == [True, False, True, False, False]
    assert results["bad"]["difference"] == "not the words of a b"
    assert results["code"]["difference"] == "always"
    assert results["broken"]["difference"] == "RuntimeError: oh"
    assert done.code == 1


def test_a_check_that_decides_nothing_is_an_error(sbx):
    done, results = sbx.batch([python("print(1)", check={"program": {"code": "raise SystemExit(7)"}})])
    assert "came to no decision (exit code 7)" in results[1]["error"]["message"] and done.code == 1


@pytest.mark.here
def test_the_report_is_xml_whatever_programs_print(sbx):
    jobs = [
        python("print('<&>\\x1b]]>\\ufffe\\r')", id='a"<&', expected_stdout="no"),
        python("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')", id="bytes"),
        python("print('ü')", id="good", expected_stdout="ü\n"),
        python("1", id="sbx", image="no/such-image:1"),
    ]
    report = sbx.folder / "report.xml"
    done, _ = sbx.batch(jobs, "--junit", report, "--pull", "never")
    suite = xml.parse(report).getroot().find("testsuite")
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["4", "1", "1"], done
    assert float(suite.get("time")) > 0
    cases = {case.get("name"): case for case in suite.findall("testcase")}
    assert cases['a"<&'].find("failure") is not None and "<&>" in cases['a"<&'].find("system-out").text
    assert cases["sbx"].find("error") is not None
    assert cases["good"].find("system-out").text == "ü\n"
    assert not list(sbx.folder.glob("report.xml.*"))


# ---- interruptions


def whole_lines(path):
    data = path.read_bytes()
    return [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_batch_goes_on(sbx, engine, started, how):
    jobs = sbx.write([python(f"print({x}, 'x' * 200000)", id=f"job-{x}") for x in range(12)])
    results = sbx.folder / "results.jsonl"
    process = started("batch", "-j", "2", "--resume", results, jobs)
    assert eventually(lambda: results.exists() and len(whole_lines(results)) >= 3, 60)
    process.send_signal(how)
    code = process.wait(20)
    assert code == (-9 if how == signal.SIGKILL else 128 + how)
    before = whole_lines(results)
    if how != signal.SIGKILL:
        assert results.read_bytes().endswith(b"\n")
    assert 3 <= len(before) < 12
    # Killed between its creation and its start, a sandbox stays for the next command's sweep.
    assert none_left(sbx, engine, "running" if how == signal.SIGKILL else None)
    done = sbx("batch", "-j", "2", "--resume", results, jobs, timeout=120)
    assert done.code == 0, done
    after = whole_lines(results)
    assert after[: len(before)] == before
    assert sorted(by_id(after)) == sorted(f"job-{x}" for x in range(12))
    assert f"{12 - len(before)} runs and {len(before)} earlier" in done.err


def test_a_torn_line_is_written_anew(sbx):
    jobs = sbx.write([python(f"print({x})", id=f"job-{x}") for x in range(2)])
    results = sbx.folder / "results.jsonl"
    assert sbx("batch", "-o", results, jobs).code == 0
    first = whole_lines(results)[0]
    results.write_bytes(json.dumps(first).encode() + b'\n{"id": "job-1", "pass')
    assert sbx("batch", "--resume", results, jobs).code == 0
    lines = whole_lines(results)
    assert lines[0] == first and set(by_id(lines)) == {"job-0", "job-1"}
    assert results.read_bytes().endswith(b"\n")


def test_resume_leaves_other_files_alone(sbx):
    jobs = sbx.write([python("1")])
    other = sbx.folder / "letter.txt"
    other.write_text("Dear Sir\nor Madam\n")
    done = sbx("batch", "--resume", other, jobs)
    assert done.code == 5 and "line 1 is no result" in done.err
    assert other.read_text() == "Dear Sir\nor Madam\n"


def test_earlier_failures_count_and_are_in_the_report(sbx):
    jobs = sbx.write([python("print(1)", id="bad", expected_stdout="2\n"), python("print(1)", id="good")])
    results, report = sbx.folder / "results.jsonl", sbx.folder / "report.xml"
    assert sbx("batch", "--ordered", "-o", results, jobs).code == 1
    results.write_bytes(results.read_bytes().splitlines(keepends=True)[0])
    assert sbx("batch", "--resume", results, "--junit", report, jobs).code == 1
    assert xml.parse(report).getroot().find("testsuite").get("tests") == "2"


def test_a_reader_that_leaves_ends_the_batch_quietly(sbx, engine):
    jobs = sbx.write([python(f"print({x})") for x in range(40)])
    label = " ".join(sbx.label)
    line = f'"{sbx.binary}" batch {label} -j 2 "{jobs}" 2>err | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}; cat err'
    done = sbx.shell(line, cwd=sbx.folder)
    assert done.out == "141\n", done
    assert none_left(sbx, engine)


def test_a_full_disk_is_told(sbx):
    done = sbx.shell(f'"{sbx.binary}" batch {" ".join(sbx.label)} "{sbx.write([python("print(1)")])}" > /dev/full')
    assert done.code != 0 and "stdout" in done.err


def test_a_second_interrupt_leaves_at_once(sbx, engine, started):
    process = started("batch", sbx.write([python("import time; time.sleep(60)")]))
    assert eventually(lambda: sandboxes(sbx, engine, "running"), 20)
    process.send_signal(signal.SIGINT)
    time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 130


def test_an_interrupt_does_not_wait_for_whoever_reads(sbx, engine, started):
    code = "print('x' * 1000000)"
    process = started("batch", "-j", "2", sbx.write([python(code) for _ in range(20)]))
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    assert none_left(sbx, engine)


# ---- bounds, terminals


def test_output_and_many_jobs_cost_no_memory(sbx, started):
    """60 results of a megabyte wait for a slow reader; what comes meanwhile is not run ahead without end."""
    code = "print('x' * 3000000)"
    process = started("batch", "-j", "2", "-", stdout=subprocess.PIPE)
    lines = [json.dumps(python(code, id=f"job-{x}")).encode() + b"\n" for x in range(60)]
    process.stdin.write(b"".join(lines))
    process.stdin.close()
    time.sleep(8)
    seen = 0
    while line := process.stdout.readline():
        result = json.loads(line)
        assert (len(result["stdout"]), result["truncated"]) == (1 << 20, True)
        seen += 1
        peak = peak_memory(process.pid)
    assert (process.wait(60), seen) == (0, 60)
    assert peak < 200 << 20


def test_progress_is_for_terminals(sbx):
    path = sbx.write([python("print(1)", id=x, expected_stdout="1\n") for x in range(3)])
    main, other = pty.openpty()
    process = sbx.start("batch", path, stderr=other, stdin=subprocess.DEVNULL)
    os.close(other)
    out = process.stdout.read()
    process.wait()
    shown = b""
    try:
        while piece := os.read(main, 65536):
            shown += piece
    except OSError:
        pass
    os.close(main)
    process.stdout.close()
    assert b"/3" in shown and b"/s" in shown and b"3 runs, 3 passed, 0 failed" in shown
    assert len(out.splitlines()) == 3
    quiet = sbx("batch", "-q", path)
    assert (quiet.code, quiet.err) == (0, "")


@pytest.mark.here
def test_without_an_engine_nothing_is_written(sbx):
    done = sbx("batch", sbx.write([python("1")]), env={"DOCKER_HOST": "unix:///nothing.sock"})
    assert (done.code, done.stdout) == (6, b""), done


# ---- reuse

# What a hostile program leaves behind, and what the next one looks for.
LEAVINGS = r"""
import ctypes, mmap, os, signal, socket, subprocess, sys, tempfile, time

libc = ctypes.CDLL(None, use_errno=True)

def survivor():
    os.setsid()
    for number in range(1, 32):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_IGN)
    libc.prctl(15, b"python3", 0, 0, 0)
    libc.inotify_add_watch(libc.inotify_init(), b"/work", 0xfff)
    while True:
        try:
            open("/work/again", "w").write("survived")
            open("/tmp/again", "w").write("survived")
        except OSError:
            pass
        if os.fork():
            os._exit(0)

for _ in range(3):
    if os.fork() == 0:
        if os.fork():
            os._exit(0)
        survivor()

os.makedirs("/work/.config/pip")
open("/work/sitecustomize.py", "w").write("print('planted')")
os.makedirs("/work/.local/lib/python3.11/site-packages")
open("/work/.local/lib/python3.11/site-packages/usercustomize.py", "w").write("print('planted')")
for root in ("/work", "/tmp", "/dev/shm"):
    os.makedirs(root + "/shut/inner")
    open(root + "/shut/inner/file", "w").write("x")
    os.chmod(root + "/shut/inner", 0)
    os.chmod(root + "/shut", 0)
    os.symlink("/", root + "/root")
    os.mkfifo(root + "/fifo")
    socket.socket(socket.AF_UNIX).bind(root + "/socket")
    open(root + "/lifted-1", "w")
    os.makedirs(root + "/lifted-2/full")
    file = open(root + "/mapped", "w+b")
    file.truncate(4096)
    mmap.mmap(file.fileno(), 4096)[:1] = b"x"
    os.unlink(root + "/mapped") if root == "/tmp" else None
os.chdir("/work")
for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
os.chdir("/dev/shm")
try:
    for number in range(5000):
        open(f"inode-{number}", "w").close()
except OSError:
    pass
for kind in (libc.shmget(7, 4096, 0o1000), libc.semget(7, 1, 0o1000), libc.msgget(7, 0o1000)):
    assert kind >= 0
os.chmod("/work", 0o755)
print("left")
"""

LOOK = r"""
import glob, os
print(sorted(os.listdir("/work") + os.listdir("/tmp") + os.listdir("/dev/shm") + os.listdir("/dev/mqueue")))
print(oct(os.stat("/work").st_mode), os.listxattr("/work"))
print([len(open("/proc/sysvipc/" + kind).readlines()) for kind in ("shm", "sem", "msg")])
print(sum(name.isdigit() for name in os.listdir("/proc")))
free = os.statvfs("/work"), os.statvfs("/tmp"), os.statvfs("/dev/shm")
print([each.f_blocks - each.f_bfree for each in free], [each.f_files - each.f_ffree for each in free])
"""


@pytest.mark.here
def test_nothing_of_a_program_survives_a_reset(sbx):
    jobs = [python(LOOK, id="before"), python(LEAVINGS, id="hostile"), python(LOOK, id="after"),
            python(LEAVINGS, id="again"), python("import os; os.chmod('/work', 0)", id="shut"),
            python(LOOK, id="last")]  # fmt: skip
    done, results = sbx.batch(jobs, "-j", "1", "--reuse", "reset", "--debug")
    # Who shuts its own directory can't be asked for its files: that is an error of its own.
    assert "error" in results.pop("shut"), done
    assert [result["reused"] for result in results.values()] == [False, True, True, True, True]
    assert done.err.count("/containers/create") == 1
    assert results["hostile"]["stdout"] == results["again"]["stdout"] == "left\n", results["hostile"]
    clean = "['main.py']\n0o40700 []\n[1, 1, 1]\n2\n[1, 0, 0] [2, 1, 1]\n"  # its own code
    assert results["before"]["stdout"] == clean
    assert results["after"]["stdout"] == results["last"]["stdout"] == clean


@pytest.mark.here
def test_reused_sandboxes_run_as_fresh_ones_do(sbx):
    jobs = [
        python("import sys; print(input()); sys.exit(3)", id="code", stdin="typed"),
        python("while True: pass", id="slow", limits={"timeout": "300ms"}),
        python("x = bytearray(400 << 20)", id="oom", limits={"memory": "64m"}),
        python("open('made.txt', 'w').write('abc')", id="files"),
        python("print(open('given.txt').read())", id="given", files={"given.txt": "here"}),
        python("import os; os.kill(os.getpid(), 9)", id="killed"),
        python("print('x' * 2000000)", id="much", limits={"max_output": "1m"}),
        {"id": "c1", "language": "c", "code": PROGRAMS["c"], "stdin": "1\n", "expected_stdout": "2\n"},
        {"id": "c2", "language": "c", "code": PROGRAMS["c"], "stdin": "2\n", "expected_stdout": "4\n"},
        python("print('well')", id="end"),
    ]
    done, results = sbx.batch(jobs, "-j", "1", "--reuse", "reset", "--debug")
    found = {id: (result["reason"], result["exit_code"]) for id, result in results.items()}
    assert found == {
        "code": ("exited", 3), "slow": ("timeout", 124), "oom": ("oom", 137), "files": ("exited", 0),
        "given": ("exited", 0), "killed": ("signaled", 137), "much": ("output_limit", 153), "c1": ("exited", 0),
        "c2": ("exited", 0), "end": ("exited", 0),
    }, done  # fmt: skip
    assert results["code"]["stdout"] == "typed\n" and results["given"]["stdout"] == "here\n"
    assert results["files"]["files"] == [{"path": "made.txt", "size_bytes": 3}]
    assert results["end"]["reused"] and results["end"]["path"] == "session"
    # Two of Python, as one job has another limit of memory, and one of C, in which it was compiled once.
    assert done.err.count("/containers/create") == 3


@pytest.mark.here
def test_a_sandbox_that_dies_is_replaced(sbx, engine, started):
    process = started("batch", "-j", "1", "--reuse", "reset", "--debug", "-")

    def run(code):
        process.stdin.write(json.dumps(python(code)).encode() + b"\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    assert not run("print(1)")["reused"]
    assert run("print(2)")["reused"]
    (sandbox,) = sandboxes(sbx, engine, "running")
    engine.request("POST", f"/containers/{sandbox}/kill")
    assert eventually(lambda: sandbox not in sandboxes(sbx, engine), 10)
    third = run("print(3)")
    assert (third["stdout"], third["reused"]) == ("3\n", False)
    process.stdin.close()
    assert process.wait(20) == 0
    assert none_left(sbx, engine)


@pytest.mark.here
def test_reused_sandboxes_end_with_the_batch(sbx, engine, started):
    for how in (signal.SIGINT, signal.SIGKILL):
        process = started("batch", "-j", "1", "--reuse", "reset", "-")
        process.stdin.write(json.dumps(python("print(1)")).encode() + b"\n" + json.dumps(python("input() or exec('while True: pass')")).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["stdout"] == "1\n"
        process.send_signal(how)
        process.wait(10)
        assert none_left(sbx, engine)
