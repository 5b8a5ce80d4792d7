"""Hosts on this machine's loopback that a sandbox may or may not reach, under names that only the binary under test
resolves: it runs in a mount namespace of its own, with a hosts file of its own."""

import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMES = ("outside.test", "other.test", "a.wild.test", "b.wild.test")
# What special addresses a name can have, and a second one for a name beside a good one.
SPECIAL = {
    "private.test": "10.1.2.3",
    "metadata.test": "169.254.169.254",
    "linklocal.test": "fe80::1",
    "mapped.test": "::ffff:127.0.0.1",
    "documentation.test": "192.0.2.1",
    "multicast.test": "224.0.0.1",
    "nat64.test": "64:ff9b::7f00:1",
    "loopback.test": "127.0.0.2",
}


class Page(BaseHTTPRequestHandler):
    """Answers every request with its own first line and body."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        length = int(self.headers.get("Content-Length", 0))
        said = f"{self.command} {self.path} ".encode() + self.rfile.read(length)
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Echo(socketserver.BaseRequestHandler):
    """Sends back what comes, until its end."""

    def handle(self):
        while piece := self.request.recv(1 << 16):
            self.request.sendall(piece)


def wrapper_with(folder, binary, files):
    """Something that runs the binary where other files stand in /etc: their contents by name."""
    mounts = ""
    for name, content in files.items():
        (folder / name).write_text(content)
        mounts += f"mount --bind {folder / name} /etc/{name} && "
    wrapper = folder / "sbx"
    wrapper.write_text(
        f"#!/bin/sh\nexec unshare --mount --propagation private sh -c '{mounts}exec \"$@\"' sh {binary} \"$@\"\n"
    )
    wrapper.chmod(0o755)
    return wrapper


class Outside:
    """The servers, and a wrapper that runs sbx where their names are known."""

    def __init__(self, folder, binary):
        self.web = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        socketserver.ThreadingTCPServer.daemon_threads = True
        self.echo = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo)
        self.web_port = self.web.server_address[1]
        self.echo_port = self.echo.server_address[1]
        for server in (self.web, self.echo):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        lines = [f"127.0.0.1 {name}\n" for name in ("localhost", *NAMES)]
        lines += [f"{address} {name}\n" for name, address in SPECIAL.items()]
        self.wrapper = wrapper_with(folder, binary, {"hosts": "".join(lines)})

    def close(self):
        for server in (self.web, self.echo):
            server.shutdown()
            server.server_close()


def closed_port():
    """A port of the loopback on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
