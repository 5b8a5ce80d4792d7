"""Every row of the exit codes, with the record that tells them apart."""

import signal

import pytest

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}


@pytest.mark.parametrize("code", [0, 1, 2, 7, 42, 123, 255])
def test_the_programs_own_code_is_the_exit_code(sbx, code):
    done = sbx("run", "-c", f"raise SystemExit({code})")
    assert (done.code, done.stdout, done.stderr) == (code, b"", b"")


@pytest.mark.parametrize("code", [124, 125, 126, 127, 130, 137, 141, 143, 153])
def test_a_program_may_return_our_codes_and_the_record_says_so(sbx, code):
    done = sbx("run", "--json", "-c", f"raise SystemExit({code})")
    assert done.code == code
    record = done.json
    assert (record["exit_code"], record["origin"], record["reason"]) == (code, "program", "exited")
    assert record["signal"] is None


@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGKILL", "SIGSEGV", "SIGTERM", "SIGUSR1"])
def test_a_program_that_dies_of_a_signal_gives_128_plus_its_number(sbx, name):
    number = signal.Signals[name].value
    code = f"import os, signal; signal.signal(signal.SIGINT, signal.SIG_DFL); os.kill(os.getpid(), {number})"
    done = sbx("run", "--json", "-c", code)
    assert done.code == 128 + number
    record = done.json
    assert (record["signal"], record["origin"], record["reason"]) == (number, "program", "signaled")


def test_the_time_limit_gives_124(sbx, no_leftovers):
    done = sbx("run", "--timeout", "500ms", "-c", "import time; print('begun', flush=True); time.sleep(60)")
    assert (done.code, done.stdout) == (124, b"begun\n")
    assert len(done.words) == 1 and "--timeout" in done.err and "500ms" in done.err
    assert done.seconds < 10


def test_the_output_limit_gives_153(sbx, no_leftovers):
    done = sbx("run", "--max-output", "1k", "-c", "while True: print('x' * 99)")
    assert done.code == 153
    assert "--max-output" in done.err and len(done.words) == len(done.err.splitlines()) <= 2


def test_running_out_of_memory_gives_137_and_says_so(sbx, no_leftovers):
    done = sbx("run", "--memory", "64m", "-c", "x = bytearray(300 << 20)")
    assert done.code == 137
    assert "out of memory" in done.err and "--memory" in done.err and "64 MiB" in done.err
    assert len(done.err.splitlines()) <= 2


def test_a_sandbox_killed_from_outside_gives_137(started, living, engine, no_leftovers):
    process = started("run", "--json", "-c", "import time; time.sleep(60)")
    engine.kill(living())
    stdout = process.communicate(timeout=5)[0]
    assert process.returncode == 137
    assert b'"killed"' in stdout


def test_interrupting_gives_130(started):
    code = "import signal, time; signal.signal(2, signal.SIG_DFL); print('up', flush=True); time.sleep(60)"
    process = started("run", "-c", code)
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130


def test_terminating_gives_143(started, living):
    process = started("run", "-c", "import time; time.sleep(60)")
    living()
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 143


@pytest.mark.parametrize(
    "args",
    [
        ["--nonsense", "-c", "1"],
        ["--timeout", "banana", "-c", "1"],
        ["--timeout"],
        ["-c"],
        [],
    ],
    ids=["unknown flag", "bad value", "flag without value", "-c without code", "nothing to run"],
)
def test_wrong_usage_of_run_gives_125(sbx, args):
    done = sbx("run", *args, env=NO_ENGINE)
    assert (done.code, done.stdout) == (125, b"")
    assert done.words and len(done.err.splitlines()) <= 2


@pytest.mark.here
def test_no_engine_gives_125(sbx):
    done = sbx("run", "-c", "1", env=NO_ENGINE)
    assert (done.code, done.stdout) == (125, b"")
    assert "/nonexistent/docker.sock" in done.err


@pytest.mark.here
def test_an_image_that_is_not_to_be_had_gives_125(sbx):
    done = sbx("run", "--image", "sbx-tests/never-made:1", "--pull", "never", "-c", "1")
    assert (done.code, done.stdout) == (125, b"")
    assert "sbx-tests/never-made:1" in done.err


def test_a_file_that_is_not_executable_gives_126(sbx):
    done = sbx("run", "--lang", "bash", "--", "/etc/passwd")
    assert (done.code, done.stdout) == (126, b"")
    assert "/etc/passwd" in done.err


def test_a_missing_script_gives_127_without_asking_the_engine(sbx, tmp_path):
    done = sbx("run", "missing.py", cwd=tmp_path, env=NO_ENGINE)
    assert (done.code, done.stdout) == (127, b"")
    assert "missing.py" in done.err and len(done.err.splitlines()) <= 2


def test_a_missing_command_gives_127(sbx):
    done = sbx("run", "--", "no-such-command")
    assert (done.code, done.stdout) == (127, b"")
    assert "no-such-command" in done.err


def test_an_unknown_language_gives_127_and_names_the_list(sbx):
    done = sbx("run", "--lang", "klingon", "-c", "1", env=NO_ENGINE)
    assert done.code == 127
    assert "klingon" in done.err and "sbx lang ls" in done.err


def test_an_image_without_the_interpreter_gives_127(sbx):
    done = sbx("run", "--lang", "javascript", "--image", "debian:bookworm-slim", "-c", "1")
    assert done.code == 127
    assert "node" in done.err and "debian:bookworm-slim" in done.err


@pytest.mark.parametrize(
    "code, args, env",
    [
        (0, ["version"], {}),
        (2, ["lang", "show"], {}),
        (2, ["version", "--nonsense"], {}),
        (2, ["nonsense"], {}),
        (3, ["lang", "show", "klingon"], {}),
        (3, ["image", "rm", "--yes", "sbx-tests/never-made:1"], {}),
        (6, ["image", "ls"], NO_ENGINE),
        (6, ["prune"], NO_ENGINE),
    ],
)
def test_management_commands_have_codes_of_their_own(sbx, code, args, env):
    done = sbx(*args, env=env)
    assert done.code == code, done
    assert bool(done.stderr) == (code != 0)


def test_success_is_silent(sbx):
    done = sbx("run", "-c", "print('hello')")
    assert (done.code, done.stdout, done.stderr) == (0, b"hello\n", b"")


def test_a_program_that_fails_with_words_of_its_own_gets_no_more(sbx):
    done = sbx("run", "-c", "import sys; sys.exit('my own words')")
    assert (done.code, done.stderr) == (1, b"my own words\n")
