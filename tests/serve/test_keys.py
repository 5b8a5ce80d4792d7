"""/v1/keys: keys that the operator makes, lists and revokes in a daemon that runs."""

import hashlib
import json
import re
import socket
import urllib.parse

import pytest

from daemon import Stream, eventually
from web_socket import Closed, Refused, WebSocket


def create(daemon, **request):
    answer = daemon.post("/v1/keys", request, local=True)
    assert answer.status == 201, answer.body
    return answer.json


def keys(daemon, query=""):
    answer = daemon.get(f"/v1/keys{query}", local=True)
    assert answer.status == 200, answer.body
    return answer.json


def revoke(daemon, key):
    return daemon.request("DELETE", f"/v1/keys/{urllib.parse.quote(key)}", local=True)


def test_a_key_counts_from_its_making_to_its_end(own_daemon):
    assert own_daemon.get("/v1/version").status == 200
    made = create(own_daemon, name="ci", max_sandboxes=2)
    secret, key = made["secret"], made["key"]
    assert re.fullmatch(r"sbx_[0-9A-Za-z]{43}", secret)
    assert key["id"] == hashlib.sha256(secret.encode()).hexdigest()[:8]
    assert (key["name"], key["max_sandboxes"], key["max_concurrent"], key["revoked"]) == ("ci", 2, None, None)
    assert own_daemon.get("/v1/version").status == 401, "no second goes by"
    assert own_daemon.get("/v1/version", X_API_Key=secret).status == 200
    revoked = revoke(own_daemon, "ci")
    assert revoked.status == 200 and revoked.json["id"] == key["id"] and revoked.json["revoked"] >= key["created"]
    assert own_daemon.get("/v1/version", X_API_Key=secret).status == 401
    assert own_daemon.get("/v1/version").status == 401, "a key is needed for ever"
    assert secret not in own_daemon.log.read_text() and secret not in json.dumps(keys(own_daemon))


def test_a_connection_that_lives_is_refused_from_its_next_request_on(own_daemon):
    made = create(own_daemon)
    connection = own_daemon.connect()
    statuses = []
    for _ in range(2):
        connection.request("GET", "/v1/version", headers={"X-API-Key": made["secret"]})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        revoke(own_daemon, made["key"]["id"])
    connection.close()
    assert statuses == [200, 401]


UPGRADES = """import socket
server = socket.create_server(("127.0.0.1", 8000))
print("listens")
client, _ = server.accept()
client.recv(65536)
client.sendall(b"HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n")
client.recv(1)
"""


def under_way(daemon, sandbox, secret):
    """What a key has open: a watch, a program's output, a WebSocket of a program and one of a port."""
    base = f"/v1/sandboxes/{sandbox}"
    program = daemon.post(f"{base}/processes", {"argv": ["python3", "-uc", UPGRADES], "detach": True}, X_API_Key=secret)
    streams = [Stream(daemon.connect(), f"{base}/{path}", X_API_Key=secret, Accept="application/x-ndjson")
               for path in ("files/watch", f"processes/{program.json['process']}/output?follow=true")]
    attached = WebSocket(daemon.port, f"{base}/processes/attach", api_key=secret)
    attached.send(json.dumps({"argv": ["sleep", "600"]}))
    assert json.loads(attached.recv(timeout=20))["type"] == "start"
    return streams, [attached, port_socket(daemon, base, secret)]


def port_socket(daemon, base, secret):
    def once():
        try:
            return WebSocket(daemon.port, f"{base}/ports/8000/", api_key=secret)
        except Refused:
            return None

    return eventually(once)


