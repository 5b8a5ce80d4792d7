"""POST /v1/executions: code that runs once, in a sandbox of its own."""

import base64
import json
import socket
import threading
import time

import pytest

from daemon import eventually
from runner import RECORD_FIELDS


def test_code_runs_and_its_record_comes_back(daemon):
    answer = daemon.run("print(6 * 7)")
    assert answer.status == 200
    record = answer.json
    assert record["stdout"] == "42\n" and record["exit_code"] == 0 and record["reason"] == "exited"
    assert set(record) == RECORD_FIELDS | {"explanation"}


@pytest.mark.parametrize("language, code", [
    ("python", "print('hi')"), ("py", "print('hi')"), ("javascript", "console.log('hi')"), ("bash", "echo hi"),
    ("c", '#include <stdio.h>\nint main(void) { puts("hi"); }'), ("lua", "print('hi')"), ("sqlite", "select 'hi';"),
])
def test_languages(daemon, language, code):
    record = daemon.run(code, language=language).json
    assert (record["stdout"], record["exit_code"]) == ("hi\n", 0), record


def test_arguments_input_and_variables_reach_the_program(daemon):
    code = "import os, sys; print(sys.argv[1:], sys.stdin.read(), os.environ['COLOUR'])"
    record = daemon.run(code, args=["a b", ""], stdin="line\n", env={"COLOUR": "blü"}).json
    assert record["stdout"] == "['a b', ''] line\n blü\n"


def test_files_of_text_and_of_any_bytes_are_there(daemon):
    every_byte = bytes(range(256))
    files = {"data/x.txt": "text", "y.bin": {"base64": base64.b64encode(every_byte).decode()}}
    code = "print(open('data/x.txt').read()); print(open('y.bin', 'rb').read() == bytes(range(256)))"
    assert daemon.run(code, files=files).json["stdout"] == "text\nTrue\n"


def test_one_of_the_files_can_start(daemon):
    files = {"main.py": "import helper; print(helper.answer)", "helper.py": "answer = 42"}
    assert daemon.post("/v1/executions", {"files": files, "entry": "main.py"}).json["stdout"] == "42\n"


def test_what_the_program_does_wrong_is_a_result(daemon):
    assert daemon.run("import sys; sys.exit(3)").json["exit_code"] == 3
    failed = daemon.run("1 / 0").json
    assert failed["exit_code"] == 1 and "ZeroDivisionError" in failed["stderr"]
    compiled = daemon.run("int main(void) { return x; }", language="c").json
    assert compiled["phase"] == "compile" and compiled["exit_code"] != 0


def test_limits_hold(daemon):
    late = daemon.run("import time; time.sleep(60)", limits={"wall_ms": 300}).json
    assert (late["reason"], late["origin"], late["exit_code"]) == ("timeout", "sbx", 124)
    assert "timeout" in late["explanation"]
    large = daemon.run("x = bytearray(10 ** 9)", limits={"memory_bytes": 64 << 20, "disk_bytes": 16 << 20}).json
    assert large["reason"] == "oom" or "MemoryError" in large["stderr"]
    loud = daemon.run("while True: print('x' * 1000)", limits={"output_bytes": 100_000}).json
    assert (loud["reason"], loud["exit_code"]) == ("output_limit", 153)


def test_output_that_is_no_text_comes_as_base64(daemon):
    record = daemon.run("import sys; sys.stdout.buffer.write(b'\\xff\\x00')").json
    assert record["stdout"] is None and base64.b64decode(record["stdout_base64"]) == b"\xff\x00"


def test_there_is_no_network(daemon):
    record = daemon.run("import socket\ntry: socket.create_connection(('1.1.1.1', 53), 2)\nexcept OSError: print('none')")
    assert record.json["stdout"] == "none\n"


