"""What programs may reach: names and ports of a list, over a container that has no network."""

import contextlib
import os
import resource
import signal
import socket
import threading
import time

import pytest
from kept import Kept
from outside import SPECIAL, Outside, closed_port, wrapper_with
from runner import Sbx, eventually

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
PERMIT = {"SBX_EGRESS_PERMIT": "127.0.0.1"}

GET = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=20).read().decode())"
CONNECT = """
import socket, sys
try:
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 20)
    s.sendall(b'hello')
    s.shutdown(socket.SHUT_WR)
    print(s.makefile().read())
except OSError as error:
    print(type(error).__name__)
"""


@pytest.fixture(scope="module")
def outside(tmp_path_factory, binary):
    servers = Outside(tmp_path_factory.mktemp("outside"), binary)
    yield servers
    servers.close()


@pytest.fixture(scope="module")
def osbx(outside, tmp_path_factory, session_label):
    """sbx where the servers' names are known, and their address is permitted by its operator."""
    sbx = Sbx(outside.wrapper, tmp_path_factory.mktemp("home"), session_label)
    sbx.base |= PERMIT
    return sbx


@pytest.fixture
def okept(outside, tmp_path):
    """The same for sandboxes that stay."""
    home = tmp_path / "home"
    home.mkdir()
    sbx = Kept(outside.wrapper, home, None)
    sbx.base |= PERMIT
    yield sbx
    sbx.end_all()


def attempts(done):
    return [(each["host"], each["port"], each["verdict"]) for each in done.json["network"]]


# ---- names


def test_a_program_reaches_an_allowed_name_as_if_there_were_a_network(osbx, outside):
    done = osbx("run", "--allow", f"outside.test:{outside.web_port}", "-c", GET,
                f"http://Outside.Test:{outside.web_port}/page")  # fmt: skip
    assert (done.code, done.stdout, done.stderr) == (0, b"GET /page \n", b"")


def test_a_plain_connection_carries_bytes_both_ways_and_each_end(osbx, outside):
    done = osbx("run", "--json", "--allow", f"outside.test:{outside.echo_port}", "-c", CONNECT, "outside.test",
                str(outside.echo_port))  # fmt: skip
    assert done.json["stdout"] == "hello\n"
    (attempt,) = done.json["network"]
    assert attempt == {
        "host": "outside.test", "port": outside.echo_port, "verdict": "allowed", "reason": None,
        "address": "127.0.0.1", "count": 1, "sent_bytes": 5, "received_bytes": 5,
    }  # fmt: skip


def test_what_is_not_allowed_is_not_there_and_is_recorded(osbx, outside):
    code = f"""
import socket
for place in ('outside.test', {outside.web_port}), ('other.test', {outside.echo_port}), ('127.0.0.1', 1):
    try: socket.create_connection(place, 20)
    except OSError as error: print(type(error).__name__)
"""
    done = osbx("run", "--json", "--allow", f"outside.test:{outside.echo_port}", "-c", code)
    assert done.json["stdout"].split() == ["ConnectionRefusedError", "gaierror", "ConnectionRefusedError"]
    assert attempts(done) == [("other.test", None, "refused")]


def test_names_have_no_ipv6_address_and_udp_leads_nowhere(osbx, outside):
    code = """
import socket
try: socket.getaddrinfo('outside.test', 80, socket.AF_INET6)
except socket.gaierror as error: print('no address')
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('outside.test', 80))
s.send(b'x')
try: s.recv(1)
except ConnectionRefusedError: print('refused')
try: s.connect(('192.0.2.1', 53))
except OSError as error: print(error.errno)
"""
    assert osbx("run", "--allow", "outside.test", "-c", code).out.split("\n")[:3] == ["no address", "refused", "101"]


@pytest.mark.parametrize("name", SPECIAL)
def test_a_name_of_a_special_address_is_refused_whatever_the_list_says(osbx, name):
    done = osbx("run", "--json", "--allow", f"{name}:80", "-c", CONNECT, name, "80")
    assert done.json["stdout"] == "ConnectionResetError\n"
    (attempt,) = done.json["network"]
    assert (attempt["verdict"], attempt["port"]) == ("refused", 80)
    assert attempt["reason"].startswith(f"{name} is at ")


