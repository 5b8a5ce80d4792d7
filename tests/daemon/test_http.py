"""What the daemon's HTTP server promises, seen from a socket."""

import re
import time

import pytest

from http_server import Server


@pytest.fixture(scope="module", params=["tcp", "unix"])
def server(request, tmp_path_factory):
    arguments = [] if request.param == "tcp" else [f"path={tmp_path_factory.mktemp('http')}/s.sock"]
    with Server(*arguments) as running:
        yield running


@pytest.fixture
def client(server):
    with server.connect() as c:
        yield c


def test_an_answer_has_the_fields_that_every_answer_has(client):
    answer = client.get("/health")
    assert (answer.status, answer.body) == (200, b'{"status":"ok"}\n')
    assert answer.fields["x-content-type-options"] == "nosniff"
    assert answer.fields["cache-control"] == "no-store"
    assert answer.fields["content-type"] == "application/json"
    assert re.fullmatch("[0-9a-f]{32}", answer.fields["x-request-id"])
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", answer.fields["date"])
    assert "server" not in answer.fields and "connection" not in answer.fields
    assert not [name for name in answer.fields if name.startswith("access-control")]


def test_a_connection_serves_many_requests(client):
    ids = {client.get("/health").fields["x-request-id"] for _ in range(100)}
    assert len(ids) == 100


def test_pipelined_requests_are_answered_in_order(client):
    client.send(b"".join(client.request("GET", f"/big?bytes={n}") for n in range(1, 51)))
    assert [len(client.answer().body) for _ in range(50)] == list(range(1, 51))


def test_bodies_between_pipelined_requests_are_kept_apart(client):
    chunks = b"3\r\nabc\r\n0\r\n\r\n"
    client.send(client.request("POST", "/whole", body=b"12345")
                + client.request("POST", "/whole", "Transfer-Encoding: chunked\r\n") + chunks
                + client.request("POST", "/big?bytes=7", body=b"not read at all")
                + client.request("GET", "/health"))
    assert [client.answer().body for _ in range(4)] == [b"5", b"3", b"b" * 7, b'{"status":"ok"}\n']


def test_a_connection_is_closed_when_the_client_asks_for_it(client):
    answer = client.get("/health", "Connection: close\r\n")
    assert answer.status == 200 and answer.fields["connection"] == "close"
    assert client.is_closed(1)


def test_a_head_is_answered_without_a_body(client):
    answer = client.ask("HEAD", "/big?bytes=1234")
    assert answer.fields["content-length"] == "1234"
    answer = client.ask("HEAD", "/stream")
    assert answer.fields["transfer-encoding"] == "chunked"
    assert client.get("/health").status == 200


def test_a_head_may_arrive_byte_by_byte(client):
    for byte in client.request("GET", "/health"):
        client.send(bytes([byte]))
    assert client.answer().status == 200


def test_the_query_reaches_the_handler(client):
    answer = client.get("/head?a=1%26&b=x+y&a=2")
    assert answer.body.decode().split("\n")[1:4] == ["a=1&", "b=x y", "a=2"]


@pytest.mark.parametrize("size", [1, 100, 65536, 150_000])
def test_a_body_is_streamed_both_ways(client, size):
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    answer = client.ask("POST", "/echo", body=body)
    assert answer.body == body
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 5000]), body[i:i + 5000]) for i in range(0, size, 5000))
    client.send(client.request("POST", "/echo", "Transfer-Encoding: chunked\r\n") + chunked + b"0\r\n\r\n")
    assert client.answer().body == body


def test_a_body_that_is_too_long_is_refused_before_it_is_read(client):
    client.send(client.request("POST", "/whole?limit=10", "Content-Length: 1000000\r\n"))
    answer = client.answer()
    assert answer.status == 413 and answer.fields["connection"] == "close"