@pytest.mark.parametrize("request_, place", [
    ({}, "code"),
    ({"code": 1}, "code"),
    ({"code": "", "colour": "blue"}, "colour"),
    ({"code": "", "language": "klingon"}, "klingon"),
    ({"code": "", "limits": {"pids": -1}}, "limits.pids"),
    ({"code": "", "limits": {"wall_ms": 86_400_000}}, "limits.wall_ms"),
    ({"code": "", "limits": {"memory_bytes": "1g"}}, "limits.memory_bytes"),
    ({"code": "", "files": {"/etc/passwd": ""}}, "files"),
    ({"code": "", "files": {"../x": ""}}, "files"),
    ({"code": "", "files": {"x": {"base64": "?"}}}, "files.x"),
    ({"code": "", "env": {"A=B": ""}}, "environment"),
    ({"code": "", "allow": ["http://x"]}, "allow"),
    ({"files": {"a.py": ""}, "entry": "b.py"}, "entry"),
    ({"code": "", "args": ["x"] * 1001}, "args"),
])
def test_what_is_wrong_is_named(daemon, request_, place):
    answer = daemon.post("/v1/executions", request_)
    error = answer.json["error"]
    assert answer.status == 400 and error["code"] == "invalid_argument" and place in error["message"], answer.body
    assert error["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("body", [
    b"{", b"[]", b'{"code": 1, "code": 2}', b'{"code": "\xff"}', b'{"code": NaN}', b"[" * 40, b'{"args": ' + b"[" * 40,
    b'{"env": {' + b",".join(b'"k%d": ""' % i for i in range(10_001)) + b"}}",
])
def test_malformed_json_is_refused(daemon, body):
    answer = daemon.request("POST", "/v1/executions", body, Content_Type="application/json")
    assert answer.status == 400 and answer.json["error"]["code"] == "invalid_argument"


