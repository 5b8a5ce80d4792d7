#!/usr/bin/env python3
"""`sbx serve`, from clients on the same machine: how long an answer takes, over TCP and over the Unix socket.

  pooled execution   POST /v1/executions with print(1), single-use, while sandboxes wait
  kernel execution   an execution in a sandbox's kernel
  in parallel        the same over many connections, executions a second
  health             GET /health on one connection

usage: serve.py [--runs N] [--connections N] [--json]      SBX names the binary
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import tempfile
import time

SBX = os.environ.get("SBX", "sbx")
POOL = 8


class Client:
    """One connection that is kept."""

    def __init__(self, port=None, path=None):
        self.connection = http.client.HTTPConnection("localhost", port)
        if path:
            self.connection.sock = socket.socket(socket.AF_UNIX)
            self.connection.sock.connect(path)
        else:
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text) if text else None

    def prepared(self, path, body):
        """Asks the same again and again, with no work of the client's in between: a library's own time would count."""
        text = json.dumps(body).encode()
        host = f"localhost:{self.connection.port}" if self.connection.port else "localhost"
        request = (f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
                   f"Content-Length: {len(text)}\r\n\r\n").encode() + text
        connection = self.connection.sock

        def ask():
            connection.sendall(request)
            answer = connection.recv(65536)
            if not answer.startswith(b"HTTP/1.1 200") or not answer.endswith(b"}"):
                raise RuntimeError(answer)
            return answer

        return ask


class Daemon:
    def __init__(self, home, *flags):
        self.socket = os.path.join(home, "sbx.sock")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {**os.environ, "HOME": home, "XDG_RUNTIME_DIR": home}
        self.process = subprocess.Popen(
            [SBX, "serve", "-q", "--remove-on-stop", "--warm", f"python={POOL}", "--listen", f"127.0.0.1:{self.port}",
             "--listen", f"unix:{self.socket}", *flags], env=self.environment)
        while not os.path.exists(self.socket):
            time.sleep(0.01)

    def client(self, local):
        return Client(path=self.socket) if local else Client(self.port)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def timed(work):
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def percentiles(times):
    times = sorted(times)
    return {"p50_ms": round(statistics.median(times), 2), "p99_ms": round(times[int(len(times) * 0.99)], 2)}


def wait_for_pool(client):
    while client.ask("GET", "/v1/ready")["pool"] < POOL:
        time.sleep(0.05)


def pooled(client, runs):
    ask = client.prepared("/v1/executions", {"code": "print(1)"})
    times, answers = [], []
    while len(times) < runs:
        wait_for_pool(client)
        for _ in range(POOL // 2):
            times.append(timed(lambda: answers.append(ask())))
    from_pool = sum(b'"path":"pool"' in answer for answer in answers)
    return {**percentiles(times), "from_pool": round(from_pool / len(answers), 2)}


def in_kernel(client, runs):
    sandbox = client.ask("POST", "/v1/sandboxes", {})["id"]
    path = f"/v1/sandboxes/{sandbox}/executions"
    client.ask("POST", path, {"code": "x = 1"})
    ask = client.prepared(path, {"code": "x"})
    times = [timed(ask) for _ in range(runs)]
    client.ask("DELETE", f"/v1/sandboxes/{sandbox}")
    return percentiles(times)


def in_parallel(daemon, connections, runs):
    client = daemon.client(True)
    sandboxes = [client.ask("POST", "/v1/sandboxes", {})["id"] for _ in range(min(connections, 8))]
    clients = [daemon.client(True) for _ in range(connections)]
    paths = [f"/v1/sandboxes/{sandboxes[i % len(sandboxes)]}/executions" for i in range(connections)]
    for path in set(paths):
        client.ask("POST", path, {"code": "x = 1"})

    def work(i):
        for _ in range(runs):
            clients[i].ask("POST", paths[i], {"code": "x"})

    begin = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(connections) as threads:
        list(threads.map(work, range(connections)))
    seconds = time.perf_counter() - begin
    for sandbox in sandboxes:
        client.ask("DELETE", f"/v1/sandboxes/{sandbox}")
    return {"executions_per_second": round(connections * runs / seconds)}


def health(client, runs):
    begin = time.perf_counter()
    for _ in range(runs):
        client.ask("GET", "/health")
    return {"requests_per_second": round(runs / (time.perf_counter() - begin))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as home:
        daemon = Daemon(home)
        try:
            for name, local in (("tcp", False), ("unix", True)):
                client = daemon.client(local)
                figures[f"pooled execution, {name}"] = pooled(client, options.runs)
                figures[f"kernel execution, {name}"] = in_kernel(client, options.runs * 5)
                figures[f"health, {name}"] = health(client, 5000)
            figures["kernel executions in parallel"] = in_parallel(daemon, options.connections, options.runs)
        finally:
            daemon.stop()
    if options.json:
        print(json.dumps(figures))
        return
    for name, values in figures.items():
        print(f"{name:32}" + "  ".join(f"{key} {value}" for key, value in values.items()))


if __name__ == "__main__":
    main()
