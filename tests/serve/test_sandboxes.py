"""/v1/sandboxes: sandboxes that stay, their kernels, programs and files."""

import io
import re
import socket
import tarfile
import threading
import time

import pytest

from daemon import eventually


@pytest.fixture
def sandbox(daemon):
    identity = daemon.sandbox()
    yield identity
    daemon.request("DELETE", f"/v1/sandboxes/{identity}")


def test_a_sandbox_lives_from_its_making_to_its_removal(daemon, engine):
    made = daemon.post("/v1/sandboxes", {"name": "box", "labels": {"project": "demo"}, "ttl_ms": 600_000})
    assert made.status == 201 and made.json["state"] == "running" and made.json["name"] == "box"
    identity = made.json["id"]
    assert made.headers["Location"] == f"/v1/sandboxes/{identity}"
    assert identity in [each["id"] for each in daemon.get("/v1/sandboxes").json["sandboxes"]]
    shown = daemon.get(f"/v1/sandboxes/{identity}").json
    assert shown["labels"] == {"project": "demo"} and shown["dialect"] == "native"
    container = [each for each in engine.json("/containers/json") if each["Labels"].get("sbx.sandbox") == identity]
    assert len(container) == 1
    assert daemon.request("DELETE", f"/v1/sandboxes/{identity}").status == 204
    gone = daemon.get(f"/v1/sandboxes/{identity}")
    assert gone.status == 404 and "killed" in gone.json["error"]["message"]
    assert not [each for each in engine.json("/containers/json?all=1") if each["Labels"].get("sbx.sandbox") == identity]


def test_it_ends_when_its_time_is_over(daemon):
    identity = daemon.sandbox(ttl_ms=1500)
    assert eventually(lambda: daemon.get(f"/v1/sandboxes/{identity}").status == 404, 10)
    assert "ttl" in daemon.get(f"/v1/sandboxes/{identity}").json["error"]["message"]


def test_it_ends_when_nobody_uses_it(daemon):
    identity = daemon.sandbox(idle_ms=1500)
    daemon.evaluate(identity, "1")
    assert eventually(lambda: "idle" in str(daemon.get(f"/v1/sandboxes/{identity}").json), 10)


def test_its_time_can_be_extended(daemon, sandbox):
    before = daemon.get(f"/v1/sandboxes/{sandbox}").json["expires"]
    extended = daemon.post(f"/v1/sandboxes/{sandbox}/extend", {"ttl_ms": 7_200_000})
    assert extended.status == 200 and extended.json["expires"] > before
    assert daemon.post(f"/v1/sandboxes/{sandbox}/extend", {}).status == 400
    assert daemon.post(f"/v1/sandboxes/{sandbox}/extend", {"ttl_ms": 10 ** 12}).status == 400


def test_variables_stay_between_executions(daemon, sandbox):
    assert daemon.evaluate(sandbox, "x = 6 * 7").json["exit_code"] == 0
    record = daemon.evaluate(sandbox, "x").json
    assert record["results"][0]["data"]["text/plain"] == "42" and record["path"] == "session"
    names = [each["name"] for each in daemon.get(f"/v1/sandboxes/{sandbox}/kernels/variables").json["variables"]]
    assert names == ["x"]


def test_kernels_of_other_languages_and_contexts_are_apart(daemon, sandbox):
    daemon.evaluate(sandbox, "x = 1")
    daemon.evaluate(sandbox, "x = 2", context="second")
    assert daemon.evaluate(sandbox, "x").json["results"][0]["data"]["text/plain"] == "1"
    assert daemon.evaluate(sandbox, "echo $0", language="bash").json["stdout"]
    refused = daemon.evaluate(sandbox, "", language="c")
    assert refused.status == 404 and "no kernel" in refused.json["error"]["message"]


def test_an_error_in_code_has_its_traceback(daemon, sandbox):
    record = daemon.evaluate(sandbox, "def f(): raise ValueError('no')\nf()").json
    assert record["exit_code"] == 1 and record["error"]["name"] == "ValueError", record


def test_code_that_takes_too_long_is_interrupted_and_variables_stay(daemon, sandbox):
    daemon.evaluate(sandbox, "x = 1")
    late = daemon.evaluate(sandbox, "import time; time.sleep(60)", timeout_ms=500).json
    assert late["reason"] == "timeout"
    assert daemon.evaluate(sandbox, "x").json["results"][0]["data"]["text/plain"] == "1"


