"""/v1/events: what happens to executions and sandboxes, as it happens."""

import json
import signal
import socket
import time

from daemon import Daemon, Stream, eventually


class Listener(Stream):
    def __init__(self, daemon, last_id=None, accept="application/x-ndjson", key=None):
        headers = {"Accept": accept}
        if last_id:
            headers["Last_Event_ID"] = last_id
        if key:
            headers["X_API_Key"] = key
        super().__init__(daemon.connect(), "/v1/events", **headers)
        assert self.response.status == 200, self.lines

    def types(self, subject=None):
        return [each["type"] for each in self.events
                if subject is None or subject in (each.get("sandbox", {}).get("id"), each.get("execution", {}).get("id"))]

    def begins(self):
        assert eventually(lambda: self.events)
        return self


def listen(daemon, **options):
    return Listener(daemon, **options).begins()


def test_an_execution_is_told_from_its_beginning_to_its_end(daemon):
    listener = listen(daemon)
    identity = daemon.run("raise SystemExit(3)").json["execution_id"]
    assert eventually(lambda: listener.types(identity) == ["execution.started", "execution.ended"])
    end = listener.events[-1]
    assert end["execution"] == {"id": identity, "language": "python", "dialect": "native", "state": "ended",
                                "reason": "exited", "exit_code": 3}
    assert end["time"].endswith("Z") and end["id"]
    listener.close()


def test_what_could_not_run_is_told_with_its_error(daemon):
    listener = listen(daemon)
    assert daemon.post("/v1/executions", {"code": "1", "image": "sbx/none:1"}, local=True).status >= 400
    assert eventually(lambda: "execution.ended" in listener.types()), listener.events
    end = next(each for each in listener.events if each["type"] == "execution.ended")
    assert end["execution"]["error"]["code"] and "reason" not in end["execution"]
    listener.close()


def test_a_sandbox_is_told_from_its_beginning_to_its_end(daemon):
    listener = listen(daemon)
    identity = daemon.sandbox(name="told")
    for action in ("pause", "resume"):
        assert daemon.post(f"/v1/sandboxes/{identity}/{action}").status < 300
    assert daemon.request("DELETE", f"/v1/sandboxes/{identity}").status == 204
    wanted = ["sandbox.created", "sandbox.paused", "sandbox.resumed", "sandbox.ended"]
    assert eventually(lambda: listener.types(identity) == wanted), listener.events
    end = listener.events[-1]["sandbox"]
    assert (end["name"], end["dialect"], end["cause"]) == ("told", "native", "killed")
    listener.close()


def test_one_that_ends_by_itself_is_told_with_its_cause(daemon):
    listener = listen(daemon)
    identity = daemon.sandbox(ttl_ms=3000)
    assert eventually(lambda: "sandbox.ended" in listener.types(identity), 15)
    assert listener.events[-1]["sandbox"]["cause"] == "ttl"
    listener.close()


def test_a_run_of_the_command_line_is_told_too(daemon):
    listener = listen(daemon)
    script = daemon.home / "two.py"
    script.write_text("print(2)")
    done = daemon.sbx("run", "--host", f"http://127.0.0.1:{daemon.port}", str(script))
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr
    assert eventually(lambda: listener.types()[1:] == ["execution.started", "execution.ended"]), listener.events
    assert {each["execution"]["dialect"] for each in listener.events[1:]} == {"client"}
    listener.close()


def test_server_sent_events_are_the_usual_form(daemon):
    listener = Listener(daemon, accept="*/*")
    assert listener.response.headers["Content-Type"] == "text/event-stream"
    assert eventually(lambda: b"event: start\n" in listener.lines)
    daemon.run("1")
    assert eventually(lambda: b"event: execution.ended\n" in listener.lines)
    at = listener.lines.index(b"event: execution.ended\n")
    identity, data = listener.lines[at + 1], listener.lines[at + 2]
    assert identity == f"id: {json.loads(data.removeprefix(b'data: '))['id']}\n".encode()
    assert eventually(lambda: listener.lines[-1] == b"\n")
    listener.close()


def test_whoever_comes_back_is_told_what_he_missed(daemon):
    listener = listen(daemon)
    first = daemon.run("1").json["execution_id"]
    assert eventually(lambda: "execution.ended" in listener.types(first))
    listener.close()
    second = daemon.run("2").json["execution_id"]
    again = listen(daemon, last_id=listener.events[-1]["id"])
    assert eventually(lambda: len(again.events) == 3), again.events
    assert again.events[0] == {"type": "start", "id": listener.events[-1]["id"]}
    assert again.types(second) == ["execution.started", "execution.ended"]
    again.close()
    # Without an event the start's own id serves.
    quiet = listen(daemon)
    quiet.close()
    third = daemon.run("3").json["execution_id"]
    again = listen(daemon, last_id=quiet.events[0]["id"])
    assert eventually(lambda: len(again.types(third)) == 2) and not again.types(second)
    again.close()