def test_a_body_as_long_as_allowed_is_read(client):
    assert client.ask("POST", "/whole?limit=10", body=b"x" * 10).body == b"10"
    client.send(client.request("POST", "/whole?limit=3", "Transfer-Encoding: chunked\r\n") + b"3\r\nabc\r\n0\r\n\r\n")
    assert client.answer().body == b"3"
    client.send(client.request("POST", "/whole?limit=3", "Transfer-Encoding: chunked\r\n") + b"4\r\nabcd\r\n0\r\n\r\n")
    assert client.answer().status == 413


def test_a_client_that_sends_too_much_still_sees_the_answer(client):
    client.send(client.request("POST", "/whole?limit=10", body=b"x" * 700_000))
    assert client.answer().status == 413
    assert client.is_closed()


def test_a_body_is_asked_for_only_when_it_is_wanted(client):
    fields = "Expect: 100-continue\r\n"
    client.send(client.request("POST", "/whole", fields + "Content-Length: 5\r\n"))
    assert client.answer().status == 100
    client.send("hello")
    assert client.answer().body == b"5"
    client.send(client.request("POST", "/whole?limit=1", fields + "Content-Length: 5\r\n"))
    answer = client.answer()
    assert answer.status == 413 and answer.fields["connection"] == "close"
    assert client.is_closed()


def test_a_client_that_expects_but_does_not_wait_is_served(client):
    client.send(client.request("POST", "/whole", "Expect: 100-continue\r\n", b"hello"))
    answer = client.answer()
    assert (client.answer() if answer.status == 100 else answer).body == b"5"


@pytest.mark.parametrize("chunks", [b"5\nhello\r\n0\r\n\r\n", b"x\r\n", b"5;" + b"a" * 300 + b"\r\nhello\r\n0\r\n\r\n",
                                    b"5\r\nhelloX\r\n", b"FFFFFFFFFFFFFFFFFF\r\n", b"0\r\nX: a\nY: b\r\n\r\n"])
def test_malformed_chunks_end_the_connection(client, chunks):
    client.send(client.request("POST", "/whole", "Transfer-Encoding: chunked\r\n") + chunks)
    answer = client.answer()
    assert answer.status == 400 and answer.fields["connection"] == "close"
    assert client.is_closed()


def test_a_cut_body_is_no_body(server, client):
    client.send(client.request("POST", "/whole", "Content-Length: 10\r\n") + b"12345")
    client.socket.shutdown(1)
    assert client.answer().status == 400


