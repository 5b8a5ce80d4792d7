"""/v1/sandboxes/ID/processes/attach: programs over WebSockets."""

import json
import socket as sockets
import struct
import threading
import time

import pytest

from daemon import eventually
from web_socket import Closed, Refused, WebSocket


@pytest.fixture(scope="module")
def sandbox(daemon):
    identity = daemon.sandbox(ttl_ms=600_000)
    yield identity
    daemon.request("DELETE", f"/v1/sandboxes/{identity}")


def attach(daemon, sandbox, start=None, **options):
    socket = WebSocket(daemon.port, f"/v1/sandboxes/{sandbox}/processes/attach", **options)
    if start is not None:
        socket.send(json.dumps(start))
    return socket


def control(socket, kind, **members):
    socket.send(json.dumps({"type": kind, **members}))


def until(socket, text, channel=1, seconds=20):
    """What comes on a channel until it holds the text."""
    data = b""
    while text not in data:
        message = socket.recv(timeout=seconds)
        assert isinstance(message, bytes), (message, data)
        if message[0] == channel:
            data += message[1:]
    return data


def rest(socket, seconds=60):
    """All that is still to come: output by channel, and the last text."""
    output, last = {1: b"", 2: b""}, None
    try:
        while True:
            message = socket.recv(timeout=seconds)
            if isinstance(message, bytes):
                output[message[0]] += message[1:]
            else:
                last = json.loads(message)
    except Closed as closed:
        return output, last, closed.code


def started(socket):
    message = json.loads(socket.recv(timeout=20))
    assert message["type"] == "start", message
    return message


def running(daemon, sandbox, word):
    """How many programs of the sandbox have this word among their arguments."""
    code = ("import glob\nn = 0\nfor path in glob.glob('/proc/[0-9]*/cmdline'):\n"
            f"    try: n += {word!r} in open(path).read().split('\\0')\n    except OSError: pass\nprint(n)")
    return int(daemon.evaluate(sandbox, code).json["stdout"])


def test_streams_are_apart_and_the_record_comes_last(daemon, sandbox):
    with attach(daemon, sandbox, {"argv": ["sh", "-c", "cat; echo $A >&2; exit 3"], "env": {"A": "b"}}) as socket:
        started(socket)
        socket.send(b"\0" + bytes(range(256)))
        control(socket, "eof")
        output, last, code = rest(socket)
    assert output == {1: bytes(range(256)), 2: b"b\n"} and code == 1000
    assert (last["type"], last["exit_code"], last["path"]) == ("exit", 3, "session")


def test_a_terminal_echoes_and_is_resized(daemon, sandbox):
    with attach(daemon, sandbox, {"argv": ["sh"], "tty": {"columns": 100, "rows": 30}, "cwd": "/tmp"}) as socket:
        started(socket)
        socket.send(b"\0stty size; pwd; echo do''ne\n")
        seen = until(socket, b"done\r\n")
        assert b"30 100\r\n" in seen and b"/tmp\r\n" in seen and b"stty size" in seen
        control(socket, "resize", columns=132, rows=50)
        socket.send(b"\0stty size; echo a''gain\n")
        assert b"50 132\r\n" in until(socket, b"again\r\n")
        socket.send(b"\0exit 5\n")
        _, last, _ = rest(socket)
    assert last["exit_code"] == 5


def test_signals_reach_the_program_and_do_not_end_it_by_themselves(daemon, sandbox):
    # Not print: the signal may come while the program itself prints.
    code = ("import os, signal, time\nsignal.signal(signal.SIGINT, lambda *a: os.write(1, b'interrupted'))\n"
            "print('ready', flush=True)\nwhile True: time.sleep(0.1)")
    with attach(daemon, sandbox, {"argv": ["python3", "-c", code], "tty": {}}) as socket:
        started(socket)
        until(socket, b"ready")
        control(socket, "signal", signal="SIGINT")
        until(socket, b"interrupted")
        time.sleep(2.5)  # longer than the grace time of a run that is interrupted
        socket.send(b"\0\x03")  # as a terminal's Ctrl-C
        until(socket, b"interrupted")
        control(socket, "signal", signal="SIGKILL")
        _, last, _ = rest(socket)
    assert last["exit_code"] == 137 and last["signal"], last


