"""Fixtures of the CLI suite: the binary under test in an environment of its own, and the engine beside it."""

import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from engine_api import EngineApi, image_archive  # noqa: E402
from kept import Kept  # noqa: E402
from own_daemon import is_over_daemon, own_daemon  # noqa: E402
from runner import Sbx, eventually  # noqa: E402
from second_engine import SecondEngine  # noqa: E402
from terminal import Terminal  # noqa: E402


def pytest_collection_modifyitems(config, items):
    """Selects the long tests only when they are asked for, and over a daemon none about this machine's own parts."""
    without = set()
    if os.environ.get("SBX_FULL") != "1":
        without.add("full")
    if is_over_daemon():
        without.add("here")
    others = [item for item in items if any(item.get_closest_marker(name) for name in without)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest.fixture(scope="session")
def binary():
    path = os.environ.get("SBX")
    assert path and os.access(path, os.X_OK), "SBX must name the built binary"
    return path


@pytest.fixture(scope="session")
def session_label():
    """The value of a label that every sandbox of this test session carries."""
    return f"cli-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def home():
    """A home of this session's own, which other uids can enter."""
    with tempfile.TemporaryDirectory(prefix="sbx-cli-") as path:
        os.chmod(path, 0o755)
        yield Path(path)


@pytest.fixture(scope="session")
def sbx(binary, home, session_label):
    one = Sbx(binary, home, session_label)
    with own_daemon(one, home):
        yield one


@pytest.fixture(scope="session")
def engine():
    return EngineApi(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://"))


@pytest.fixture
def kept(binary, engine, tmp_path):
    """sbx with a state directory of its own, whose sandboxes and keepers are gone after the test."""
    home = tmp_path / "home"
    home.mkdir()
    sbx = Kept(binary, home, None)
    with own_daemon(sbx, home):
        yield sbx
        before = set(sbx.known("-a"))
        sbx.end_all()

    def ours():
        return [c["Id"] for c in engine.json("/containers/json?all=1") if c["Labels"].get("sbx.sandbox") in before]

    assert eventually(lambda: not ours(), 10), ours()


@pytest.fixture
def box(kept):
    """The same with a sandbox called `box`."""
    kept.make("--name", "box")
    return kept


@pytest.fixture
def terminal(sbx):
    """Starts sbx on a pseudo-terminal: `terminal("run", "script.py")`."""
    opened = []

    def start(*args, **options):
        opened.append(Terminal(sbx.command(*args), sbx.environment(options.pop("env", {})), **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


@pytest.fixture
def started(sbx):
    """Starts sbx in the background and ends it with the test: `started("run", …)` is a Popen."""
    processes = []

    def start(*args, **options):
        processes.append(sbx.start(*args, **options))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()
        for stream in filter(None, (process.stdin, process.stdout, process.stderr)):
            stream.close()


@pytest.fixture
def living(engine, session_label):
    """Waits until a sandbox that this test started runs, and gives its id."""
    before = {container["Id"] for container in engine.containers(session_label)}

    def find(seconds=20):
        def running():
            ours = engine.containers(session_label)
            return [c["Id"] for c in ours if c["State"] == "running" and c["Id"] not in before]

        return eventually(running, seconds)[0]

    return find


@pytest.fixture
def open_folder():
    """A directory that every user can enter and write to."""
    with tempfile.TemporaryDirectory(prefix="sbx-cli-") as path:
        os.chmod(path, 0o777)
        yield Path(path)


@pytest.fixture
def as_nobody(sbx, open_folder):
    """Runs sbx as a user without rights, at home in `open_folder`."""

    def run(*args, env=None):
        home = {"HOME": open_folder, "XDG_CACHE_HOME": open_folder / "cache", "XDG_RUNTIME_DIR": None}
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *sbx.command(*args)]
        environment = sbx.environment({**home, **(env or {})})
        return subprocess.run(command, env=environment, cwd=open_folder, capture_output=True, timeout=60)

    return run


@pytest.fixture
def no_leftovers(engine, session_label):
    """Asserts after the test that no sandbox of this session is left."""
    yield
    assert eventually(lambda: not engine.containers(session_label), 5), engine.containers(session_label)


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left_behind(engine, session_label):
    yield
    left = eventually(lambda: not engine.containers(session_label), 10)
    names = [c["Id"] for c in engine.containers(session_label)]
    for name in names:
        engine.remove(name)
    assert left, f"sandboxes were left behind: {names}"


@pytest.fixture
def second_engine(static_program):
    """An engine of this test's own, with one small image that `second_engine.run` names."""
    with SecondEngine() as second:
        second.api.load(image_archive(second.image, [("arguments", static_program.read_bytes())]))
        yield second


@pytest.fixture(scope="session")
def static_program(tmp_path_factory):
    """An executable for images that have nothing else: prints its arguments, and waits when the last is `wait`."""
    folder = tmp_path_factory.mktemp("static")
    source = folder / "arguments.c"
    source.write_text(
        "#include <stdio.h>\n"
        "#include <string.h>\n"
        "#include <unistd.h>\n"
        "int main(int count, char **arguments)\n"
        "{\n"
        "    for (int i = 1; i < count; ++i) puts(arguments[i]);\n"
        "    fflush(stdout);\n"
        '    if (strcmp(arguments[count - 1], "wait") == 0) pause();\n'
        "    return 0;\n"
        "}\n"
    )
    subprocess.run(["cc", "-static", "-o", folder / "arguments", source], check=True)
    return folder / "arguments"
