"""Nothing is ever left that `sbx prune` doesn't name, whatever happened to sbx."""

import random
import time

import pytest

from runner import eventually


class Wreckage:
    """Runs that are killed, on an engine of their own, where everything that is found afterwards is theirs."""

    def __init__(self, sbx, engine):
        self._sbx = sbx
        self._engine = engine

    def _start(self, *arguments, **env):
        return self._sbx.start(*self._engine.run, "--", "/arguments", *arguments, env={**self._engine.env, **env})

    def kill_first_runs(self, folder, count):
        """Each with a cache of its own, so that it looks after the agent's volume, at another moment of that."""
        for number in range(count):
            run = self._start("1", XDG_CACHE_HOME=folder / str(number))
            time.sleep(0.2 * number / count)
            kill([run])

    def kill_at_random_moments(self, count):
        """Four at a time, each at its own moment of its first 400 ms."""
        moments = random.Random(time.time_ns())
        for _ in range(count // 4):
            runs = [self._start("1") for _ in range(4)]
            for run in runs:
                time.sleep(moments.uniform(0, 0.1))
                run.kill()
            kill(runs)

    def kill_together(self, count):
        runs = [self._start("wait") for _ in range(count)]
        time.sleep(1)
        kill(runs)

    def left(self):
        return {c["Id"]: c["State"] for c in self._engine.api.json("/containers/json?all=1")}

    def assert_prune_names_all(self):
        """What was started ends by itself; what was only created is named by prune, when it is a minute old."""
        assert eventually(lambda: set(self.left().values()) <= {"created"}, 15), self.left()
        named = ""
        wreck = self.left()

        def pruned():
            nonlocal named
            done = self._sbx("prune", "--yes", "--json", env=self._engine.env)
            assert done.code == 0, done
            named += done.out
            return not self.left()

        assert eventually(pruned, 75), self.left()
        assert [container for container in wreck if container[:12] not in named] == []
        assert not [volume for volume in self._engine.api.volumes() if not volume.startswith("sbx-agent-")]


def kill(runs):
    for run in runs:
        run.kill()
        run.communicate()


@pytest.fixture
def wreckage(sbx, second_engine):
    return Wreckage(sbx, second_engine)


def test_runs_killed_at_any_moment_leave_nothing_that_prune_does_not_name(wreckage, tmp_path):
    wreckage.kill_first_runs(tmp_path, 16)
    wreckage.kill_at_random_moments(32)
    wreckage.kill_together(20)
    wreckage.assert_prune_names_all()


@pytest.mark.full
def test_200_runs_killed_at_random_moments_leave_nothing_that_prune_does_not_name(wreckage):
    wreckage.kill_at_random_moments(200)
    wreckage.assert_prune_names_all()


def test_20_parallel_runs_all_succeed_and_leave_nothing(sbx, engine, session_label, no_leftovers):
    runs = [sbx.start("run", "-c", f"print({number})") for number in range(20)]
    results = [(run.communicate(timeout=120)[0], run.returncode) for run in runs]
    assert results == [(b"%d\n" % number, 0) for number in range(20)]


def test_a_run_leaves_no_container_when_it_returns(sbx, engine, session_label):
    """The engine's removal goes on behind, but not for long."""
    for _ in range(5):
        assert sbx("run", "-c", "pass").code == 0
        assert eventually(lambda: not engine.containers(session_label), 2)


def test_a_run_leaves_no_file_behind_outside_of_the_caches(sbx, home):
    before = {path for path in home.rglob("*")}
    assert sbx("run", "--file", sbx.binary + ":copy", "-c", "pass", "--", cwd=home).code == 0
    assert {path for path in home.rglob("*")} - before == set()


def test_prune_leaves_living_runs_alone(sbx, started, living):
    process = started("run", "-c", "import time; time.sleep(4); print('lived')")
    living()
    assert sbx("prune", "--yes").code == 0
    assert process.communicate(timeout=20)[0] == b"lived\n"
    assert process.returncode == 0
