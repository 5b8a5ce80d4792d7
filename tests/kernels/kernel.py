"""Drives a kernel over its channels, as the agent would: pipes at 3 and 4, and at 0, 1 and 2."""

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

RUNNERS = Path(__file__).resolve().parents[2] / "runners"
PATIENCE = 60


class KernelEnded(Exception):
    """The kernel's process is gone, or said nothing in time."""


@dataclass
class Answer:
    """All that one request brought."""

    messages: list = field(default_factory=list)
    out: str = ""
    err: str = ""

    def of(self, kind):
        return [message for message in self.messages if message["type"] == kind]

    @property
    def done(self):
        (last,) = self.of("done")
        return last

    @property
    def status(self):
        return self.done["status"]

    @property
    def result(self):
        """The result's data, or None."""
        found = self.of("result")
        assert len(found) <= 1
        return found[0]["data"] if found else None

    @property
    def text(self):
        return (self.result or {}).get("text/plain")

    @property
    def displays(self):
        return [message["data"] for message in self.of("display")]

    @property
    def error(self):
        found = self.of("error")
        return found[0] if found else None


class Kernel:
    def __init__(self, command, cwd=None, env=None, stdin=subprocess.DEVNULL):
        request_end, self._requests = os.pipe()
        self._answers, answer_end = os.pipe()
        # The numbers 3 and 4 are pytest's here: the child puts its ends there itself.
        ends = tuple(fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (request_end, answer_end))
        script = f'exec 3<&{ends[0]} 4>&{ends[1]} {ends[0]}<&- {ends[1]}>&-; exec "$@"'
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", script, "bash", *map(str, command)], cwd=cwd, env=env, pass_fds=ends,
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        for end in (request_end, answer_end, *ends):
            os.close(end)
        self._begin()

    def _begin(self):
        self._unread = b""
        self._lines = []
        self._next = 0
        self.late = []  # answers to no request under way
        self.typed = []  # what answers `input`, one after the other

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.close_requests()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self._kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()
        if self._answers is not None:
            os.close(self._answers)
            self._answers = None

    def close_requests(self):
        if self._requests is not None:
            os.close(self._requests)
            self._requests = None

    def interrupt(self):
        """SIGINT to the process group, as the agent sends it."""
        os.killpg(self.process.pid, signal.SIGINT)

    def _kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)

    def send_line(self, line: bytes):
        os.write(self._requests, line + b"\n")

    def send(self, kind, **fields):
        self._next += 1
        request = {"type": kind, "id": f"request-{self._next}", **fields}
        data = memoryview(json.dumps(request).encode() + b"\n")
        while data:
            data = data[os.write(self._requests, data) :]
        return request["id"]

    def ask(self, kind, **fields):
        return self.answer(self.send(kind, **fields))

    def send_input(self, request, text):
        self.send_line(json.dumps({"type": "input", "id": request, "text": text}).encode())

    def run_typed(self, code, *lines):
        """A cell that finds `lines` typed for it; what it did not ask for is left in `typed`."""
        self.typed = list(lines)
        return self.run(code, asks=True)

    def run(self, code, **fields):
        return self.ask("execute", code=code, **fields)

    def value(self, code):
        """The text of the last expression; the cell has to go well."""
        answer = self.run(code)
        assert answer.status == "ok", answer
        return answer.text

    def answer(self, request, patience=PATIENCE, when_out=None):
        """Everything up to the request's `done`. `when_out(text)` is called as the output grows."""
        answer, deadline = Answer(), time.monotonic() + patience
        output = {self.process.stdout: b"", self.process.stderr: b""}
        while not self._take(answer, request):
            ready, _, _ = select.select([*output, self._answers], [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                raise KernelEnded(f"no answer in {patience} s: {answer}")
            for stream in output:
                output[stream] += _available(stream.fileno())
            if when_out and output[self.process.stdout]:
                when_out(output[self.process.stdout].decode())
            if self._answers in ready and not self._read():
                raise KernelEnded(f"ended with {self.process.wait()}: {output[self.process.stderr].decode()}")
        for stream in output:  # all that was printed before `done` is there to be read
            output[stream] += _available(stream.fileno())
        answer.out, answer.err = (data.decode(errors="replace") for data in output.values())
        return answer

    def _read(self):
        piece = os.read(self._answers, 1 << 16)
        self._unread += piece
        *lines, self._unread = self._unread.split(b"\n")
        self._lines += lines
        return bool(piece)

    def _take(self, answer, request):
        """Moves messages to the answer; True with its `done`. Other requests' messages are late ones."""
        while self._lines:
            message = json.loads(self._lines.pop(0).decode())
            mine = request is None or message["id"] == request
            (answer.messages if mine else self.late).append(message)
            if mine and message["type"] == "input" and self.typed:
                self.send_input(request, self.typed.pop(0))
            if mine and message["type"] == "done":
                return True
        return False


class ContainerKernel(Kernel):
    """A kernel in a container of an image, over sockets: those at 3 and 4 are what the agent has there too."""

    def __init__(self, image, command, directory):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(PATIENCE)
        peer = f"/dev/tcp/127.0.0.1/{listener.getsockname()[1]}"
        script = f'exec 3<>{peer} 4<>{peer} 1<>{peer} 2<>{peer}; exec "$@"'
        self.container = f"sbx-kernel-{os.getpid()}-{id(self)}"
        self.process = subprocess.Popen(
            ["docker", "run", "--rm", "--init", f"--name={self.container}", "--network=host", "--user=1000:1000",
             "--env=TINI_KILL_PROCESS_GROUP=1", "--env=LANG=C.UTF-8", "--workdir=/work",
             f"--volume={directory}:/work", f"--volume={RUNNERS}:/.sbx:ro", image, "bash", "-c", script, "bash", *command],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        with listener:
            ends = [listener.accept()[0].detach() for _ in range(4)]
        self._requests, self._answers = ends[:2]
        self.process.stdout, self.process.stderr = (os.fdopen(end, "rb", 0) for end in ends[2:])
        self._begin()

    def interrupt(self):
        self._signal("INT")

    def _kill(self):
        self._signal("KILL")

    def _signal(self, name):
        subprocess.run(["docker", "kill", f"--signal={name}", self.container], check=True, stdout=subprocess.DEVNULL)


def _available(descriptor):
    """What can be read without waiting."""
    found = b""
    while select.select([descriptor], [], [], 0)[0]:
        piece = os.read(descriptor, 1 << 16)
        if not piece:
            break
        found += piece
    return found


PYTHON = ["/usr/bin/python3", RUNNERS / "kernel.py"]
NODE = ["node", RUNNERS / "kernel.mjs"]
BASH = ["bash", RUNNERS / "kernel.sh"]
# In images: tests/kernels/test_languages.py.
IN_IMAGES = {
    "typescript": ["node", "/.sbx/kernel.mjs", "--typescript"],
    "ruby": ["ruby", "/.sbx/kernel.rb"],
    "php": ["php", "/.sbx/kernel.php"],
    "lua": ["env", "--block-signal=INT", "lua", "/.sbx/kernel.lua"],
    "r": ["Rscript", "/.sbx/kernel.R"],
}
