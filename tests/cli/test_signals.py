"""Signals to sbx: they go in first, then the grace time, then the end."""

import os
import resource
import signal
import subprocess
import time

import pytest

# The programs wait for their signals with sigwait: a handler of Python's may run late, or inside of a print.
WAIT_FOR_SIGNALS = """
import signal, sys
numbers = {1, 2, 15}
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
print('ready', flush=True)
"""
CATCHES = WAIT_FOR_SIGNALS + "print('caught', signal.sigwait(numbers), flush=True)\nsys.exit(7)"
IGNORES = WAIT_FOR_SIGNALS + "while True: print('ignored', signal.sigwait(numbers), flush=True)"
SAY_READY = "print('ready', flush=True)"
DIES = f"import signal, time\nsignal.signal(2, signal.SIG_DFL)\n{SAY_READY}\ntime.sleep(60)"

FORWARDED = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def ready(started):
    """Starts a program that says when it is ready, and waits for that."""

    def start(code, *flags, **options):
        process = started("run", *flags, "-c", code, **options)
        assert process.stdout.readline() == b"ready\n"
        return process

    return start


@pytest.mark.parametrize("number", FORWARDED)
def test_a_program_that_catches_a_signal_ends_in_its_own_way(ready, number):
    process = ready(CATCHES)
    process.send_signal(number)
    assert process.communicate(timeout=10) == (b"caught %d\n" % number, b"")
    assert process.returncode == 7


@pytest.mark.parametrize("number", FORWARDED)
def test_a_program_that_dies_of_a_signal_gives_128_plus_its_number(ready, number):
    process = ready(DIES)
    process.send_signal(number)
    assert process.wait(10) == 128 + number


@pytest.mark.parametrize("number", FORWARDED)
def test_a_program_that_ignores_a_signal_is_killed_after_the_grace(ready, number, no_leftovers):
    process = ready(IGNORES, "--grace", "1s")
    begin = time.monotonic()
    process.send_signal(number)
    assert process.communicate(timeout=10)[0] == b"ignored %d\n" % number
    assert 0.9 < time.monotonic() - begin < 5
    assert process.returncode == 128 + number


def test_a_second_interrupt_kills_at_once(ready, no_leftovers):
    process = ready(IGNORES, "--grace", "30s")
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == b"ignored 2\n"
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    assert time.monotonic() - begin < 3


def test_an_interrupt_reaches_the_programs_children(ready):
    code = f"""
import signal, subprocess, sys
signal.signal(2, signal.SIG_IGN)
sys.exit(subprocess.call([sys.executable, '-c', {CATCHES!r}]))
"""
    process = ready(code)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=10)[0] == b"caught 2\n"
    assert process.returncode == 7


def test_an_interrupted_python_shows_its_own_traceback(ready):
    # Python may look for signals a last time just before one comes, and sleep on.
    process = ready(f"import time\n{SAY_READY}\nwhile True: time.sleep(0.1)")
    process.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in process.communicate(timeout=10)[1]
    assert process.returncode == 130


def test_an_interrupt_of_a_whole_foreground_group_arrives_once(sbx):
    """As a terminal without a program in raw mode does it: sbx and its neighbours in the pipe all get the signal."""
    process = sbx.start("run", "-c", CATCHES, start_new_session=True)
    assert process.stdout.readline() == b"ready\n"
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=10)[0] == b"caught 2\n"
    assert process.returncode == 7


def test_the_record_of_an_interrupted_run_is_printed(ready, sbx):
    process = sbx.start("run", "--json", "-c", DIES)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    stdout = process.communicate(timeout=10)[0]
    assert process.returncode == 130
    assert b'"exit_code":130' in stdout.replace(b" ", b"")


def test_an_interrupt_at_any_moment_of_the_start_ends_the_run_quietly(sbx, no_leftovers):
    for moment in range(50):
        process = sbx.start("run", "--lang", "bash", "--", "sleep", "60")
        time.sleep(moment * 0.003)
        process.send_signal(signal.SIGINT)
        stderr = process.communicate(timeout=10)[1]
        assert (process.returncode, stderr) in ((130, b""), (-signal.SIGINT, b"")), f"after {moment * 3} ms"


def test_an_interrupt_while_compiling_ends_the_run(started, living, no_leftovers):
    code = "constexpr int f(int n) { return n < 2 ? n : f(n - 1) + f(n - 2); }\nconstexpr int x = f(40);\nint main() {}"
    process = started("run", "--lang", "cpp", "-c", code)
    living()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) in (130, 1)


def test_ignored_signals_stay_ignored(sbx):
    """`nohup sbx run` lives on when its terminal closes."""
    process = sbx.start("run", "--lang", "bash", "-c", "echo ready; sleep 1; echo lived", preexec_fn=ignore_hang_up)
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGHUP)
    assert process.communicate(timeout=10)[0] == b"lived\n"
    assert process.returncode == 0


def ignore_hang_up():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def test_a_killed_sbx_leaves_nothing(ready, engine, session_label, no_leftovers):
    process = ready(IGNORES)
    assert engine.containers(session_label)
    process.kill()
    assert process.wait(5) == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT])
def test_a_crashed_sbx_leaves_nothing(ready, number, no_leftovers):
    process = ready(IGNORES, preexec_fn=no_core)
    process.send_signal(number)
    assert process.wait(10) != 0


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def test_a_stopped_sbx_goes_on_where_it_was(ready):
    process = ready(f"{SAY_READY}\nimport time\nfor n in range(3): time.sleep(0.7); print(n, flush=True)")
    process.send_signal(signal.SIGSTOP)
    time.sleep(3)
    process.send_signal(signal.SIGCONT)
    assert process.communicate(timeout=10) == (b"0\n1\n2\n", b"")
    assert process.returncode == 0


def test_sbx_stopped_for_14_seconds_ends_with_the_right_result(ready, no_leftovers):
    process = ready(f"{SAY_READY}\nimport time\ntime.sleep(17)\nprint('done')")
    process.send_signal(signal.SIGSTOP)
    time.sleep(14)
    process.send_signal(signal.SIGCONT)
    stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout) == (0, b"done\n") or (process.returncode in (125, 137) and stderr)


@pytest.mark.full
def test_a_run_suspended_by_its_terminal_for_40_seconds_lives_on(ready, no_leftovers):
    process = ready(f"{SAY_READY}\nimport time\ntime.sleep(3)\nprint('done')")
    process.send_signal(signal.SIGTSTP)
    time.sleep(40)
    process.send_signal(signal.SIGCONT)
    assert process.communicate(timeout=20)[0] == b"done\n"


def test_an_abandoned_pipe_of_stdin_is_no_signal(sbx):
    process = sbx.start("run", "-c", "import sys; sys.stdin.read(); print('eof')")
    process.stdin.close()
    process.stdin = None
    assert process.communicate(timeout=10)[0] == b"eof\n"
    assert process.returncode == 0


def test_timeout_from_coreutils_works_around_it(sbx):
    done = subprocess.run(
        ["timeout", "2", *sbx.command("run", "-c", DIES)], env=sbx.environment(), capture_output=True, timeout=20
    )
    assert (done.returncode, done.stdout) == (124, b"ready\n")
