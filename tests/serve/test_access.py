"""Who may use a daemon: Host, Origin, keys, the owner's socket."""

import http.client
import os
import socket
import stat
import subprocess

import pytest

from daemon import Daemon, eventually


def raw(daemon, text):
    with socket.create_connection(("127.0.0.1", daemon.port), 10) as client:
        client.sendall(text)
        answer = http.client.HTTPResponse(client)
        answer.begin()
        return answer.status


@pytest.mark.parametrize("host, status", [
    ("localhost:{}", 200), ("127.0.0.1:{}", 200), ("[::1]:{}", 200), ("evil.example:{}", 421), ("localhost:1", 421),
    ("localhost", 421), ("", 421), ("127.0.0.1.evil.example:{}", 421), ("0.0.0.0:{}", 421),
])
def test_only_its_own_names_are_served(daemon, host, status):
    host = host.format(daemon.port)
    assert raw(daemon, f"GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) == status


def test_a_page_of_another_origin_is_refused(daemon):
    for path in ("/health", "/v1/executions"):
        assert daemon.get(path, Origin="http://evil.example").status == 403
    assert daemon.get("/health", Origin="null").status == 403
    assert daemon.get("/health", Origin=f"http://127.0.0.1:{daemon.port}").status == 200
    assert "Access-Control-Allow-Origin" not in daemon.get("/health").headers


def test_answers_say_what_browsers_need(daemon):
    headers = daemon.get("/health").headers
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
    assert "Server" not in headers and len(headers["X-Request-Id"]) >= 16


def test_the_socket_is_its_owners_alone(daemon):
    assert stat.S_IMODE(os.stat(daemon.socket).st_mode) == 0o600
    assert daemon.get("/health", local=True).status == 200


def test_from_the_first_key_on_a_key_is_needed(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop").start()
    assert daemon.get("/v1/version").status == 200
    key = daemon.sbx("key", "create", "--name", "ci").stdout.strip()
    assert key.startswith("sbx_")
    assert eventually(lambda: daemon.get("/v1/version").status == 401, 5)
    assert daemon.get("/health").status == 200
    assert daemon.get("/v1/version", Authorization=f"Bearer {key}").status == 200
    assert daemon.get("/v1/version", X_API_Key=key).status == 200
    bodies = {daemon.get("/v1/version", **headers).json["error"]["message"]
              for headers in ({}, {"X_API_Key": "x"}, {"X_API_Key": key[:-1] + "?"}, {"Authorization": "Basic eDp5"})}
    assert len(bodies) == 1
    assert daemon.get("/v1/version", local=True).status == 200, "the owner's socket needs none"
    assert daemon.get(f"/v1/version?key={key}").status == 401
    assert daemon.sbx("key", "revoke", "ci").returncode == 0
    assert eventually(lambda: daemon.get("/v1/version", X_API_Key=key).status == 401, 5)
    assert key not in daemon.log.read_text()
    assert daemon.stop() == 0


def await_keys(daemon):
    """A daemon looks at the keys once a second."""
    assert eventually(lambda: daemon.get("/v1/version").status == 401, 5)


def test_keys_do_not_see_each_other(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop").start()
    one, two = (daemon.sbx("key", "create", "--name", name).stdout.strip() for name in ("one", "two"))
    await_keys(daemon)
    identity = daemon.post("/v1/sandboxes", {}, X_API_Key=one).json["id"]
    execution = daemon.post("/v1/executions", {"code": "1"}, X_API_Key=one).json["execution_id"]
    assert daemon.get(f"/v1/sandboxes/{identity}", X_API_Key=one).status == 200
    assert eventually(lambda: daemon.get(f"/v1/executions/{execution}", X_API_Key=one).status == 200)
    for path in (f"/v1/sandboxes/{identity}", f"/v1/executions/{execution}", f"/v1/sandboxes/{identity}/files?path=x"):
        assert daemon.get(path, X_API_Key=two).status == 404
    assert daemon.request("DELETE", f"/v1/sandboxes/{identity}", X_API_Key=two).status == 404
    assert daemon.get("/v1/sandboxes", X_API_Key=two).json["sandboxes"] == []
    assert daemon.get("/v1/executions", X_API_Key=two).json["executions"] == []
    assert daemon.get(f"/v1/sandboxes/{identity}", local=True).status == 200, "the operator sees all"
    assert daemon.stop() == 0


def test_who_guesses_keys_must_wait(binary, tmp_path):
    daemon = Daemon(binary, tmp_path).start()
    key = daemon.sbx("key", "create").stdout.strip()
    assert eventually(lambda: daemon.get("/v1/version", X_API_Key="x").status == 401, 5)
    statuses = [daemon.get("/v1/version", X_API_Key=f"sbx_{number}").status for number in range(30)]
    assert statuses[-1] == 429 and 401 in statuses
    assert daemon.get("/v1/version", X_API_Key=key).status == 200
    assert daemon.stop() == 0


def test_a_flood_of_one_key_waits_behind_itself(binary, tmp_path):
    daemon = Daemon(binary, tmp_path).start()
    one, two = (daemon.sbx("key", "create", "--name", name).stdout.strip() for name in ("one", "two"))
    await_keys(daemon)
    sleep = {"code": "import time; time.sleep(30)", "detach": True}
    statuses = [daemon.post("/v1/executions", sleep, X_API_Key=one).status for _ in range(20)]
    assert set(statuses) == {202}
    record = daemon.post("/v1/executions", {"code": "print(1)"}, X_API_Key=two).json
    assert record["stdout"] == "1\n"
    for each in daemon.get("/v1/executions?state=running&limit=100", X_API_Key=one).json["executions"]:
        daemon.post(f"/v1/executions/{each['id']}/cancel", X_API_Key=one)
    assert daemon.stop() == 0


def test_the_document_describes_every_route(daemon):
    document = daemon.get("/openapi.json").json
    assert document["openapi"].startswith("3.1") and "/v1/executions" in document["paths"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"] and operation["responses"], (method, path)
    identities = [each["operationId"] for operations in document["paths"].values() for each in operations.values()]
    assert len(identities) == len(set(identities))


PAGE = "http://page.example:5173"


@pytest.fixture(scope="module")
def read_by_a_page(binary, tmp_path_factory):
    daemon = Daemon(binary, tmp_path_factory.mktemp("cors"), "--remove-on-stop", "--cors", PAGE).start()
    yield daemon
    assert daemon.stop() == 0


def test_a_page_may_read_where_its_origin_is_named(read_by_a_page):
    for path in ("/health", "/v1/nothing", "/v1/sandboxes"):
        answer = read_by_a_page.get(path, Origin=PAGE)
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE and answer.headers["Vary"] == "Origin"
    streamed = read_by_a_page.post("/v1/executions", {"language": "python", "code": "print(1)"}, Origin=PAGE,
                                   Accept="application/x-ndjson")
    assert streamed.headers["Access-Control-Allow-Origin"] == PAGE and streamed.lines[-1]["exit_code"] == 0
    assert "Access-Control-Allow-Origin" not in read_by_a_page.get("/health").headers
    assert read_by_a_page.get("/health", Origin="http://evil.example").status == 403


def test_a_browser_may_ask_ahead(read_by_a_page):
    wish = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "content-type,x-api-key"}
    answer = read_by_a_page.request("OPTIONS", "/v1/executions", Origin=PAGE, Access_Control_Request_Private_Network="true",
                                    **wish)
    assert answer.status == 200
    assert {name: value for name, value in answer.headers.items() if name.startswith("Access-Control")} == {
        "Access-Control-Allow-Origin": PAGE, "Access-Control-Allow-Methods": "DELETE, GET, HEAD, OPTIONS, POST, PUT",
        "Access-Control-Allow-Headers": "content-type,x-api-key", "Access-Control-Max-Age": "600",
        "Access-Control-Allow-Private-Network": "true"}
    assert read_by_a_page.request("OPTIONS", "/v1/executions", Origin="http://evil.example", **wish).status == 403
    assert read_by_a_page.request("OPTIONS", "/v1/executions", Origin=PAGE).status == 405  # it asks for nothing


def test_asking_ahead_needs_no_key(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop", "--cors", PAGE).start()
    daemon.sbx("key", "create")
    assert eventually(lambda: daemon.get("/v1/version", Origin=PAGE).status == 401, 5)
    assert daemon.get("/v1/version", Origin=PAGE).headers["Access-Control-Allow-Origin"] == PAGE
    assert daemon.request("OPTIONS", "/v1/version", Origin=PAGE, Access_Control_Request_Method="GET").status == 200
    assert daemon.stop() == 0


@pytest.mark.parametrize("origin", ["*", "page.example", "http://page.example/", "http://*.example", "", "null"])
def test_what_is_no_origin_cannot_be_named(binary, tmp_path, origin):
    done = subprocess.run([binary, "serve", "--cors", origin], capture_output=True, text=True, timeout=30, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    assert done.returncode == 2 and "--cors" in done.stderr, done.stderr
