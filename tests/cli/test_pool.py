"""Sandboxes that were started ahead: each run takes one, once, and is what a cold run would have been."""

import json
import signal
import time

import pytest

from runner import Sbx, eventually


@pytest.fixture
def pool(binary, engine, tmp_path):
    """sbx with a state of its own, without the label that would keep its runs from using standby sandboxes."""
    home = tmp_path / "home"
    home.mkdir()
    sbx = Sbx(binary, home, None)
    yield sbx
    assert sbx("pool", "drain").code == 0
    mine = warmed(sbx)
    assert eventually(lambda: not [c for c in engine.json("/containers/json?all=1") if c["Id"] in mine], 10)


def warmed(sbx):
    return [each["id"] for each in sbx("pool", "status", "--json").json]


def warm(sbx, *args):
    done = sbx("pool", "warm", "--json", *args)
    assert done.code == 0, done
    return [each["id"] for each in done.json]


def path_of(done):
    assert done.code == 0, done
    return done.json["path"]


def test_a_run_takes_a_standby_sandbox_and_the_next_goes_cold(pool, engine):
    (sandbox,) = warm(pool)
    assert warmed(pool) == [sandbox]
    done = pool("run", "--json", "-c", "print('hello')")
    assert (path_of(done), done.json["stdout"]) == ("standby", "hello\n")
    assert eventually(lambda: engine.request("GET", f"/containers/{sandbox}/json")[0] == 404, 10)
    assert warmed(pool) == []
    assert path_of(pool("run", "--json", "-c", "1")) == "cold"


def test_a_standby_sandbox_is_made_as_a_cold_one_is(pool, engine):
    (sandbox,) = warm(pool)
    config = engine.inspect(sandbox)
    host = config["HostConfig"]
    assert (host["ReadonlyRootfs"], host["NetworkMode"], host["CapDrop"]) == (True, "none", ["ALL"])
    assert (host["AutoRemove"], config["Config"]["StdinOnce"], config["Config"]["User"]) == (True, True, "0:0")


def test_parallel_runs_never_share_a_standby_sandbox(pool):
    warm(pool, "-n", "3")
    code = "import os; open('/work/mine', 'x'); print(os.getpid())"
    runs = [pool.start("run", "--json", "-c", code) for _ in range(6)]
    records = [json.loads(run.communicate(timeout=60)[0]) for run in runs]
    assert [record["exit_code"] for record in records] == [0] * 6
    assert sorted(record["path"] for record in records) == ["cold"] * 3 + ["standby"] * 3


@pytest.mark.parametrize(
    "args", [["--memory", "256m"], ["--cpus", "2"], ["--pids", "99"], ["--disk", "64m"], ["--net", "full"],
             ["--label", "a=b"], ["--timeout", "none"], ["--no-pool"], ["--lang", "bash"]]
)  # fmt: skip
def test_what_a_standby_sandbox_does_not_have_goes_cold(pool, args):
    (sandbox,) = warm(pool)
    assert path_of(pool("run", "--json", *args, "-c", "exit")) == "cold"
    assert warmed(pool) == [sandbox]


def test_limits_that_were_warmed_serve_a_run_with_the_same(pool):
    warm(pool, "--memory", "128m", "--disk", "32m")
    done = pool("run", "--json", "--memory", "128m", "--disk", "32m", "-c", "x = bytearray(300 << 20)")
    assert (done.json["path"], done.json["reason"], done.code) == ("standby", "oom", 137)


def test_everything_of_a_run_works_from_standby(pool, tmp_path):
    warm(pool, "-n", "4")
    script = tmp_path / "näme with space.py"
    script.write_text("import sys, os\nprint(sys.argv, os.environ['A'], sys.stdin.read())\nopen('out.txt', 'w').write('o')\n")
    done = pool(
        "run", "--json", "-e", "A=1", "--output", "out.txt:" + str(tmp_path), str(script), "x y", stdin=b"typed"
    )
    assert (path_of(done), done.json["stdout"]) == ("standby", "['näme with space.py', 'x y'] 1 typed\n")
    assert (tmp_path / "out.txt").read_text() == "o"
    assert [each["path"] for each in done.json["files"]] == ["out.txt"]

    done = pool("run", "--json", "-c", "import sys; print(1 / 0)")
    assert (done.code, done.json["path"]) == (1, "standby")
    assert done.json["stderr"] == (
        'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\nZeroDivisionError: division by zero\n'
    )
    done = pool("run", "--json", "--timeout", "500ms", "-c", "while True: pass")
    assert (done.code, done.json["path"], done.json["reason"]) == (124, "standby", "timeout")
    done = pool("run", "--json", "--workdir", "/nowhere", "-c", "1")
    assert done.code == 125 and "/nowhere" in done.json["error"]["message"]


