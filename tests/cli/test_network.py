"""Names and connections: none by default, all of the engine's bridge on request."""

import socket
import threading

import pytest

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}

SERVE_AND_CONNECT = """
import socket, sys, threading
server = socket.create_server(('127.0.0.1', 8000))
threading.Thread(target=lambda: server.accept()[0].sendall(b'hello'), daemon=True).start()
print(socket.create_connection((sys.argv[1], 8000), 5).recv(100).decode())
"""
RESOLVE = """
import socket, sys, time
begin = time.monotonic()
try: print(socket.getaddrinfo(sys.argv[1], 80))
except socket.gaierror as error: print('failed', error.errno == socket.EAI_NONAME, time.monotonic() - begin < 1)
"""
INTERFACES = "import socket; print(sorted(name for _, name in socket.if_nameindex()))"


@pytest.mark.parametrize("name", ["localhost", "any.localhost", "sandbox", "127.0.0.1"])
def test_a_program_reaches_itself_by_name(sbx, name):
    done = sbx("run", "-c", SERVE_AND_CONNECT, name)
    assert (done.code, done.stdout) == (0, b"hello\n")


@pytest.mark.parametrize("name", ["example.com", "host.docker.internal", "localhost.example", "x" * 63 + ".org"])
def test_every_other_name_fails_at_once(sbx, name):
    assert sbx("run", "-c", RESOLVE, name).stdout == b"failed True True\n"


@pytest.mark.parametrize("address", ["192.0.2.1", "172.17.0.1", "169.254.169.254", "8.8.8.8"])
def test_no_address_is_reachable(sbx, address):
    code = f"import socket\ntry: socket.create_connection(({address!r}, 80), 5)\nexcept OSError as e: print(e.errno)"
    assert sbx("run", "-c", code).out == "101\n"


def test_there_is_only_the_loopback(sbx):
    assert sbx("run", "-c", INTERFACES).out == "['lo']\n"
    assert sbx("run", "--net", "none", "-c", INTERFACES).out == "['lo']\n"


@pytest.mark.parametrize(
    "kind", ["AF_VSOCK, socket.SOCK_STREAM", "AF_PACKET, socket.SOCK_RAW", "AF_ALG, socket.SOCK_SEQPACKET"]
)
def test_no_other_kind_of_socket_leads_out(sbx, kind):
    code = f"import socket\ntry: socket.socket(socket.{kind})\nexcept PermissionError: print('refused')"
    assert sbx("run", "-c", code).out == "refused\n"


def test_a_name_that_was_refused_gets_a_hint_only_where_a_flag_can_mend_it(sbx):
    done = sbx("run", "-c", "import urllib.request; urllib.request.urlopen('http://example.com/')")
    assert done.code == 1
    for flag in ("--allow", "--net"):
        assert flag not in "\n".join(done.words) or flag in sbx("run", "--help").out


def test_a_full_network_reaches_this_machine(sbx, engine):
    """The engine's bridge is where `full` leads: its gateway is this machine."""
    assert "bridge" in engine.networks(), "this engine has no bridge"
    code = """
import socket, struct, sys
route = next(line.split() for line in open('/proc/net/route') if line.split()[1] == '00000000')
gateway = socket.inet_ntoa(struct.pack('<L', int(route[2], 16)))
print(socket.create_connection((gateway, int(sys.argv[1])), 5).recv(100).decode())
"""
    with socket.create_server(("0.0.0.0", 0)) as server:
        threading.Thread(target=lambda: server.accept()[0].sendall(b"from outside"), daemon=True).start()
        done = sbx("run", "--net", "full", "-c", code, str(server.getsockname()[1]))
    assert (done.code, done.stdout, done.stderr) == (0, b"from outside\n", b"")


def test_a_full_network_still_knows_localhost(sbx):
    done = sbx("run", "--net", "full", "-c", SERVE_AND_CONNECT, "localhost")
    assert (done.code, done.stdout) == (0, b"hello\n")
    assert "'eth0'" in sbx("run", "--net", "full", "-c", INTERFACES).out


@pytest.mark.parametrize("value", ["banana", "host", "bridge", "container:x", ""])
def test_another_network_is_refused_by_the_name_of_the_flag(sbx, value):
    done = sbx("run", "--net", value, "-c", "1", env=NO_ENGINE)
    assert done.code == 125
    assert "--net" in done.err and "none" in done.err and "full" in done.err
