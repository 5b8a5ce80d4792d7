"""Standard streams: every byte, in time, in flat memory, whatever stands at the other end."""

import hashlib
import os
import random
import subprocess
import threading
import time

import pytest

from runner import peak_memory

FLAT = 32 << 20  # the client's peak resident size, whatever passes through it


def test_output_and_errors_stay_apart(sbx):
    done = sbx("run", "--lang", "bash", "-c", "echo out; echo err >&2; echo out again")
    assert (done.code, done.stdout, done.stderr) == (0, b"out\nout again\n", b"err\n")


def test_bytes_pass_untouched_both_ways(sbx):
    data = bytes(range(256)) * 4096 + b"\r\n\0no newline at the end"
    done = sbx("run", "--lang", "bash", "--", "cat", stdin=data)
    assert (done.code, done.stdout, done.stderr) == (0, data, b"")


def test_output_comes_as_it_is_written(started):
    process = started("run", "--lang", "bash", "-c", "printf now; sleep 20")
    assert os.read(process.stdout.fileno(), 100) == b"now"
    assert process.poll() is None


def test_a_conversation_over_pipes_works(started):
    process = started("run", "-c", "while True: print(int(input()) * 2, flush=True)")
    for number in (1, 21, 300):
        process.stdin.write(b"%d\n" % number)
        process.stdin.flush()
        assert process.stdout.readline() == b"%d\n" % (number * 2)


def test_stdout_inside_is_a_pipe_when_ours_is_one(sbx):
    done = sbx.shell("x=$(sbx run -c 'import os, stat; print(stat.S_ISFIFO(os.fstat(1).st_mode))'); echo \"<$x>\"")
    assert done.stdout == b"<True>\n"


def read_all(stream):
    """The digest and the length of what comes out of a stream, in little memory."""
    digest, length = hashlib.sha256(), 0
    while data := stream.read1(1 << 20):
        digest.update(data)
        length += len(data)
    return digest.hexdigest(), length


def watch_memory(process):
    """Follows a process's peak memory; gives a list whose last entry is the newest."""
    peaks = [0]

    def follow():
        while process.poll() is None:
            peaks.append(max(peaks[-1], peak_memory(process.pid)))
            time.sleep(0.02)

    threading.Thread(target=follow, daemon=True).start()
    return peaks


def test_a_gigabyte_of_output_passes_in_flat_memory(started):
    process = started("run", "--max-output", "none", "--lang", "bash", "--", "head", "-c", "1G", "/dev/zero")
    peaks = watch_memory(process)
    length = read_all(process.stdout)[1]
    assert process.wait(20) == 0
    assert length == 1 << 30
    assert 0 < peaks[-1] <= FLAT


def test_a_gigabyte_of_input_passes_in_flat_memory(started):
    process = started("run", "--lang", "bash", "--", "wc", "-c")
    peaks = watch_memory(process)
    for _ in range(1 << 10):
        process.stdin.write(bytes(1 << 20))
    process.stdin.close()
    assert process.stdout.read() == b"%d\n" % (1 << 30)
    assert process.wait(20) == 0
    assert 0 < peaks[-1] <= FLAT


def test_a_large_output_arrives_whole(started):
    code = "import sys, random\nsys.stdout.buffer.write(random.Random(1).randbytes(40 << 20))"
    expected = hashlib.sha256(random.Random(1).randbytes(40 << 20)).hexdigest()
    process = started("run", "-c", code)
    assert read_all(process.stdout) == (expected, 40 << 20)
    assert process.wait(20) == 0


def test_a_slow_reader_gets_everything_and_grows_nobodys_memory(started):
    process = started("run", "--lang", "bash", "--", "head", "-c", "32M", "/dev/zero")
    peaks = watch_memory(process)
    length = 0
    for _ in range(8):
        time.sleep(0.25)
        length += len(process.stdout.read(64 << 10))
    length += read_all(process.stdout)[1]
    assert process.wait(20) == 0
    assert length == 32 << 20
    assert 0 < peaks[-1] <= FLAT


def test_a_stalled_reader_does_not_outlive_the_time_limit(started):
    process = started("run", "--timeout", "2s", "--lang", "bash", "--", "yes")
    time.sleep(6)
    read_all(process.stdout)
    assert process.wait(10) in (124, 153)


def test_endless_output_ends_at_the_limit(started):
    process = started("run", "--lang", "bash", "--", "yes")
    peaks = watch_memory(process)
    length = read_all(process.stdout)[1]
    assert process.wait(20) == 153
    assert length == 64 << 20
    assert 0 < peaks[-1] <= FLAT


@pytest.mark.parametrize("lines", ["yes", "seq 100000000", "sh -c 'while :; do echo x >&2; echo y; done' 2>/dev/null"])
def test_a_reader_that_leaves_ends_the_run_quietly(sbx, lines):
    done = sbx.shell(f"sbx run --lang bash -- {lines} | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}", timeout=20)
    assert (done.stdout, done.stderr) == (b"141\n", b"")


