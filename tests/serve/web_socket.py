"""A WebSocket's client that does as it is told (RFC 6455): one thread, no compression."""

import base64
import os
import socket
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Closed(Exception):
    """The connection is over. `code` is the peer's, None where it said none."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class WebSocket:
    def __init__(self, port, path, origin=None, host=None, api_key=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}", "Connection: Upgrade", "Upgrade: websocket",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", *([f"Origin: {origin}"] if origin else []),
                 *([f"X-API-Key: {api_key}"] if api_key else [])]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status = int(head.split()[1])
        if status != 101:
            self.socket.close()
            raise Refused(status)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def fill(self):
        try:
            piece = self.socket.recv(1 << 16)
        except ConnectionError:
            piece = b""
        if not piece:
            raise Closed(None)
        self.buffer += piece

    def take(self, size):
        while len(self.buffer) < size:
            self.fill()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def send_frame(self, kind, data):
        size = len(data)
        head = bytes([0x80 | kind])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 1 << 16:
            head += struct.pack(">BH", 0x80 | 126, size)
        else:
            head += struct.pack(">BQ", 0x80 | 127, size)
        try:
            self.socket.sendall(head + bytes(4) + data)  # masked with zeros
        except (ConnectionError, BrokenPipeError, TimeoutError) as failed:
            raise Closed(None) from failed

    def send(self, message):
        if isinstance(message, str):
            self.send_frame(TEXT, message.encode())
        else:
            self.send_frame(BINARY, message)

    def recv(self, timeout=20):
        """The next message: bytes, or text."""
        self.socket.settimeout(timeout)
        while True:
            first, size = self.take(2)
            assert first & 0x80 and not size & 0x80, "fragments, or a mask"
            if size == 126:
                size = struct.unpack(">H", self.take(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.take(8))[0]
            data = self.take(size)
            kind = first & 0x0F
            if kind == TEXT:
                return data.decode()
            if kind == BINARY:
                return data
            if kind == PING:
                self.send_frame(PONG, data)
            if kind == CLOSE:
                code = struct.unpack(">H", data[:2])[0] if data else None
                self.send_frame(CLOSE, data[:2])
                self.socket.close()
                raise Closed(code)

    def close(self):
        try:
            self.send_frame(CLOSE, struct.pack(">H", 1000))
        except (Closed, OSError):
            pass
        self.socket.close()
