"""The dialect colima as its clients speak to it."""

import json
import urllib.parse

import pytest

from web_socket import Closed, WebSocket


class Colima:
    def __init__(self, daemon, **headers):
        self.daemon = daemon
        self.headers = headers

    def request(self, method, target, body=None, **query):
        text = f"?{urllib.parse.urlencode(query)}" if query else ""
        return self.daemon.request(method, f"/compat/colima{target}{text}", body, timeout=120, **self.headers)

    def done(self, *request, **query):
        answer = self.request(*request, **query)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json

    def make(self, **members):
        return Sandbox(self, self.done("POST", "/sandboxes/", members)["sandbox_id"])


class Sandbox:
    def __init__(self, of, identity):
        self.of = of
        self.id = identity

    def ask(self, method, target, body=None, **query):
        return self.of.request(method, f"/sandboxes/{self.id}{target}", body, **query)

    def done(self, method, target, body=None, **query):
        return self.of.done(method, f"/sandboxes/{self.id}{target}", body, **query)

    def run(self, cmd, **members):
        return self.done("POST", "/commands/run", {"cmd": cmd, **members})

    def out(self, cmd, **members):
        """Of a command that ends well."""
        result = self.run(cmd, **members)
        assert (result["stderr"], result["exit_code"], result["error"]) == ("", 0, None), result
        return result["stdout"]

    def start(self, cmd, **members):
        return self.done("POST", "/commands/run/background", {"cmd": cmd, **members})["pid"]

    def write(self, path, data, **members):
        return self.done("POST", "/files/write", {"path": path, "data": data, **members})

    def stream(self, pid, **members):
        return WebSocket(self.of.daemon.port, f"/compat/colima/sandboxes/{self.id}/commands/stream/{pid}", **members)

    def heard(self, pid):
        """Everything that a stream says, up to its end."""
        messages = []
        with self.stream(pid) as socket:
            with pytest.raises(Closed) as closed:
                while True:
                    messages.append(json.loads(socket.recv(60)))
        assert closed.value.code == 1000
        return messages

    def sleeping(self):
        """How many `sleep` run in it."""
        return int(self.run("cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^sleep$'")["stdout"])

    def kill(self):
        return self.ask("DELETE", "")


def text_of(messages, stream="stdout"):
    return "".join(message["data"] for message in messages if message["type"] == stream)