def test_fifty_megabytes_come_whole(daemon, sandbox):
    size = 50 << 20
    with attach(daemon, sandbox, {"argv": ["sh", "-c", f"head -c {size} /dev/zero"]}) as socket:
        started(socket)
        output, last, _ = rest(socket)
    assert len(output[1]) == size and last["exit_code"] == 0


def test_a_slow_client_slows_the_program_and_costs_no_memory(daemon, sandbox):
    def resident():
        with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as status:
            return int(next(line for line in status if line.startswith("VmRSS")).split()[1])

    code = ("import os, sys\nfor i in range(480):\n    os.write(1, bytes(100_000))\n"
            "    open('/work/progress', 'w').write(str(i))")
    before = resident()
    with attach(daemon, sandbox, {"argv": ["python3", "-c", code]}) as socket:
        time.sleep(3)
        progress = int(daemon.get(f"/v1/sandboxes/{sandbox}/files?path=progress").body)
        assert progress < 300, progress
        assert resident() - before < 16 << 10
        output, last, _ = rest(socket)
    assert len(output[1]) == 48_000_000 and last["exit_code"] == 0


def test_a_program_that_reads_nothing_slows_its_client_down(daemon, sandbox):
    with attach(daemon, sandbox, {"argv": ["sleep", "60"]}) as socket:
        started(socket)
        sent = []

        def flood():
            try:
                for _ in range(200):
                    socket.send(b"\0" + bytes(500_000))
                    sent.append(1)
            except Closed:
                pass

        thread = threading.Thread(target=flood)
        thread.start()
        time.sleep(2)
        assert len(sent) < 100
        socket.socket.shutdown(sockets.SHUT_RDWR)
        thread.join(10)


@pytest.mark.parametrize("how", ["close", "vanish"])
def test_the_program_of_a_client_that_goes_is_ended(daemon, sandbox, how):
    word = f"gone-{how}"
    socket = attach(daemon, sandbox, {"argv": ["sh", "-c", "trap '' TERM; while :; do sleep 0.2; done", word]})
    started(socket)
    assert eventually(lambda: running(daemon, sandbox, word) == 1)
    if how == "vanish":
        socket.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
        socket.socket.shutdown(sockets.SHUT_RDWR)
    socket.close()
    assert eventually(lambda: running(daemon, sandbox, word) == 0)


def test_a_detached_program_lives_on_and_is_attached_to_again(daemon, sandbox):
    with attach(daemon, sandbox, {"argv": ["sh", "-c", "echo one; read x; echo got $x; exit 4"], "detach": True}) as first:
        number = started(first)["process"]
        until(first, b"one\n")
    listed = {each["process"]: each for each in daemon.get(f"/v1/sandboxes/{sandbox}/processes").json["processes"]}
    assert listed[number]["running"]
    with attach(daemon, sandbox, {"process": number}) as second:
        again = started(second)
        assert again["process"] == number and again["dropped_bytes"] == 0
        until(second, b"one\n")
        with attach(daemon, sandbox, {"process": number}) as third:
            started(third)
            _, last, code = rest(second)
            assert (last["type"], code) == ("error", 1011) and "somebody else" in last["error"]["message"]
            third.send(b"\0word\n")
            output, last, code = rest(third)
    assert b"got word\n" in output[1] and last["exit_code"] == 4 and code == 1000
    with attach(daemon, sandbox, {"process": 999}) as missing:
        _, last, _ = rest(missing)
    assert last["error"]["code"] == "not_found"


@pytest.mark.parametrize("start", [
    "no JSON", "[]", "{}", '{"argv": []}', '{"argv": [""]}', '{"argv": "ls"}', '{"argv": ["ls"], "process": 1}',
    '{"argv": ["ls"], "x": 1}', '{"argv": ["ls"], "tty": {"rows": 0}}', '{"argv": ["ls"], "tty": {"rows": 70000}}',
    '{"argv": ["ls"], "cwd": "/proc/self/fd/3"}', '{"argv": ["ls"], "timeout_ms": -1}', '{"process": -1}',
    '{"argv": ["ls"], "env": {"A B": "c"}}', b"\0in"])