def test_an_execution_can_be_interrupted(daemon, sandbox):
    daemon.evaluate(sandbox, "x = 1")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(daemon.evaluate(sandbox, "import time; time.sleep(60)").json))
    thread.start()
    assert eventually(lambda: daemon.post(f"/v1/sandboxes/{sandbox}/kernels/interrupt").json["interrupted"])
    thread.join(20)
    assert answers[0]["exit_code"] != 0
    assert daemon.evaluate(sandbox, "x").json["results"][0]["data"]["text/plain"] == "1"


def test_results_stream_as_they_come(daemon, sandbox):
    events = daemon.post(f"/v1/sandboxes/{sandbox}/executions", {"code": "print('a')\n6 * 7"},
                         Accept="application/x-ndjson").lines
    kinds = [each["type"] for each in events]
    assert kinds == ["start", "stdout", "result", "end"], events
    assert events[2]["data"]["text/plain"] == "42"


def test_programs_run_in_it(daemon, sandbox):
    record = daemon.post(f"/v1/sandboxes/{sandbox}/processes", {"argv": ["sh", "-c", "cat; echo $A; exit 3"],
                                                                "stdin": "in\n", "env": {"A": "b"}}).json
    assert (record["stdout"], record["exit_code"]) == ("in\nb\n", 3)
    missing = daemon.post(f"/v1/sandboxes/{sandbox}/processes", {"argv": ["no-such-command"]})
    assert missing.status == 404
    assert daemon.post(f"/v1/sandboxes/{sandbox}/processes", {"argv": []}).status == 400
    late = daemon.post(f"/v1/sandboxes/{sandbox}/processes", {"argv": ["sleep", "60"], "timeout_ms": 300}).json
    assert late["reason"] == "timeout"


def test_programs_run_in_the_background(daemon, sandbox):
    base = f"/v1/sandboxes/{sandbox}/processes"
    begun = daemon.post(base, {"argv": ["sh", "-c", "echo one; sleep 1; echo two"], "detach": True})
    assert begun.status == 202
    number = begun.json["process"]
    assert daemon.get(base).json["processes"][0]["running"] is True
    events = daemon.get(f"{base}/{number}/output?follow=true").lines
    assert "".join(each["data"] for each in events if each["type"] == "stdout") == "one\ntwo\n"
    ended = eventually(lambda: not daemon.get(base).json["processes"][0]["running"])
    assert ended and daemon.get(base).json["processes"][0]["exit_code"] == 0


def test_who_stops_following_a_silent_program_leaves_nothing_open(daemon, sandbox):
    def connections():
        return int(re.search(r"^sbx_http_connections (\d+)$", daemon.get("/metrics").body.decode(), re.M)[1])

    base = f"/v1/sandboxes/{sandbox}/processes"
    number = daemon.post(base, {"argv": ["sleep", "600"], "detach": True}).json["process"]
    before = connections()
    with socket.create_connection(("127.0.0.1", daemon.port)) as client:
        client.sendall(b"GET %s/%d/output?follow=true HTTP/1.1\r\nHost: localhost:%d\r\n\r\n"
                       % (base.encode(), number, daemon.port))
        client.settimeout(10)
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert connections() == before + 1
    assert eventually(lambda: connections() == before, 5)
    assert daemon.get(base).json["processes"][0]["running"] is True


def test_files_go_in_and_out(daemon, sandbox):
    base = f"/v1/sandboxes/{sandbox}/files"
    content = bytes(range(256)) * 1000
    assert daemon.request("PUT", f"{base}?path=data/x.bin", content).status in (204, 404)
    assert daemon.post(f"{base}/mkdir?path=data", {"path": "data"}).status in (204, 400)
    assert daemon.request("PUT", f"{base}?path=data/x.bin", content).status == 204
    read = daemon.get(f"{base}?path=/work/data/x.bin")
    assert read.body == content and read.headers["Content-Disposition"].startswith("attachment")
    part = daemon.get(f"{base}?path=data/x.bin", Range="bytes=10-19")
    assert part.status == 206 and part.body == content[10:20]
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(content)}"
    assert daemon.get(f"{base}?path=data/x.bin", Range=f"bytes={len(content)}-").status == 416
    stat = daemon.get(f"{base}/stat?path=data/x.bin").json
    assert stat["type"] == "file" and stat["size_bytes"] == len(content)
    assert [each["path"] for each in daemon.get(f"{base}/list?path=data").json["entries"]] == ["x.bin"]
    assert daemon.post(f"{base}/move", {"from": "data/x.bin", "to": "y"}).status == 204
    assert daemon.request("DELETE", f"{base}?path=data&recursive=true").status == 204
    assert daemon.get(f"{base}/stat?path=data").status == 404
    assert daemon.get(f"{base}?path=y").body == content


