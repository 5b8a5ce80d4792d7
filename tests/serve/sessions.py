"""The dialects of sessions, proxy and app, as their clients speak to them."""

import json
import socket
import struct
import threading

BASE = {"proxy": "/compat/proxy", "app": "/compat/app"}
DONE = {"proxy": 200, "app": 201}  # what their POSTs answer


class Sessions:
    """One dialect of a daemon."""

    def __init__(self, daemon, dialect="proxy", **headers):
        self.daemon = daemon
        self.dialect = dialect
        self.headers = headers

    def request(self, method, path, body=None, timeout=120):
        return self.daemon.request(method, BASE[self.dialect] + path, body, timeout=timeout, **self.headers)

    def done(self, answer):
        assert answer.status == DONE[self.dialect], (answer.status, answer.body)
        return answer.json

    def make(self, lang="python", **members):
        made = self.done(self.request("POST", "/sessions", {"lang": lang, **members}))
        assert made["status"] == "active"
        return Session(self, made["session_id"])

    def session(self, identity):
        return Session(self, identity)

    def list(self):
        answer = self.request("GET", "/sessions")
        assert answer.status == 200
        return answer.json["sessions"]

    def once(self, code, **members):
        return self.done(self.request("POST", "/execute", {"code": code, **members}, timeout=700))


class Session:
    def __init__(self, of, identity):
        self.of = of
        self.id = identity

    def ask(self, code, **members):
        return self.of.request("POST", f"/sessions/{self.id}/execute", {"code": code, **members}, timeout=700)

    def run(self, code, **members):
        return self.of.done(self.ask(code, **members))

    def out(self, code, **members):
        """Of code that ends well."""
        result = self.run(code, **members)
        assert (result["exit_code"], result["stderr"]) == (0, ""), result
        return result["stdout"]

    def close(self):
        return self.of.request("DELETE", f"/sessions/{self.id}")

    def begin(self, code, **members):
        """Runs code in a thread; its answer is in the list once that has ended."""
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.ask(code, **members)))
        thread.answers = answers
        thread.start()
        return thread

    def send(self, code, **members):
        """A connection that nobody reads from."""
        daemon, path = self.of.daemon, f"{BASE[self.of.dialect]}/sessions/{self.id}/execute"
        connection = daemon.connect()
        connection.request("POST", path, json.dumps({"code": code, **members}), {"Content-Type": "application/json"})
        return connection


def told(answer):
    """The sentence of an error."""
    body = answer.json
    return body["detail"] if "detail" in body else body["message"]


def reset(connection):
    """Breaks a connection off."""
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.sock.close()
