"""A daemon of a test's own, and an HTTP client that says what it sends."""

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time


def eventually(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    return condition()


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def lines(self):
        return [json.loads(line) for line in self.body.splitlines()]


class Stream:
    """Reads an answer that comes line by line, in a thread of its own."""

    def __init__(self, connection, path, **headers):
        self.connection = connection
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        self.response = connection.getresponse()
        self.lines = []
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        try:
            for line in self.response:
                self.lines.append(line)
        except (OSError, ValueError):
            pass

    @property
    def events(self):
        return [json.loads(line) for line in self.lines if line.strip()]

    def close(self):
        try:
            self.response.fp.raw._sock.shutdown(socket.SHUT_RDWR)
        except (OSError, AttributeError):
            pass  # it has ended by itself
        self.thread.join(10)
        self.connection.close()


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    """`sbx serve` on a port of its own and a Unix socket, with a home of its own."""

    def __init__(self, binary, home, *flags, **environment):
        self.binary = binary
        self.home = home
        self.socket = str(home / "sbx.sock")
        self.flags = flags
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            **{name: os.environ[name] for name in ("DOCKER_HOST", "SBX_EGRESS_PERMIT", "SBX_TRUST_HOST_CA")
               if name in os.environ},
            **environment,
        }
        self.process = None
        self.port = 0
        self.log = home / "log"

    def start(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [self.binary, "serve", "--listen", f"127.0.0.1:{self.port}", "--listen", f"unix:{self.socket}",
                   *self.flags]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stderr=log, stdout=log, stdin=subprocess.DEVNULL,
                                            env=self.environment)
        assert eventually(self.answers, 20), self.log.read_text()
        return self

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/health").status == 200
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM, seconds=30):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds)

    def restart(self, number=signal.SIGTERM):
        self.stop(number)
        return self.start()

    def containers(self, engine):
        """Those of this daemon, by its label: the hash of its state directory."""
        found = engine.json("/containers/json?all=1")
        return [each["Id"] for each in found if each["Labels"].get("sbx.instance") == self.instance]

    @property
    def instance(self):
        started = [json.loads(line) for line in self.log.read_text().splitlines() if '"event":"started"' in line]
        return started[-1]["instance"]

    def sbx(self, *arguments):
        return subprocess.run([self.binary, *arguments], env=self.environment, capture_output=True, text=True,
                              timeout=120, check=False)

    def connect(self, local=False, timeout=60):
        if local:
            return UnixConnection(self.socket, timeout)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, local=False, timeout=60, **headers):
        connection = self.connect(local, timeout)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, {} if body is None else body, **options)

    def run(self, code, **request):
        return self.post("/v1/executions", {"code": code, **request})

    def sandbox(self, **request):
        answer = self.post("/v1/sandboxes", request)
        assert answer.status == 201, answer.body
        return answer.json["id"]

    def evaluate(self, sandbox, code, **request):
        return self.post(f"/v1/sandboxes/{sandbox}/executions", {"code": code, **request})
