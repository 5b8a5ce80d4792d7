"""Times, numbers of connections and descriptors of the daemon's HTTP server."""

import os
import resource
import socket
import stat
import time

import pytest

from http_server import Server


@pytest.fixture(scope="module")
def hasty():
    with Server("head_time=1", "body_time=1", "idle_time=2", "write_stall=1") as server:
        yield server


def test_a_slow_head_ends_the_connection_however_its_bytes_come(hasty):
    with hasty.connect() as c:
        started = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError, AssertionError)):
            for byte in c.request("GET", "/" + "a" * 1000):
                c.send(bytes([byte]))
                time.sleep(0.05)
                assert time.monotonic() - started < 4
        assert 0.9 < time.monotonic() - started < 4.5
    with hasty.connect() as c:
        c.send("GET / HTTP/1.1\r\n")
        assert c.answer().status == 408
        assert c.is_closed()


def test_a_connection_without_a_request_is_closed(hasty):
    with hasty.connect() as c:
        assert c.is_closed(4)


def test_an_idle_connection_is_closed_after_its_time(hasty):
    with hasty.connect() as c:
        assert c.get("/health").status == 200
        time.sleep(1)
        assert c.get("/health").status == 200
        started = time.monotonic()
        assert c.is_closed(6)
        assert 1.5 < time.monotonic() - started < 5


def test_a_slow_body_ends_the_request(hasty):
    with hasty.connect() as c:
        c.send(c.request("POST", "/whole", "Content-Length: 10\r\n") + b"123")
        answer = c.answer()
        assert answer.status == 504 and answer.fields["connection"] == "close"
        assert c.is_closed()


def test_a_body_that_may_pause_is_ended_by_a_long_pause_alone(hasty):
    with hasty.connect() as c:
        c.send(c.request("POST", "/whole?pauses", "Content-Length: 6\r\n"))
        for byte in b"123456":
            time.sleep(0.6)
            c.send(bytes([byte]))
        assert c.answer().body == b"6"
    with hasty.connect() as c:
        c.send(c.request("POST", "/whole?pauses", "Content-Length: 6\r\n") + b"123")
        started = time.monotonic()
        assert c.answer().status == 504 and time.monotonic() - started > 1.5


def test_a_handler_may_take_longer_than_any_of_these(hasty):
    with hasty.connect() as c:
        assert c.get("/slow?ms=3500").body == b"slow"


def test_a_reader_that_stalls_is_dropped(hasty):
    before = hasty.descriptors()
    hasty.lines.clear()
    with hasty.connect() as c:
        c.send(c.request("GET", "/stream?n=1000&bytes=65536"))
        hasty.wait_for("stream gone", 6)
    time.sleep(0.5)
    assert hasty.descriptors() <= before


def test_more_connections_than_allowed_are_answered_503():
    with Server() as server:
        held = []
        for _ in range(512):
            c = server.connect()
            c.send("GET /")  # under way: not to be closed for another one
            held.append(c)
        time.sleep(0.5)
        refused = [server.connect() for _ in range(88)]
        for c in refused:
            answer = c.answer()
            assert answer.status == 503 and answer.fields["retry-after"]
            assert c.is_closed()
        held[0].socket.close()
        time.sleep(0.2)
        assert server.is_well()
        for c in held + refused:
            c.socket.close()
        server.wait_for("connection_limit 503")


def test_the_longest_idle_connection_makes_room():
    with Server("connections=3") as server:
        clients = [server.connect() for _ in range(3)]
        for c in clients:
            assert c.get("/health").status == 200
        fourth = server.connect()
        assert fourth.get("/health").status == 200
        assert clients[0].is_closed(2)
        assert clients[1].get("/health").status == 200


def test_without_descriptors_it_neither_dies_nor_spins():
    limit = 40
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with Server(preexec_fn=lower) as server:
        held = []
        for _ in range(limit * 2):
            c = server.connect()
            c.send("GET /")
            held.append(c)
        time.sleep(0.3)
        before = server.cpu_seconds()
        time.sleep(1)
        assert server.cpu_seconds() - before < 0.2
        server.wait_for("out_of_descriptors")
        for c in held:
            c.socket.close()
        time.sleep(0.5)
        assert server.is_well()


def test_a_unix_socket_is_private_and_goes_with_its_server(tmp_path):
    path = tmp_path / ("long" * 40) / "s.sock"
    path.parent.mkdir()
    arguments = f"path={path}"
    first = Server(arguments)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    second = Server(arguments)
    assert second.first[:2] == ["error", "conflict"]
    second.close()
    first.process.kill()
    first.close()
    assert path.exists()
    third = Server(arguments)
    assert third.port == 0
    third.close()
    assert not path.exists()
    path.write_text("no socket")
    fourth = Server(arguments)
    assert fourth.first[:2] == ["error", "conflict"]
    fourth.close()
    assert path.read_text() == "no socket"


def test_other_users_are_refused_at_a_unix_socket(tmp_path):
    path = f"{tmp_path}/s.sock"
    with Server(f"path={path}") as server:
        os.chmod(path, 0o666)
        for directory in (tmp_path, *list(tmp_path.parents)[:-2]):
            os.chmod(directory, 0o755)
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            s = socket.socket(socket.AF_UNIX)
            s.connect(path)
            os._exit(0 if s.recv(1) == b"" else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        server.wait_for("peer_refused")
        assert server.is_well()


def test_addresses_that_cannot_be_listened_at_are_named():
    with Server() as server:
        for arguments, code in (((f"port={server.port}",), "conflict"), (("address=192.0.2.1",), "invalid_argument"),
                                (("address=localhost",), "invalid_argument")):
            other = Server(*arguments)
            assert other.first[:2] == ["error", code], other.first
            other.close()


def test_a_socket_that_is_handed_over_is_used():
    listening = socket.create_server(("127.0.0.1", 0))
    os.set_inheritable(listening.fileno(), True)
    with Server(f"descriptor={listening.fileno()}", pass_fds=[listening.fileno()]) as server:
        assert server.port == listening.getsockname()[1]
        assert server.is_well()
    listening.close()


def test_a_stopped_server_finishes_what_is_under_way():
    server = Server()
    idle, busy = server.connect(), server.connect()
    assert idle.get("/health").status == 200
    busy.send(busy.request("GET", "/slow?ms=1000"))
    time.sleep(0.3)
    server.process.terminate()
    assert idle.is_closed(2)
    with pytest.raises(ConnectionRefusedError):
        server.connect()
    answer = busy.answer()
    assert (answer.status, answer.fields["connection"]) == (200, "close")
    assert busy.is_closed()
    assert server.close() == 0