def test_what_is_under_way_for_a_key_ends_with_it(own_daemon):
    made, other = create(own_daemon, name="one"), create(own_daemon, name="two")
    ours, theirs = (own_daemon.post("/v1/sandboxes", {}, X_API_Key=each["secret"]).json["id"] for each in (made, other))
    streams, sockets = under_way(own_daemon, ours, made["secret"])
    watch = Stream(own_daemon.connect(), f"/v1/sandboxes/{theirs}/files/watch", X_API_Key=other["secret"])
    assert revoke(own_daemon, "one").status == 200
    for stream in streams:
        stream.thread.join(5)
        assert not stream.thread.is_alive()
    for socket_ in sockets:
        with pytest.raises(Closed):
            socket_.recv(timeout=5)
    assert own_daemon.get(f"/v1/sandboxes/{ours}", local=True).status == 200, "what the key made stays"
    assert watch.thread.is_alive()
    watch.close()


def test_the_first_key_ends_what_needed_none(own_daemon):
    events = Stream(own_daemon.connect(), "/v1/events")
    operator = Stream(own_daemon.connect(local=True), "/v1/events")
    create(own_daemon)
    events.thread.join(5)
    assert not events.thread.is_alive() and operator.thread.is_alive()
    operator.close()


def test_nobody_but_the_operator_has_to_do_with_keys(own_daemon):
    requests = [("GET", "/v1/keys", None), ("POST", "/v1/keys", {}), ("DELETE", "/v1/keys/one", None)]
    for method, path, body in requests:
        assert own_daemon.request(method, path, body).status == 403, "without a key either"
    secret = create(own_daemon, name="one")["secret"]
    for method, path, body in requests:
        refused = own_daemon.request(method, path, body, X_API_Key=secret)
        assert refused.status == 403 and refused.json["error"]["code"] == "permission_denied"
        assert own_daemon.request(method, path, body).status == 401
    assert [each["name"] for each in keys(own_daemon)["keys"]] == ["one"]
    assert own_daemon.get("/v1/version", X_API_Key=secret).status == 200


def test_they_are_listed_in_pages_oldest_first(own_daemon):
    names = [f"key-{number}" for number in range(5)]
    for name in names:
        create(own_daemon, name=name)
    revoke(own_daemon, "key-1")
    listed, cursor = [], ""
    while cursor is not None:
        page = keys(own_daemon, f"?limit=2{cursor and '&cursor=' + cursor}")
        assert 1 <= len(page["keys"]) <= 2
        listed += page["keys"]
        cursor = page["next"]
    by_creation = sorted(listed, key=lambda each: (each["created"], each["id"]))
    assert listed == by_creation and {each["name"] for each in listed} == set(names)
    assert [each["name"] for each in listed if each["revoked"]] == ["key-1"]
    assert own_daemon.get("/v1/keys?cursor=nothing", local=True).status == 400
    assert own_daemon.get("/v1/keys?limit=0", local=True).status == 400


def test_its_last_use_is_told(own_daemon):
    secret = create(own_daemon)["secret"]
    assert keys(own_daemon)["keys"][0]["last_used"] is None
    own_daemon.get("/v1/version", X_API_Key=secret)
    assert eventually(lambda: keys(own_daemon)["keys"][0]["last_used"])


@pytest.mark.parametrize("request_body", [
    {"name": "a b"}, {"name": "x" * 65}, {"name": "a/b"}, {"max_sandboxes": -1}, {"max_concurrent": "3"},
    {"max_sandboxes": 1 << 32}, {"secret": "sbx_mine"}, [],
])
def test_what_cannot_be_is_refused(daemon, request_body):
    assert daemon.post("/v1/keys", request_body, local=True).status == 400
    assert keys(daemon)["keys"] == []


def test_what_is_not_there_or_not_clear_is_not_revoked(own_daemon):
    same = [create(own_daemon, name="same") for _ in range(2)]
    assert revoke(own_daemon, "nothing").status == 404
    assert revoke(own_daemon, "same").status == 409
    assert revoke(own_daemon, same[0]["key"]["id"]).status == 200
    again = revoke(own_daemon, same[0]["key"]["id"])
    assert again.status == 200 and again.json["revoked"], "it stays what it is"
    assert revoke(own_daemon, "same").json["id"] == same[1]["key"]["id"]
    assert revoke(own_daemon, "same").status == 404


