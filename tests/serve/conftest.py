"""Fixtures of the daemon's suite."""

import os
import sys

import pytest

HERE = os.path.dirname(__file__)
sys.path[:0] = [HERE, os.path.join(HERE, "..", "cli")]

from daemon import Daemon, eventually  # noqa: E402
from engine_api import EngineApi  # noqa: E402
from librechat import LibreChat  # noqa: E402


@pytest.fixture(scope="session")
def binary():
    path = os.environ.get("SBX")
    assert path and os.access(path, os.X_OK), "SBX must name the built binary"
    return path


@pytest.fixture(scope="session")
def engine():
    return EngineApi(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://"))


@pytest.fixture(scope="module")
def daemon(binary, engine, tmp_path_factory):
    """One for all tests of a file; nothing of it is left afterwards."""
    yield from served(binary, engine, tmp_path_factory.mktemp("daemon"))


@pytest.fixture
def own_daemon(binary, engine, tmp_path):
    """One that a test may stop and kill."""
    yield from served(binary, engine, tmp_path)


@pytest.fixture(scope="module")
def compat(binary, engine, tmp_path_factory):
    """One for all tests of a file that serves every dialect."""
    yield from served(binary, engine, tmp_path_factory.mktemp("compat"), "--compat")


@pytest.fixture
def own_compat(binary, engine, tmp_path):
    """One that a test may stop and kill."""
    yield from served(binary, engine, tmp_path, "--compat")


@pytest.fixture(scope="module")
def chat(compat):
    return LibreChat(compat)


@pytest.fixture
def own_chat(own_compat):
    return LibreChat(own_compat)


def served(binary, engine, home, *flags, **environment):
    daemon = Daemon(binary, home, "--remove-on-stop", *flags, **environment).start()
    yield daemon
    if daemon.process.poll() is not None:
        daemon.start()  # whoever killed it left its sandboxes to the next one
    code = daemon.stop()
    assert code == 0, daemon.log.read_text()[-2000:]
    assert eventually(lambda: not daemon.containers(engine)), daemon.containers(engine)
