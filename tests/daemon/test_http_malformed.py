"""Requests that were right before something was done to them."""

import random
import socket

from http_server import Server


def malformed(rng, host):
    """A request that was right before something was done to it."""
    heads = [f"GET /health?a=b HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n",
             f"POST /whole HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\nhello",
             f"POST /echo HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
             f"GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"]
    data = bytearray(rng.choice(heads).encode())
    odd = [b"\0", b"\r", b"\n", b"\t", b" ", b":", b"%", b"\\", b"\xff", b"\x7f", b"Content-Length: 3\r\n",
           b"Transfer-Encoding: gzip\r\n", b"\r\n ", b"X" * 9000, b"a: b\r\n" * 70, b"-1", b"99999999999999999999"]
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data))
        what = rng.randrange(3)
        if what == 0:
            data[at:at] = rng.choice(odd)
        elif what == 1:
            data[at] = rng.randrange(256)
        else:
            del data[at:at + rng.randint(1, 10)]
    return bytes(data)


def test_ten_thousand_malformed_requests_do_no_harm():
    rng = random.Random(20)
    with Server("quiet=1") as server:
        statuses = {}
        before = server.memory()
        for i in range(10_000):
            if i == 500:
                before = server.memory()
            with server.connect() as c:
                try:
                    c.send(malformed(rng, c.host))
                    c.socket.shutdown(socket.SHUT_WR)
                    status = c.answer().status
                except (EOFError, ConnectionResetError, BrokenPipeError, OSError):
                    status = 0
                statuses[status] = statuses.get(status, 0) + 1
        assert server.is_well()
        assert server.memory() - before < 16 << 20
        assert set(statuses) <= {0, 100, 101, 200, 400, 403, 404, 405, 408, 413, 414, 417, 421, 431}, statuses
        assert statuses[400] > 2000