@pytest.mark.parametrize("status, head", [
    (400, "GET / HTTP/1.1\nHost: {host}\n\n"),
    (400, "GET / HTTP/1.1\r\nHost: {host}\r\nX : y\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: {host}\r\nX: y\r\n z\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: {host}\r\nX: \0\r\n\r\n"),
    (400, "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx"),
    (400, "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (400, "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: gzip\r\n\r\n"),
    (400, "GET / HTTP/1.0\r\nHost: {host}\r\n\r\n"),
    (400, "GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    (400, "GET /%zz HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    (400, "GET /%00 HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    (400, "GET /a\\b HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    (405, "TRACE / HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    (405, "CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    (414, "GET /" + "a" * 9000 + " HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    (431, "GET / HTTP/1.1\r\nHost: {host}\r\n" + "X: y\r\n" * 64 + "\r\n"),
    (431, "GET / HTTP/1.1\r\nHost: {host}\r\nX: " + "y" * 40_000 + "\r\n\r\n"),
    (417, "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nExpect: tea\r\n\r\n"),
    (421, "GET / HTTP/1.1\r\n\r\n"),
    (421, "GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n"),
    (403, "GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example\r\n\r\n"),
])
def test_a_request_that_is_refused_is_answered_and_its_connection_closed(client, status, head):
    # What comes after it is never served.
    client.send(head.format(host=client.host) + f"GET /health HTTP/1.1\r\nHost: {client.host}\r\n\r\n")
    answer = client.answer()
    assert answer.status == status
    assert answer.fields["connection"] == "close"
    assert answer.fields["content-type"] == "application/json"
    assert re.search(rb'^{"error":{"code":"\w+","message":"[^"]+","hint":null,"request_id":"(\w+)"}}$', answer.body)
    assert answer.fields["x-request-id"].encode() in answer.body
    assert client.is_closed()


def test_only_a_listener_s_own_names_are_served():
    with Server("host=sbx.example", "domain=boxes.example", "origin=https://app.example") as server:
        hosts = {f"localhost:{server.port}": 200, "sbx.example": 200, "3000-abc.boxes.example": 200,
                 "localhost:1": 421, "evil.example": 421, f"evil.example:{server.port}": 421}
        for host, status in hosts.items():
            with server.connect() as c:
                c.host = host
                assert c.get("/health").status == status, host
                upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                assert (c.get("/health", upgrade).status if status == 200 else 421) == status, host
        with server.connect() as c:
            assert c.get("/health", "Origin: https://app.example\r\n").status == 200
            assert c.get("/health", f"Origin: http://{c.host}\r\n").status == 200
            assert c.get("/health", "Origin: https://other.example\r\n").status == 403


def test_a_thrown_exception_is_an_error_of_ours(server, client):
    answer = client.get("/throw")
    assert answer.status == 500 and b"thrown" not in answer.body
    assert client.get("/health").status == 200
    server.wait_for("handler_threw 500 /throw")


def test_a_stream_arrives_in_chunks(client):
    answer = client.get("/stream?n=5&bytes=1000")
    assert answer.body == b"x" * 5000
    assert client.get("/stream?n=0").body == b""
    answer = client.get("/told?bytes=100")
    assert (answer.body, answer.fields["content-length"]) == (b"t" * 100, "100")
    assert "x-worse" not in answer.fields and "x-bad" not in answer.fields
    assert client.get("/health").status == 200


def test_a_stream_without_an_end_is_seen_as_cut(client):
    assert client.get("/stream?cut").is_cut


def test_bytes_go_through_after_a_switch_of_protocols(client):
    client.send(client.request("GET", "/raw", "Connection: Upgrade\r\nUpgrade: echo\r\n") + b"early")
    answer = client.answer()
    assert answer.status == 101 and answer.fields["upgrade"] == "echo"
    assert client.exactly(5) == b"early"
    client.send(b"\0\xff" * 5000)
    assert client.exactly(10_000) == b"\0\xff" * 5000


def test_a_large_answer_arrives_whole(client):
    assert client.get("/big?bytes=30000000").body == b"b" * 30_000_000
    assert client.get("/health").status == 200


def test_a_client_that_goes_away_is_noticed(server):
    for leave in ("close", "shutdown"):
        server.lines.clear()
        c = server.connect()
        c.send(c.request("GET", "/slow?ms=20000"))
        time.sleep(0.2)
        started = time.monotonic()
        c.socket.close() if leave == "close" else c.socket.shutdown(1)
        server.wait_for("slow gone", 2)
        assert time.monotonic() - started < 1
        c.socket.close()


def test_what_a_watched_client_sends_meanwhile_waits(client):
    client.send(client.request("GET", "/slow?ms=300"))
    time.sleep(0.1)
    client.send(client.request("GET", "/slow?ms=10") + client.request("POST", "/whole", body=b"y" * 1_000_000))
    assert [client.answer().body for _ in range(3)] == [b"slow", b"slow", b"1000000"]
    assert client.ask("POST", "/whole", body=b"y" * 900_000).body == b"900000"


def test_a_client_that_does_not_read_slows_the_writer_down(server, client):
    before = server.memory()
    client.send(client.request("GET", "/stream?n=100000&bytes=65536"))
    time.sleep(0.5)
    first = server.cpu_seconds()
    time.sleep(0.5)
    assert server.cpu_seconds() - first < 0.2
    assert server.memory() - before < 8 << 20
    server.lines.clear()
    client.socket.close()
    server.wait_for("stream gone")
