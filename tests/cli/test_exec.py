"""Programs in a sandbox that stays: as `run`, with everything that they leave behind still there for the next."""

import hashlib
import json
import os
import signal
import subprocess
import time

import pytest

from runner import RECORD_FIELDS, eventually
from terminal import Terminal


@pytest.fixture
def box(kept):
    """A sandbox of Python's image, and `exec` in it."""
    sandbox = kept.make("--name", "box")

    class Box:
        id = sandbox

        def __call__(self, *args, flags=(), **options):
            return kept("exec", *flags, "box", *args, **options)

        def start(self, *args, flags=(), **options):
            return kept.start("exec", *flags, "box", *args, **options)

    return Box()


def test_output_exit_code_and_arguments_are_the_programs_own(box):
    done = box("sh", "-c", "echo out; echo err >&2; exit 7")
    assert (done.code, done.stdout, done.stderr) == (7, b"out\n", b"err\n")
    arguments = ["", "a b", "--json", "-x", "$HOME", "*", "né", "--", "\n"]
    done = box("--", "python3", "-c", "import sys; print(ascii(sys.argv[1:]))", *arguments)
    assert done.out == ascii(arguments) + "\n"
    done = box("printf", b"%s", b"\xff\xfe")
    assert done.stdout == b"\xff\xfe"


def test_what_a_program_leaves_is_there_for_the_next(box):
    assert box("sh", "-c", "echo kept > file; mkdir -p /tmp/a").code == 0
    assert box("cat", "/work/file").out == "kept\n"
    assert box("ls", "/tmp").out == "a\n"


def test_a_sandbox_is_named_by_id_name_or_beginning(kept, box):
    for name in (box.id, box.id[:10], "box"):
        assert kept("exec", name, "echo", "here").out == "here\n"


@pytest.mark.parametrize(
    "args, code, word",
    [([], 125, "sandbox"), (["box"], 125, "command"), (["box", "--"], 125, "command"), (["nobody", "true"], 127, "nobody"),
     (["--", "box", "true"], 125, "sandbox"), (["box", ""], 125, "command"), (["--timeout", "0", "box", "true"], 125, "--timeout"),
     (["box", "no-such-command"], 127, "no-such-command"), (["box", "/etc/passwd"], 126, "passwd"),
     (["--workdir", "/nowhere", "box", "true"], 125, "/nowhere"), (["--memory", "1g", "box", "true"], 125, "--memory")],
)  # fmt: skip
def test_what_cannot_run_says_why(kept, box, args, code, word):
    done = kept("exec", *args)
    assert (done.code, done.stdout) == (code, b"") and word in done.err, done
    done = kept("exec", "--json", *args)
    assert done.code == code and word in json.dumps(done.json["error"]) and done.json["exit_code"] == code


def test_stdin_is_passed_on_to_its_end(box):
    data = os.urandom(3 << 20)
    assert box("sha256sum", stdin=data).out.split()[0] == hashlib.sha256(data).hexdigest()
    assert box("cat", stdin=data).stdout == data


def test_input_that_never_ends_does_not_keep_it_alive(kept, box):
    done = kept.shell(f"yes | '{kept.binary}' exec box head -1")
    assert (done.code, done.stdout) == (0, b"y\n")
    reader, writer = os.pipe()
    try:
        process = subprocess.run(
            kept.command("exec", "box", "true"), stdin=reader, env=kept.environment(), capture_output=True, timeout=30
        )
        assert process.returncode == 0
    finally:
        os.close(reader)
        os.close(writer)


def test_a_reader_that_leaves_ends_it_quietly(kept, box):
    done = kept.shell(f"'{kept.binary}' exec box yes | head -1; echo ${{PIPESTATUS[0]}}")
    assert (done.stdout, done.stderr) == (b"y\n141\n", b"")


@pytest.mark.here
def test_much_output_costs_no_memory_and_loses_nothing(kept, box):
    done = kept.shell(f"'{kept.binary}' exec --max-output none box head -c 200000000 /dev/zero | wc -c", timeout=120)
    assert done.stdout == b"200000000\n"
    (keeper,) = kept.keepers()
    peak = next(int(line.split()[1]) for line in open(f"/proc/{keeper}/status", encoding="ascii") if line.startswith("VmHWM"))
    assert peak < 60 << 10


def test_a_slow_reader_holds_up_nobody_else(kept, box):
    slow = box.start("yes")
    assert slow.stdout.readline() == b"y\n"
    time.sleep(1)
    begin = time.monotonic()
    assert box("echo", "quick").out == "quick\n"
    assert time.monotonic() - begin < 5
    slow.send_signal(signal.SIGTERM)
    slow.communicate(timeout=20)


def test_programs_run_beside_each_other(box):
    both = [box.start("sh", "-c", f"echo {name}; read line; echo $line") for name in ("a", "b")]
    for process, name in zip(both, (b"a\n", b"b\n")):
        assert process.stdout.readline() == name
    for process in reversed(both):
        out, _ = process.communicate(b"done\n", timeout=20)
        assert (out, process.returncode) == (b"done\n", 0)


def test_many_at_once(box):
    all = [box.start("sh", "-c", f"echo {number}; exit {number}") for number in range(12)]
    for number, process in enumerate(all):
        out, err = process.communicate(timeout=60)
        assert (out, process.returncode) == (f"{number}\n".encode(), number), err


