"""The command line as the daemon's client, where something goes wrong."""

import http.server
import json
import os
import signal
import subprocess
import threading
import time

import pytest

from daemon import eventually

KEPT_PLACES = 16  # executions of one caller at a time


def wire_request(daemon, path, body):
    text = json.dumps(body)
    return (f"POST {path} HTTP/1.1\r\nHost: localhost:{daemon.port}\r\nConnection: Upgrade\r\nUpgrade: sbx-wire\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n{text}").encode()


def waiting(daemon):
    lines = daemon.get("/metrics").body.decode().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("sbx_executions_waiting"))


@pytest.fixture
def busy(own_daemon):
    """All places are taken for a while."""
    taken = [own_daemon.run("import time; time.sleep(60)", detach=True).json["id"] for _ in range(KEPT_PLACES)]
    assert eventually(lambda: all(own_daemon.get(f"/v1/executions/{each}").json["state"] == "running"
                                  for each in taken), 60)
    yield own_daemon
    for each in taken:
        own_daemon.post(f"/v1/executions/{each}/cancel")


def test_a_client_that_goes_away_leaves_the_queue(busy):
    connection = busy.connect()
    connection.connect()
    connection.sock.sendall(wire_request(busy, "/v1/client/runs", {}))
    assert eventually(lambda: waiting(busy) == 1)
    connection.close()
    assert eventually(lambda: waiting(busy) == 0)


def test_where_the_nearby_daemon_is_busy_the_engine_runs_it(busy):
    begin = time.monotonic()
    done = busy.sbx("run", "--json", "-c", "print(6 * 7)")
    assert done.returncode == 0 and json.loads(done.stdout)["stdout"] == "42\n", done.stderr
    assert time.monotonic() - begin < 30


def test_a_sandbox_that_died_while_it_waited_is_replaced(own_daemon, engine):
    own_daemon.run("print(1)")
    assert eventually(lambda: own_daemon.get("/v1/pool").json["kinds"][0]["ready"] > 0, 30)
    waits = [each["Id"] for each in engine.json("/containers/json")
             if each["Labels"].get("sbx.instance") == own_daemon.instance and "sbx.standby" in each["Labels"]]
    assert waits
    for each in waits:
        assert subprocess.run(["docker", "kill", each], capture_output=True, check=False).returncode == 0
    record = own_daemon.run("print('alive')").json
    assert record["stdout"] == "alive\n" and record["reason"] == "exited"


def test_what_is_another_s_is_not_there(own_daemon):
    first, second = (json.loads(own_daemon.sbx("key", "create", "--name", name, "--json").stdout)["secret"]
                     for name in ("one", "two"))
    assert eventually(lambda: own_daemon.get("/v1/sandboxes").status == 401)
    made = own_daemon.post("/v1/sandboxes", {}, X_API_Key=first).json["id"]
    assert own_daemon.request("DELETE", f"/v1/client/sandboxes/{made}", X_API_Key=second).status == 404
    assert own_daemon.request("DELETE", "/v1/client/sandboxes/none", X_API_Key=second).status == 404
    host = f"http://127.0.0.1:{own_daemon.port}"
    seen = {}
    for key in (first, second):
        own_daemon.environment["SBX_API_KEY"] = key
        seen[key] = own_daemon.sbx("ls", "--host", host, "-q").stdout.split()
        assert own_daemon.sbx("exec", "--host", host, made[:12], "true").returncode == (0 if key == first else 127)
    assert [made.startswith(each) for each in seen[first]] == [True] and seen[second] == []
    assert own_daemon.request("DELETE", f"/v1/client/sandboxes/{made}", X_API_Key=first).status == 204


