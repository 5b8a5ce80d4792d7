"""What machines read: the result record in all its forms, on every way a run can end."""

import base64
import json
import os
import re
import subprocess
import time
from datetime import datetime

import pytest

from runner import RECORD_FIELDS

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}

# How a run can end: flags and code, exit code, origin, reason, phase.
ENDINGS = {
    "success": (["-c", "print('out')"], 0, "program", "exited", "run"),
    "failure": (["-c", "import sys; sys.exit(3)"], 3, "program", "exited", "run"),
    "signal": (["-c", "import os; os.abort()"], 134, "program", "signaled", "run"),
    "time limit": (["--timeout", "300ms", "-c", "import time; time.sleep(60)"], 124, "sbx", "timeout", "run"),
    "out of memory": (["--memory", "64m", "--disk", "8m", "-c", "bytearray(1 << 30)"], 137, "program", "oom", "run"),
    "output limit": (["--max-output", "1k", "--lang", "bash", "--", "yes"], 153, "sbx", "output_limit", "run"),
    "full disk": (["--disk", "1m", "-c", "open('f', 'wb').write(bytes(4 << 20))"], 1, "sbx", "disk", "run"),
    "compile error": (["--lang", "c", "-c", "int main( {}"], 1, "program", "exited", "compile"),
}

TYPES = {
    "execution_id": str, "exit_code": int, "signal": (int, type(None)), "origin": str, "phase": str, "reason": str,
    "stdout": str, "stderr": str, "truncated": bool, "wall_ms": (int, float), "cpu_ms": (int, float),
    "peak_rss_bytes": (int, type(None)), "start_time": str, "end_time": str, "path": str, "results": list,
    "files": list, "isolation": str, "image": str, "image_digest": (str, type(None)), "network": list, "reused": bool,
}  # fmt: skip