def test_only_the_operator_permits_addresses(osbx, outside):
    done = osbx("run", "--json", "--allow", f"outside.test:{outside.echo_port}", "-c", CONNECT, "outside.test",
                str(outside.echo_port), env={"SBX_EGRESS_PERMIT": None})  # fmt: skip
    assert done.json["network"][0]["reason"] == "outside.test is at 127.0.0.1, a loopback address"


def test_a_host_where_nobody_listens_is_a_failure_not_a_refusal(osbx):
    port = closed_port()
    done = osbx("run", "--json", "--allow", f"outside.test:{port}", "-c", CONNECT, "outside.test", str(port))
    assert done.json["stdout"] == "ConnectionResetError\n"
    assert attempts(done) == [("outside.test", port, "failed")]


def test_ports_80_and_443_are_meant_where_none_is_named(osbx):
    code = """
import socket
for port in 80, 443, 8080:
    try: socket.create_connection(('outside.test', port), 20).recv(1)
    except OSError as error: print(port, type(error).__name__)
"""
    done = osbx("run", "--json", "--allow", "outside.test", "-c", code)
    assert done.json["stdout"].splitlines()[-1] == "8080 ConnectionRefusedError"
    assert {(host, port) for host, port, _ in attempts(done)} == {("outside.test", 80), ("outside.test", 443)}


def test_what_was_sent_just_before_the_end_still_arrives(osbx):
    with socket.create_server(("127.0.0.1", 0)) as server:
        received = []

        def take():
            connection, _ = server.accept()
            with connection:
                received.append(b"".join(iter(lambda: connection.recv(1 << 16), b"")))

        thread = threading.Thread(target=take)
        thread.start()
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('outside.test', {port})).sendall(b'x' * 100_000)"
        assert osbx("run", "--allow", f"outside.test:{port}", "-c", code).code == 0
        thread.join(20)
    assert received == [b"x" * 100_000]


def test_a_hundred_megabytes_go_out_and_come_back(osbx, outside):
    code = f"""
import hashlib, socket, threading
s = socket.create_connection(('outside.test', {outside.echo_port}))
block = bytes(range(256)) * 4096
def send():
    for _ in range(100): s.sendall(block)
    s.shutdown(socket.SHUT_WR)
threading.Thread(target=send).start()
digest, size = hashlib.sha256(), 0
while piece := s.recv(1 << 16):
    digest.update(piece)
    size += len(piece)
print(size, digest.hexdigest() == hashlib.sha256(block * 100).hexdigest())
"""
    done = osbx("run", "--timeout", "2m", "--allow", f"outside.test:{outside.echo_port}", "-c", code, timeout=150)
    assert done.out == f"{100 << 20} True\n"


def test_a_reader_that_stands_still_holds_up_nobody_else(osbx, outside):
    code = f"""
import socket
place = ('outside.test', {outside.echo_port})
stuck = socket.create_connection(place)
stuck.settimeout(1)
try:
    while True: stuck.sendall(b'x' * 65536)
except TimeoutError: print('held')
other = socket.create_connection(place)
other.sendall(b'hello')
print(other.recv(5).decode())
"""
    done = osbx("run", "--allow", f"outside.test:{outside.echo_port}", "-c", code)
    assert done.out == "held\nhello\n"


def test_more_connections_than_are_allowed_wait_for_others_to_end(osbx, outside):
    code = f"""
import socket
place = ('outside.test', {outside.echo_port})
def ask(s):
    s.settimeout(2)
    s.sendall(b'hello')
    try: return s.recv(5) == b'hello'
    except TimeoutError: return False
all = [socket.create_connection(place) for _ in range(80)]
print(sum(ask(s) for s in all[:64]), ask(all[64]))
for s in all[:64]: s.close()
all[64].settimeout(10)
print(all[64].recv(5))
"""
    done = osbx("run", "--allow", f"outside.test:{outside.echo_port}", "-c", code)
    assert done.out == "64 False\nb'hello'\n"


