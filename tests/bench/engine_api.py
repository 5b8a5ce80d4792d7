"""A bare client of the Docker Engine API over its Unix socket: what sbx is measured against."""

import http.client
import json
import os
import socket
import struct
import time
import urllib.parse

SOCKET = os.environ.get("SBX_BENCH_SOCKET", "/var/run/docker.sock")


def connect():
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(SOCKET)
    return connection


class Connection(http.client.HTTPConnection):
    """HTTP over the Unix socket, kept alive."""

    def __init__(self):
        super().__init__("localhost")

    def connect(self):
        self.sock = connect()

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        self.request(method, path, None if body is None else json.dumps(body), headers)
        reply = self.getresponse()
        text = reply.read()
        if reply.status >= 400:
            raise RuntimeError(f"{method} {path}: {reply.status} {text!r}")
        return json.loads(text) if text.strip().startswith((b"{", b"[")) else None


def read_exactly(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            return data
        data += piece
    return data


def attach(container):
    """A hijacked attach; what follows its 101 are frames of 8 bytes and a payload."""
    connection = connect()
    request = (
        f"POST /containers/{container}/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n"
        "Host: docker\r\nUpgrade: tcp\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n"
    )
    connection.sendall(request.encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    if b" 101 " not in head.split(b"\r\n")[0]:
        raise RuntimeError(f"attach: {head!r}")
    return connection


def read_output(connection):
    """Everything the program wrote, until the engine closes the stream: the program has ended."""
    output = b""
    while True:
        header = read_exactly(connection, 8)
        if len(header) < 8:
            return output
        output += read_exactly(connection, struct.unpack(">I", header[4:])[0])


def run_once(api, config, expected):
    """create, attach, start, to the end of the output. Returns seconds; the removal is the engine's own and excluded."""
    begin = time.perf_counter()
    container = api.call("POST", "/containers/create", config)["Id"]
    stream = attach(container)
    api.call("POST", f"/containers/{container}/start")
    output = read_output(stream)
    seconds = time.perf_counter() - begin
    stream.close()
    if output != expected:
        raise RuntimeError(f"unexpected output: {output!r}")
    return seconds


def wait_until_gone(api, label):
    """Lets removals end, so that no run pays for another's."""
    filters = json.dumps({"label": [label]})
    while api.call("GET", f"/containers/json?all=1&filters={urllib.parse.quote(filters)}"):
        time.sleep(0.01)