def test_a_wrong_beginning_is_refused(daemon, sandbox, start):
    with attach(daemon, sandbox) as socket:
        socket.send(start)
        output, last, code = rest(socket)
    assert last["type"] == "error" and code == 1008 and not output[1], last
    assert last["error"]["code"] in ("invalid_argument", "permission_denied") and last["error"]["request_id"]


@pytest.mark.parametrize("message", [
    b"", b"\x01out", b"\xffx", "no JSON", "{}", '{"type": "resize", "rows": 0}', '{"type": "signal", "signal": "SIGX"}',
    '{"type": "eof", "more": 1}', '{"type": "resize", "rows": "many"}'])
def test_a_wrong_message_ends_the_program(daemon, sandbox, message):
    with attach(daemon, sandbox, {"argv": ["sleep", "60"]}) as socket:
        started(socket)
        socket.send(message)
        _, last, code = rest(socket)
    assert last["type"] == "error" and last["error"]["code"] == "invalid_argument" and code == 1008


def test_a_message_that_is_too_long_ends_it(daemon, sandbox):
    with attach(daemon, sandbox, {"argv": ["sleep", "60", "too-long"]}) as socket:
        started(socket)
        with pytest.raises(Closed):
            socket.send(bytes(3 << 20))
            while True:
                socket.recv(timeout=20)
    assert eventually(lambda: running(daemon, sandbox, "too-long") == 0)


def test_what_cannot_be_started_is_told(daemon, sandbox):
    with attach(daemon, sandbox, {"argv": ["no-such-command"]}) as socket:
        _, last, code = rest(socket)
    assert last["error"]["code"] == "not_found" and code == 1011
    with attach(daemon, sandbox, {"argv": ["sleep", "60"], "timeout_ms": 300}) as socket:
        _, last, _ = rest(socket)
    assert last["reason"] == "timeout"


def test_requests_that_are_no_websockets_are_answered(daemon, sandbox):
    assert daemon.get(f"/v1/sandboxes/{sandbox}/processes/attach").status == 400
    with pytest.raises(Refused) as refused:
        attach(daemon, "0" * 32)
    assert refused.value.status == 404
    with pytest.raises(Refused) as refused:
        attach(daemon, sandbox, origin="http://evil.example")
    assert refused.value.status == 403
    assert "101" in daemon.get("/openapi.json").json["paths"]["/v1/sandboxes/{id}/processes/attach"]["get"]["responses"]


def has_room(daemon, sandbox):
    try:
        with attach(daemon, sandbox, {"argv": ["true"]}) as socket:
            return rest(socket)[1]["exit_code"] == 0
    except Refused:
        return False


def test_thirty_two_at_once_and_sixteen_of_a_sandbox(daemon):
    boxes = [daemon.sandbox(ttl_ms=600_000) for _ in range(2)]
    open_sockets = []
    try:
        for number in range(32):
            open_sockets.append(attach(daemon, boxes[number % 2], {"argv": ["cat"]}))
        for socket in open_sockets:
            started(socket)
        with pytest.raises(Refused) as refused:
            attach(daemon, boxes[0])
        assert refused.value.status == 429
        for number, socket in enumerate(open_sockets):
            socket.send(b"\0" + f"line {number}\n".encode())
        for number, socket in enumerate(open_sockets):
            until(socket, f"line {number}\n".encode())
        began = time.monotonic()
        assert daemon.get("/health").status == 200 and time.monotonic() - began < 1
        for socket in open_sockets:
            control(socket, "eof")
            assert rest(socket)[1]["exit_code"] == 0
        assert eventually(lambda: has_room(daemon, boxes[0]))
    finally:
        for box in boxes:
            daemon.request("DELETE", f"/v1/sandboxes/{box}")