def test_a_stop_ends_what_was_lent_and_says_so(own_daemon, engine):
    command = [own_daemon.binary, "run", "--host", f"unix:{own_daemon.socket}", "--timeout", "5m",
               "-c", "print('up', flush=True); import time; time.sleep(300)"]
    client = subprocess.Popen(command, env=own_daemon.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert client.stdout.readline() == b"up\n"
    own_daemon.process.send_signal(signal.SIGTERM)
    _, said = client.communicate(timeout=60)
    assert client.returncode not in (0, 1) and said.strip(), (client.returncode, said)
    assert own_daemon.process.wait(30) == 0
    assert eventually(lambda: not own_daemon.containers(engine))


def test_when_the_daemon_dies_its_clients_say_so(own_daemon):
    own_daemon.environment["SBX_HOST"] = f"unix:{own_daemon.socket}"
    assert own_daemon.sbx("create", "--name", "box").returncode == 0
    sleeps = [["run", "-c", "print('up', flush=True); import time; time.sleep(300)", "--timeout", "5m"],
              ["exec", "box", "sh", "-c", "echo up; sleep 300"],
              ["eval", "box", "-c", "print('up', flush=True); import time; time.sleep(300)"]]
    clients = [subprocess.Popen([own_daemon.binary, *each], env=own_daemon.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE) for each in sleeps]
    assert [each.stdout.readline() for each in clients] == [b"up\n"] * 3
    own_daemon.stop(signal.SIGKILL)
    for client in clients:
        _, said = client.communicate(timeout=60)
        assert client.returncode == 125 and b"the daemon has gone" in said, (client.args, said)


def test_clients_of_two_machines_wait_for_each_other(own_daemon, tmp_path):
    """Each has a state directory of its own, as on a machine of its own."""
    secret = json.loads(own_daemon.sbx("key", "create", "--name", "one", "--json").stdout)["secret"]
    assert eventually(lambda: own_daemon.get("/v1/sandboxes").status == 401)
    box = own_daemon.post("/v1/sandboxes", {}, X_API_Key=secret).json["id"]

    def start(machine, code):
        environment = own_daemon.environment | {"XDG_STATE_HOME": str(tmp_path / machine), "SBX_API_KEY": secret,
                                                "SBX_HOST": f"http://127.0.0.1:{own_daemon.port}"}
        return subprocess.Popen([own_daemon.binary, "eval", box, "-c", code], env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def evaluate(code):
        path = f"/v1/sandboxes/{box}/executions"
        return own_daemon.post(path, {"code": code}, X_API_Key=secret).json

    assert evaluate("seen = []")["exit_code"] == 0
    first = start("a", "print('begun', flush=True); import time; time.sleep(2); seen.append('a'); print('a')")
    assert first.stdout.readline() == b"begun\n"
    second = start("b", "seen.append('b'); print('b')")
    time.sleep(0.7)
    third = evaluate("seen.append('c'); print('c')")
    assert first.communicate(timeout=20) == (b"a\n", b"") and first.returncode == 0
    assert second.communicate(timeout=20) == (b"b\n", b"") and second.returncode == 0
    assert third["stdout"] == "c\n" and third["exit_code"] == 0
    assert evaluate("print(seen)")["stdout"] == "['a', 'b', 'c']\n"
    assert own_daemon.request("DELETE", f"/v1/sandboxes/{box}", X_API_Key=secret).status == 204


def test_clients_that_went_away_while_they_waited_hold_no_connections(own_daemon):
    box = own_daemon.post("/v1/sandboxes", {}).json["id"]
    path = f"/v1/sandboxes/{box}/executions"
    body = json.dumps({"code": "1"})
    headers = {"Content-Type": "application/json"}
    busy = own_daemon.connect()
    busy.request("POST", path, json.dumps({"code": "import time; time.sleep(8)"}), headers)
    time.sleep(0.5)

    def descriptors():
        return len(os.listdir(f"/proc/{own_daemon.process.pid}/fd"))

    before = descriptors()
    clients = [own_daemon.connect() for _ in range(50)]
    for client in clients:
        client.request("POST", path, body, headers)
    assert eventually(lambda: descriptors() >= before + 50)
    begin = time.monotonic()
    for client in clients:
        client.close()
    assert eventually(lambda: descriptors() <= before + 2, 5), descriptors() - before
    assert time.monotonic() - begin < 5
    assert busy.getresponse().status == 200
    busy.close()


def test_a_client_over_http_that_goes_away_while_it_waits_gives_up_its_place(own_daemon):
    box = own_daemon.post("/v1/sandboxes", {}).json["id"]
    own_daemon.environment["SBX_HOST"] = f"unix:{own_daemon.socket}"
    client = subprocess.Popen([own_daemon.binary, "eval", box, "-c",
                               "print('begun', flush=True); import time; time.sleep(3); x = 1"],
                              env=own_daemon.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert client.stdout.readline() == b"begun\n"
    connection = own_daemon.connect()
    body = json.dumps({"code": "x = 'never'"})
    connection.request("POST", f"/v1/sandboxes/{box}/executions", body, {"Content-Type": "application/json"})
    time.sleep(0.5)
    connection.close()
    assert client.wait(20) == 0
    assert own_daemon.sbx("eval", box, "-c", "x").stdout == "1\n"
    assert own_daemon.request("DELETE", f"/v1/sandboxes/{box}").status == 204


@pytest.fixture
def hostile():
    """Something that says what it likes."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(self.server.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(self.server.answer)))
            self.end_headers()
            self.wfile.write(self.server.answer)
        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.mark.parametrize("status, answer", [
    (200, b'{"sandboxes":' + b"[" * 200_000),
    (200, b'{"sandboxes":[{"id":"../../../etc/x","name":"\\u001b]0;owned\\u0007"}],"paused":[]}'),
    (200, b'{"sandboxes":{},"paused":3}'),
    (200, b"\xff\xfe\x00"),
    (500, b'{"error":{"code":"internal","message":"\\u001b[2J\\u001b]0;owned\\u0007","hint":"\\u001b[31m"}}'),
    (418, b"<html>"),
])
def test_a_daemon_is_not_believed(daemon, hostile, status, answer):
    hostile.status, hostile.answer = status, answer
    host = f"http://127.0.0.1:{hostile.server_address[1]}"
    for command in (["ls"], ["run", "-c", "print(1)"], ["create"], ["exec", "box", "true"]):
        done = daemon.sbx(command[0], "--host", host, *command[1:])
        assert done.returncode in (1, 3, 6, 125), (command, done)
        assert "\x1b" not in done.stderr + done.stdout and "\x07" not in done.stderr + done.stdout
        assert done.stderr.strip() and "bug" not in done.stderr, (command, done)