def test_a_run_from_standby_has_the_same_list(okept, outside):
    assert okept("pool", "warm").code == 0
    try:
        time.sleep(1)
        done = okept("run", "--json", "--allow", f"*.wild.test:{outside.web_port}", "-c", GET,
                     f"http://a.wild.test:{outside.web_port}/x")  # fmt: skip
        assert (done.json["path"], done.json["stdout"]) == ("standby", "GET /x \n")
    finally:
        okept("pool", "drain")


# ---- proxies


def test_names_of_a_wildcard_are_reached_through_the_proxies(osbx, outside):
    url = f"http://a.wild.test:{outside.web_port}/x"
    done = osbx("run", "--json", "--allow", f"*.wild.test:{outside.web_port}", "-c", GET, url)
    assert done.json["stdout"] == "GET /x \n"
    assert attempts(done) == [("a.wild.test", outside.web_port, "allowed")]
    refused = osbx("run", "--allow", f"*.wild.test:{outside.web_port}", "-c", GET,
                   f"http://outside.test:{outside.web_port}/")  # fmt: skip
    assert "403" in refused.err
    assert refused.words[-1].endswith(f"try --allow outside.test:{outside.web_port}")


PROXY = """
import socket, sys
def talk(*pieces):
    s = socket.create_connection(('127.0.0.1', 3128), 20)
    for piece in pieces:
        s.sendall(piece)
        answer = s.recv(1000)
        print(answer[:12])
    return s
"""


def test_connect_and_socks_lead_to_any_port_of_a_wildcard(osbx, outside):
    port = outside.echo_port
    code = PROXY + f"""
talk(b'CONNECT b.wild.test:{port} HTTP/1.1\\r\\n\\r\\n', b'echo')
name = b'b.wild.test'
talk(b'\\5\\1\\0', b'\\5\\1\\0\\3' + bytes([len(name)]) + name + ({port}).to_bytes(2, 'big'), b'echo')
"""
    done = osbx("run", "--allow", "*.wild.test:*", "-c", code)
    assert done.out == "b'HTTP/1.1 200'\nb'echo'\nb'\\x05\\x00'\n" + f"{bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])}\nb'echo'\n"


def test_an_address_is_reached_through_the_proxies_alone(osbx, outside):
    port = outside.echo_port
    code = PROXY + f"talk(b'CONNECT 127.0.0.1:{port} HTTP/1.1\\r\\n\\r\\n', b'echo')"
    assert osbx("run", "--allow", f"127.0.0.1:{port}", "-c", code).out == "b'HTTP/1.1 200'\nb'echo'\n"
    direct = osbx("run", "--allow", "*", "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 5)")
    assert direct.words[-1] == "sbx: an address is reached only through the proxies: try --allow with the host's name"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.2", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
     "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fd00::1]", "0.0.0.0", "224.0.0.1", "192.0.2.1"],
)  # fmt: skip
def test_everything_allowed_is_no_special_address(osbx, address):
    code = PROXY + f"talk(b'CONNECT {address}:80 HTTP/1.1\\r\\n\\r\\n')"
    done = osbx("run", "--json", "--allow", "*:*", "-c", code)
    assert done.json["stdout"] == "b'HTTP/1.1 403'\n"
    assert [each["verdict"] for each in done.json["network"]] == ["refused"]


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "a b", "a%00b", "-a", "a..b", "xn\u00e9"])
def test_hosts_that_are_none_are_refused(osbx, host):
    code = PROXY + f"""
name = {host.encode()!r}
talk(b'\\5\\1\\0', b'\\5\\1\\0\\3' + bytes([len(name)]) + name + b'\\0P')
"""
    done = osbx("run", "--json", "--allow", "*:*", "-c", code)
    assert done.json["stdout"].endswith(f"{bytes([5, 2, 0, 1, 0, 0, 0, 0, 0, 0])}\n")
    assert done.json["network"][0]["verdict"] == "refused"


