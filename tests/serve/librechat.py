"""The dialect librechat as its clients use it: A, the older ones, and B, the newer ones."""

import secrets

BASE = "/compat/librechat"
KEY = "dev-ci-key"


def form(parts):
    """A multipart body of (name, content[, file name[, type]]): raw UTF-8 in the head, as clients send it."""
    boundary = secrets.token_hex(16).encode()
    body = b""
    for name, content, *file in parts:
        head = f'Content-Disposition: form-data; name="{name}"'
        if file:
            head += f'; filename="{file[0]}"'
        if len(file) > 1:
            head += f"\r\nContent-Type: {file[1]}"
        content = content if isinstance(content, bytes) else content.encode()
        body += b"--" + boundary + b"\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"
    return f"multipart/form-data; boundary={boundary.decode()}", body + b"--" + boundary + b"--\r\n"


class Chunked:
    """A body without a length, in pieces."""

    def __init__(self, body, size=1000):
        self.pieces = [body[at:at + size] for at in range(0, len(body), size)]

    def __iter__(self):
        return iter(self.pieces)


class LibreChat:
    """A client of a daemon, by the dialect's prefix."""

    def __init__(self, daemon, base=BASE, **headers):
        self.daemon, self.base = daemon, base
        self.headers = headers or {"X_API_Key": KEY}

    def request(self, method, path, body=None, timeout=120, **headers):
        return self.daemon.request(method, self.base + path, body, timeout=timeout, **{**self.headers, **headers})

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def ask(self, code, lang="py", **members):
        return self.request("POST", "/exec", {"lang": lang, "code": code, **members})

    def run(self, code, lang="py", **members):
        answer = self.ask(code, lang, **members)
        assert answer.status == 200, answer.body
        return answer.json

    def out(self, code, lang="py", **members):
        """What a program says that is right."""
        told = self.run(code, lang, **members)
        assert told["status"] is None and told["code"] == 0, told
        return told["stdout"]

    def send(self, path, parts, chunked=False):
        kind, body = form(parts)
        if not chunked:
            return self.request("POST", path, body, Content_Type=kind)
        connection = self.daemon.connect()
        headers = {name.replace("_", "-"): value for name, value in self.headers.items()}
        connection.request("POST", self.base + path, Chunked(body), {**headers, "Content-Type": kind}, encode_chunked=True)
        response = connection.getresponse()
        response.body = response.read()
        connection.close()
        return response

    def upload(self, content, name="data.csv", **fields):
        """A stored file as (session, id)."""
        answer = self.send("/upload", [*fields.items(), ("file", content, name)])
        assert answer.status == 200, answer.body
        made = answer.json
        assert made["session_id"] == made["storage_session_id"]
        return made["session_id"], made["files"][0]["fileId"]

    def read(self, session, file, query=""):
        answer = self.get(f"/download/{session}/{file}{query}")
        assert answer.status == 200, answer.body
        return answer.body

    def names(self, session):
        answer = self.get(f"/files/{session}?detail=normalized")
        assert answer.status == 200, answer.body
        return {each["name"]: each["id"] for each in answer.json}

    def program(self, code, tools=(), **members):
        """An execution that calls tools: what it asked for, and its end."""
        answer = self.request("POST", "/exec/programmatic", {"code": code, "tools": [
            tool if isinstance(tool, dict) else {"name": tool} for tool in tools], **members})
        assert answer.status == 200, answer.body
        return answer.json

    def go_on(self, stopped, *results):
        """@param results  of the calls in their order: values, or exceptions"""
        told = []
        for call, result in zip(stopped["tool_calls"], results, strict=True):
            failed = isinstance(result, Exception)
            told.append({"call_id": call["id"], "result": None if failed else result, "is_error": failed,
                         "error_message": str(result) if failed else ""})
        answer = self.request("POST", "/exec/programmatic",
                              {"continuation_token": stopped["continuation_token"], "tool_results": told})
        assert answer.status == 200, answer.body
        return answer.json


def old(file, session, name=None):
    """A reference as A writes it."""
    return {"id": file, "session_id": session, **({"name": name} if name else {})}


def new(file, session, name=None, **members):
    """A reference as B writes it."""
    return {"id": file, "storage_session_id": session, **({"name": name} if name else {}), "resource_id": "u1",
            "kind": "user", **members}
