"""On a terminal: the program owns it while it runs, and it is as before afterwards, whatever happened."""

import os
import signal
import time

import pytest

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
TTY = "import os; print([os.isatty(n) for n in range(3)])"
SIZE = """
import os, signal, time
show = lambda *_: os.write(1, f'{os.get_terminal_size()}\\n'.encode())  # print is not reentrant
signal.signal(signal.SIGWINCH, show)
show()
while True: time.sleep(1)
"""
# Python may look for signals a last time just before one comes, and sleep on: no long sleeps here.
WAITS = "print('ready', flush=True)\nimport time\nwhile True: time.sleep(0.1)"


def test_a_terminal_on_both_sides_is_one_inside(terminal):
    tty = terminal("run", "-c", TTY)
    tty.expect(rb"\[True, True, True\]\r\n")
    assert tty.wait() == 0
    assert tty.is_restored()


@pytest.mark.parametrize("redirect", [{0: "/dev/null"}, {1: "out"}])
def test_with_one_side_redirected_there_is_no_terminal_inside(terminal, tmp_path, redirect):
    redirect = {number: name if name.startswith("/") else str(tmp_path / name) for number, name in redirect.items()}
    for name in redirect.values():
        os.close(os.open(name, os.O_RDWR | os.O_CREAT))
    tty = terminal(
        "run", "-c", f"import sys; {TTY}; sys.stdout.flush(); print(os.isatty(1), file=sys.stderr)", redirect=redirect
    )
    tty.expect(rb"False")
    assert tty.wait() == 0
    assert tty.is_restored()


def test_pipes_are_pipes_inside(sbx):
    assert sbx("run", "-c", TTY).out == "[False, False, False]\n"


def test_a_terminal_can_be_forced(sbx):
    done = sbx("run", "-t", "-c", TTY)
    assert (done.code, done.stdout) == (0, b"[True, True, True]\r\n")


def test_one_that_is_forced_without_input_ends_its_lines_as_any_other(terminal):
    tty = terminal("run", "-t", "-c", "print('a\\nb')", redirect={0: "/dev/null"})
    tty.expect(rb"^a\r\nb\r\n$")
    assert tty.wait() == 0
    assert tty.is_restored()


def test_a_terminal_can_be_refused(terminal):
    tty = terminal("run", "-T", "-c", TTY)
    tty.expect(rb"\[False, False, False\]")
    assert tty.wait() == 0


def test_forcing_and_refusing_at_once_is_refused(sbx):
    assert sbx("run", "-t", "-T", "-c", "1", env=NO_ENGINE).code == 125


def test_stdin_of_a_terminal_reaches_a_program_without_one(terminal):
    tty = terminal("run", "-T", "-i", "-c", "print(input().upper())")
    tty.send(b"hello\n")
    tty.expect(rb"HELLO")
    assert tty.wait() == 0


def test_the_terminal_is_raw_while_the_program_runs(terminal):
    tty = terminal("run", "-c", WAITS)
    tty.expect(b"ready")
    assert tty.is_raw()
    tty.send(b"\x03")
    assert tty.wait() == 130
    assert tty.is_restored()


def test_control_c_belongs_to_the_program(terminal):
    tty = terminal("run", "--image", "sbx/python:4", "--", "python3", "-q")
    tty.expect(b">>> ")
    tty.send(b"while True: pass\r\r")
    time.sleep(0.5)
    tty.send(b"\x03")
    tty.expect(b"KeyboardInterrupt")
    tty.expect(b">>> ")
    tty.send(b"print(6 * 7)\r")
    tty.expect(b"\r\n42\r\n")
    tty.send(b"\x04")
    assert tty.wait() == 0
    assert tty.is_restored()


def test_a_shell_on_a_terminal_has_job_control(terminal):
    tty = terminal("run", "--lang", "bash", "--", "bash", "--norc", "-i")
    tty.expect(rb"\$ ")
    assert b"no job control" not in tty.output
    tty.send(b"sleep 100\r")
    time.sleep(0.5)
    tty.send(b"\x1a")
    tty.expect(rb"Stopped")
    tty.send(b"kill %1; echo it is $((6 * 7))\r")
    tty.expect(rb"it is 42\r\n")
    tty.send(b"exit 5\r")
    assert tty.wait() == 5


def test_echo_and_line_editing_are_the_programs(terminal):
    tty = terminal("run", "-c", "print('got', repr(input('? ')))")
    tty.expect(rb"\? ")
    tty.send(b"abx\x7fc\r")
    tty.expect(rb"got 'abc'")
    assert tty.wait() == 0


