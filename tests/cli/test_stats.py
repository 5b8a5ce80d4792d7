"""What sandboxes use."""

import json
import os
import signal

import pytest

from runner import eventually
from terminal import Terminal

KEYS = {
    "id", "name", "cpu_percent", "cpu_ms", "memory_bytes", "memory_peak_bytes", "memory_limit_bytes", "pids",
    "pids_limit", "work_bytes", "work_size_bytes", "tmp_bytes", "tmp_size_bytes", "age_ms", "ends_in_ms",
}  # fmt: skip
MIB = 1 << 20


@pytest.fixture
def box(kept):
    kept.make("--name", "box", "--memory", "256m", "--disk", "64m", "--pids", "50", "--ttl", "30m")
    return kept


def stats(box, *args):
    done = box("stats", "--json", *args)
    assert done.code == 0 and done.stderr == b"", done
    return done.json


def test_a_quiet_sandbox_uses_little_and_its_limits_are_told(box):
    (told,) = stats(box, "box")
    assert set(told) == KEYS and told["name"] == "box"
    limits = (told["memory_limit_bytes"], told["pids_limit"], told["work_size_bytes"], told["tmp_size_bytes"])
    assert limits == (256 * MIB, 50, 64 * MIB, 32 * MIB)
    assert 0 < told["memory_bytes"] <= told["memory_peak_bytes"] < 64 * MIB
    assert told["pids"] == 1 and told["cpu_percent"] < 50 and told["work_bytes"] == 0
    assert 0 <= told["age_ms"] < 60_000 and 1_700_000 < told["ends_in_ms"] <= 1_800_000


def test_one_that_is_named_twice_is_told_once(box):
    assert len(stats(box, "box", "box", box.record("box")["id"])) == 1


def test_what_programs_use_is_seen(box):
    code = "x = bytearray(100 << 20); open('/work/f', 'wb').write(b'x' * (8 << 20)); open('/tmp/f', 'wb').write(b'x' * " \
        "(4 << 20)); open('/work/ready', 'w')\nwhile True: pass"  # fmt: skip
    box("exec", "-d", "box", "python3", "-c", code)
    assert eventually(lambda: box("exec", "box", "cat", "ready").code == 0, 20)
    (told,) = stats(box, "box")
    assert told["memory_bytes"] > 112 * MIB and told["memory_peak_bytes"] >= told["memory_bytes"]
    assert 8 * MIB <= told["work_bytes"] < 9 * MIB and 4 * MIB <= told["tmp_bytes"] < 5 * MIB
    assert told["pids"] == 2 and told["cpu_percent"] > 10 and told["cpu_ms"] > 0


def test_figures_come_where_no_process_can_be_made(kept):
    kept.make("--name", "full", "--pids", "8")
    code = "import os, signal\ntry:\n while os.fork(): pass\nexcept OSError: pass\nsignal.pause()"
    kept("exec", "-d", "full", "python3", "-c", code)
    assert eventually(lambda: stats(kept, "full")[0]["pids"] == 8, 20)


def test_all_sandboxes_that_live_are_shown_at_once(kept):
    ids = [kept.make(), kept.make(), kept.make("--name", "named")]
    kept("kill", ids[0])
    kept("pause", ids[1])
    assert [each["id"] for each in stats(kept)] == ids[2:]
    assert kept("stats", ids[1]).code == 5
    kept("resume", ids[1])
    assert [each["id"] for each in stats(kept)] == ids[1:]
    done = kept("stats", *ids[1:])
    assert done.out.splitlines()[0].split() == [
        "SANDBOX", "NAME", "CPU", "MEMORY", "PEAK", "PIDS", "/WORK", "/TMP", "AGE", "ENDS", "IN"
    ]  # fmt: skip
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == ids[1:]
    assert "/ 512 MiB" in done.out and done.seconds < 5


def test_without_sandboxes_there_is_nothing_to_show(kept):
    assert stats(kept) == []
    assert kept("stats", "nobody").code == 3


def test_watching_goes_on_until_it_is_interrupted(box):
    process = box.start("stats", "-w", "--ndjson", "box")
    told = [json.loads(process.stdout.readline()) for _ in range(3)]
    assert all(set(each) == KEYS for each in told)
    assert told[0]["age_ms"] < told[1]["age_ms"] < told[2]["age_ms"]
    box("extend", "box", "--ttl", "2h")
    assert eventually(lambda: json.loads(process.stdout.readline())["ends_in_ms"] > 3_600_000, 5)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=5)[1] == b"" and process.returncode == 130


def test_watching_ends_with_the_last_sandbox(kept):
    first, second = kept.make("--name", "first"), kept.make("--name", "second")
    process = kept.start("stats", "--watch", first, second)
    assert process.stdout.readline().startswith(b"SANDBOX")
    kept("kill", "first")
    assert process.stderr.readline().startswith(b"sbx: sandbox first has ended (killed)")
    assert process.poll() is None
    kept("kill", "second")
    assert b"sandbox second has ended (killed)" in process.communicate(timeout=10)[1]
    assert process.returncode == 3


def test_on_a_terminal_the_table_is_drawn_over_itself(box):
    terminal = Terminal(box.command("stats", "-w", "box"), box.environment())
    terminal.expect(rb"\x1b\[H\x1b\[2JSANDBOX")
    terminal.send(b"\x03")
    assert terminal.wait() == 130
    terminal.close()


def test_one_value_and_watching_exclude_each_other(box):
    done = box("stats", "--json", "--watch", "box")
    assert done.code == 2 and done.json["error"]["hint"] == "--ndjson"


def test_it_is_quick(box):
    stats(box, "box")
    assert min(box("stats", "box").seconds for _ in range(3)) < 1 + os.getloadavg()[0] / 10
