"""A pool that is kept filled."""

import json
import signal
import subprocess

import pytest

from fake_engine import EngineProxy
from runner import Sbx, eventually


@pytest.fixture
def pool(binary, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    sbx = Sbx(binary, home, None)
    yield sbx
    assert sbx("pool", "drain").code == 0


@pytest.fixture
def keep(pool):
    """Starts `sbx pool keep` and waits until it has filled the pool."""
    processes = []

    def start(*args, **options):
        process = pool.start("pool", "keep", "--json", *args, stdin=subprocess.DEVNULL, **options)
        processes.append(process)
        line = process.stdout.readline()
        assert line, process.stderr.read()
        return process, json.loads(line)

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def waiting(pool):
    done = pool("pool", "status", "--json")
    assert done.code == 0, done
    return {each["id"]: each["expires_in_s"] for each in done.json}


def end(process, number=signal.SIGINT):
    process.send_signal(number)
    out, words = process.communicate(timeout=15)
    assert (out, process.returncode) == (b"", 128 + number), words
    return words.decode()


def test_one_that_was_used_gets_a_successor(pool, keep):
    process, told = keep("-n", "2")
    assert told == {"language": "python", "count": 2, "started": 2}
    first = waiting(pool)
    assert len(first) == 2
    for _ in range(2):
        assert pool("run", "--json", "-c", "1").json["path"] == "standby"
    assert eventually(lambda: len(waiting(pool)) == 2 and not first.keys() & waiting(pool).keys(), 15)
    assert pool("run", "--json", "-c", "1").json["path"] == "standby"
    assert end(process) == ""


def test_those_that_wait_already_count_and_are_left_at_the_end(pool, keep):
    (mine,) = (each["id"] for each in pool("pool", "warm", "--json").json)
    process, told = keep("-n", "2")
    assert told["started"] == 1 and mine in waiting(pool)
    end(process, signal.SIGTERM)
    assert len(waiting(pool)) == 2


def test_with_drain_those_that_it_started_are_removed_at_the_end(pool, keep, engine):
    (mine,) = (each["id"] for each in pool("pool", "warm", "--json").json)
    process, _ = keep("-n", "3", "--drain")
    started = waiting(pool).keys() - {mine}
    end(process)
    assert waiting(pool).keys() == {mine}
    assert all(engine.request("GET", f"/containers/{each}/json")[0] == 404 for each in started)


def test_one_is_replaced_before_its_time_is_over(pool, keep):
    process, _ = keep("--ttl", "12s")
    (first,) = waiting(pool)
    assert eventually(lambda: first in waiting(pool) and len(waiting(pool)) == 2, 12)
    assert eventually(lambda: waiting(pool) and first not in waiting(pool), 8)
    end(process)


def test_one_that_something_else_ended_gets_a_successor(pool, keep, engine):
    process, _ = keep()
    (first,) = waiting(pool)
    engine.remove(first)
    assert eventually(lambda: waiting(pool) and first not in waiting(pool), 20)
    end(process)


def test_only_its_own_kind_counts(pool, keep):
    pool("pool", "warm", "--memory", "256m")
    process, told = keep()
    assert told["started"] == 1 and len(waiting(pool)) == 2
    end(process)


def test_an_engine_that_goes_away_is_waited_for(pool, keep, engine, tmp_path):
    path = tmp_path / "engine.sock"
    with EngineProxy(path, engine.socket_path):
        process, _ = keep(env={"DOCKER_HOST": f"unix://{path}"})
        (first,) = waiting(pool)
    pool("pool", "drain")
    assert b"trying again" in process.stderr.readline()
    with EngineProxy(path, engine.socket_path):
        assert b"the pool is filled again" in process.stderr.readline()
        assert len(waiting(pool)) == 1 and first not in waiting(pool)
        assert end(process) == ""


def test_without_an_engine_it_does_not_begin(pool):
    done = pool("pool", "keep", env={"DOCKER_HOST": "unix:///nonexistent/docker.sock"})
    assert (done.code, done.stdout) == (6, b"")


@pytest.mark.parametrize("args", [("-n", "0"), ("-n", "65"), ("--ttl", "25h"), ("--ttl", "none"), ("klingon",)])
def test_bad_arguments_are_refused(pool, args):
    assert pool("pool", "keep", *args).code in (2, 3)