def test_a_full_device_is_an_error_with_a_message(sbx):
    done = sbx.shell("sbx run -c 'print(1)' >/dev/full")
    assert done.code not in (0, 124, 130, 137, 143)
    assert done.words and b"No space left" in done.stderr


@pytest.mark.parametrize("target", ["2>/dev/full", "2>&-"])
def test_an_stderr_that_takes_nothing_hides_only_the_words(sbx, target):
    assert sbx.shell(f"sbx run missing.py {target}").code == 127
    assert sbx.shell(f"sbx run --timing --debug -c 'print(1)' {target}").stdout == b"1\n"
    done = sbx.shell(f"sbx run -c 'import sys; sys.stderr.write(\"x\")' {target}")
    assert done.code == 125


def test_a_closed_stdin_is_an_empty_one(sbx):
    done = sbx.shell("sbx run -c 'import sys; print(repr(sys.stdin.read()))' <&-", timeout=20)
    assert (done.code, done.stdout, done.stderr) == (0, b"''\n", b"")


def test_a_closed_stdout_is_an_error_only_when_something_is_written(sbx):
    done = sbx.shell("sbx run -c 'pass' >&-", timeout=20)
    assert (done.code, done.stderr) == (0, b"")
    done = sbx.shell("sbx run -c 'print(1)' >&-", timeout=20)
    assert done.code != 0
    assert done.words


def test_all_three_closed_still_run_the_program(sbx):
    done = sbx.shell("sbx run -c 'raise SystemExit(7)' <&- >&- 2>&-", timeout=20)
    assert done.code == 7


def test_stdin_from_nowhere_is_empty(sbx):
    done = sbx.shell("sbx run -c 'import sys; print(repr(sys.stdin.read()))' </dev/null", timeout=20)
    assert done.stdout == b"''\n"


def test_a_silent_open_stdin_keeps_nothing_alive(started):
    process = started("run", "-c", "print('done')")
    assert process.stdout.read() == b"done\n"
    assert process.wait(5) == 0


def test_an_endless_stdin_keeps_nothing_alive(sbx):
    done = sbx.shell("yes | sbx run --lang bash -- head -2; echo ${PIPESTATUS[1]}", timeout=20)
    assert (done.stdout, done.stderr) == (b"y\ny\n0\n", b"")


def test_a_program_that_never_reads_its_large_input_ends(sbx):
    done = sbx("run", "-c", "print('done')", stdin=bytes(8 << 20), timeout=20)
    assert (done.code, done.stdout, done.stderr) == (0, b"done\n", b"")


def test_a_background_child_that_holds_stdout_is_killed(sbx, no_leftovers):
    done = sbx("run", "--lang", "bash", "-c", "sleep 300 & echo done", timeout=20)
    assert (done.code, done.stdout, done.stderr) == (0, b"done\n", b"")


def test_a_daemonised_child_is_killed_with_the_sandbox(sbx, no_leftovers):
    done = sbx(
        "run", "--lang", "bash", "-c", "setsid sh -c 'trap \"\" TERM HUP INT; sleep 300' & echo done", timeout=20
    )
    assert (done.code, done.stdout) == (0, b"done\n")


def test_what_a_child_writes_after_its_parents_end_is_no_error(sbx, no_leftovers):
    done = sbx("run", "--lang", "bash", "-c", "(while :; do echo late; done) & echo first; exit 3", timeout=20)
    assert done.code == 3
    assert b"first\n" in done.stdout and done.stderr == b""


def test_what_was_written_before_the_end_is_never_lost(sbx):
    code = "import os\nos.write(1, b'x' * 60000)\nos.write(2, b'y' * 60000)\nos._exit(5)"
    for _ in range(5):
        done = sbx("run", "-c", code)
        assert (done.code, len(done.stdout), len(done.stderr)) == (5, 60000, 60000)


def test_a_program_that_closes_its_own_streams_still_runs_to_its_end(sbx):
    done = sbx("run", "-c", "import os, time; os.close(0); os.close(1); os.close(2); time.sleep(0.5); os._exit(9)")
    assert done.code == 9


def test_output_to_a_file_and_input_from_a_file_work(sbx, tmp_path):
    (tmp_path / "in").write_bytes(b"some bytes")
    done = sbx.shell("sbx run --lang bash -- cat <in >out 2>err", cwd=tmp_path)
    assert done.code == 0
    assert ((tmp_path / "out").read_bytes(), (tmp_path / "err").read_bytes()) == (b"some bytes", b"")


def test_a_file_for_input_is_not_switched_to_non_blocking(sbx):
    """Whoever shares the open file with us must not notice: cat after sbx fails with EAGAIN otherwise."""
    code = "import fcntl, os; print(bool(fcntl.fcntl(0, fcntl.F_GETFL) & os.O_NONBLOCK))"
    read, write = os.pipe()
    done = subprocess.run(
        ["bash", "-c", f"'{sbx.binary}' run -c pass; python3 -c '{code}'"],
        stdin=read, env=sbx.environment(), capture_output=True, timeout=20,
    )  # fmt: skip
    os.close(read), os.close(write)
    assert done.stdout == b"False\n"