def test_programs_are_told_of_the_proxies_only_where_they_are_needed(osbx):
    code = "import os; print(sorted(k for k in os.environ if 'proxy' in k.lower()))"
    assert osbx("run", "--allow", "outside.test", "-c", code).out == "[]\n"
    assert "'HTTPS_PROXY'" in osbx("run", "--allow", "*.wild.test", "-c", code).out
    mine = osbx("run", "--allow", "*", "-e", "HTTPS_PROXY=mine", "-c", "import os; print(os.environ['HTTPS_PROXY'])")
    assert mine.out == "mine\n"


# ---- a sandbox that lives


def test_the_list_of_a_living_sandbox_is_changed(okept, outside):
    port = str(outside.echo_port)
    sandbox = okept.make()

    def reaches():
        return okept("exec", sandbox, "--", "python3", "-c", CONNECT, "outside.test", port).out.strip()

    assert reaches() == "gaierror"
    assert okept("allow", sandbox, f"outside.test:{port}").out == f"outside.test:{port}\n"
    assert reaches() == "hello"
    assert okept.record(sandbox)["network"] == "allow"
    assert okept("deny", sandbox, "outside.test").out == ""
    assert reaches() == "gaierror"
    seen = eventually(lambda: [a for a in okept.record(sandbox)["attempts"] if a["verdict"] == "allowed"], 5)
    assert seen[0]["sent_bytes"] == 5
    again = okept("deny", sandbox, "outside.test")
    assert again.code == 3 and f"sbx inspect {sandbox}" in again.err
    assert okept("allow", sandbox, "not a host").code == 2
    assert okept("allow", sandbox, "localhost:80").code == 2


def test_a_program_of_exec_learns_what_it_tried_and_how_to_allow_it(okept, outside):
    place = f"outside.test:{outside.echo_port}"
    sandbox = okept.make("--allow", place)

    def tried(host, port):
        done = okept("exec", "--json", sandbox, "--", "python3", "-c", CONNECT, host, str(port))
        return attempts(done), done.json["network"]

    for _ in range(2):  # the earlier ones are not counted again
        assert tried("other.test", 80)[0] == [("other.test", None, "refused")]
        ends, network = tried("outside.test", outside.echo_port)
        assert ends == [("outside.test", outside.echo_port, "allowed")]
        assert (network[0]["count"], network[0]["received_bytes"]) == (1, 5)
    assert okept("exec", "--json", sandbox, "true").json["network"] == []
    done = okept("exec", sandbox, "--", "python3", "-c", GET, "http://other.test/")
    assert done.words == [f"sbx: other.test is not allowed: try sbx allow {sandbox} other.test"]


def test_a_connection_that_is_denied_is_broken(okept, outside):
    sandbox = okept.make("--allow", f"outside.test:{outside.echo_port}")
    code = f"""
import socket
s = socket.create_connection(('outside.test', {outside.echo_port}))
s.sendall(b'x')
print(s.recv(1).decode(), flush=True)
try: s.recv(1)
except ConnectionResetError: print('broken')
"""
    program = okept.start("exec", sandbox, "--", "python3", "-c", code)
    assert program.stdout.readline() == b"x\n"
    assert okept("deny", sandbox, f"outside.test:{outside.echo_port}").code == 0
    assert program.communicate(timeout=20)[0] == b"broken\n"


def test_a_sandbox_whose_keeper_was_killed_has_its_list_again_with_the_next(okept, outside):
    port = str(outside.echo_port)
    sandbox = okept.make("--allow", f"outside.test:{port}")
    okept("allow", sandbox, f"*.wild.test:{port}")
    (keeper,) = okept.keepers(sandbox)
    os.kill(keeper, signal.SIGKILL)
    done = okept("exec", sandbox, "--", "python3", "-c", CONNECT, "outside.test", port)
    assert done.out == "hello\n"
    assert okept.record(sandbox)["allow"] == [f"outside.test:{port}", f"*.wild.test:{port}"]


