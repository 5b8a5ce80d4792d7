"""Every limit: what it does, what the user is told, and which values are refused."""

import pytest

from runner import RECORD_FIELDS

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
LIMITS = ["--timeout", "--grace", "--memory", "--cpus", "--pids", "--disk", "--max-output", "--cpu-time"]

FILL_MEMORY = "x = []\nwhile True: x.append(bytearray(1 << 20))"
FORK_BOMB = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"


@pytest.mark.parametrize("value", ["0", "-1", "banana", "", "1x", "99999999999999999999999", "nan", "1 2"])
@pytest.mark.parametrize("flag", LIMITS)
def test_a_limit_out_of_range_is_refused_by_the_name_of_its_flag(sbx, flag, value):
    done = sbx("run", flag, value, "-c", "1", env=NO_ENGINE)
    assert (done.code, done.stdout) == (125, b"")
    assert flag in done.err and len(done.err.splitlines()) <= 2


@pytest.mark.parametrize("flag", ["--memory", "--cpus", "--pids", "--disk", "--grace"])
def test_a_limit_that_must_exist_cannot_be_none(sbx, flag):
    done = sbx("run", flag, "none", "-c", "1", env=NO_ENGINE)
    assert done.code == 125
    assert flag in done.err


@pytest.mark.parametrize("flag", ["--timeout", "--max-output", "--cpu-time"])
def test_some_limits_can_be_none(sbx, flag):
    assert sbx("run", flag, "none", "-c", "print(1)").stdout == b"1\n"


@pytest.mark.parametrize("flag, value", [("--memory", "1k"), ("--cpus", "1000"), ("--pids", "1000000000")])
def test_a_limit_that_the_engine_cannot_hold_is_refused_by_the_name_of_its_flag(sbx, flag, value):
    done = sbx("run", flag, value, "-c", "1")
    assert done.code == 125
    assert flag in done.err


def test_a_work_directory_of_more_than_half_the_memory_is_refused_naming_both(sbx):
    done = sbx("run", "--memory", "100m", "--disk", "60m", "-c", "1", env=NO_ENGINE)
    assert done.code == 125
    assert "--memory" in done.err and "--disk" in done.err


@pytest.mark.parametrize("value", ["2s", "2000ms", "1h", "1m30s", "90"])
def test_durations_have_units_and_plain_ones_are_seconds(sbx, value):
    assert sbx("run", "--timeout", value, "-c", "print(1)").stdout == b"1\n"


def test_the_time_limit_is_told_in_the_record(sbx, no_leftovers):
    done = sbx("run", "--json", "--timeout", "1s", "-c", "import time; print('begun', flush=True); time.sleep(60)")
    record = done.json
    assert (done.code, record["exit_code"], record["origin"], record["reason"]) == (124, 124, "sbx", "timeout")
    assert record["stdout"] == "begun\n"
    assert 1000 <= record["wall_ms"] < 4000


def test_at_the_time_limit_the_program_is_asked_first(sbx):
    code = "import signal, sys, time\nsignal.signal(15, lambda *_: sys.exit('asked'))\ntime.sleep(60)"
    done = sbx("run", "--timeout", "500ms", "-c", code)
    assert done.code == 124
    assert "asked" in done.err


def test_a_program_that_ignores_the_time_limit_is_killed_after_the_grace(sbx, no_leftovers):
    code = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nwhile True: time.sleep(60)"
    done = sbx("run", "--timeout", "500ms", "--grace", "1s", "-c", code)
    assert done.code == 124
    assert 1.5 <= done.seconds < 8


def test_the_time_limit_counts_compiling_apart(sbx):
    code = "#include <unistd.h>\n#include <iostream>\nint main() { sleep(30); }"
    done = sbx("run", "--json", "--timeout", "1s", "--lang", "cpp", "-c", code)
    assert (done.code, done.json["phase"], done.json["reason"]) == (124, "run", "timeout")


