"""What the tests ask the engine themselves, beside sbx: a few calls over its Unix socket."""

import hashlib
import http.client
import io
import json
import platform
import socket
import tarfile
from urllib.parse import quote, urlencode

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine", timeout=120)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class EngineApi:
    def __init__(self, socket_path):
        self.socket_path = socket_path

    def request(self, method, target, body=None, content_type="application/json"):
        connection = _UnixConnection(self.socket_path)
        try:
            connection.request(method, target, body, {"Content-Type": content_type})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def json(self, target):
        status, body = self.request("GET", target)
        assert status == 200, (target, status, body)
        return json.loads(body)

    def is_up(self):
        try:
            return self.request("GET", "/_ping")[0] == 200
        except OSError:
            return False

    def containers(self, label_value):
        """Containers, ended ones included, with a label of this value."""
        return [c for c in self.json("/containers/json?all=1") if label_value in c["Labels"].values()]

    def inspect(self, container):
        return self.json(f"/containers/{container}/json")

    def kill(self, container):
        assert self.request("POST", f"/containers/{container}/kill")[0] == 204

    def pause(self, container):
        assert self.request("POST", f"/containers/{container}/pause")[0] == 204

    def unpause(self, container):
        assert self.request("POST", f"/containers/{container}/unpause")[0] == 204

    def remove(self, container):
        self.request("DELETE", f"/containers/{container}?force=1")

    def volumes(self):
        return {volume["Name"] for volume in self.json("/volumes")["Volumes"] or []}

    def networks(self):
        return {network["Name"] for network in self.json("/networks")}

    def has_image(self, reference):
        return self.request("GET", f"/images/{quote(reference)}/json")[0] == 200

    def save(self, reference):
        status, body = self.request("GET", f"/images/{quote(reference)}/get")
        assert status == 200, (status, body[:200])
        return body

    def load(self, archive):
        status, body = self.request("POST", "/images/load?quiet=1", archive, "application/x-tar")
        assert status == 200 and b"error" not in body, (status, body)

    def tag(self, source, repository, tag):
        query = urlencode({"repo": repository, "tag": tag})
        status, body = self.request("POST", f"/images/{quote(source)}/tag?{query}")
        assert status == 201, (status, body)

    def remove_image(self, reference):
        self.request("DELETE", f"/images/{quote(reference)}?force=1")


def image_archive(reference, files=(), architecture=ARCHITECTURE, config=None):
    """An image of one layer in the form of `docker save`.

    `files` are (name, bytes) pairs, each executable; `config` is the image's own, `Volumes` or `Env` say.
    """
    layer = _tar(files)
    # Two images must not share a configuration, or the second is a new name of the first.
    description = {
        "architecture": architecture,
        "os": "linux",
        "author": reference,
        "config": config or {},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + _sha256(layer)]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [reference], "Layers": ["layer.tar"]}]
    return _tar(
        [
            ("config.json", json.dumps(description).encode()),
            ("layer.tar", layer),
            ("manifest.json", json.dumps(manifest).encode()),
        ]
    )


def _tar(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _sha256(data):
    return hashlib.sha256(data).hexdigest()