def test_a_form_is_no_request(daemon):
    answer = daemon.request("POST", "/v1/executions", b"code=1", Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 415


def test_only_known_images_can_be_named(daemon):
    answer = daemon.run("", image="debian:bookworm-slim")
    assert answer.status == 403 and answer.json["error"]["code"] == "permission_denied"
    over_socket = daemon.post("/v1/executions", {"code": "echo hi", "language": "bash", "image": "debian:bookworm-slim"},
                              local=True)
    assert over_socket.json["stdout"] == "hi\n"


@pytest.mark.parametrize("accept", ["application/x-ndjson", "text/event-stream"])
def test_output_streams_as_it_comes(daemon, accept):
    connection = daemon.connect()
    code = "import time\nprint('one', flush=True); time.sleep(1.5); print('two')"
    body = json.dumps({"code": code})
    connection.request("POST", "/v1/executions", body, {"Content-Type": "application/json", "Accept": accept})
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == accept
    begin = time.monotonic()
    arrived = {}
    text = b""
    while piece := answer.read1():
        text += piece
        for word in (b"one", b"two"):
            if word in text:
                arrived.setdefault(word, time.monotonic() - begin)
    connection.close()
    assert arrived[b"two"] - arrived[b"one"] > 1, arrived
    if accept == "application/x-ndjson":
        events = [json.loads(line) for line in text.splitlines()]
        assert [each["type"] for each in events] == ["start", "stdout", "stdout", "end"]
        assert events[-1]["exit_code"] == 0
    else:
        assert text.startswith(b"event: start\ndata: {") and b"event: end\n" in text


@pytest.mark.parametrize("language, code, phases", [
    ("python", "import time; time.sleep(60)", ["run"]),
    ("c", "#include <unistd.h>\nint main(void) { pause(); }", ["compile", "run"]),
])
def test_a_silent_program_is_told_of_while_it_runs(daemon, language, code, phases):
    body = json.dumps({"code": code, "language": language, "limits": {"wall_ms": 60_000}})
    connection = daemon.connect(timeout=10)
    connection.request("POST", "/v1/executions", body,
                       {"Content-Type": "application/json", "Accept": "application/x-ndjson"})
    answer = connection.getresponse()
    events = [json.loads(answer.readline()) for _ in phases]
    connection.close()
    assert events == [{"type": "start", "phase": phase} for phase in phases]
    assert eventually(lambda: daemon.get("/v1/ready").json["executions"] == 0, 5)


def test_characters_are_never_torn(daemon):
    code = "import sys, time\nfor b in 'ä€😀'.encode(): sys.stdout.buffer.write(bytes([b])); sys.stdout.flush(); time.sleep(0.02)"
    events = daemon.post("/v1/executions", {"code": code}, Accept="application/x-ndjson").lines
    assert "".join(each["data"] for each in events if each["type"] == "stdout") == "ä€😀"


def test_a_client_that_goes_away_ends_its_program(daemon, engine):
    before = len(daemon.containers(engine))
    with socket.create_connection(("127.0.0.1", daemon.port)) as client:
        body = b'{"code": "import time; time.sleep(60)"}'
        client.sendall(b"POST /v1/executions HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: application/json\r\n"
                       b"Content-Length: %d\r\n\r\n%s" % (daemon.port, len(body), body))
        assert eventually(lambda: daemon.get("/v1/ready").json["executions"] >= 1)
    assert eventually(lambda: daemon.get("/v1/ready").json["executions"] == 0, 5)
    assert eventually(lambda: len(daemon.containers(engine)) <= before + 1, 5)


def test_a_detached_execution_is_found_again(daemon):
    begun = daemon.run("import time; time.sleep(1); print('done')", detach=True)
    assert begun.status == 202 and begun.json["state"] in ("queued", "running")
    path = begun.headers["Location"]
    assert path == f"/v1/executions/{begun.json['id']}"
    assert eventually(lambda: daemon.get(path).json["state"] == "ended", 20)
    ended = daemon.get(path).json
    assert ended["record"]["stdout"] == "done\n" and ended["exit_code"] == 0 and ended["reason"] == "exited"


def test_a_detached_execution_can_be_cancelled(daemon):
    begun = daemon.run("import time; time.sleep(60)", detach=True).json
    time.sleep(0.5)
    cancelled = daemon.post(f"/v1/executions/{begun['id']}/cancel")
    assert cancelled.status == 200 and cancelled.json["state"] == "cancelled"
    again = daemon.post(f"/v1/executions/{begun['id']}/cancel")
    assert again.status == 409
    assert eventually(lambda: daemon.get(f"/v1/executions/{begun['id']}").json["state"] == "cancelled")


def test_executions_are_listed_newest_first_in_pages(daemon):
    for number in range(3):
        daemon.run(f"print({number})")
    eventually(lambda: len(daemon.get("/v1/executions?limit=3").json["executions"]) == 3)
    first = daemon.get("/v1/executions?limit=2").json
    assert len(first["executions"]) == 2 and first["next"]
    times = [each["created"] for each in first["executions"]]
    assert times == sorted(times, reverse=True)
    second = daemon.get(f"/v1/executions?limit=2&cursor={first['next']}").json
    assert not {each["id"] for each in first["executions"]} & {each["id"] for each in second["executions"]}
    assert all(each["language"] == "python" for each in daemon.get("/v1/executions?language=python").json["executions"])


@pytest.mark.parametrize("path, status", [
    ("/v1/executions/00000000000000000000000000000000", 404), ("/v1/executions/x", 404),
    ("/v1/executions/" + "A" * 32, 404), ("/v1/executions?limit=0", 400), ("/v1/executions?limit=x", 400),
    ("/v1/executions?cursor=x", 400), ("/v1/executions?state=dead", 400), ("/v1/nothing", 404), ("/", 404),
])
def test_paths_that_lead_nowhere(daemon, path, status):
    answer = daemon.get(path)
    assert answer.status == status and answer.json["error"]["message"]


def test_another_method_is_told_which_there_are(daemon):
    answer = daemon.request("DELETE", "/v1/executions")
    assert answer.status == 405 and {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_an_execution_that_somebody_waits_for_is_listed_while_it_runs(daemon):
    code = "import time; time.sleep(600)"
    waiting = threading.Thread(target=daemon.run, args=(code,))
    waiting.start()

    def running():
        return daemon.get("/v1/executions?state=running&language=python").json["executions"]

    try:
        assert eventually(lambda: len(running()) == 1)
        detached = daemon.post("/v1/executions", {"code": code, "detach": True}).json["id"]
        assert eventually(lambda: len(running()) == 2)
        assert running()[0]["id"] == detached and not running()[0].get("exit_code")
        assert detached not in [each["id"] for each in daemon.get("/v1/executions?state=queued").json["executions"]]
        ended = daemon.run("print(1)").json["execution_id"]
        assert eventually(lambda: daemon.get("/v1/executions?state=ended&limit=1").json["executions"][0]["id"] == ended)
        in_one = [each["id"] for each in daemon.get("/v1/executions?limit=1000").json["executions"]]
        in_pages, cursor = [], ""
        while cursor is not None:
            page = daemon.get("/v1/executions?limit=1" + (f"&cursor={cursor}" if cursor else "")).json
            in_pages += [each["id"] for each in page["executions"]]
            cursor = page.get("next")
        assert in_pages == in_one and {each["id"] for each in running()} < set(in_one)
    finally:
        for each in running():
            daemon.post(f"/v1/executions/{each['id']}/cancel")
        waiting.join()
    assert running() == []


def test_many_at_once_all_get_their_own_answer(daemon):
    answers = {}

    def run(number):
        answers[number] = daemon.run(f"print({number})").json["stdout"]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"{number}\n" for number in range(20)}