def test_bytes_of_a_terminal_pass_untouched(terminal):
    code = "import sys, tty; tty.setraw(0); print('ready', flush=True); print(sys.stdin.buffer.raw.read(9)); sys.exit()"
    tty = terminal("run", "-c", code)
    tty.expect(b"ready")
    tty.send(b"\x00\x01\x03\x1a\x1b[A\xff\x7f")
    tty.expect(rb"\\x00\\x01\\x03\\x1a\\x1b\[A\\xff\\x7f")
    assert tty.wait() == 0


def test_the_window_has_its_size_from_the_start_and_follows_changes(terminal):
    tty = terminal("run", "-c", SIZE, rows=31, columns=97)
    tty.expect(rb"columns=97, lines=31")
    tty.resize(40, 120)
    tty.signal(signal.SIGWINCH)
    tty.expect(rb"columns=120, lines=40")
    tty.resize(10, 20)
    tty.signal(signal.SIGWINCH)
    tty.expect(rb"columns=20, lines=10")
    tty.send(b"\x03")
    assert tty.wait() == 130


def test_the_terminal_type_goes_in(terminal):
    tty = terminal(
        "run", "-c", "import os; print('<' + os.environ.get('TERM', '') + '>')", env={"TERM": "xterm-256color"}
    )
    tty.expect(b"<xterm-256color>")
    assert tty.wait() == 0


@pytest.mark.parametrize(
    "args, code",
    [
        (["-c", "import sys; sys.exit(3)"], 3),
        (["-c", "import os; os.abort()"], 134),
        (["-c", "import sys, tty; tty.setraw(0); sys.exit(4)"], 4),
        (["--timeout", "500ms", "-c", WAITS], 124),
        (["--memory", "64m", "--disk", "8m", "-c", "bytearray(1 << 30)"], 137),
        (["--max-output", "1k", "--lang", "bash", "--", "yes"], 153),
        (["--", "no-such-command"], 127),
        (["missing.py"], 127),
        (["--timeout", "banana", "-c", "1"], 125),
    ],
    ids=["exit", "abort", "raw inside", "time limit", "memory", "output", "no command", "no script", "usage"],
)
def test_the_terminal_is_restored_however_the_program_ends(terminal, tmp_path, args, code):
    tty = terminal("run", *args, cwd=tmp_path)
    assert tty.wait() == code
    assert tty.is_restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGSEGV,
                                    signal.SIGABRT, signal.SIGBUS, signal.SIGFPE])  # fmt: skip
def test_the_terminal_is_restored_however_sbx_ends(terminal, number, no_leftovers):
    tty = terminal("run", "--grace", "500ms", "-c", WAITS)
    tty.expect(b"ready")
    assert tty.is_raw()
    tty.signal(number)
    assert tty.wait() in (128 + number, -number)
    assert tty.is_restored()


def test_the_terminal_is_restored_when_the_sandbox_is_killed(terminal, engine, living):
    tty = terminal("run", "-c", WAITS)
    tty.expect(b"ready")
    engine.kill(living())
    assert tty.wait(5) == 137
    assert tty.is_restored()


def test_suspending_sbx_gives_the_terminal_back_and_returns_to_raw(terminal):
    tty = terminal("run", "-c", WAITS)
    tty.expect(b"ready")
    tty.signal(signal.SIGTSTP)
    time.sleep(1)
    assert tty.is_restored()
    tty.signal(signal.SIGCONT)
    time.sleep(1)
    assert tty.is_raw()
    tty.send(b"\x03")
    assert tty.wait() == 130


def test_a_closed_terminal_ends_the_run(terminal, engine, session_label, no_leftovers):
    tty = terminal("run", "--grace", "500ms", "-c", WAITS)
    tty.expect(b"ready")
    assert engine.containers(session_label)
    tty.signal(signal.SIGHUP)
    assert tty.wait(10) in (129, -signal.SIGHUP)


def test_words_of_sbx_are_whole_lines_on_a_terminal(terminal):
    tty = terminal("run", "--timeout", "500ms", "-c", WAITS)
    tty.expect(rb"ready\r\n")
    tty.expect(rb"sbx: timeout: [^\n]*--timeout[^\n]*\r\n")
    assert tty.wait() == 124


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_they_are_not_wanted(terminal, env):
    tty = terminal("doctor", env=env)
    tty.wait()
    assert b"\x1b[" not in tty.output


def test_no_colours_where_there_is_no_terminal(sbx):
    done = sbx("doctor")
    assert b"\x1b[" not in done.stdout + done.stderr


def test_a_program_on_a_terminal_can_write_much(terminal):
    tty = terminal("run", "--lang", "bash", "-c", "seq 200000; echo the end")
    tty.expect(rb"the end\r\n", seconds=30)
    assert tty.wait() == 0
