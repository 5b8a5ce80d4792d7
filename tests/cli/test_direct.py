"""The way from a keeper to its agent: past the engine where it may, through it everywhere else."""

import os
import signal
import socket
from pathlib import Path

import pytest

from fake_engine import EngineProxy
from runner import eventually


def container(box):
    return box.record("box")["container"]


def first_process(engine, box):
    return engine.inspect(container(box))["State"]["Pid"]


def is_direct(engine, box):
    """Whether the agent has a Unix socket whose other end was made outside of its network namespace: here."""
    files = Path(f"/proc/{first_process(engine, box)}/fd")
    held = {os.readlink(file) for file in files.iterdir()}
    with open("/proc/net/unix") as table:
        return any(f"socket:[{line.split()[6]}]" in held for line in table if not line.startswith("Num"))


def bridges(engine, box):
    """`agent connect` beside the agent."""
    titles = engine.json(f"/containers/{container(box)}/top")["Processes"]
    return sum(1 for title in titles if title[-1].endswith("agent connect"))


def kill_keeper(box):
    (keeper,) = box.keepers()
    os.kill(keeper, signal.SIGKILL)
    assert eventually(lambda: not box.keepers(), 5)


@pytest.fixture
def far_box(kept, engine):
    """A sandbox called `box` of an engine that is reached over TCP."""
    with EngineProxy(None, engine.socket_path) as proxy:
        kept.base["DOCKER_HOST"] = proxy.url
        kept.make("--name", "box")
        yield kept
        kept.end_all()
        del kept.base["DOCKER_HOST"]


def test_root_reaches_the_agent_past_a_local_engine(box, engine):
    assert is_direct(engine, box)
    assert box("exec", "box", "echo", "hello").out == "hello\n"


def test_so_does_the_keeper_that_takes_over(box, engine):
    box("exec", "box", "sh", "-c", "echo kept > /work/f")
    kill_keeper(box)
    assert box("exec", "box", "cat", "f").out == "kept\n"
    assert is_direct(engine, box) and bridges(engine, box) == 0


def test_an_engine_elsewhere_carries_the_stream(far_box, engine, tmp_path):
    assert not is_direct(engine, far_box)
    (tmp_path / "in").write_bytes(os.urandom(3 << 20))
    assert far_box("cp", str(tmp_path / "in"), "box:in").code == 0
    assert far_box("cp", "box:in", str(tmp_path / "out")).code == 0
    assert (tmp_path / "in").read_bytes() == (tmp_path / "out").read_bytes()
    assert far_box("eval", "box", "-c", "6 * 7").out == "42\n"


def test_there_the_next_keeper_comes_over_a_bridge(far_box, engine):
    far_box("exec", "box", "sh", "-c", "echo kept > /work/f")
    kill_keeper(far_box)
    assert far_box("exec", "box", "cat", "f").out == "kept\n"
    assert not is_direct(engine, far_box) and bridges(engine, far_box) == 1


def test_a_socket_that_points_out_of_the_sandbox_is_not_followed(box, engine, tmp_path):
    """Of a sandbox that has taken its agent over, nothing may lead to a socket of the host."""
    host = tmp_path / "host.sock"
    inside = f"/proc/{first_process(engine, box)}/root/run/sbx/agent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(host))
        listener.listen(4)
        listener.settimeout(1)
        os.unlink(inside)
        os.symlink(host, inside)
        kill_keeper(box)
        assert box("exec", "box", "true").code == 125
        with pytest.raises(TimeoutError):
            listener.accept()


def test_nobody_else_may_listen_in_its_place(box, engine):
    inside = f"/proc/{first_process(engine, box)}/root/run/sbx/agent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        os.unlink(inside)
        listener.bind(inside)
        listener.listen(4)
        listener.settimeout(0)
        kill_keeper(box)
        assert box("exec", "box", "true").code == 125


def test_a_keeper_whose_engine_is_away_ends_its_sandbox_itself(kept, engine, tmp_path):
    with EngineProxy(tmp_path / "s", engine.socket_path) as proxy:
        kept.base["DOCKER_HOST"] = proxy.url
        kept.make("--name", "box")
        process = first_process(engine, kept)
    assert kept("rm", "box").code == 0
    assert eventually(lambda: not Path(f"/proc/{process}").exists(), 10)
    del kept.base["DOCKER_HOST"]


def test_an_engine_that_was_away_still_tells_the_cause(kept, engine, tmp_path):
    with EngineProxy(tmp_path / "s", engine.socket_path) as proxy:
        kept.base["DOCKER_HOST"] = proxy.url
        kept.make("--name", "box")
    with EngineProxy(tmp_path / "s", engine.socket_path):
        assert kept("exec", "box", "true").code == 0
        engine.kill(container(kept))
        assert eventually(lambda: kept.record("box")["cause"] == "killed", 10), kept.record("box")
    del kept.base["DOCKER_HOST"]