def test_memory_within_the_limit_is_usable_and_above_it_kills(sbx):
    code = "x = b'x' * (200 << 20); print(len(x))"
    assert sbx("run", "-c", code).stdout == b"209715200\n"
    done = sbx("run", "--json", "--memory", "128m", "--disk", "16m", "-c", code)
    record = done.json
    assert (done.code, record["exit_code"], record["origin"], record["reason"]) == (137, 137, "program", "oom")
    assert record["signal"] == 9


def test_an_oom_message_says_how_much_was_files(sbx):
    code = "open('big', 'wb').write(bytes(50 << 20))\n" + FILL_MEMORY
    done = sbx("run", "--memory", "128m", "--disk", "60m", "-c", code)
    assert done.code == 137
    assert "--memory" in done.err and "file" in done.err and len(done.err.splitlines()) <= 2


def test_a_childs_out_of_memory_that_the_program_survives_is_an_exit(sbx):
    code = f"import subprocess, sys; print(subprocess.run([sys.executable, '-c', {FILL_MEMORY!r}]).returncode)"
    done = sbx("run", "--json", "--memory", "128m", "--disk", "16m", "-c", code)
    record = done.json
    assert (done.code, record["reason"], record["stdout"]) == (0, "exited", "-9\n")


def test_a_memory_bomb_of_many_processes_ends(sbx, no_leftovers):
    code = f"import os\nfor _ in range(5): os.fork()\n{FILL_MEMORY}"
    done = sbx("run", "--memory", "128m", "--disk", "16m", "--timeout", "20s", "-c", code)
    assert done.code in (137, 124)


def test_less_processor_means_less_processor_time(sbx):
    code = "import time\nend = time.monotonic() + 1.5\nwhile time.monotonic() < end: pass"
    done = sbx("run", "--json", "--cpus", "0.25", "-c", code)
    record = done.json
    assert record["cpu_ms"] < 0.6 * record["wall_ms"]


def test_processes_are_counted_threads_included(sbx):
    code = """
import threading, time
started = 0
try:
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        started += 1
except RuntimeError:
    print(started)
"""
    done = sbx("run", "--pids", "20", "-c", code)
    assert done.code == 0
    assert 10 <= int(done.out) < 20


def test_a_fork_bomb_ends_at_the_time_limit(sbx, no_leftovers):
    done = sbx("run", "--json", "--timeout", "2s", "--grace", "500ms", "-c", FORK_BOMB, timeout=20)
    assert (done.code, done.json["reason"]) == (124, "timeout")


def test_a_fork_bomb_that_loses_its_first_process_ends(sbx, no_leftovers):
    done = sbx("run", "--lang", "bash", "-c", "bomb() { bomb | bomb & }; bomb", timeout=30)
    assert done.code == 0


def test_the_work_directory_has_the_size_that_was_asked(sbx):
    code = "import os; print([s.f_blocks * s.f_frsize >> 20 for s in (os.statvfs('/work'), os.statvfs('/tmp'))])"
    assert sbx("run", "--disk", "32m", "-c", code).out == "[32, 16]\n"
    assert sbx("run", "-c", code).out == "[256, 128]\n"


@pytest.mark.parametrize("folder", ["/work", "/tmp"])
def test_a_full_disk_is_told_and_the_programs_code_stays(sbx, folder):
    code = f"open('{folder}/big', 'wb').write(bytes(40 << 20))"
    done = sbx("run", "--json", "--disk", "16m", "-c", code)
    record = done.json
    assert (done.code, record["exit_code"], record["origin"], record["reason"]) == (1, 1, "sbx", "disk")
    assert "No space left" in record["stderr"]


def test_a_full_disks_message_names_the_flag(sbx):
    done = sbx("run", "--disk", "16m", "-c", "open('big', 'wb').write(bytes(40 << 20))")
    assert done.code == 1
    assert "--disk" in done.words[-1]


def test_running_out_of_inodes_is_a_full_disk(sbx):
    code = "for n in range(100_000): open(f'/work/{n}', 'w').close()"
    done = sbx("run", "--json", "-c", code)
    assert (done.code, done.json["reason"]) == (1, "disk")


