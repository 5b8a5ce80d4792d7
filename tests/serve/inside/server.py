"""Runs in a sandbox: answers as its paths say, and remembers what became of its clients."""

import base64
import hashlib
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PAGE = b"""<!doctype html><title>start</title><script>
const say = text => document.title = text;
const ask = async (url, options) => { try { return (await fetch(url, options)).status; } catch (e) { return 'no'; } };
(async () => {
    const query = new URLSearchParams(location.search);
    const results = [await ask('/status?code=200'), await ask('/echo', {method: 'POST', body: 'x'})];
    for (const url of query.getAll('other')) {
        results.push(await ask(url));
        results.push(await ask(url, {method: 'POST', body: '{}', headers: {'Content-Type': 'application/json'}}));
    }
    let worker = 'no';
    try { await navigator.serviceWorker.register('worker.js', {scope: query.get('scope') || './'}); worker = 'yes'; }
    catch (e) {}
    let stored = 'no';
    try { localStorage.setItem('a', 'b'); stored = 'yes'; } catch (e) {}
    const socket = query.get('socket');
    const echoed = !socket ? '' : await new Promise(done => {
        const open = new WebSocket(socket);
        open.onopen = () => open.send('hello');
        open.onmessage = message => done(message.data);
        open.onerror = () => done('no');
    });
    say([...results, worker, stored, self.origin, echoed].join(' '));
})();
</script>"""

gone = []
pattern = bytes(range(256)) * 256


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *unused):
        pass

    def body(self):
        digest, count = hashlib.sha256(), 0
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                piece = self.rfile.read(size)
                digest.update(piece)
                count += size
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
        else:
            left = int(self.headers.get("Content-Length", 0))
            while left:
                piece = self.rfile.read(min(left, 1 << 16))
                digest.update(piece)
                count += len(piece)
                left -= len(piece)
        return digest.hexdigest(), count

    def answer(self, body=b"", status=200, kind="text/plain", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def begin_chunks(self, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Trailer", "X-Sum")
        self.end_headers()

    def serve(self):
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        if self.headers.get("Upgrade"):
            return self.upgrade(query)
        digest, count = self.body()
        route = getattr(self, "on_" + url.path.strip("/").replace(".", "_"), None)
        if route:
            return route(query)
        echo = {"method": self.command, "target": self.path, "headers": self.headers.items(), "sha256": digest, "bytes": count}
        return self.answer(json.dumps(echo).encode(), kind="application/json")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve

    def on_page(self, query):
        self.answer(PAGE, kind="text/html", headers=[("Content-Security-Policy", query["policy"])] if "policy" in query else [])

    def on_worker_js(self, _query):
        self.answer(b"", kind="text/javascript", headers=[("Service-Worker-Allowed", "/")])

    def on_status(self, query):
        code = int(query["code"])
        if code in (204, 304):
            self.send_response(code)
            self.end_headers()
        else:
            self.answer(b"status", code)

    def on_header(self, query):
        self.answer(b"", headers=query.items(), status=int(query.pop("code", 200)))

    def on_bytes(self, query):
        left = int(query["n"])
        self.send_response(200)
        self.send_header("Content-Length", str(left))
        self.end_headers()
        try:
            while left:
                piece = pattern[:min(left, len(pattern))]
                self.wfile.write(piece)
                left -= len(piece)
        except OSError:
            gone.append("bytes")

    def on_chunks(self, _query):
        self.begin_chunks("text/plain")
        for piece in (b"one ", b"two ", b"three"):
            self.chunk(piece)
        self.wfile.write(b"0\r\nX-Sum: 11\r\nSet-Cookie: a=1\r\n\r\n")

    def on_events(self, query):
        self.begin_chunks("text/event-stream")
        try:
            for number in range(int(query.get("n", 1000))):
                self.chunk(b"data: %d\n\n" % number)
                time.sleep(0.1)
            self.chunk(b"")
        except OSError:
            gone.append("events")

    def on_early(self, _query):
        for _ in range(3):
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        self.answer(b"late")

    def on_wait(self, query):
        time.sleep(float(query["seconds"]))
        self.answer(b"waited")

    def on_gone(self, _query):
        self.answer(json.dumps(gone).encode())

    def upgrade(self, query):
        protocol = self.headers["Upgrade"]
        if "refuse" in query:
            return self.answer(b"no", 400)
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", query.get("instead", protocol))
        self.send_header("Set-Cookie", "a=1")
        if protocol == "websocket":
            key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        if protocol == "websocket":
            return self.echo_frames()
        self.connection.sendall(b"ready\n")
        while data := self.connection.recv(1 << 16):
            self.connection.sendall(data.upper())
        gone.append(protocol)

    def echo_frames(self):
        while head := self.rfile.read(2):
            size = head[1] & 0x7F
            if size == 126:
                size = int.from_bytes(self.rfile.read(2), "big")
            elif size == 127:
                size = int.from_bytes(self.rfile.read(8), "big")
            mask = self.rfile.read(4)
            data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.rfile.read(size)))
            length = bytes([size]) if size < 126 else bytes([126]) + size.to_bytes(2, "big")
            self.wfile.write(head[:1] + length + data)
            if head[0] & 0x0F == 8:
                return
        gone.append("websocket")


class Raw(threading.Thread):
    """Answers each request with the bytes that its query tells, and closes; without any it does not answer."""

    def run(self):
        import socket
        with socket.create_server(("127.0.0.1", 8001), backlog=128) as server:
            while True:
                threading.Thread(target=self.answer, args=[server.accept()[0]], daemon=True).start()

    @staticmethod
    def answer(client):
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(1 << 16) or b"\r\n\r\n"
            query = dict(parse_qsl(head.split()[1].partition(b"?")[2].decode()))
            text = bytes.fromhex(query.get("hex", ""))
            try:
                for _ in range(int(query.get("times", 1))):
                    client.sendall(text)
            except OSError:
                pass
            if text == b"":
                time.sleep(60)


ThreadingHTTPServer.request_queue_size = 128
Raw(daemon=True).start()
ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1]) if len(sys.argv) > 1 else 8000), Handler).serve_forever()
