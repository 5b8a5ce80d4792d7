"""How a daemon begins and ends, and what outlives it."""

import json
import signal
import subprocess
import time

from daemon import Daemon, eventually


def test_it_answers_within_a_moment_of_its_start(own_daemon):
    own_daemon.stop()
    begin = time.monotonic()
    own_daemon.start()
    assert time.monotonic() - begin < 2


def test_sandboxes_outlive_it_with_their_variables(binary, engine, tmp_path):
    daemon = Daemon(binary, tmp_path).start()
    identity = daemon.sandbox()
    daemon.evaluate(identity, "x = 6 * 7")
    for number in (signal.SIGTERM, signal.SIGKILL):
        daemon.restart(number)
        assert eventually(lambda: daemon.get(f"/v1/sandboxes/{identity}").status == 200, 10)
        assert daemon.evaluate(identity, "x").json["results"][0]["data"]["text/plain"] == "42"
    assert daemon.request("DELETE", f"/v1/sandboxes/{identity}").status == 204
    assert daemon.stop() == 0
    assert eventually(lambda: not daemon.containers(engine))


def test_nothing_is_left_of_executions_that_it_was_killed_in(own_daemon, engine):
    begun = own_daemon.run("import time; time.sleep(600)", detach=True).json
    assert eventually(lambda: own_daemon.get(f"/v1/executions/{begun['id']}").json["state"] == "running")
    time.sleep(0.5)
    own_daemon.restart(signal.SIGKILL)
    lost = own_daemon.get(f"/v1/executions/{begun['id']}").json
    assert lost["state"] == "ended" and lost["reason"] == "lost"
    assert eventually(lambda: not own_daemon.containers(engine), 15)


def test_one_that_ended_meanwhile_is_remembered(own_daemon, engine):
    identity = own_daemon.sandbox()
    container = own_daemon.containers(engine)[0]
    own_daemon.stop(signal.SIGKILL)
    engine.kill(container)
    own_daemon.start()
    assert eventually(lambda: "has ended" in str(own_daemon.get(f"/v1/sandboxes/{identity}").json))


def test_executions_come_to_their_end_before_it_stops(binary, tmp_path):
    daemon = Daemon(binary, tmp_path).start()
    connection = daemon.connect()
    code = json.dumps({"code": "import time; time.sleep(2); print('done')"}).encode()
    connection.request("POST", "/v1/executions", code, {"Content-Type": "application/json"})
    assert eventually(lambda: daemon.get("/v1/ready").json["executions"] == 1)
    daemon.process.send_signal(signal.SIGTERM)
    assert json.loads(connection.getresponse().read())["stdout"] == "done\n"
    assert daemon.process.wait(20) == 0


def test_a_second_signal_is_in_a_hurry(binary, tmp_path, engine):
    daemon = Daemon(binary, tmp_path).start()
    daemon.run("import time; time.sleep(60)", detach=True)
    time.sleep(1)
    daemon.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    begin = time.monotonic()
    daemon.process.send_signal(signal.SIGTERM)
    daemon.process.wait(5)
    assert time.monotonic() - begin < 1
    left = daemon.containers(engine)
    daemon.start()  # what it left behind is the next one's to remove
    assert eventually(lambda: not set(left) & set(daemon.containers(engine)), 20)
    assert daemon.stop() == 0
    assert eventually(lambda: not daemon.containers(engine), 20)


def test_a_second_one_on_the_same_state_refuses(own_daemon):
    second = own_daemon.sbx("serve", "--listen", "127.0.0.1:0")
    assert second.returncode == 5 and "another daemon" in second.stderr


def test_a_port_that_is_taken_is_told(binary, tmp_path, own_daemon):
    other = tmp_path / "other"
    other.mkdir()
    taken = Daemon(binary, other).sbx("serve", "--listen", f"127.0.0.1:{own_daemon.port}")
    assert taken.returncode == 5 and str(own_daemon.port) in taken.stderr


def test_others_are_served_only_with_a_key(binary, tmp_path):
    daemon = Daemon(binary, tmp_path)
    refused = daemon.sbx("serve", "--listen", "0.0.0.0:0")
    assert refused.returncode == 4 and "sbx key create" in refused.stderr


