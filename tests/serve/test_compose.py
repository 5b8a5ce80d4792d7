"""sbx beside LibreChat, as the compose file starts it: the release's binary in a container of its own."""

import http.client
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon import Daemon, eventually
from librechat import LibreChat

FOLDER = Path(__file__).parents[2] / "packaging" / "librechat"
SERVICE = "code-interpreter-proxy"
KEY = "a-key-of-this-test-0123456789abcdef"


class Composed(Daemon):
    """The service of the compose file, without LibreChat and its database."""

    def __init__(self, binary, home, engine):
        super().__init__(binary, home)
        self.engine = engine
        self.environment["DOCKER_SOCKET"] = engine.socket_path
        self.folder = home / "librechat"
        shutil.copytree(FOLDER, self.folder)
        shutil.copy(binary, self.folder / "sbx")

    def set_key(self, key):
        example = (self.folder / ".env.example").read_text()
        (self.folder / ".env").write_text(example.replace("\nCI_API_KEY=\n", f"\nCI_API_KEY={key}\n"))

    def compose(self, *words):
        return subprocess.run(["docker-compose", "--project-name", f"sbx-test-{os.getpid()}", *words],
                              cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=300,
                              check=False)

    def done(self, *words):
        composed = self.compose(*words)
        assert composed.returncode == 0, composed.stderr
        return composed.stdout

    def start(self):
        self.done("up", "--build", "--detach", SERVICE)
        assert eventually(lambda: self.inspected["State"]["Health"]["Status"] == "healthy", 60), self.done("logs")
        return self

    @property
    def inspected(self):
        [container] = self.done("ps", "--quiet", SERVICE).split()
        return self.engine.json(f"/containers/{container}/json")

    @property
    def instance(self):
        return re.findall('"event":"started".*"instance":"([^"]+)"', self.done("logs", "--no-color", SERVICE))[-1]

    def connect(self, local=False, timeout=60):
        [network] = self.inspected["NetworkSettings"]["Networks"].values()
        return http.client.HTTPConnection(network["IPAddress"], 8000, timeout=timeout)


@pytest.fixture(scope="module")
def composed(engine, tmp_path_factory):
    release = os.environ.get("SBX_RELEASE", "")
    assert os.access(release, os.X_OK), "SBX_RELEASE must name the release's binary"
    composed = Composed(release, tmp_path_factory.mktemp("compose"), engine)
    composed.set_key(KEY)
    try:
        yield composed.start()
    finally:
        composed.done("down", "--volumes", "--rmi", "local")


@pytest.fixture
def chat(composed):
    return LibreChat(composed, "/v1", X_API_Key=KEY, Host=f"{SERVICE}:8000")


def test_it_does_not_start_without_a_key(composed):
    composed.set_key("")
    refused = composed.compose("up", "--detach", SERVICE)
    composed.set_key(KEY)
    assert refused.returncode != 0 and "CI_API_KEY" in refused.stderr and "to be set in .env" in refused.stderr


def test_librechat_runs_code_with_the_key_and_nobody_without(composed, chat):
    assert chat.out("print(1)") == "1\n"
    assert chat.out("console.log(2)", "js") == "2\n"
    stranger = LibreChat(composed, "/v1", X_API_Key="another", Host=f"{SERVICE}:8000")
    assert stranger.ask("print(1)").status == 401


def test_programs_do_not_reach_the_networks_of_librechat(composed, chat):
    [network] = composed.inspected["NetworkSettings"]["Networks"].values()
    told = chat.run(f"import socket\nsocket.create_connection(('{network['IPAddress']}', 8000), 5)")
    assert told["code"] == 1 and "unreachable" in told["stderr"]


def test_stopping_it_leaves_no_sandbox_and_files_outlive_its_container(composed, chat, engine):
    told = chat.run("open('a.txt', 'w').write('kept')")
    assert composed.containers(engine)  # of the pool
    composed.done("stop", SERVICE)
    assert not composed.containers(engine)
    composed.done("rm", "--force", SERVICE)
    composed.start()
    assert chat.read(told["session_id"], told["files"][0]["id"]) == b"kept"
