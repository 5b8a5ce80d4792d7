"""Nothing is ever left that `sbx prune` doesn't name, whatever happened to sbx."""

import random
import time

import pytest

from runner import eventually


def left(engine, label):
    return {container["Id"]: container["State"] for container in engine.containers(label)}


def kill_at_random_moments(sbx, count, seed):
    """Kills as many runs, up to four at a time, each at its own moment of its first 400 ms."""
    moments = random.Random(seed)
    for _ in range(count // 4):
        runs = [sbx.start("run", "-c", "import time; time.sleep(0.1)") for _ in range(4)]
        for run, moment in zip(runs, sorted(moments.uniform(0, 0.1) for _ in runs)):
            time.sleep(moment)
            run.kill()
        for run in runs:
            run.communicate()


def kill_together(sbx, count):
    runs = [sbx.start("run", "-c", "import time; time.sleep(60)") for _ in range(count)]
    time.sleep(1.5)
    for run in runs:
        run.kill()
    for run in runs:
        run.communicate()


def assert_prune_names_all(sbx, engine, label, volumes):
    """What was started ends by itself; what was only created is named and removed by prune."""
    assert eventually(lambda: "running" not in left(engine, label).values(), 15), left(engine, label)
    remaining = left(engine, label)
    # A container that another sbx may just be making is left alone for a minute.
    deadline = time.monotonic() + (75 if remaining else 5)
    named = ""
    while remaining and time.monotonic() < deadline:
        done = sbx("prune", "--yes", "--json")
        assert done.code == 0, done
        named += done.out
        for container in list(remaining):
            if container not in left(engine, label):
                assert container[:12] in named, f"{container} is gone and was never named: {named}"
                del remaining[container]
        time.sleep(2)
    assert not remaining and not left(engine, label)
    assert {name for name in engine.volumes() - volumes if not name.startswith("sbx-agent-")} == set()


def test_runs_killed_at_random_moments_leave_nothing(sbx, engine, session_label):
    volumes = engine.volumes()
    kill_at_random_moments(sbx, 32, seed=time.time_ns())
    kill_together(sbx, 20)
    assert_prune_names_all(sbx, engine, session_label, volumes)


@pytest.mark.full
def test_200_runs_killed_at_random_moments_leave_nothing(sbx, engine, session_label):
    volumes = engine.volumes()
    kill_at_random_moments(sbx, 200, seed=time.time_ns())
    assert_prune_names_all(sbx, engine, session_label, volumes)


def test_first_runs_killed_while_they_fill_the_agents_volume_leave_nothing(sbx, second_engine, tmp_path):
    """On an engine of its own, where everything there is was left behind."""
    for number in range(16):
        env = {**second_engine.env, "XDG_CACHE_HOME": tmp_path / str(number)}
        run = sbx.start(*second_engine.run, "--", "/arguments", "1", env=env)
        time.sleep(0.01 * number)
        run.kill()
        run.communicate()

    def containers():
        return second_engine.api.json("/containers/json?all=1")

    def pruned():
        assert sbx("prune", "--yes", env=second_engine.env).code == 0
        return not containers()

    assert eventually(pruned, 75), containers()


def test_20_parallel_runs_all_succeed_and_leave_nothing(sbx, engine, session_label, no_leftovers):
    runs = [sbx.start("run", "-c", f"print({number})") for number in range(20)]
    results = [(run.communicate(timeout=120)[0], run.returncode) for run in runs]
    assert results == [(b"%d\n" % number, 0) for number in range(20)]


def test_a_run_leaves_no_container_when_it_returns(sbx, engine, session_label):
    """The engine's removal goes on behind, but not for long."""
    for _ in range(5):
        assert sbx("run", "-c", "pass").code == 0
        assert eventually(lambda: not left(engine, session_label), 2)


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