def test_a_program_that_copes_with_a_full_disk_merely_exits(sbx):
    code = "try: open('big', 'wb').write(bytes(40 << 20))\nexcept OSError: print('full')"
    done = sbx("run", "--disk", "16m", "--json", "-c", code)
    assert (done.code, done.json["reason"], done.json["stdout"]) == (0, "exited", "full\n")


@pytest.mark.parametrize("limit, size", [("1k", 1 << 10), ("1m", 1 << 20), ("3m", 3 << 20)])
def test_output_is_cut_exactly_at_the_limit(sbx, limit, size):
    done = sbx("run", "--max-output", limit, "--lang", "bash", "--", "yes")
    assert (done.code, len(done.stdout)) == (153, size)


@pytest.mark.parametrize("limit, words", [("1k", "1 KiB"), ("10", "10 B"), ("3m", "3 MiB")])
def test_the_message_about_output_names_the_limit_as_it_was_set(sbx, limit, words):
    done = sbx("run", "--max-output", limit, "--lang", "bash", "--", "yes")
    assert words in done.words[-1] and "--max-output" in done.words[-1]


def test_output_of_exactly_the_limit_is_no_excess(sbx):
    done = sbx("run", "--max-output", "1k", "--lang", "bash", "--", "head", "-c", "1024", "/dev/zero")
    assert (done.code, done.stdout, done.stderr) == (0, bytes(1024), b"")


def test_both_streams_count_for_the_output_limit(sbx):
    code = "import os\nwhile True: os.write(1, b'o' * 100); os.write(2, b'e' * 100)"
    done = sbx("run", "--max-output", "10k", "-q", "-c", code)
    assert (done.code, len(done.stdout) + len(done.stderr)) == (153, 10 << 10)


def test_the_output_limit_is_told_in_the_record(sbx):
    done = sbx("run", "--json", "--max-output", "1k", "--lang", "bash", "--", "yes")
    record = done.json
    assert (done.code, record["origin"], record["reason"], record["truncated"]) == (153, "sbx", "output_limit", True)
    assert RECORD_FIELDS <= record.keys()


def test_processor_time_can_be_limited(sbx, no_leftovers):
    done = sbx("run", "--json", "--cpu-time", "1s", "-c", "while True: pass", timeout=20)
    record = done.json
    assert (done.code, record["reason"]) == (124, "timeout")
    assert 700 <= record["cpu_ms"] < 3000  # the kernel's limit counts whole ticks, its account what was used


def test_the_message_about_processor_time_names_its_flag(sbx):
    done = sbx("run", "--cpu-time", "1s", "-c", "while True: pass", timeout=20)
    assert done.code == 124
    assert "--cpu-time" in done.err and len(done.err.splitlines()) <= 2


def test_sleeping_costs_no_processor_time(sbx):
    done = sbx("run", "--cpu-time", "1s", "-c", "import time; time.sleep(1.5); print('awake')")
    assert (done.code, done.stdout) == (0, b"awake\n")


@pytest.mark.parametrize(
    "variable, value, code",
    [("SBX_TIMEOUT", "500ms", 124), ("SBX_MAX_OUTPUT", "10", 153), ("SBX_MEMORY", "banana", 125)],
)
def test_a_limit_can_come_from_the_environment(sbx, variable, value, code):
    done = sbx("run", "-c", "import time; print('x' * 100, flush=True); time.sleep(5)", env={variable: value})
    assert done.code == code


def test_a_flag_beats_its_variable(sbx):
    done = sbx("run", "--timeout", "30s", "-c", "import time; time.sleep(1)", env={"SBX_TIMEOUT": "100ms"})
    assert done.code == 0


def test_the_engine_is_given_the_limits(started, living, engine):
    started(
        "run", "--memory", "300m", "--cpus", "0.5", "--pids", "77", "--disk", "64m", "-c", "import time; time.sleep(30)"
    )
    host = engine.inspect(living())["HostConfig"]
    assert (host["Memory"], host["MemorySwap"]) == (300 << 20, 300 << 20)
    assert (host["NanoCpus"], host["PidsLimit"]) == (500_000_000, 77)
    assert f"size={64 << 20}" in host["Tmpfs"]["/work"].replace("64m", str(64 << 20))