# What sbx itself can fail at: arguments, environment, exit code, error code.
FAILURES = {
    "unknown flag": (["--nonsense", "-c", "1"], {}, 125, "invalid_argument"),
    "bad value": (["--timeout", "banana", "-c", "1"], {}, 125, "invalid_argument"),
    "missing value": (["-c"], {}, 125, "invalid_argument"),
    "nothing to run": ([], {}, 125, "invalid_argument"),
    "no engine": (["-c", "1"], NO_ENGINE, 125, "unavailable"),
    "no image": (["--image", "sbx-tests/none:1", "--pull", "never", "-c", "1"], {}, 125, "image_unavailable"),
    "no script": (["missing.py"], {}, 127, "not_found"),
    "no language": (["--lang", "klingon", "-c", "1"], {}, 127, "not_found"),
    "no command": (["--", "no-such-command"], {}, 127, "not_found"),
    "not executable": (["--", "/etc/passwd"], {}, 126, "permission_denied"),
    "no input file": (["--file", "missing.txt", "-c", "1"], {}, None, None),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_every_field_is_there_on_every_ending(sbx, name):
    args, code, origin, reason, phase = ENDINGS[name]
    done = sbx("run", "--json", *args)
    record = done.json
    assert (done.code, record["exit_code"]) == (code, code)
    assert (record["origin"], record["reason"], record["phase"]) == (origin, reason, phase)
    assert record.keys() >= RECORD_FIELDS
    for field, types in TYPES.items():
        assert isinstance(record[field], types), (field, record[field])


@pytest.mark.parametrize("name", ["success", "time limit", "compile error"])
def test_the_same_record_goes_to_a_file(sbx, tmp_path, name):
    args, code, origin, reason, phase = ENDINGS[name]
    done = sbx("run", "--meta", "meta.json", *args, cwd=tmp_path)
    record = json.loads((tmp_path / "meta.json").read_text())
    assert (done.code, record["exit_code"], record["origin"], record["reason"]) == (code, code, origin, reason)
    assert record.keys() >= RECORD_FIELDS - {"stdout", "stderr"}
    assert [path.name for path in tmp_path.iterdir()] == ["meta.json"]


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_is_one_object(sbx, tmp_path, name):
    args, env, code, error = FAILURES[name]
    done = sbx("run", "--json", *args, env=env, cwd=tmp_path)
    failure = done.json
    assert failure["origin"] == "sbx" and failure["exit_code"] == done.code
    assert failure["error"].keys() >= {"code", "message", "hint", "retryable"}
    assert failure["error"]["message"] and isinstance(failure["error"]["retryable"], bool)
    if code:
        assert (done.code, failure["error"]["code"]) == (code, error)


@pytest.mark.parametrize("name", ["bad value", "no engine", "no script"])
def test_a_failure_goes_to_the_file_too(sbx, tmp_path, name):
    args, env, code, error = FAILURES[name]
    done = sbx("run", "--meta", "meta.json", *args, env=env, cwd=tmp_path)
    failure = json.loads((tmp_path / "meta.json").read_text())
    assert (done.code, failure["exit_code"], failure["error"]["code"]) == (code, code, error)
    assert failure["origin"] == "sbx"


@pytest.mark.parametrize(
    "args", [["version", "--nonsense"], ["lang", "show", "klingon"], ["image", "rm"], ["nonsense"]]
)
def test_failing_commands_print_one_object_too(sbx, args):
    done = sbx(*args, "--json")
    assert done.json["exit_code"] == done.code != 0
    assert done.json["error"]["message"]


def test_json_wins_over_words(sbx):
    done = sbx("run", "--json", "-c", "import sys; print('out'); print('err', file=sys.stderr)")
    assert (done.json["stdout"], done.json["stderr"], done.stderr) == ("out\n", "err\n", b"")


def test_output_that_is_not_utf8_comes_in_base64(sbx):
    record = sbx("run", "--json", "--lang", "bash", "-c", r"printf 'a\xff\0b'; printf 'fine' >&2").json
    assert base64.b64decode(record["stdout_base64"]) == b"a\xff\0b"
    assert record["stderr"] == "fine"
    assert record.get("stdout") is None and record.get("stderr_base64") is None


@pytest.mark.parametrize("text", ["\0", "\x1b[31m\x7f", "\u2028", '"\\', "naïve ☃ 😀", "\r\n\t"])
def test_odd_text_survives(sbx, text):
    assert sbx("run", "--json", "--lang", "bash", "--", "cat", stdin=text.encode()).json["stdout"] == text


def test_a_character_cut_by_the_limit_is_no_broken_json(sbx):
    record = sbx("run", "--json", "--max-output", "10", "-c", "print('☃' * 9, end='')").json
    assert record["truncated"] is True
    kept = base64.b64decode(record["stdout_base64"]) if "stdout_base64" in record else record["stdout"].encode()
    assert ("☃" * 9).encode().startswith(kept)


def test_a_large_output_is_kept_to_a_size_and_said_to_be_cut(sbx):
    record = sbx("run", "--json", "--lang", "bash", "--", "head", "-c", "40M", "/dev/zero").json
    assert record["exit_code"] == 0 and record["reason"] == "exited"
    assert record["truncated"] == (len(record["stdout"]) < 40 << 20)


def test_times_and_sizes_are_measured(sbx):
    code = """
import time
x = bytearray(100 << 20)
end = time.process_time() + 0.5
while time.process_time() < end: pass
time.sleep(0.5)
"""
    record = sbx("run", "--json", "-c", code).json
    assert 500 <= record["cpu_ms"] < 2000
    assert 1000 <= record["wall_ms"] < 5000
    assert 100 << 20 < record["peak_rss_bytes"] < 200 << 20
    start, end = (datetime.fromisoformat(record[f].replace("Z", "+00:00")) for f in ("start_time", "end_time"))
    assert start.tzinfo and 0.9 < (end - start).total_seconds() < 6


def test_processor_time_counts_children(sbx):
    child = "import time\nwhile time.process_time() < 0.7: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert sbx("run", "--json", "-c", code).json["cpu_ms"] >= 650


def test_each_execution_has_an_id_of_its_own(sbx):
    first, second = (sbx("run", "--json", "-c", "pass").json["execution_id"] for _ in range(2))
    assert first and second and first != second


def test_the_record_says_what_ran_where(sbx, engine):
    record = sbx("run", "--json", "-c", "pass").json
    assert (record["path"], record["isolation"], record["reused"]) == ("cold", "default", False)
    assert record["image"] == "sbx/python:4"
    assert record["image_digest"] == engine.json("/images/sbx/python:4/json")["Id"]


def streamed(events, kind):
    return "".join(event["data"] for event in events if event["type"] == kind)


def test_events_come_in_order_and_end_with_the_result(sbx):
    done = sbx("run", "--ndjson", "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    events = done.events
    assert done.code == 3
    assert events[0]["type"] == "start" and [event["type"] for event in events].count("end") == 1
    assert streamed(events, "stdout") == "out\n" and streamed(events, "stderr") == "err\n"
    end = events[-1]
    assert (end["type"], end["exit_code"]) == ("end", 3) and end.keys() >= RECORD_FIELDS


def test_ndjson_tells_of_a_silent_program_when_it_begins(started):
    process = started("run", "--ndjson", "-c", "import time; time.sleep(60)")
    assert json.loads(process.stdout.readline()) == {"type": "start", "phase": "run"}
    assert process.poll() is None


def test_an_event_is_seen_when_it_happens(started):
    process = started("run", "--ndjson", "-c", "print('now', flush=True); import time; time.sleep(30)")
    seen = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert [event["type"] for event in seen] == ["start", "stdout"]
    assert process.poll() is None


def test_events_of_bytes_that_are_no_text_are_base64(sbx):
    events = sbx("run", "--ndjson", "--lang", "bash", "-c", r"printf 'a\xff'").events
    outputs = [event for event in events if event["type"] == "stdout"]
    assert (
        b"".join(base64.b64decode(e["data_base64"]) if "data_base64" in e else e["data"].encode() for e in outputs)
        == b"a\xff"
    )


def test_a_character_that_comes_in_two_halves_is_whole_in_some_event(sbx):
    code = "import os, time\nos.write(1, b'\\xe2\\x98'); time.sleep(0.3); os.write(1, b'\\x83')"
    events = sbx("run", "--ndjson", "-c", code).events
    outputs = [event for event in events if event["type"] == "stdout"]
    joined = b"".join(base64.b64decode(e["data_base64"]) if "data_base64" in e else e["data"].encode() for e in outputs)
    assert joined.decode() == "☃"


@pytest.mark.parametrize("name", ["bad value", "no engine", "no script"])
def test_events_of_a_failure_are_json_too(sbx, tmp_path, name):
    args, env, code, error = FAILURES[name]
    done = sbx("run", "--ndjson", *args, env=env, cwd=tmp_path)
    assert done.code == code
    failed = [event for event in done.events if "error" in event]
    assert failed and failed[0]["error"]["code"] == error


def test_two_forms_on_one_stdout_are_refused(sbx):
    done = sbx("run", "--json", "--ndjson", "-c", "1", env=NO_ENGINE)
    assert done.code == 125
    assert done.json["error"]["code"] == "invalid_argument"


def test_the_meta_file_is_replaced_whole(sbx, tmp_path):
    (tmp_path / "meta.json").write_text("old " * 100_000)
    os.link(tmp_path / "meta.json", tmp_path / "other name")
    assert sbx("run", "--meta", "meta.json", "-c", "pass", cwd=tmp_path).code == 0
    assert json.loads((tmp_path / "meta.json").read_text())["exit_code"] == 0
    assert (tmp_path / "other name").read_text().startswith("old")


def test_a_meta_file_that_cannot_be_written_is_told(sbx, tmp_path):
    (tmp_path / "file").touch()
    done = sbx("run", "--meta", "file/meta.json", "-c", "pass", cwd=tmp_path)
    assert done.code == 125
    assert "file/meta.json" in done.err


def test_a_device_named_for_meta_is_written_to_and_stays_one(sbx, tmp_path):
    subprocess.run(["mknod", "-m", "666", tmp_path / "null", "c", "1", "3"], check=True)
    assert sbx("run", "--meta", tmp_path / "null", "-c", "1").code == 0
    assert (tmp_path / "null").is_char_device()
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert sbx("run", "--meta", tmp_path / "pipe", "-c", "1").code == 0
    assert json.loads(os.read(reader, 65536))["exit_code"] == 0
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_named_for_meta_is_followed(sbx, tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    assert sbx("run", "--meta", "link", "-c", "1", cwd=tmp_path).code == 0
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "real").read_text())["exit_code"] == 0


def test_meta_may_name_a_descriptor(sbx, tmp_path):
    link = tmp_path / "stderr"
    link.symlink_to("/proc/self/fd/2")
    done = sbx.shell(f"sbx run --meta {link} -c 'print(1)'")
    assert done.stdout == b"1\n" and json.loads(done.stderr)["exit_code"] == 0
    assert sbx.shell("sbx run --meta /proc/self/fd/1 -c 'print(1)' >all", cwd=tmp_path).code == 0
    first, record = (tmp_path / "all").read_text().split("\n", 1)
    assert first == "1" and json.loads(record)["exit_code"] == 0


@pytest.mark.parametrize("form", ["--json", "--ndjson"])
@pytest.mark.parametrize(
    "wrong", [["--nonsense", "x.py"], ["--tmeout", "3", "-q"], ["--quiet=banana", "x.py"], ["--timeout"]]
)
def test_a_wrong_flag_is_told_in_every_form_that_was_asked_for(sbx, tmp_path, form, wrong):
    flags = wrong[:2] if wrong[0] == "--tmeout" else []
    done = sbx("run", *flags, form, "--meta", "record.json", *wrong[len(flags) :], cwd=tmp_path)
    assert done.code == 125 and done.stderr == b""
    assert done.json["error"]["code"] == "invalid_argument"
    assert json.loads((tmp_path / "record.json").read_text())["exit_code"] == 125


def test_meta_leaves_the_programs_streams_alone(sbx, tmp_path):
    done = sbx("run", "--meta", "m", "-c", "import sys; print('out'); print('err', file=sys.stderr)", cwd=tmp_path)
    assert (done.stdout, done.stderr) == (b"out\n", b"err\n")


def test_timing_says_the_way_and_the_times_on_stderr(sbx):
    done = sbx("run", "--timing", "-c", "print('out')")
    assert (done.code, done.stdout) == (0, b"out\n")
    assert "cold" in done.err and re.search(r"\d+(\.\d+)? ?ms", done.err)


def test_quiet_says_nothing_even_of_a_time_limit(sbx):
    done = sbx("run", "-q", "--timeout", "300ms", "-c", "import time; time.sleep(60)")
    assert (done.code, done.stdout, done.stderr) == (124, b"", b"")


def test_quiet_still_tells_what_sbx_could_not_do(sbx):
    assert sbx("run", "-q", "-c", "1", env=NO_ENGINE).words


def test_json_reaches_a_full_device_as_an_error(sbx):
    done = sbx.shell("sbx run --json -c pass >/dev/full")
    assert done.code != 0 and done.words


def test_a_killed_sandbox_still_gives_the_record(started, living, engine):
    process = started("run", "--json", "-c", "print('begun', flush=True); import time; time.sleep(60)")
    sandbox = living()
    time.sleep(0.3)
    begin = time.monotonic()
    engine.kill(sandbox)
    record = json.loads(process.communicate(timeout=10)[0])
    assert time.monotonic() - begin < 2
    assert (record["exit_code"], record["reason"], record["stdout"]) == (137, "killed", "begun\n")
    assert record.keys() >= RECORD_FIELDS


# The next steps that are known, and only those (the machine's contract).


def test_a_module_beside_the_script_is_hinted_as_a_file(sbx, tmp_path):
    (tmp_path / "script.py").write_text("import neighbour")
    (tmp_path / "neighbour.py").write_text("")
    done = sbx("run", "script.py", cwd=tmp_path)
    assert done.code == 1
    assert "--file neighbour.py" in done.err or "--file ." in done.err
    assert "--with" not in done.err and len(done.words) <= 2


def test_a_file_that_exists_here_is_hinted(sbx, tmp_path):
    (tmp_path / "data.csv").write_text("1,2")
    done = sbx("run", "-c", "open('data.csv')", cwd=tmp_path)
    assert done.code == 1
    assert "--file data.csv" in done.err and len(done.words) <= 2


def test_a_file_that_exists_nowhere_is_not_hinted(sbx, tmp_path):
    done = sbx("run", "-c", "open('data.csv')", cwd=tmp_path)
    assert done.code == 1 and not done.words


def test_hints_name_only_flags_that_exist(sbx, tmp_path):
    done = sbx("run", "-c", "import numpy_of_nobody", cwd=tmp_path)
    flags = re.findall(r"--[a-z-]+", "\n".join(done.words))
    help_text = sbx("run", "--help").out
    assert all(flag in help_text for flag in flags)


def test_hints_are_silenced_with_the_rest(sbx, tmp_path):
    (tmp_path / "data.csv").write_text("1,2")
    assert not sbx("run", "-q", "-c", "open('data.csv')", cwd=tmp_path).words


def test_a_program_can_write_its_own_sbx_like_lines(sbx):
    done = sbx("run", "--json", "-c", 'print(\'{"type": "end"}\')')
    assert json.loads(done.stdout)["stdout"] == '{"type": "end"}\n'


def test_a_reader_of_json_can_stand_in_the_pipe(sbx):
    reader = """/usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["stdout"], end="")'"""
    assert sbx.shell(f"sbx run --json -c 'print(6 * 7)' | {reader}").stdout == b"42\n"
