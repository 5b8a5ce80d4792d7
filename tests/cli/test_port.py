"""A TCP port of a sandbox, reached from this machine."""

import concurrent.futures
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import urllib.request

import pytest

from runner import eventually

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}

# Answers with the digest of all that it was sent, once the sender has ended his direction.
DIGEST = """
import hashlib, socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        digest = hashlib.sha256()
        while piece := self.rfile.read(65536): digest.update(piece)
        self.wfile.write(digest.hexdigest().encode())
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 128
Server(('127.0.0.1', 9000), Handler).serve_forever()
"""

# Sends back whatever comes, as it comes.
ECHO = """
import socketserver
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        while piece := self.request.recv(65536): self.request.sendall(piece)
class Server(socketserver.ThreadingTCPServer):
    request_queue_size = 128
Server(('127.0.0.1', 9000), Handler).serve_forever()
"""


@pytest.fixture
def forward(box):
    """Starts `sbx port box …` and waits until it listens: gives the process and the local port."""

    def start(port, *args):
        process = box.start("port", "box", str(port), *(args or ("--listen", ":0")), stdin=subprocess.DEVNULL)
        line = process.stderr.readline().decode()
        found = re.fullmatch(r"sbx: 127\.0\.0\.1:(\d+) leads to port \d+ of box\n", line)
        assert found, line
        return process, int(found[1])

    return start


def serve(box, code, port=9000):
    box("exec", "-d", "box", "python3", "-c", code)
    probe = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
    assert eventually(lambda: box("exec", "box", "python3", "-c", probe).code == 0, 10)


def send_all(port, data):
    """Everything that comes back after `data` was sent and the direction ended."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def exchange(port, data):
    """Sends and receives at once."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        sender = threading.Thread(target=lambda: (connection.sendall(data), connection.shutdown(socket.SHUT_WR)))
        sender.start()
        received = b"".join(iter(lambda: connection.recv(1 << 20), b""))
        sender.join()
        return received


def test_a_web_server_inside_answers(box, forward):
    box("files", "write", "box:page.html", stdin=b"hello from inside\n")
    server = "import http.server, sys; sys.argv = ['', '9000', '-b', '127.0.0.1']; http.server.test(" \
        "http.server.SimpleHTTPRequestHandler, port=9000, bind='127.0.0.1')"  # fmt: skip
    serve(box, server)
    _, port = forward(9000)
    for _ in range(3):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/page.html", timeout=10) as page:
            assert page.read() == b"hello from inside\n"


def test_much_goes_both_ways_and_each_direction_ends_by_itself(box, forward):
    serve(box, DIGEST)
    _, port = forward(9000)
    data = os.urandom(1 << 20) * 48
    assert send_all(port, data) == hashlib.sha256(data).hexdigest().encode()


def test_both_directions_run_at_once_and_a_slow_reader_holds_only_his_own(box, forward):
    serve(box, ECHO)
    process, port = forward(9000)
    data = os.urandom(1 << 20) * 24
    with socket.create_connection(("127.0.0.1", port), 10) as stalled:
        stalled.settimeout(2)
        with pytest.raises(TimeoutError):
            for _ in range(64):
                stalled.sendall(data)
        assert hashlib.sha256(exchange(port, data)).digest() == hashlib.sha256(data).digest()
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        assert peak < 64 << 10, peak


def test_fifty_connections_at_once(box, forward):
    serve(box, ECHO)
    _, port = forward(9000)
    pieces = [os.urandom(100_000) for _ in range(50)]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        assert list(pool.map(lambda piece: exchange(port, piece), pieces)) == pieces


def test_more_connections_than_are_carried_at_once_wait_their_turn(box, forward):
    serve(box, ECHO)
    _, port = forward(9000)
    held = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(125)]
    held[-1].sendall(b"late")
    held[-1].settimeout(1)
    with pytest.raises(TimeoutError):
        held[-1].recv(4)
    for each in held[:20]:
        each.close()
    held[-1].settimeout(10)
    assert held[-1].recv(4) == b"late"
    for each in held:
        each.close()


def test_a_port_without_a_server_closes_the_connection_and_says_so_once(box, forward):
    process, port = forward(9000)
    for _ in range(3):
        assert send_all(port, b"") == b""
    process.send_signal(signal.SIGINT)
    words = process.communicate(timeout=10)[1].decode()
    assert words == "sbx: nothing listens on port 9000\n"
    assert process.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_open_connections(box, forward, number):
    serve(box, ECHO)
    process, port = forward(9000)
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"x")
        assert connection.recv(1) == b"x"
        process.send_signal(number)
        assert process.communicate(timeout=5) == (b"", b"")
        assert process.returncode == 128 + number
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)
    assert box("exec", "box", "true").code == 0


def test_it_ends_with_its_sandbox_and_says_why(box, forward):
    process, _ = forward(9000)
    box("kill", "box")
    words = process.communicate(timeout=10)[1].decode()
    assert words.startswith("sbx: sandbox box has ended (killed)\n")
    assert process.returncode == 3


@pytest.mark.here
def test_it_ends_when_the_keeper_is_killed_and_can_be_started_again(box, forward):
    process, _ = forward(9000)
    (keeper,) = box.keepers()
    os.kill(keeper, signal.SIGKILL)
    words = process.communicate(timeout=10)[1].decode()
    assert "the next command starts another" in words and process.returncode == 6
    serve(box, ECHO)
    _, port = forward(9000)
    assert send_all(port, b"again") == b"again"


def test_by_default_it_is_the_same_port_and_one_in_use_is_refused(box, forward):
    serve(box, ECHO)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    serve(box, ECHO.replace("9000", str(number)), number)
    _, port = forward(number, "--config", "/dev/null")
    assert port == number and send_all(port, b"same") == b"same"
    done = box("port", "box", str(number))
    assert (done.code, done.stdout) == (5, b"")
    assert f"127.0.0.1:{number}" in done.err and "--listen :0" in done.err


def test_json_is_one_value_that_says_where_it_listens(box):
    process = box.start("port", "box", "9000", "--listen", ":0", "--json")
    told = json.loads(process.stdout.readline())
    assert (told["port"], told["listen"]["host"], len(told["sandbox"])) == (9000, "127.0.0.1", 20)
    assert told["listen"]["port"] > 0
    box("kill", "box")
    out, words = process.communicate(timeout=10)
    assert out == b"" and b"has ended" in words and process.returncode == 3


def test_other_machines_are_let_in_only_when_asked_for_and_with_a_word(box):
    process = box.start("port", "box", "9000", "--listen", "0.0.0.0:0")
    assert b"sbx: warning: whoever reaches 0.0.0.0:" in process.stderr.readline()
    process.terminate()
    process.communicate(timeout=10)


@pytest.mark.parametrize(
    "args, blamed",
    [
        (("0",), "PORT"),
        (("65536",), "PORT"),
        (("http",), "PORT"),
        (("80", "--listen", "example.org:80"), "--listen"),
        (("80", "--listen", ":99999"), "--listen"),
        (("80", "--listen", "192.0.2.1:0"), "192.0.2.1"),
        (("80", "--listen", "192.0.2.1:0"), "an address of this machine: 127.0.0.1:8080"),
        ((), "PORT"),
    ],
)
def test_bad_arguments_are_named(box, args, blamed):
    done = box("port", "box", *args, env=NO_ENGINE)
    assert done.code == 2 and blamed in done.err, done
    done = box("port", "--json", "box", *args, env=NO_ENGINE)
    assert done.json["error"]["code"] == "invalid_argument"


def test_an_unknown_sandbox_is_not_found(kept):
    assert kept("port", "nobody", "80").code == 3
