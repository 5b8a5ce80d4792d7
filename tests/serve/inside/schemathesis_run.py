"""Runs in a sandbox: Schemathesis against a server outside. Its port is taken here too, so that requests name the same
Host, and what connects to it is led to the server through the sandbox's proxy.

usage: schemathesis_run.py PORT ARGUMENT...
"""

import os
import socket
import sys
import threading

PROXY = ("127.0.0.1", 3128)


def pass_on(source, target):
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
    except OSError:
        pass
    finally:
        for each in (source, target):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def lead(client, port):
    server = socket.create_connection(PROXY)
    server.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += server.recv(1) or sys.exit("the proxy went away")
    threading.Thread(target=pass_on, args=(client, server), daemon=True).start()
    pass_on(server, client)


def listen(port):
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=lead, args=(client, port), daemon=True).start()


port, *arguments = sys.argv[1:]
threading.Thread(target=listen, args=(int(port),), daemon=True).start()
for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
    os.environ.pop(name, None)

from schemathesis.cli import schemathesis  # noqa: E402  when the proxies are gone

schemathesis(["run", f"http://127.0.0.1:{port}/openapi.json", *arguments])