def test_a_change_that_cannot_be_written_down_changes_nothing(okept, outside):
    place = f"outside.test:{outside.echo_port}"
    sandbox = okept.make()
    (keeper,) = okept.keepers(sandbox)
    used = {int(each) for each in os.listdir(f"/proc/{keeper}/fd")}
    free = next(number for number in range(1000) if number not in used)
    limits = resource.prlimit(keeper, resource.RLIMIT_NOFILE)
    resource.prlimit(keeper, resource.RLIMIT_NOFILE, (free + 1, limits[1]))  # it can accept, no more
    assert "cannot write" in okept("allow", sandbox, place).err
    resource.prlimit(keeper, resource.RLIMIT_NOFILE, limits)
    assert okept.record(sandbox)["allow"] == []
    reach = ("exec", sandbox, "--", "python3", "-c", CONNECT, "outside.test", str(outside.echo_port))
    assert okept(*reach).out == "gaierror\n"
    assert okept("allow", sandbox, place).code == 0
    assert okept(*reach).out == "hello\n"


def test_a_full_network_has_no_list(okept):
    sandbox = okept.make("--net", "full")
    assert okept("allow", sandbox, "example.org").code == 5


# ---- words


def test_a_name_that_was_refused_gets_the_flag_that_allows_it(osbx):
    done = osbx("run", "-c", GET, "http://other.test/")
    assert done.words == ["sbx: other.test is not allowed: try --allow other.test"]


def test_a_url_is_answered_with_its_host(okept):
    sandbox = okept.make()
    done = okept("allow", sandbox, "http://host.test:8080/a")
    assert done.words == ["sbx: HOST: 'http://host.test:8080/a' is a URL, not HOST or HOST:PORT",
                          "  → the host alone: host.test:8080"]  # fmt: skip
    assert okept("run", "--allow", "https://host.test/", "-c", "1").words[-1] == "  → the host alone: host.test"


def test_a_name_means_itself_and_none_that_a_search_list_makes_of_it(tmp_path, binary, session_label):
    asked = []

    def answer(server):
        with contextlib.suppress(OSError):
            while True:
                question, who = server.recvfrom(512)
                asked.append(question[12:].split(b"\0")[0])
                server.sendto(question[:2] + b"\x81\x83" + question[4:6] + bytes(6) + question[12:], who)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.53.53.53", 53))
        threading.Thread(target=answer, args=(server,), daemon=True).start()
        wrapper = wrapper_with(tmp_path, binary, {"resolv.conf": "nameserver 127.53.53.53\nsearch corp.test\n"})
        done = Sbx(wrapper, tmp_path, session_label)("run", "--json", "--allow", "a.test", "--allow", "short", "-c", """
import socket
for name in 'a.test', 'short':
    try: socket.create_connection((name, 80)).recv(1)
    except OSError as error: print(error)
""")  # fmt: skip
    assert attempts(done) == [("a.test", 80, "failed"), ("short", 80, "failed")]
    assert set(asked) == {b"\1a\4test", b"\5short"}


@pytest.mark.parametrize(
    "words",
    [("--allow", "a/b"), ("--allow", "http://a"), ("--allow", "a:0"), ("--allow", "localhost"), ("--allow", ""),
     ("--net", "none", "--allow", "a"), ("--net", "full", "--allow", "a")],
)  # fmt: skip
def test_a_list_that_is_none_is_refused_by_its_flag(sbx, words):
    done = sbx("run", *words, "-c", "1", env=NO_ENGINE)
    assert done.code == 125
    assert "--allow" in done.err


def test_a_wrong_range_of_addresses_is_refused_by_its_name(sbx):
    done = sbx("run", "-c", "1", env={**NO_ENGINE, "SBX_EGRESS_PERMIT": "all"})
    assert (done.code, done.words[0]) == (125, "sbx: SBX_EGRESS_PERMIT: 'all' is not a range of addresses")


def test_a_list_may_come_from_the_environment(osbx, outside):
    done = osbx("run", "-c", CONNECT, "outside.test", str(outside.echo_port),
                env={"SBX_ALLOW": f"other.test,outside.test:{outside.echo_port}"})  # fmt: skip
    assert done.out == "hello\n"