def test_an_id_that_is_not_known_says_that_some_were_missed(daemon):
    identity = daemon.run("1").json["execution_id"]
    known = listen(daemon)
    boot, number = known.events[0]["id"].split("-")
    known.close()
    for wrong in ("00000000-1", f"{boot}-{int(number) + 10**6}", f"{boot}-", f"{boot}-1x", f"{boot}-99999999999999999999999", "é"):
        listener = Listener(daemon, last_id=wrong.encode("utf-8").decode("latin-1")).begins()
        assert eventually(lambda: identity in json.dumps(listener.events)), wrong
        assert listener.types()[:2] == ["start", "missed"], wrong
        listener.close()


def test_the_end_of_the_daemon_ends_the_stream(own_daemon):
    listener = listen(own_daemon)
    own_daemon.stop()
    listener.thread.join(10)
    assert listener.events[-1] == {"type": "end", "reason": "stopping"}
    listener.close()


def test_after_a_kill_the_next_daemon_says_that_some_were_missed_and_how_sandboxes_ended(own_daemon):
    listener = listen(own_daemon)
    identity = own_daemon.sandbox(ttl_ms=5000)
    assert eventually(lambda: listener.types(identity))
    own_daemon.stop(signal.SIGKILL)
    listener.close()
    time.sleep(3)
    own_daemon.start()
    again = listen(own_daemon, last_id=listener.events[-1]["id"])
    assert again.types()[:2] == ["start", "missed"] or eventually(lambda: again.types()[:2] == ["start", "missed"])
    assert eventually(lambda: again.types(identity) == ["sandbox.ended"]), again.events
    again.close()


def test_a_key_hears_of_its_own_only(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop").start()
    try:
        one, two = (daemon.sbx("key", "create", "--name", name).stdout.strip() for name in ("one", "two"))
        assert eventually(lambda: daemon.get("/v1/pool").status == 401)
        assert eventually(lambda: daemon.get("/v1/pool", X_API_Key=two).status == 200)
        assert daemon.get("/v1/events").status == 401
        listeners = [listen(daemon, key=key) for key in (one, two)]
        mine = daemon.post("/v1/executions", {"code": "1"}, X_API_Key=one)
        identity = mine.json["execution_id"]
        assert eventually(lambda: len(listeners[0].types(identity)) == 2)
        assert all(each["key"] for each in listeners[0].events[1:])
        theirs = daemon.post("/v1/executions", {"code": "1"}, X_API_Key=two).json["execution_id"]
        assert eventually(lambda: len(listeners[1].types(theirs)) == 2)
        assert not listeners[1].types(identity) and not listeners[0].types(theirs)
        # The operator hears of everybody's; one key may listen sixteen times.
        more = [listen(daemon, key=one) for _ in range(15)]
        refused = daemon.get("/v1/events", X_API_Key=one)
        assert refused.status == 429 and refused.json["error"]["code"] == "resource_exhausted"
        more.pop().close()
        assert eventually(lambda: listen_once(daemon, one))
        # Nobody learns how much others do, and a key that is revoked hears of nothing more.
        assert [listener.events[-1]["id"].split("-")[1] for listener in listeners] == ["2", "2"]
        assert daemon.sbx("key", "revoke", "one").returncode == 0
        assert eventually(lambda: daemon.get("/v1/pool", X_API_Key=one).status == 401)
        assert eventually(lambda: not listeners[0].thread.is_alive(), 5)
        assert listeners[1].thread.is_alive() and "end" not in listeners[0].types()
        for each in listeners + more:
            each.close()
    finally:
        daemon.stop()


def test_what_is_refused_pushes_out_no_event(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop").start()
    try:
        busy = daemon.sbx("key", "create", "--name", "busy", "--max-concurrent", "0").stdout.strip()
        assert eventually(lambda: daemon.get("/v1/pool").status == 401)
        listener = Listener(daemon, key=busy).begins()
        for _ in range(300):
            assert daemon.post("/v1/executions", {"code": "1"}, X_API_Key=busy).status == 429
        assert listener.types() == ["start"]
        listener.close()
    finally:
        daemon.stop()


def test_of_a_stream_only_the_head_is_told_to_whoever_asks_for_it(daemon):
    connection = daemon.connect(timeout=5)
    connection.request("HEAD", "/v1/events")
    answer = connection.getresponse()
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/event-stream" and answer.read() == b""
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    connection.close()


def listen_once(daemon, key):
    try:
        Listener(daemon, key=key).close()
    except AssertionError:
        return False
    return True


def test_a_reader_that_does_not_read_holds_up_nobody(daemon):
    slow = daemon.connect()
    slow.connect()
    slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.request("GET", "/v1/events", headers={"Accept": "application/x-ndjson"})
    listener = listen(daemon)
    identities = [daemon.run("1").json["execution_id"] for _ in range(5)]
    assert eventually(lambda: all(len(listener.types(each)) == 2 for each in identities))
    listener.close()
    slow.close()
