"""The test server, and a client that sends what it is told to."""

import os
import select
import socket
import subprocess
import threading
import time

SERVER = os.environ["SBX_HTTP_TEST_SERVER"]


class Server:
    """Arguments are those of http_server_main.cpp."""

    def __init__(self, *arguments, **popen):
        self.process = subprocess.Popen([SERVER, *arguments], stdout=subprocess.PIPE, text=True, **popen)
        self.path = next((a[5:] for a in arguments if a.startswith("path=")), None)
        self.lines = []
        self.first = self.process.stdout.readline().split(maxsplit=2)
        self.port = int(self.first[1]) if self.first[0] == "listening" else None
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, start, seconds=5):
        """The first line that begins so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in list(self.lines):
                if line.startswith(start):
                    return line
            time.sleep(0.01)
        raise AssertionError(f"no line '{start}' among {self.lines[-20:]}")

    def connect(self, timeout=10):
        if self.path:
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(timeout)
            s.connect(self.path)
        else:
            s = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return Client(s, self.host)

    @property
    def host(self):
        return "sbx" if self.path else f"127.0.0.1:{self.port}"

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_well(self):
        with self.connect() as c:
            return self.process.poll() is None and c.get("/health").status == 200

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            time.sleep(0.05)
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        assert self.close() == 0, self.lines[-20:]


class Answer:
    def __init__(self, status, fields, body, is_cut):
        self.status, self.fields, self.body, self.is_cut = status, fields, body, is_cut


class Client:
    def __init__(self, s, host):
        self.socket, self.host, self.buffer = s, host, b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def request(self, method, target, fields="", body=b""):
        """As bytes; a body brings its Content-Length."""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        return f"{method} {target} HTTP/1.1\r\nHost: {self.host}\r\n{length}{fields}\r\n".encode() + body

    def ask(self, method, target, fields="", body=b""):
        self.send(self.request(method, target, fields, body))
        return self.answer(method)

    def get(self, target, fields=""):
        return self.ask("GET", target, fields)

    def more(self):
        piece = self.socket.recv(1 << 16)
        self.buffer += piece
        return bool(piece)

    def until(self, mark):
        while mark not in self.buffer:
            if not self.more():
                raise EOFError(self.buffer[:200])
        head, self.buffer = self.buffer.split(mark, 1)
        return head

    def exactly(self, n):
        while len(self.buffer) < n:
            if not self.more():
                raise EOFError(self.buffer[:200])
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    def answer(self, method="GET"):
        head = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(head[0].split()[1])
        fields = {}
        for line in head[1:]:
            name, value = line.split(": ", 1)
            assert name.lower() not in fields, line
            fields[name.lower()] = value
        body, is_cut = b"", False
        try:
            if method == "HEAD" or status in (204, 304) or status < 200:
                pass
            elif fields.get("transfer-encoding") == "chunked":
                while size := int(self.until(b"\r\n"), 16):
                    body += self.exactly(size)
                    assert self.exactly(2) == b"\r\n"
                assert self.exactly(2) == b"\r\n"
            else:
                body = self.exactly(int(fields["content-length"]))
        except (EOFError, ConnectionResetError):
            is_cut = True
        return Answer(status, fields, body, is_cut)

    def is_closed(self, seconds=5):
        """Whether the server ends the connection, without another byte, in time."""
        assert not self.buffer, self.buffer[:200]
        if not select.select([self.socket], [], [], seconds)[0]:
            return False
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