def test_the_end_of_one_program_leaves_the_others_alone(box):
    stays = box.start("sh", "-c", "echo up; read line; echo $line")
    assert stays.stdout.readline() == b"up\n"
    assert box("sh", "-c", "kill -9 $$").code == 137
    assert box("sleep", "30", flags=["--timeout", "300ms"]).code == 124
    out, _ = stays.communicate(b"still\n", timeout=20)
    assert (out, stays.returncode) == (b"still\n", 0)


def test_a_client_that_is_killed_takes_its_program_along_and_nothing_else(box):
    process = box.start("sh", "-c", "echo $$; exec sleep 600")
    inside = process.stdout.readline().decode().strip()
    process.kill()
    process.communicate()
    assert eventually(lambda: box("kill", "-0", inside).code != 0, 10)
    assert box("true").code == 0


def test_the_record_is_that_of_a_run(box):
    done = box("sh", "-c", "echo out; echo err >&2; exit 3", flags=["--json"])
    record = done.json
    assert RECORD_FIELDS <= set(record)
    assert (done.code, record["exit_code"], record["reason"], record["origin"]) == (3, 3, "exited", "program")
    assert (record["stdout"], record["stderr"], record["path"]) == ("out\n", "err\n", "session")
    assert record["image"] and record["image_digest"].startswith("sha256:")
    assert box("printf", "\\377", flags=["--json"]).json["stdout_base64"] == "/w=="


def test_events_and_meta_are_those_of_a_run(box, tmp_path):
    done = box("echo", "hi", flags=["--ndjson", "--meta", str(tmp_path / "meta")])
    assert [event["type"] for event in done.events] == ["start", "stdout", "end"]
    assert json.loads((tmp_path / "meta").read_text())["exit_code"] == 0


@pytest.mark.parametrize(
    "flags, command, code, reason",
    [(["--timeout", "500ms"], ["sleep", "30"], 124, "timeout"),
     (["--max-output", "1k"], ["yes"], 153, "output_limit"),
     (["--timeout", "500ms", "--grace", "300ms"], ["sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"], 124, "timeout"),
     ([], ["python3", "-c", "x = bytearray(900 << 20)"], 137, "oom"),
     ([], ["sh", "-c", "kill -SEGV $$"], 139, "signaled")],
)  # fmt: skip
def test_limits_end_the_program_and_leave_the_sandbox(box, flags, command, code, reason):
    done = box(*command, flags=["--json", *flags])
    assert (done.code, done.json["reason"]) == (code, reason), done
    assert box("echo", "alive").out == "alive\n"


def test_an_interrupt_goes_in_first(box):
    process = box.start("python3", "-c", "import time; print('up', flush=True)\nwhile True: time.sleep(0.1)")
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130 and b"KeyboardInterrupt" in err
    assert box("true").code == 0


def test_one_that_ignores_the_interrupt_is_killed_after_the_grace(box):
    process = box.start(
        "sh", "-c", "trap '' INT TERM; echo up; while :; do sleep 0.05; done", flags=["--grace", "500ms"]
    )
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 143
    assert box("true").code == 0


def test_variables_and_directory(kept, tmp_path):
    sandbox = kept.make("-e", "A=sandbox", "-e", "B=sandbox", "--workdir", "/tmp")
    done = kept("exec", "-e", "B=program", sandbox, "sh", "-c", "echo $A $B; pwd")
    assert done.out == "sandbox program\n/tmp\n"
    assert kept("exec", "--workdir", "/work", sandbox, "pwd").out == "/work\n"


def test_a_program_can_have_a_terminal(kept, box):
    terminal = Terminal(kept.command("exec", "box", "sh", "-c", "tty && stty size; read line; echo got $line"), kept.environment())
    try:
        terminal.expect(b"/dev/pts/")
        terminal.send(b"hello\n")
        terminal.expect(b"got hello")
        assert terminal.wait() == 0
    finally:
        terminal.close()
    assert box("sh", "-c", "tty || true", flags=["-T"]).out == "not a tty\n"


def test_a_program_is_as_confined_as_a_run(box):
    done = box("sh", "-c", "id -u; grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; touch /etc/x")
    lines = done.out.split()
    assert lines[0] == "1000" and "0000000000000000" in lines and done.code != 0
    assert lines[lines.index("NoNewPrivs:") + 1] == "1" and lines[lines.index("Seccomp:") + 1] == "2"


def test_a_stopped_client_costs_the_sandbox_nothing(box):
    process = box.start("sh", "-c", "echo up; sleep 1; echo end")
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGSTOP)
    time.sleep(12)
    process.send_signal(signal.SIGCONT)
    out, _ = process.communicate(timeout=20)
    assert (out, process.returncode) == (b"end\n", 0)
    assert box("true").code == 0


def test_an_exec_asks_no_engine(kept, box):
    done = kept("exec", "box", "echo", "hi", env={"DOCKER_HOST": "unix:///nonexistent/docker.sock"})
    assert (done.code, done.out) == (0, "hi\n")


def test_a_state_directory_with_a_long_path_works(kept, engine, tmp_path):
    state = tmp_path / ("long" * 40)
    done = kept("create", "--name", "far", env={"XDG_STATE_HOME": state})
    assert done.code == 0, done
    try:
        assert kept("exec", "far", "echo", "hi", env={"XDG_STATE_HOME": state}).out == "hi\n"
    finally:
        assert kept("rm", "far", env={"XDG_STATE_HOME": state}).code == 0
