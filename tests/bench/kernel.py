#!/usr/bin/env python3
"""A kernel: one execution over a connection that is kept, by the wire, and `sbx eval` of `1` as a whole process beside
`docker exec` of `python3 -c 'print(1)'`. The processes are interleaved.

usage: kernel.py [--executions N] [--rounds N] [--json]      SBX names the binary
"""

import argparse
import json
import os
import pathlib
import socket
import statistics
import struct
import subprocess
import time
import uuid

SBX = os.environ.get("SBX", "sbx")
HELLO, CLAIM, DATA, CREDIT, ATTACH, ATTACHED = 1, 2, 17, 22, 29, 30
REQUESTS, ANSWERS = 3, 4
STREAM = 3
CREDIT_AT = 512 << 10  # half of the window that `attach` gives when nothing else is asked for


class Kernel:
    """The owner's end of the wire, as much of it as this needs (docs/wire.md)."""

    def __init__(self, directory):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(directory / "keeper.sock"))
        self._unread = b""
        self._answers = b""
        self._due = 0
        token = json.loads((directory / "record.json").read_text())["token"]
        self._send(HELLO, 0, {"version": 1, "build": "bench"})
        self._send(CLAIM, 1, {"token": token})
        self._send(ATTACH, STREAM, {"process": 1, "follow": True})
        while self._frame()[0] != ATTACHED:
            pass
        self.execute("0")  # what came before is dropped

    def _send(self, kind, stream, message, channel=0):
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        self._socket.sendall(struct.pack("<IBBHI", len(payload), kind, channel, 0, stream) + payload)

    def _take(self, count):
        while len(self._unread) < count:
            piece = self._socket.recv(1 << 16)
            if not piece:
                raise RuntimeError("the keeper has gone")
            self._unread += piece
        taken, self._unread = self._unread[:count], self._unread[count:]
        return taken

    def _frame(self):
        length, kind, channel, _, _ = struct.unpack("<IBBHI", self._take(12))
        return kind, channel, self._take(length)

    def _return(self, count):
        """Credit, as sbx gives it: when half a window is due."""
        self._due += count
        if self._due >= CREDIT_AT:
            self._send(CREDIT, STREAM, {"bytes": self._due}, ANSWERS)
            self._due = 0

    def execute(self, code):
        name = uuid.uuid4().hex
        self._send(DATA, STREAM, json.dumps({"type": "execute", "id": name, "code": code}).encode() + b"\n", REQUESTS)
        end = f'"type":"done","id":"{name}"'.encode()
        while end not in self._answers:
            kind, channel, payload = self._frame()
            if kind == DATA and channel == ANSWERS:
                self._answers += payload
                self._return(len(payload))
        self._answers = b""


def milliseconds(work):
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def process(*command):
    return lambda: subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def measure(name, sandbox, executions, rounds):
    state = pathlib.Path(os.environ.get("XDG_STATE_HOME") or pathlib.Path.home() / ".local" / "state")
    container = json.loads(subprocess.check_output([SBX, "inspect", "--json", name]))[0]["container"]
    both = {
        "sbx eval": process(SBX, "eval", name, "-c", "1"),
        "docker exec": process("docker", "exec", container, "python3", "-c", "print(1)"),
    }
    both["sbx eval"]()  # starts the kernel
    times = {what: [] for what in both}
    for _ in range(rounds):
        for what, work in both.items():
            times[what].append(milliseconds(work))
    kernel = Kernel(state / "sbx" / "sandboxes" / sandbox)
    times["execution"] = [milliseconds(lambda: kernel.execute("1")) for _ in range(executions)]
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executions", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    name = f"bench-{uuid.uuid4().hex[:8]}"
    made = subprocess.check_output([SBX, "create", "-q", "--name", name])
    try:
        times = measure(name, made.decode().strip(), arguments.executions, arguments.rounds)
    finally:
        subprocess.run([SBX, "rm", name], check=True, stdout=subprocess.DEVNULL)
    results = {what: statistics.quantiles(each, n=100) for what, each in times.items()}
    if arguments.json:
        print(json.dumps({what: {"p50": cuts[49], "p99": cuts[98]} for what, cuts in results.items()}))
        return
    print(f"{'':12}{'p50 ms':>10}{'p99 ms':>10}")
    for what, cuts in results.items():
        print(f"{what:12}{cuts[49]:10.3f}{cuts[98]:10.3f}")


if __name__ == "__main__":
    main()
