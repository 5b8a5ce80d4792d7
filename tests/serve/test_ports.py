"""Ports of sandboxes over HTTP: by path, and by host name."""

import hashlib
import http.client
import json
import pathlib
import signal
import socket as sockets
import threading
import time
from urllib.parse import quote

import pytest

from browser import chromium
from conftest import served
from daemon import Answer, Daemon, eventually
from test_tls import TlsDaemon, make_pair
from web_socket import Refused, WebSocket

PROGRAM = pathlib.Path(__file__).parent / "inside" / "server.py"
LARGE = 64 << 20
PATTERN = bytes(range(256)) * 256


@pytest.fixture(scope="module")
def daemon(binary, engine, tmp_path_factory):
    yield from served(binary, engine, tmp_path_factory.mktemp("daemon"), "--domain", "boxes.example")


def start_server(daemon, sandbox, port=8000, **headers):
    answer = daemon.request("PUT", f"/v1/sandboxes/{sandbox}/files?path=server.py", PROGRAM.read_bytes(),
                            Content_Type="application/octet-stream", **headers)
    assert answer.status < 300, answer.body
    answer = daemon.post(f"/v1/sandboxes/{sandbox}/processes",
                         {"argv": ["python3", "/work/server.py", str(port)], "detach": True}, **headers)
    assert answer.status < 300, answer.body
    assert eventually(lambda: daemon.get(f"/v1/sandboxes/{sandbox}/ports/{port}/", **headers).status == 200, 20)


@pytest.fixture(scope="module")
def sandbox(daemon):
    identity = daemon.sandbox(ttl_ms=900_000)
    start_server(daemon, identity)
    yield identity
    daemon.request("DELETE", f"/v1/sandboxes/{identity}")


class Way:
    """How a test reaches a port: by path, or by a host name."""

    def __init__(self, daemon, sandbox, name):
        self.daemon, self.sandbox, self.name = daemon, sandbox, name

    def prefix(self, port):
        return f"/v1/sandboxes/{self.sandbox}/ports/{port}" if self.name == "path" else ""

    def host(self, port):
        names = {"path": "127.0.0.1", "localhost": f"{port}-{self.sandbox}.localhost",
                 "domain": f"{port}-{self.sandbox}.boxes.example"}
        return f"{names[self.name]}:{self.daemon.port}"

    def request(self, method, target, body=None, port=8000, **headers):
        return self.daemon.request(method, self.prefix(port) + target, body, Host=self.host(port), **headers)

    def get(self, target, **options):
        return self.request("GET", target, **options)

    def connect(self, text, port=8000, receive=0):
        """A socket on which `text`, with PREFIX and HOST put in, has been sent."""
        client = sockets.socket()
        if receive:
            client.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, receive)
        client.settimeout(30)
        client.connect(("127.0.0.1", self.daemon.port))
        client.sendall(text.replace("PREFIX", self.prefix(port)).replace("HOST", self.host(port)).encode())
        return client


@pytest.fixture(params=["path", "localhost", "domain"])
def way(request, daemon, sandbox):
    return Way(daemon, sandbox, request.param)


@pytest.fixture
def by_path(daemon, sandbox):
    return Way(daemon, sandbox, "path")


@pytest.fixture
def by_name(daemon, sandbox):
    return Way(daemon, sandbox, "localhost")


def raw(answer, times=1):
    """The target at which the raw server answers with these bytes."""
    return f"/?times={times}&hex={answer.hex()}"


def read_answer(client, method="GET"):
    answer = http.client.HTTPResponse(client, method=method)
    answer.begin()
    return answer


def sent_fields(answer):
    fields = {}
    for name, value in answer.json["headers"]:
        fields.setdefault(name.lower(), []).append(value)
    return fields


def await_end(client):
    try:
        while client.recv(1 << 16):
            pass
    except ConnectionError:
        pass


# ---- requests

@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_reaches_the_program(way, method):
    body = None if method == "GET" else b"some bytes"
    answer = way.request(method, "/any/thing?x=1&x=2", body, Content_Type="text/plain")
    assert answer.status == 200 and answer.json["method"] == method
    assert answer.json["target"] == "/any/thing?x=1&x=2"
    assert answer.json["bytes"] == len(body or b"")


