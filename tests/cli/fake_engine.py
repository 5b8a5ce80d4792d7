"""Engines that misbehave: scripted servers, and a proxy in front of the real one that can be cut."""

import json
import os
import socket
import threading


class _Server:
    """A server with one thread a connection: at a Unix socket, or without a path on loopback."""

    def __init__(self, path):
        self.path = str(path)
        self._open = []
        if path is None:
            self._listener = socket.socket(socket.AF_INET)
            self._listener.bind(("127.0.0.1", 0))
            self.url = "tcp://{}:{}".format(*self._listener.getsockname())
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(self.path)
            self.url = f"unix://{self.path}"
        self._listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            self.serve(connection)
        except OSError:
            pass
        finally:
            _hang_up(connection)

    def close(self):
        """Goes away as a killed engine does: nothing listens, every connection is cut."""
        if os.path.exists(self.path):
            os.unlink(self.path)
        _hang_up(self._listener)
        for connection in self._open:
            _hang_up(connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class FakeEngine(_Server):
    """Answers every request with what `answer(method, target)` gives: raw bytes, or None for silence."""

    def __init__(self, path, answer):
        self.targets = []
        self._answer = answer
        super().__init__(path)

    def serve(self, connection):
        while request := connection.recv(65536):
            method, target = request.split(b"\r\n")[0].decode("latin-1").split(" ")[:2]
            self.targets.append(target)
            reply = self._answer(method, target)
            if reply is not None:
                connection.sendall(reply)


class EngineProxy(_Server):
    """Passes everything to the real engine until `close()` cuts it.

    `stall`, a part of a target, is where it begins to hang: that request and all that follow on its connection are
    swallowed, with `all_hang` on all others too.
    """

    def __init__(self, path, engine_path, stall=None, all_hang=False):
        self._engine_path = engine_path
        self._stall = stall and stall.encode()
        self._all_hang = all_hang
        self.stalled = threading.Event()
        super().__init__(path)

    def serve(self, connection):
        engine = socket.socket(socket.AF_UNIX)
        engine.connect(self._engine_path)
        self._open.append(engine)
        threading.Thread(target=_pump, args=(engine, connection), daemon=True).start()
        hangs = False

        def passed(data):
            nonlocal hangs
            if self._stall and self._stall in data.split(b"\r\n")[0]:
                hangs = True
                self.stalled.set()
            return b"" if hangs or (self._all_hang and self.stalled.is_set()) else data

        _pump(connection, engine, passed)


def http_reply(status, body, headers=()):
    """A whole HTTP/1.1 answer with a JSON body."""
    text = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(text)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + text


def _pump(source, target, change=lambda data: data):
    try:
        while data := source.recv(65536):
            target.sendall(change(data))
    except OSError:
        pass
    finally:
        _hang_up(source)
        _hang_up(target)


def _hang_up(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