def test_a_key_has_no_more_than_it_may(own_daemon):
    small = create(own_daemon, max_sandboxes=1, max_concurrent=1)["secret"]
    other = create(own_daemon)["secret"]
    assert own_daemon.post("/v1/sandboxes", {}, X_API_Key=small).status == 201
    refused = own_daemon.post("/v1/sandboxes", {}, X_API_Key=small)
    assert refused.status == 429 and refused.headers["Retry-After"]
    for _ in range(2):
        assert own_daemon.post("/v1/sandboxes", {}, X_API_Key=other).status == 201
    sleep = {"code": "import time; time.sleep(30)", "detach": True}
    runs = [own_daemon.post("/v1/executions", sleep, X_API_Key=small).json["id"] for _ in range(2)]

    def states():
        return [own_daemon.get(f"/v1/executions/{each}", X_API_Key=small).json["state"] for each in runs]
    assert eventually(lambda: states() == ["running", "queued"])
    assert own_daemon.post("/v1/executions", {"code": "print(1)"}, X_API_Key=other).json["stdout"] == "1\n"
    assert states() == ["running", "queued"]
    assert own_daemon.post(f"/v1/executions/{runs[0]}/cancel", X_API_Key=small).status == 200
    assert eventually(lambda: states() == ["cancelled", "running"])
    own_daemon.post(f"/v1/executions/{runs[1]}/cancel", X_API_Key=small)


def test_the_command_line_does_it_over_a_daemon(own_daemon, tmp_path):
    own_daemon.environment["XDG_STATE_HOME"] = str(tmp_path / "elsewhere")  # no store of the daemon's is there
    host = f"unix:{own_daemon.socket}"

    def key(*arguments):
        return own_daemon.sbx("key", *arguments, "--host", host)
    assert (key("ls").returncode, key("ls").stdout, key("ls", "--json").stdout) == (0, "", "[]\n")
    done = key("create", "--name", "ci", "--max-concurrent", "3")
    secret = done.stdout.strip()
    identity = hashlib.sha256(secret.encode()).hexdigest()[:8]
    assert re.fullmatch(r"sbx_[0-9A-Za-z]{43}", secret) and identity in done.stderr and secret not in done.stderr
    assert own_daemon.get("/v1/version", X_API_Key=secret).status == 200
    listed = json.loads(key("ls", "--json").stdout)
    own_daemon.environment.pop("XDG_STATE_HOME")
    assert eventually(lambda: json.loads(key("ls", "--json").stdout) == json.loads(
        own_daemon.sbx("key", "ls", "--json").stdout))
    assert [(each["id"], each["name"], each["max_concurrent"]) for each in listed] == [(identity, "ci", 3)]
    assert key("ls").stdout == own_daemon.sbx("key", "ls").stdout
    assert key("ls", "-q").stdout == identity + "\n"
    made = json.loads(key("create", "--json").stdout)
    assert made["secret"].startswith("sbx_") and made["name"] is None
    assert json.loads(key("revoke", made["id"], "--json").stdout)["revoked_ms"] >= made["created_ms"]
    assert key("revoke", "ci").stdout == identity + "\n"
    assert [key("revoke", word).returncode for word in ("nothing", "", "../executions")] == [3, 3, 3]
    assert key("create", "--name", "a b").returncode == 2
    assert key("ls", "-q").stdout == ""


def test_the_command_line_is_refused_where_it_is_not_the_operator(own_daemon):
    secret = create(own_daemon)["secret"]
    own_daemon.environment["SBX_API_KEY"] = secret
    own_daemon.environment["SBX_HOST"] = f"http://127.0.0.1:{own_daemon.port}"
    for words in (["ls"], ["create"], ["revoke", "x"]):
        done = own_daemon.sbx("key", *words)
        assert done.returncode == 4 and done.stdout == "" and "Unix socket" in done.stderr
    assert own_daemon.sbx("key", "ls", "--direct").returncode == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own_daemon.environment["SBX_HOST"] = f"http://127.0.0.1:{free.getsockname()[1]}"
        assert own_daemon.sbx("key", "ls").returncode == 6