@pytest.mark.parametrize("target", ["/", "/?", "/a%2Fb/%20c", "/a//b/", "/v1/sandboxes", "/?id=1&port=2&path=3", "/a;b=c?d;e",
                                    "/..%2f..%2f", "/caf%C3%A9?q=%E2%82%AC"])
def test_percent_signs_go_on_as_they_were_sent(way, target):
    assert way.get(target).json["target"] == target


def test_what_the_api_would_refuse_is_the_programs_own_by_name(by_name):
    for target in ("/%00", "/%FF?a=%", "/a\\b", "/health", "/docs", "/openapi.json"):
        assert by_name.get(target).json["target"] == target


def test_without_its_last_slash_a_path_leads_there(daemon, by_path):
    for method in ("GET", "POST", "HEAD"):
        answer = by_path.request(method, "?a=%20b")
        assert answer.status == 308 and answer.headers["Location"] == by_path.prefix(8000) + "/?a=%20b"
    assert daemon.get("/v1/sandboxes/none/ports/8000").status == 404


def test_head_has_no_body_and_tells_the_length(way):
    answer = way.request("HEAD", "/status?code=200")
    assert answer.status == 200 and answer.body == b"" and answer.headers["Content-Length"] == "6"


@pytest.mark.parametrize("code", [204, 304, 404, 418, 503])
def test_a_status_is_passed_on(way, code):
    answer = way.get(f"/status?code={code}")
    assert answer.status == code and answer.body == (b"" if code in (204, 304) else b"status")


def test_fields_of_the_connection_stay_here(way):
    fields = sent_fields(way.request("POST", "/", b"x", Connection="keep-alive, X-Hop", X_Hop="1", Keep_Alive="3", TE="trailers",
                                     Proxy_Authorization="Basic x", Trailer="X", X_Own="kept", Forwarded="for=x",
                                     X_Forwarded_Prefix="/evil", X_Forwarded_Host="evil.example", X_Forwarded_For="10.1.1.1"))
    for name in ("x-hop", "keep-alive", "te", "proxy-authorization", "trailer", "forwarded", "expect"):
        assert name not in fields, name
    assert fields["x-own"] == ["kept"] and fields["connection"] == ["close"] and fields["content-length"] == ["1"]
    assert fields["x-forwarded-for"] == ["10.1.1.1, 127.0.0.1"] and fields["x-forwarded-proto"] == ["http"]
    assert fields["x-forwarded-host"] == fields["host"] == [way.host(8000)]
    assert fields.get("x-forwarded-prefix") == ([way.prefix(8000)] if way.name == "path" else None)


def test_a_connection_is_kept_for_the_next_request(way):
    connection = way.daemon.connect()
    for number in range(5):
        connection.request("POST", f"{way.prefix(8000)}/{number}", b"abc", {"Host": way.host(8000)})
        answer = Answer(connection.getresponse())
        assert answer.json["target"] == f"/{number}"
        first = connection.sock if number == 0 else first
    assert connection.sock is first
    connection.close()