def test_a_command_of_the_image_runs_in_a_standby_sandbox_too(pool):
    warm(pool)
    done = pool("run", "--json", "--lang", "python", "--", "sh", "-c", "echo $0; exit 3", "me")
    assert (done.code, done.json["stdout"], done.json["path"]) == (3, "me\n", "standby")


def test_a_dead_standby_sandbox_is_passed_over_and_costs_no_input(pool, engine):
    first, second = warm(pool, "-n", "2")
    engine.remove(first)
    engine.remove(second)
    done = pool("run", "--json", "-c", "print(input())", stdin=b"kept\n")
    assert (done.code, done.json["stdout"], done.stderr, done.json["path"]) == (0, "kept\n", b"", "cold")


def test_a_paused_standby_sandbox_does_not_hang_the_run(pool, engine):
    (sandbox,) = warm(pool)
    engine.pause(sandbox)
    done = pool("run", "--json", "-c", "print(1)", timeout=60)
    assert (done.json["path"], done.json["stdout"]) == ("cold", "1\n")
    assert eventually(lambda: engine.request("GET", f"/containers/{sandbox}/json")[0] == 404, 10)


def test_files_in_the_state_directory_that_are_no_sandbox_are_passed_over(pool, engine):
    (sandbox,) = warm(pool)
    folder = next((pool.state / "sbx" / "standby").iterdir())
    real = next(folder.iterdir())
    real.rename(folder / real.name.replace(sandbox, "0" * 64))
    (folder / "banana").write_text("?")
    assert path_of(pool("run", "--json", "-c", "1")) == "cold"
    engine.remove(sandbox)


def test_a_standby_sandbox_ends_by_itself(pool, engine):
    (sandbox,) = warm(pool, "--ttl", "2s")
    assert eventually(lambda: engine.request("GET", f"/containers/{sandbox}/json")[0] == 404, 15)
    assert warmed(pool) == []


def test_a_kill_of_the_claimer_leaves_nothing(pool, engine):
    (sandbox,) = warm(pool)
    process = pool.start("run", "-c", "import time; print('up', flush=True); time.sleep(60)")
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert eventually(lambda: engine.request("GET", f"/containers/{sandbox}/json")[0] == 404, 15)


def test_an_interrupt_reaches_a_program_from_standby(pool):
    warm(pool)
    process = pool.start("run", "-c", "import time; print('up', flush=True)\nwhile True: time.sleep(0.1)")
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130 and b"KeyboardInterrupt" in err


@pytest.mark.parametrize(
    "args, word",
    [(["-n", "0"], "-n"), (["-n", "banana"], "-n"), (["-n", "65"], "-n"), (["--ttl", "none"], "--ttl"),
     (["--ttl", "banana"], "--ttl"), (["--ttl", "48h"], "--ttl"), (["cobol"], "cobol"), (["--disk", "1g"], "--disk")],
)  # fmt: skip
def test_nothing_is_warmed_for_bad_arguments(pool, args, word):
    done = pool("pool", "warm", "--json", *args)
    assert done.code in (2, 3) and word in json.dumps(done.json["error"]), done
    assert warmed(pool) == []


def test_drain_removes_what_waits_and_says_so(pool):
    ids = warm(pool, "-n", "2")
    assert sorted(pool("pool", "drain", "-q").out.split()) == sorted(ids)
    assert warmed(pool) == []
    assert pool("pool", "drain", "--json").json == []


def test_timing_says_that_a_run_came_from_standby(pool):
    warm(pool)
    time.sleep(0.5)
    assert "standby" in pool("run", "--timing", "-c", "1").err


def test_node_waits_for_its_program_too(pool):
    for _ in range(5):  # on a busy machine it may not be up yet
        warm(pool, "javascript")
        time.sleep(3)
        code = "console.log(performance.now() > 3000, process.argv.length)"
        done = pool("run", "--json", "--lang", "js", "-c", code, "a")
        assert path_of(done) == "standby"
        if done.json["stdout"] == "true 2\n":
            return
    pytest.fail(f"every program had an interpreter of its own: {done}")


@pytest.mark.parametrize("words, output", [
    (["-e", "NODE_OPTIONS=--no-deprecation", "--lang", "js", "-c", "console.log(process.noDeprecation)"], "true\n"),
    (["--", "node", "--no-deprecation", "-p", "process.execArgv[0]"], "--no-deprecation\n"),
])  # fmt: skip
def test_what_only_a_starting_node_takes_is_given_to_one(pool, words, output):
    warm(pool, "javascript")
    done = pool("run", "--json", *words)
    assert (path_of(done), done.json["stdout"]) == ("standby", output)