def test_wrong_flags_are_told(binary, tmp_path):
    daemon = Daemon(binary, tmp_path)
    for flags in (["--listen", "nonsense"], ["--listen", "unix:"], ["--warm", "klingon"], ["--warm", "python=x"]):
        outcome = daemon.sbx("serve", *flags)
        assert outcome.returncode in (2, 3) and flags[0] in outcome.stderr, outcome


def test_without_an_engine_it_serves_and_says_so(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, DOCKER_HOST=f"unix://{tmp_path}/none.sock").start()
    assert daemon.get("/health").status == 200
    ready = daemon.get("/v1/ready")
    assert ready.status == 503 and ready.json["error"]["code"] == "unavailable"
    answer = daemon.run("print(1)")
    assert answer.status == 503
    assert daemon.stop() == 0


def test_sandboxes_of_before_are_taken_over_when_the_engine_is_back(binary, engine, tmp_path):
    way = tmp_path / "engine.sock"
    way.symlink_to(engine.socket_path)
    daemon = Daemon(binary, tmp_path, "--warm", "python=1", DOCKER_HOST=f"unix://{way}").start()
    identity = daemon.sandbox()
    daemon.evaluate(identity, "x = 6 * 7")
    assert daemon.stop() == 0
    way.unlink()
    daemon.start()
    assert daemon.get(f"/v1/sandboxes/{identity}").status == 503
    assert daemon.get("/v1/sandboxes/nosuchsandbox").status == 503
    assert daemon.get("/v1/sandboxes").status == 503  # no list is better than one that lacks them
    way.symlink_to(engine.socket_path)
    assert eventually(lambda: daemon.get(f"/v1/sandboxes/{identity}").status == 200, 10)
    assert daemon.evaluate(identity, "x").json["results"][0]["data"]["text/plain"] == "42"
    assert eventually(lambda: daemon.get("/v1/ready").json["pool"] == 1, 20)  # what was to be warm is
    assert daemon.get("/v1/sandboxes/nosuchsandbox").status == 404
    assert daemon.request("DELETE", f"/v1/sandboxes/{identity}").status == 204
    assert daemon.stop() == 0
    assert eventually(lambda: not daemon.containers(engine))


def test_its_log_is_json_and_holds_no_secret(own_daemon):
    own_daemon.run("print('secret-code')", env={"TOKEN": "secret-value"}, stdin="secret-input")
    lines = own_daemon.log.read_text().splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert "started" in [each["event"] for each in events]
    run = next(each for each in events if each.get("route") == "/v1/executions")
    assert run["status"] == 200 and run["method"] == "POST" and run["request_id"] and run["ms"] > 0
    assert "secret" not in own_daemon.log.read_text()


def test_warm_sandboxes_serve_runs(binary, engine, tmp_path):
    daemon = Daemon(binary, tmp_path, "--warm", "python=2").start()
    assert eventually(lambda: daemon.get("/v1/ready").json["pool"] == 2, 20)
    record = daemon.run("print(1)").json
    assert record["path"] == "pool" and record["stdout"] == "1\n"
    assert eventually(lambda: daemon.get("/v1/ready").json["pool"] == 2, 20)
    kind = daemon.get("/v1/pool").json["kinds"][0]
    assert kind["language"] == "python" and kind["claimed"] == 1
    assert daemon.stop() == 0
    assert eventually(lambda: not daemon.containers(engine))


def test_each_pooled_sandbox_serves_once(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, "--warm", "python=2").start()
    assert eventually(lambda: daemon.get("/v1/ready").json["pool"] == 2, 20)
    for _ in range(4):
        record = daemon.run("import os; print(os.path.exists('/tmp/mark')); open('/tmp/mark', 'w')").json
        assert record["stdout"] == "False\n"
    assert daemon.stop() == 0


def test_ctrl_c_ends_it(binary, tmp_path):
    daemon = Daemon(binary, tmp_path).start()
    assert daemon.stop(signal.SIGINT) == 0
    assert subprocess.run(["test", "-e", daemon.socket], check=False).returncode == 1


def test_a_stop_right_after_the_start_removes_what_an_earlier_daemon_left(binary, engine, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop").start()
    daemon.sandbox()
    daemon.stop(signal.SIGKILL)
    daemon.start()
    assert daemon.stop() == 0
    assert eventually(lambda: not daemon.containers(engine))