def test_pipelined_requests_are_answered_in_order(way):
    text = "".join(f"GET PREFIX/{number} HTTP/1.1\r\nHost: HOST\r\n\r\n" for number in range(3))
    with way.connect(text) as client:
        file = client.makefile("rb")
        for number in range(3):
            length = 0
            while (line := file.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length"):
                    length = int(line.split()[1])
            assert json.loads(file.read(length))["target"] == f"/{number}"


# ---- bodies

@pytest.mark.parametrize("kind", ["path", "localhost"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_goes_in_whole(daemon, sandbox, kind, chunked):
    way = Way(daemon, sandbox, kind)
    pieces = [PATTERN] * (LARGE // len(PATTERN))
    headers = {"Host": way.host(8000), "Content-Type": "application/octet-stream"}
    if not chunked:
        headers["Content-Length"] = str(LARGE)
    before = resident(daemon)
    connection = daemon.connect()
    connection.request("POST", way.prefix(8000) + "/", iter(pieces), headers, encode_chunked=chunked)
    answer = Answer(connection.getresponse())
    connection.close()
    assert answer.json["bytes"] == LARGE
    assert answer.json["sha256"] == hashlib.sha256(PATTERN * len(pieces)).hexdigest()
    assert resident(daemon) - before < 16 << 10


@pytest.mark.parametrize("kind", ["path", "localhost"])
def test_a_large_body_comes_out_whole(daemon, sandbox, kind):
    answer = Way(daemon, sandbox, kind).get(f"/bytes?n={LARGE}")
    assert answer.headers["Content-Length"] == str(LARGE)
    assert hashlib.sha256(answer.body).digest() == hashlib.sha256(PATTERN * (LARGE // len(PATTERN))).digest()


def resident(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


def test_a_slow_reader_costs_no_memory(daemon, by_path):
    before = resident(daemon)
    with by_path.connect(f"GET PREFIX/bytes?n={LARGE} HTTP/1.1\r\nHost: HOST\r\n\r\n", receive=65536) as client:
        answer = read_answer(client)
        digest, left = hashlib.sha256(), LARGE
        for number in range(4):
            time.sleep(1)
            assert resident(daemon) - before < 8 << 10
            digest.update(piece := answer.read(1000))
            left -= len(piece)
        while piece := answer.read(1 << 20):
            digest.update(piece)
            left -= len(piece)
    assert left == 0 and digest.digest() == hashlib.sha256(PATTERN * (LARGE // len(PATTERN))).digest()


def test_chunks_come_as_chunks_without_their_trailer(way):
    with way.connect("GET PREFIX/chunks HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n") as client:
        text = b"".join(iter(lambda: client.recv(1 << 16), b""))
    head, _, body = text.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head and b"Content-Length" not in head and b"Trailer" not in head
    assert body.endswith(b"0\r\n\r\n") and b"X-Sum" not in text and b"Set-Cookie" not in text and b"three" in body
    assert way.get("/chunks").body == b"one two three"


def test_events_come_when_they_happen(way):
    with way.connect("GET PREFIX/events HTTP/1.1\r\nHost: HOST\r\nAccept: text/event-stream\r\n\r\n") as client:
        answer = read_answer(client)
        began = time.monotonic()
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert [answer.readline() for _ in range(10)][::2] == [b"data: %d\n" % number for number in range(5)]
        assert 0.3 < time.monotonic() - began < 5


def test_interim_answers_are_swallowed(way):
    with way.connect("GET PREFIX/early HTTP/1.1\r\nHost: HOST\r\n\r\n") as client:
        text = client.recv(1 << 16)
    assert text.startswith(b"HTTP/1.1 200 ") and text.count(b"HTTP/1.1") == 1


def test_a_body_that_waits_to_be_asked_for_is_asked_for(way):
    with way.connect("POST PREFIX/ HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n") as client:
        assert client.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        answer = json.loads(read_answer(client).read())
    assert answer["bytes"] == 3 and "expect" not in [name.lower() for name, _ in answer["headers"]]


def test_an_answer_before_the_end_of_the_body_is_passed_on(by_path):
    target = raw(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
    text = f"POST PREFIX{target} HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1000000\r\n\r\n"
    with by_path.connect(text, port=8001) as client:
        answer = read_answer(client)
        assert answer.status == 413 and answer.read() == b"no"


# ---- clients that go

def gone(way):
    return way.get("/gone").json


@pytest.mark.parametrize("kind, target", [("events", "/events"), ("bytes", f"/bytes?n={1 << 40}")])
def test_the_programs_connection_ends_with_its_clients(way, kind, target):
    before = gone(way).count(kind)
    client = way.connect(f"GET PREFIX{target} HTTP/1.1\r\nHost: HOST\r\n\r\n")
    client.recv(1000)
    client.close()
    assert eventually(lambda: gone(way).count(kind) > before)


def test_a_client_that_goes_before_the_answer_frees_its_place(daemon, by_path):
    clients = [by_path.connect("GET PREFIX/? HTTP/1.1\r\nHost: HOST\r\n\r\n", port=8001) for _ in range(64)]
    assert eventually(lambda: by_path.get("/").status == 429)
    refused = by_path.get("/")
    assert refused.json["error"]["code"] == "resource_exhausted" and refused.headers["Retry-After"]
    assert daemon.get("/health").status == 200
    for client in clients:
        client.close()
    assert eventually(lambda: by_path.get("/").status == 200)


def test_a_client_that_does_not_read_holds_up_no_end(daemon):
    identity = daemon.sandbox(ttl_ms=300_000)
    start_server(daemon, identity)
    way = Way(daemon, identity, "path")
    with way.connect(f"GET PREFIX/bytes?n={1 << 40} HTTP/1.1\r\nHost: HOST\r\n\r\n", receive=4096):
        time.sleep(1)
        begin = time.monotonic()
        assert daemon.request("DELETE", f"/v1/sandboxes/{identity}").status == 204
        assert time.monotonic() - begin < 5


# ---- other protocols

def web_socket(way, target="/ws", **options):
    if way.name == "path":
        return WebSocket(way.daemon.port, way.prefix(8000) + target, **options)
    return WebSocket(way.daemon.port, target, host=way.host(8000), **options)


def test_a_websocket_is_carried(way):
    with web_socket(way) as socket:
        for message in ("hello", b"\0\1\2", "x" * 60_000, ""):
            socket.send(message)
            assert socket.recv() == message
    with pytest.raises(Refused) as refused:
        web_socket(way, "/ws?refuse=1")
    assert refused.value.status == 400


def test_websockets_obey_the_rules_of_pages(way):
    with web_socket(way, origin=f"http://{way.host(8000)}") as socket:
        socket.send("a")
        assert socket.recv() == "a"
    for origin in ("http://evil.example", "null", f"http://1-{way.sandbox}.localhost:{way.daemon.port}"):
        with pytest.raises(Refused) as refused:
            web_socket(way, origin=origin)
        assert refused.value.status == 403


def test_any_protocol_is_carried_both_ways(way):
    text = "GET PREFIX/x HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: shout/1\r\n\r\n"
    with way.connect(text) as client:
        file = client.makefile("rb")
        head = b"".join(iter(file.readline, b"\r\n"))
        assert head.startswith(b"HTTP/1.1 101 ") and b"Upgrade: shout/1\r\n" in head and b"Connection: Upgrade\r\n" in head
        assert (b"Set-Cookie" in head) == (way.name != "path")
        assert file.readline() == b"ready\n"
        total = 4 << 20
        threading.Thread(target=client.sendall, args=[b"abcdefgh" * (total // 8)], daemon=True).start()
        assert file.read(total) == b"ABCDEFGH" * (total // 8)
        before = gone(way).count("shout/1")
        client.shutdown(sockets.SHUT_RDWR)
    assert eventually(lambda: gone(way).count("shout/1") > before)


def test_a_protocol_that_nobody_asked_for_is_refused(way):
    text = "GET PREFIX/x?instead=other HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n"
    with way.connect(text) as client:
        assert read_answer(client).status == 502
    text = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    assert way.get(raw(text), port=8001).status == 502


def test_one_of_several_protocols_is_chosen(way):
    text = "GET PREFIX/x?instead=shout HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: other, shout\r\n\r\n"
    with way.connect(text) as client:
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 101 ")


def test_over_tls_all_of_it_works_too(binary, tmp_path):
    daemon = TlsDaemon(binary, tmp_path, *make_pair(tmp_path, "ports"), "--remove-on-stop").start()
    try:
        identity = daemon.sandbox(ttl_ms=600_000)
        start_server(daemon, identity)
        for way in (Way(daemon, identity, "path"), Way(daemon, identity, "localhost")):
            answer = way.request("POST", "/", PATTERN * 64, Origin=f"https://{way.host(8000)}")
            assert answer.json["bytes"] == 4 << 20 and sent_fields(answer)["x-forwarded-proto"] == ["https"]
            assert len(way.get(f"/bytes?n={8 << 20}").body) == 8 << 20
            connection = daemon.connect()
            connection.connect()
            with connection.sock as client:
                client.sendall(f"GET {way.prefix(8000)}/x HTTP/1.1\r\nHost: {way.host(8000)}\r\nConnection: Upgrade\r\n"
                               "Upgrade: shout\r\n\r\n".encode())
                file = client.makefile("rb")
                assert b"".join(iter(file.readline, b"\r\n")).startswith(b"HTTP/1.1 101 ")
                assert file.readline() == b"ready\n"
                for size in (1, 100, 50_000):
                    client.sendall(b"a" * size)
                    assert file.read(size) == b"A" * size
    finally:
        assert daemon.stop() == 0


def test_the_owners_socket_leads_there_too(daemon, sandbox):
    for target, headers in ((f"/v1/sandboxes/{sandbox}/ports/8000/x", {}), ("/x", {"Host": f"8000-{sandbox}.localhost"}),
                            ("/x", {"Host": f"8000-{sandbox}.boxes.example"})):
        answer = daemon.get(target, local=True, **headers)
        assert answer.json["target"] == "/x" and "x-forwarded-for" not in sent_fields(answer)


# ---- programs that are hostile

@pytest.mark.parametrize("text", [
    b"garbage\r\n\r\n", b"\0" * 100, b"HTTP/1.1 200 OK", b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 999 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", b"HTTP/1.1 200 OK\r\nA\x01: b\r\n\r\n", b"HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
    b"HTTP/1.1 102 Processing\r\n\r\n" * 50,
])
def test_what_is_no_http_is_a_502_of_our_own(way, text):
    answer = way.get(raw(text), port=8001)
    assert answer.status == 502 and answer.json["error"]["code"] == "unavailable"
    assert answer.json["error"]["request_id"] == answer.headers["X-Request-Id"]
    assert b"garbage" not in answer.body


def test_a_head_without_end_is_a_502(daemon, way):
    before = resident(daemon)
    head = b"HTTP/1.1 200 OK\r\nA: " + b"a" * 3000
    assert way.get(raw(head, times=4000), port=8001).status == 502
    assert resident(daemon) - before < 8 << 10


def test_an_answer_that_is_cut_is_cut_for_the_client_too(way):
    for text in (b"Content-Length: 100\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc",
                 b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
                 b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nContent-Length: 1\r\n\r\n"):
        with pytest.raises(http.client.IncompleteRead):
            way.get(raw(b"HTTP/1.1 200 OK\r\n" + text), port=8001)


def test_a_second_answer_is_dropped(way):
    text = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nSet-Cookie: evil=1\r\nContent-Length: 4\r\n\r\nevil"
    connection = way.daemon.connect()
    for _ in range(2):
        connection.request("GET", way.prefix(8001) + raw(text), headers={"Host": way.host(8001)})
        assert Answer(connection.getresponse()).body == b"ok"
    connection.close()


def test_an_answer_of_http_1_0_ends_with_its_connection(way):
    answer = way.get(raw(b"HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\nto the end"), port=8001)
    assert answer.status == 200 and answer.body == b"to the end" and answer.headers["Content-Type"] == "a/b"


def test_where_nothing_listens_it_says_what_to_do(way):
    answer = way.get("/", port=4444)
    assert answer.status == 502 and "nothing listens on port 4444" in answer.json["error"]["message"]
    assert "127.0.0.1" in answer.json["error"]["hint"]


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1", "8000x"])
def test_what_is_no_port_is_refused(daemon, sandbox, port):
    assert daemon.get(f"/v1/sandboxes/{sandbox}/ports/{port}/").status == 400
    host = f"{port}-{sandbox}.localhost:{daemon.port}"
    assert daemon.get("/", Host=host).status == 421


def test_a_programs_status_says_nothing_of_the_daemon(daemon, by_path):
    began = len(daemon.log.read_text())
    statuses = [401, 429, 555]

    def told():
        lines = [json.loads(line) for line in daemon.log.read_text()[began:].splitlines()]
        return [(each["event"], each["level"], each["status"], each["passed_on"])
                for each in lines if each.get("status") in statuses]

    # The log takes 100 requests a second, which the tests before this one may have made.
    time.sleep(1 - time.time() % 1)
    for status in statuses:
        assert by_path.get(raw(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status), port=8001).status == status
    # The last line is written after its answer.
    assert eventually(lambda: told() == [("request", "info", status, True) for status in statuses]), told()
    counted = daemon.get("/metrics").body.decode()
    assert 'status="4xx"' in counted and 'status="5xx"' in counted and 'status="555"' not in counted


# ---- whose sandbox it is

def test_sandboxes_that_are_not_there_or_are_paused(daemon):
    identity = daemon.sandbox(ttl_ms=600_000)
    start_server(daemon, identity)
    ways = [Way(daemon, identity, name) for name in ("path", "localhost")]
    assert daemon.post(f"/v1/sandboxes/{identity}/pause").status == 200
    assert [way.get("/").status for way in ways] == [409, 409]
    assert daemon.post(f"/v1/sandboxes/{identity}/resume").status == 200
    assert [way.get("/").status for way in ways] == [200, 200]
    with ways[0].connect("GET PREFIX/events HTTP/1.1\r\nHost: HOST\r\n\r\n") as client:
        answer = read_answer(client)
        answer.readline()
        assert daemon.request("DELETE", f"/v1/sandboxes/{identity}").status == 204
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
    assert [way.get("/").status for way in ways] == [404, 404]


def test_a_connection_counts_as_use(daemon):
    identity = daemon.sandbox(ttl_ms=600_000, idle_ms=2000)
    start_server(daemon, identity)
    way = Way(daemon, identity, "path")
    with way.connect("GET PREFIX/wait?seconds=5 HTTP/1.1\r\nHost: HOST\r\n\r\n") as client:
        assert read_answer(client).read() == b"waited"
    assert eventually(lambda: daemon.get(f"/v1/sandboxes/{identity}").json.get("state") != "running", 10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_next_daemon_leads_there_again(binary, tmp_path, number):
    daemon = Daemon(binary, tmp_path).start()
    identity = daemon.sandbox(ttl_ms=600_000)
    try:
        start_server(daemon, identity)
        way = Way(daemon, identity, "path")
        events = way.connect("GET PREFIX/events HTTP/1.1\r\nHost: HOST\r\n\r\n")
        shout = way.connect("GET PREFIX/x HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n")
        with events, shout:
            assert events.recv(100) and shout.recv(100)
            began = time.monotonic()
            daemon.restart(number)
            assert time.monotonic() - began < 15
            await_end(events)
            await_end(shout)
        assert eventually(lambda: way.get("/").status == 200)
    finally:
        assert daemon.request("DELETE", f"/v1/sandboxes/{identity}").status == 204
        assert daemon.stop() == 0


def test_a_key_is_needed_and_stays_here(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop").start()
    try:
        one, two = (daemon.sbx("key", "create", "--name", name).stdout.strip() for name in ("one", "two"))
        assert eventually(lambda: daemon.get("/v1/version").status == 401, 5)
        identity = daemon.post("/v1/sandboxes", {}, X_API_Key=one).json["id"]
        start_server(daemon, identity, X_API_Key=one)
        for way in (Way(daemon, identity, "path"), Way(daemon, identity, "localhost")):
            assert way.get("/").status == 401 and way.get("/health").status == 401
            assert way.get("/", Authorization="Bearer sbx_wrong").status == 401
            assert way.get("/", X_API_Key=two).status == 404
            for headers in ({"X_API_Key": one}, {"Authorization": f"Bearer {one}"},
                            {"X_API_Key": two, "Authorization": f"bearer {one}"}):
                answer = way.get("/", **headers)
                assert answer.status == 200 and one not in answer.body.decode() and two not in answer.body.decode()
            for own in ("Basic dTpw", "Bearer mine"):
                fields = sent_fields(way.get("/", X_API_Key=one, Authorization=own))
                assert fields["authorization"] == [own] and "x-api-key" not in fields
            sent = way.get("/header?code=302&Location=https://evil.example/", X_API_Key=one)
            assert sent.status == 302 and "Location" not in sent.headers
            assert way.get("/header?code=302&Location=/x", X_API_Key=one).headers["Location"] == way.prefix(8000) + "/x"
        assert one not in daemon.log.read_text()
    finally:
        assert daemon.stop() == 0


# ---- pages

def test_pages_of_other_origins_are_refused(daemon, sandbox, way):
    own = f"http://{way.host(8000)}"
    assert way.request("POST", "/", b"x", Origin=own).status == 200
    for origin in ("http://evil.example", "null", f"http://8001-{sandbox}.localhost:{daemon.port}",
                   f"http://8000-other.localhost:{daemon.port}", f"http://localhost:{daemon.port}"):
        assert way.request("POST", "/", b"x", Origin=origin).status == 403, origin
        assert way.request("OPTIONS", "/", Origin=origin, Access_Control_Request_Method="PUT").status == 403


def test_a_page_of_a_sandbox_does_not_reach_the_api(daemon, sandbox):
    for path in ("/v1/sandboxes", "/health", f"/v1/sandboxes/{sandbox}/ports/8000/"):
        for origin in (f"http://8000-{sandbox}.localhost:{daemon.port}", "null"):
            assert daemon.get(path, Origin=origin).status == 403


def test_what_other_sites_ask_for_without_an_origin_is_refused_by_name(by_name, by_path):
    for site in ("cross-site", "same-site"):
        assert by_name.get("/", Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors").status == 403
        assert by_name.get("/", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate").status == 200
    assert by_name.get("/", Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="no-cors").status == 200
    assert by_path.get("/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors").status == 200


def test_null_is_never_an_allowed_origin(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop", "--origin", "null", "--origin", "http://app.example").start()
    assert daemon.get("/health", Origin="null").status == 403
    assert daemon.get("/health", Origin="http://app.example").status == 200
    assert daemon.stop() == 0


FOREIGN = {"Set-Cookie": "a=1", "Clear-Site-Data": '"*"', "Service-Worker-Allowed": "/", "NEL": "{}",
           "Strict-Transport-Security": "max-age=9", "WWW-Authenticate": "Basic",
           "Content-Security-Policy": "sandbox allow-same-origin allow-scripts"}


def test_by_path_a_program_says_nothing_for_the_apis_origin(by_path):
    for name, value in FOREIGN.items():
        headers = by_path.get(f"/header?{name}={quote(value)}").headers
        policy = headers.get_all("Content-Security-Policy")
        assert len(policy) == 1 and policy[0].startswith("sandbox") and "same-origin" not in policy[0]
        assert name == "Content-Security-Policy" or name not in headers
    assert by_path.get("/header?Content-Type=" + quote("multipart/x-mixed-replace; boundary=a")).headers.get_all(
        "Content-Type")[0] == "application/octet-stream"
    assert by_path.get("/worker.js", Service_Worker="script").status == 403
    assert "cookie" not in sent_fields(by_path.get("/", Cookie="session=other-server"))
    for code in (200, 204, 304, 404, 500):
        assert "sandbox" in by_path.get(f"/status?code={code}").headers["Content-Security-Policy"]


def test_by_name_a_program_has_its_origin_for_itself(by_name):
    for name, value in FOREIGN.items():
        assert by_name.get(f"/header?{name}={quote(value)}").headers.get_all(name) == [value]
    assert sent_fields(by_name.get("/", Cookie="a=1"))["cookie"] == ["a=1"]
    assert by_name.get("/worker.js", Service_Worker="script").status == 200


def test_redirections_stay_below_the_path(by_path):
    for location, place in (("/x", "/x"), ("../../../v1/executions", "/v1/executions"), ("//HOST/y", "/y")):
        location = location.replace("HOST", by_path.host(8000))
        answer = by_path.get(f"/header?code=307&Location={quote(location)}")
        assert answer.headers["Location"] == by_path.prefix(8000) + place


# ---- in a browser

@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("browser"), "localhost", "*.localhost") as driver:
        yield driver


def outcome(browser, url):
    browser.get(url)
    assert eventually(lambda: browser.title not in ("", "start"), 30), browser.page_source
    return browser.title.split(" ")


def test_a_page_by_name_uses_itself_and_nobody_else(daemon, sandbox, browser):
    port = daemon.port
    own = f"8000-{sandbox}.localhost:{port}"
    other = "".join(f"&other={quote(url, safe='')}" for url in (
        f"http://localhost:{port}/v1/executions", f"http://127.0.0.1:{port}/v1/sandboxes",
        f"http://8001-{sandbox}.localhost:{port}/"))
    results = outcome(browser, f"http://{own}/page?socket={quote(f'ws://{own}/ws', safe='')}{other}")
    assert results == ["200", "200", *["no"] * 6, "yes", "yes", f"http://{own}", "hello"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_page_by_path_has_no_origin(daemon, sandbox, browser, host):
    base = f"http://{host}:{daemon.port}"
    policy = quote("sandbox allow-same-origin allow-scripts")
    results = outcome(browser, f"{base}/v1/sandboxes/{sandbox}/ports/8000/page?scope=/&policy={policy}"
                               f"&other={quote(base + '/v1/sandboxes', safe='')}"
                               f"&socket={quote(base.replace('http', 'ws') + f'/v1/sandboxes/{sandbox}/ports/8000/ws', safe='')}")
    assert results == ["no", "no", "no", "no", "no", "no", "null", "no"]