def test_an_archive_goes_in_and_out(daemon, sandbox):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        info = tarfile.TarInfo("d/ü.txt")
        info.size = 2
        tar.addfile(info, io.BytesIO(b"hi"))
    path = f"/v1/sandboxes/{sandbox}/archive?path=/work"
    assert daemon.request("PUT", path, packed.getvalue()).status == 204
    with tarfile.open(fileobj=io.BytesIO(daemon.get(path).body)) as tar:
        assert tar.extractfile(next(name for name in tar.getnames() if name.endswith("ü.txt"))).read() == b"hi"


@pytest.mark.parametrize("path", ["/etc/shadow", "/proc/1/mem", "/dev/zero", "/work/missing", "/work"])
def test_files_that_cannot_be_read(daemon, sandbox, path):
    assert 400 <= daemon.get(f"/v1/sandboxes/{sandbox}/files?path={path}").status < 500


def test_it_stands_still_while_paused(daemon, sandbox):
    daemon.evaluate(sandbox, "x = 1")
    assert daemon.post(f"/v1/sandboxes/{sandbox}/pause").json["state"] == "paused"
    refused = daemon.evaluate(sandbox, "x")
    assert refused.status == 409 and "resume" in refused.json["error"]["hint"]
    assert daemon.post(f"/v1/sandboxes/{sandbox}/resume").json["state"] == "running"
    assert daemon.post(f"/v1/sandboxes/{sandbox}/resume").status == 409
    assert daemon.evaluate(sandbox, "x").json["results"][0]["data"]["text/plain"] == "1"


def test_a_paused_one_can_be_removed(daemon):
    identity = daemon.sandbox()
    daemon.post(f"/v1/sandboxes/{identity}/pause")
    assert daemon.request("DELETE", f"/v1/sandboxes/{identity}").status == 204


def test_what_it_uses_is_shown(daemon, sandbox):
    daemon.evaluate(sandbox, "x = 'y' * 10_000_000")
    stats = daemon.get(f"/v1/sandboxes/{sandbox}/stats").json
    assert stats["memory_bytes"] > 10_000_000 and stats["pids"] >= 1


def test_files_and_limits_of_its_making(daemon):
    identity = daemon.sandbox(files={"in/x": "text"}, limits={"memory_bytes": 64 << 20, "disk_bytes": 8 << 20},
                              env={"A": "b"})
    record = daemon.evaluate(identity, "import os; print(open('in/x').read(), os.environ['A'])").json
    assert record["stdout"] == "text b\n"
    assert daemon.get(f"/v1/sandboxes/{identity}").json["limits"]["memory_bytes"] == 64 << 20
    daemon.request("DELETE", f"/v1/sandboxes/{identity}")


@pytest.mark.parametrize("request_", [
    {"name": "a b"}, {"ttl_ms": 0}, {"ttl_ms": 10 ** 12}, {"language": "klingon"}, {"limits": {"memory_bytes": 1}},
    {"files": {"/etc/x": ""}}, {"allow": ["http://x"]}, {"env": {"": "x"}}, {"labels": {"a b": "c"}}, {"colour": 1},
])
def test_a_wrong_wish_makes_none(daemon, request_):
    before = len(daemon.get("/v1/sandboxes").json["sandboxes"])
    assert daemon.post("/v1/sandboxes", request_).status == 400
    assert len(daemon.get("/v1/sandboxes").json["sandboxes"]) == before


def test_two_of_one_name_are_a_conflict(daemon):
    first = daemon.sandbox(name="twin")
    assert daemon.post("/v1/sandboxes", {"name": "twin"}).status == 409
    daemon.request("DELETE", f"/v1/sandboxes/{first}")


def test_one_that_is_killed_from_outside_says_so(daemon, engine):
    identity = daemon.sandbox()
    container = next(each["Id"] for each in engine.json("/containers/json")
                     if each["Labels"].get("sbx.sandbox") == identity)
    begin = time.monotonic()
    engine.kill(container)
    assert eventually(lambda: daemon.get(f"/v1/sandboxes/{identity}").status == 404, 5)
    assert time.monotonic() - begin < 4
    assert "killed" in daemon.get(f"/v1/sandboxes/{identity}").json["error"]["message"]


def test_unknown_ones_are_not_found(daemon):
    for path in ("", "/stats", "/files?path=x", "/processes", "/kernels/variables"):
        assert daemon.get(f"/v1/sandboxes/nothing{path}").status == 404
    assert daemon.evaluate("nothing", "1").status == 404
