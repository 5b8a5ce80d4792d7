"""WebSockets and TLS of the daemon's HTTP server: with a client of others, and with frames that none would send."""

import asyncio
import ssl
import struct
import subprocess
import time

import pytest
import websockets

from http_server import Server

UPGRADE = ("Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", directory / "key.pem",
                    "-out", directory / "certificate.pem"], check=True, capture_output=True)
    return directory


@pytest.fixture(scope="module", params=["plain", "tls"])
def server(request, certificate):
    arguments = ["ping_interval=1", "silence=3", "write_stall=2"]
    if request.param == "tls":
        arguments += [f"certificate={certificate}/certificate.pem", f"key={certificate}/key.pem"]
    with Server(*arguments) as running:
        running.tls = request.param == "tls" and ssl.create_default_context(cafile=f"{certificate}/certificate.pem")
        yield running


def connect(server):
    c = server.connect()
    if server.tls:
        c.socket = server.tls.wrap_socket(c.socket, server_hostname="localhost")
    return c


def upgraded(server):
    c = connect(server)
    c.send(c.request("GET", "/ws", UPGRADE))
    answer = c.answer()
    assert answer.status == 101
    assert answer.fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert len(answer.fields["x-request-id"]) == 32 and "Beast" not in str(answer.fields)
    return c


def frame(opcode, payload=b"", fin=True, mask=True, rsv=0):
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 1 << 16:
        head += bytes([bit | 126]) + struct.pack(">H", len(payload))
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", len(payload))
    return head + (b"\0\0\0\0" if mask else b"") + payload


def read_frame(c):
    first, second = c.exactly(2)
    size = second & 0x7F
    if size == 126:
        size = struct.unpack(">H", c.exactly(2))[0]
    elif size == 127:
        size = struct.unpack(">Q", c.exactly(8))[0]
    return first & 0x0F, c.exactly(size)


def test_a_client_of_others_talks_to_it(server):
    async def talk():
        scheme = "wss" if server.tls else "ws"
        url = f"{scheme}://127.0.0.1:{server.port}/ws"
        async with websockets.connect(url, ssl=server.tls or None, max_size=None, origin=None) as ws:
            for message in ("hello", "", "\u00e9" * 1000, b"\0\xff", b"x" * (1 << 20)):
                await ws.send(message)
                assert await ws.recv() == message
            await asyncio.wait_for(await ws.ping(), 2)
            await asyncio.sleep(5)  # longer than its silence may be: pings are answered
            await ws.send("bye")
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await ws.recv()
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "as you wish")
        async with websockets.connect(url, ssl=server.tls or None) as ws:
            await ws.send("x")
    asyncio.run(talk())
    server.wait_for("ws cancelled")


def test_fragments_are_joined_and_controls_between_them_answered(server):
    with upgraded(server) as c:
        c.send(frame(1, b"hel", fin=False) + frame(9, b"ping") + frame(0, b"lo"))
        assert read_frame(c) == (10, b"ping")
        assert read_frame(c) == (1, b"hello")


@pytest.mark.parametrize("bytes_, code", [
    (frame(1, b"unmasked", mask=False), 1002),
    (frame(1, b"\xff"), 1007),
    (frame(3, b"reserved"), 1002),
    (frame(1, b"reserved", rsv=4), 1002),
    (frame(9, b"x" * 126), 1002),
    (frame(9, b"x", fin=False), 1002),
    (frame(0, b"nothing to continue"), 1002),
    (frame(1, b"a", fin=False) + frame(1, b"b"), 1002),
    (frame(8, b"x"), 1002),
    (frame(8, struct.pack(">H", 1005)), 1002),
    (frame(2, b"x" * ((1 << 20) + 1)), 1009),
    (frame(2, b"x" * (1 << 20), fin=False) + frame(0, b"x"), 1009),
    (bytes([0x82, 0xFF]) + b"\x7f" + b"\xff" * 7 + b"\0\0\0\0", 1009),
])
def test_frames_that_break_the_protocol_close_it(server, bytes_, code):
    with upgraded(server) as c:
        try:
            c.send(bytes_)
        except OSError:
            pass
        opcode, payload = read_frame(c)
        while opcode == 9:
            opcode, payload = read_frame(c)
        assert (opcode, struct.unpack(">H", payload[:2])[0]) == (8, code)
    assert server.process.poll() is None


@pytest.mark.parametrize("method, fields", [
    ("GET", ""), ("POST", UPGRADE), ("GET", UPGRADE.replace("13", "8")), ("GET", UPGRADE.replace("Upgrade\r", "x\r")),
    ("GET", UPGRADE.replace("dGhl", "")), ("GET", UPGRADE.replace("websocket", "h2c")),
])
def test_a_request_that_is_no_upgrade_is_refused(server, method, fields):
    with connect(server) as c:
        assert c.ask(method, "/ws", fields).status == 400


def test_upgrades_are_checked_like_any_request(server):
    for fields, host in ((UPGRADE + "Origin: http://evil.example\r\n", None), (UPGRADE, "evil.example")):
        with connect(server) as c:
            c.host = host or c.host
            assert c.ask("GET", "/ws", fields).status == (421 if host else 403)


def test_a_silent_peer_is_dropped(server):
    with upgraded(server) as c:
        started = time.monotonic()
        seen = []
        with pytest.raises((EOFError, ConnectionResetError)):
            while True:
                seen.append(read_frame(c)[0])
        assert 2 < time.monotonic() - started < 8
        assert seen.count(9) >= 2


def test_a_peer_that_takes_nothing_is_dropped(server):
    with upgraded(server) as c:
        before = server.memory()
        server.lines.clear()
        c.send(frame(1, b"flood"))
        server.wait_for("ws write cancelled", 10)
        assert server.memory() - before < 16 << 20


def test_requests_go_through_tls(server):
    with connect(server) as c:
        assert c.get("/health").status == 200
        assert c.ask("POST", "/echo", body=b"x" * 100_000).body == b"x" * 100_000
        assert c.get("/big?bytes=5000000").body == b"b" * 5_000_000
        assert c.get("/health", "Connection: close\r\n").status == 200
    server.lines.clear()
    c = connect(server)
    c.send(c.request("GET", "/slow?ms=20000"))
    time.sleep(0.3)
    c.socket.close()
    server.wait_for("slow gone", 2)


def test_what_is_no_tls_is_closed(certificate):
    with Server("head_time=1", f"certificate={certificate}/certificate.pem", f"key={certificate}/key.pem") as server:
        with server.connect() as c:
            c.send("GET / HTTP/1.1\r\n\r\n")
            try:
                while c.more():
                    pass
            except ConnectionResetError:
                pass
        with server.connect() as c:  # a handshake that never comes
            assert c.is_closed(5)
