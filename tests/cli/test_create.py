"""Sandboxes that stay: made, listed, shown, extended, ended; each end with its cause."""

import json
import os
import signal
import stat
import time
from pathlib import Path

import pytest

from runner import eventually

NO_SUCH = "zzzzzzzzzzzzzzzzzzzz"


def gone(engine, container):
    return eventually(lambda: engine.request("GET", f"/containers/{container}/json")[0] == 404, 10)


@pytest.mark.here
def test_create_prints_the_id_of_a_sandbox_that_stays(kept, engine):
    done = kept("create", "--name", "demo")
    assert (done.code, done.stderr) == (0, b"")
    sandbox = done.out.strip()
    assert len(sandbox) == 20 and sandbox.isalnum() and sandbox == sandbox.lower()
    shown = kept.record("demo")
    assert (shown["id"], shown["name"], shown["state"], shown["cause"]) == (sandbox, "demo", "running", None)
    config = engine.inspect(shown["container"])
    host = config["HostConfig"]
    assert (host["ReadonlyRootfs"], host["NetworkMode"], host["CapDrop"]) == (True, "none", ["ALL"])
    assert (host["AutoRemove"], config["Config"]["StdinOnce"], config["Config"]["User"]) == (True, False, "0:0")
    labels = config["Config"]["Labels"]
    assert (labels["sbx.instance"], labels["sbx.sandbox"], labels["sbx.name"]) == ("cli", sandbox, "demo")
    assert 23 * 3600 < int(labels["sbx.expires"]) - time.time() <= 24 * 3600
    other = engine.inspect(kept.record(kept.make("--ttl", "1m"))["container"])["Config"]["Labels"]
    larger = engine.inspect(kept.record(kept.make("--memory", "1g"))["container"])["Config"]["Labels"]
    assert labels["sbx.spec"] == other["sbx.spec"] != larger["sbx.spec"]


@pytest.mark.here
def test_what_is_written_down_is_the_users_alone(kept):
    sandbox = kept.make()
    folder = kept.state / "sbx" / "sandboxes" / sandbox
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("record.json", "keeper.sock"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    token = json.loads((folder / "record.json").read_text())["token"]
    assert len(token) == 64
    for command in (["inspect", sandbox], ["ps", "-a", "--json"], ["inspect", "--json", sandbox]):
        assert token.encode() not in kept(*command).stdout


@pytest.mark.here
def test_the_keeper_holds_nothing_of_its_caller(kept):
    sandbox = kept.make()
    (keeper,) = kept.keepers()
    assert os.getsid(keeper) == keeper != os.getsid(0)
    for descriptor in (0, 1, 2):
        assert os.readlink(f"/proc/{keeper}/fd/{descriptor}") == "/dev/null"
    sockets = {os.readlink(each) for each in Path(f"/proc/{keeper}/fd").iterdir()}
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    assert not sockets & {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    assert os.readlink(f"/proc/{keeper}/cwd") == "/" and kept.known()[sandbox]["state"] == "running"


def test_flags_of_a_run_make_the_sandbox(kept, engine, tmp_path):
    (tmp_path / "data.txt").write_text("given")
    done = kept(
        "create", "--json", "--memory", "256m", "--cpus", "0.5", "--pids", "50", "--disk", "64m", "--label", "k=v",
        "-e", "A=1", "-e", "SECRET=hidden", "--workdir", "sub", "--file", "data.txt", "--lang", "bash", cwd=tmp_path,
    )  # fmt: skip
    assert done.code == 0, done
    shown = done.json
    assert shown["limits"]["memory_bytes"] == 256 << 20 and shown["limits"]["pids"] == 50
    assert shown["environment"] == ["A", "SECRET"] and b"hidden" not in done.stdout
    assert shown["labels"] == {"k": "v"}
    host = engine.inspect(shown["container"])["HostConfig"]
    assert (host["Memory"], host["NanoCpus"], host["PidsLimit"]) == (256 << 20, 500_000_000, 50)
    inside = kept("exec", shown["id"], "sh", "-c", "pwd; echo $A $SECRET; cat /work/data.txt")
    assert inside.stdout == b"/work/sub\n1 hidden\ngiven"


def test_ps_lists_what_lives_and_all_shows_what_ended(kept):
    first = kept.make("--name", "first")
    second = kept.make()
    assert set(kept.known()) == {first, second}
    assert kept.known()[first]["name"] == "first" and kept.known()[second]["name"] is None
    table = kept("ps").out.splitlines()
    assert table[0].split()[:4] == ["SANDBOX", "NAME", "IMAGE", "STATE"]
    assert any(line.startswith(first) and " first " in line and "running" in line for line in table)
    assert kept("ps", "-q", "--filter", "name=first").out.split() == [first]
    assert kept("ls", "-q", "--filter", "name=first").out.split() == [first]
    assert kept("kill", first).code == 0
    assert set(kept.known()) == {second}
    assert kept.known("-a")[first]["cause"] == "killed"
    assert "ended (killed)" in kept("ps", "-a").out
    assert kept("ps", "--filter", "colour=red").code == 2


def test_ps_lists_runs_that_are_under_way(kept):
    run = kept.start("run", "--label", "a=b", "-c", "import time; print('up', flush=True); time.sleep(60)")
    assert run.stdout.readline() == b"up\n"
    runs = kept("ps", "--json", "--filter", "kind=run").json
    mine = [each for each in runs if each["image"] and each["state"] == "running"]
    assert mine
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=20)


@pytest.mark.parametrize("end, cause", [("stop", "stopped"), ("kill", "killed")])
def test_an_end_has_its_cause_and_leaves_no_container(kept, engine, end, cause):
    sandbox = kept.make()
    container = kept.record(sandbox)["container"]
    done = kept(end, sandbox, "--json")
    assert (done.code, [each["cause"] for each in done.json]) == (0, [cause])
    assert gone(engine, container) and eventually(lambda: not kept.keepers(), 5)
    shown = kept.record(sandbox)
    assert (shown["state"], shown["cause"]) == ("ended", cause) and shown["ended"]
    assert kept(end, sandbox).code == 0  # has ended, which was wanted
    assert kept("exec", sandbox, "true").code == 127
    assert "ended" in kept("exec", sandbox, "true").err


def test_stop_asks_the_programs_first(kept):
    sandbox = kept.make("--lang", "bash")
    program = kept.start("exec", sandbox, "bash", "-c", "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.1; done")
    assert program.stdout.readline() == b"up\n"
    begin = time.monotonic()
    assert kept("stop", sandbox).code == 0
    assert time.monotonic() - begin < 8
    out, _ = program.communicate(timeout=20)
    assert (out, program.returncode) == (b"bye\n", 3)


def test_stop_kills_what_does_not_obey(kept):
    sandbox = kept.make("--lang", "bash")
    program = kept.start("exec", sandbox, "bash", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done")
    assert program.stdout.readline() == b"up\n"
    assert kept("stop", "--grace", "500ms", sandbox).code == 0
    program.communicate(timeout=20)
    assert program.returncode == 137
    assert kept.record(sandbox)["cause"] == "stopped"


def test_rm_forgets_and_twice_is_not_found(kept, engine):
    sandbox = kept.make()
    container = kept.record(sandbox)["container"]
    assert kept("rm", sandbox).code == 0
    assert gone(engine, container)
    assert kept("rm", sandbox).code == 3
    assert not (kept.state / "sbx" / "sandboxes" / sandbox).exists()
    assert kept.known("-a") == {}


def test_several_are_ended_at_once_and_a_wrong_one_is_told(kept):
    first, second = kept.make(), kept.make()
    done = kept("kill", first, NO_SUCH, second)
    assert done.code == 3 and NO_SUCH in done.err
    assert kept.known() == {}
    done = kept("rm", "-q", first, second)
    assert done.out.split() == [first, second]


@pytest.mark.parametrize("command", [["inspect"], ["stop"], ["kill"], ["rm"], ["extend", "--ttl", "1h"]])
def test_an_unknown_sandbox_is_not_found(kept, command):
    done = kept(*command, "--json", NO_SUCH)
    assert (done.code, done.json["error"]["code"]) == (3, "not_found")
    done = kept(*command, NO_SUCH)
    assert NO_SUCH in done.err and "sbx ps" in done.err


def test_a_name_is_taken_as_long_as_its_sandbox_lives(kept):
    first = kept.make("--name", "build")
    done = kept("create", "--name", "build")
    assert done.code == 5 and first in done.err
    assert kept("kill", "build").code == 0
    second = kept.make("--name", "build")
    assert kept.record("build")["id"] == second
    assert kept.record(first[:12])["id"] == first


def test_two_creates_at_once_do_not_share_a_name(kept):
    creating = [kept.start("create", "--name", "one") for _ in range(3)]
    codes = sorted(process.wait(timeout=60) for process in creating)
    for process in creating:
        process.communicate()
    assert codes == [0, 5, 5]
    assert len(kept.known("-a")) == 1


@pytest.mark.parametrize(
    "args, word",
    [(["--ttl", "none"], "--ttl"), (["--ttl", "25h"], "--ttl"), (["--ttl", "0"], "--ttl"), (["--name", "a b"], "--name"),
     (["--idle-timeout", "banana"], "--idle-timeout"), (["--memory", "0"], "--memory"), (["--disk", "1g"], "--disk"),
     (["--file", "missing.txt"], "missing.txt"), (["--lang", "cobol"], "cobol"), (["--net", "some"], "--net")],
)  # fmt: skip
def test_nothing_is_made_for_bad_arguments(kept, args, word):
    done = kept("create", "--json", *args)
    assert done.code in (2, 3) and word in json.dumps(done.json["error"]), done
    assert kept.known("-a") == {} and kept.keepers() == []


@pytest.mark.here
def test_an_image_that_is_not_there_leaves_nothing(kept):
    done = kept("create", "--image", "sbx-no-such-image:1", "--pull", "never")
    assert done.code == 3 and "sbx-no-such-image" in done.err
    assert kept.known("-a") == {} and kept.keepers() == []


def test_files_that_cannot_be_put_there_leave_nothing(kept, engine, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    done = kept("create", "--file", "file:/work/x", "--file", "file:/work/x/y", cwd=tmp_path)
    assert done.code != 0
    assert kept.known("-a") == {} and eventually(lambda: not kept.keepers(), 5)


def test_its_time_ends_it(kept, engine):
    sandbox = kept.make("--ttl", "3s")
    container = kept.record(sandbox)["container"]
    program = kept.start("exec", sandbox, "sleep", "60")
    assert program.wait(timeout=20) == 137
    out, err = program.communicate()
    assert b"ended (ttl)" in err
    assert gone(engine, container)
    assert kept.record(sandbox)["cause"] == "ttl"
    assert eventually(lambda: not kept.keepers(), 5)


def test_a_sandbox_that_nobody_uses_ends(kept, engine):
    sandbox = kept.make("--idle-timeout", "2s")
    assert kept("exec", sandbox, "sleep", "3").code == 0  # in use
    container = kept.record(sandbox)["container"]
    assert gone(engine, container)
    assert eventually(lambda: kept.record(sandbox)["cause"] == "idle", 5)


def test_extend_moves_the_end(kept):
    sandbox = kept.make("--ttl", "4s")
    before = kept.record(sandbox)["ends"]
    done = kept("extend", sandbox, "--ttl", "30m", "--json")
    assert done.code == 0 and done.json["ends"] > before
    assert kept.record(sandbox)["ends"] == done.json["ends"]
    time.sleep(5)
    assert kept("exec", sandbox, "echo", "alive").out == "alive\n"
    assert kept("extend", sandbox, "--ttl", "48h").code == 2
    assert kept("extend", sandbox).code == 2


def test_a_container_that_is_killed_from_outside_is_told(kept, engine):
    sandbox = kept.make()
    program = kept.start("exec", sandbox, "sleep", "60")
    time.sleep(1)
    engine.kill(kept.record(sandbox)["container"])
    assert program.wait(timeout=15) == 137
    program.communicate()
    assert kept.record(sandbox)["cause"] == "killed"
    assert eventually(lambda: not kept.keepers(), 10)


@pytest.mark.here
def test_one_whose_keeper_was_killed_can_still_be_ended(kept, engine):
    sandbox = kept.make()
    container = kept.record(sandbox)["container"]
    (keeper,) = kept.keepers()
    os.kill(keeper, signal.SIGKILL)
    assert eventually(lambda: not kept.keepers(), 5)
    assert kept.record(sandbox)["state"] == "running"
    assert kept("kill", sandbox).code == 0
    assert gone(engine, container) and kept.record(sandbox)["cause"] == "killed"


@pytest.mark.here
def test_a_kill_of_everything_leaves_no_container(kept, engine):
    sandbox = kept.make("--ttl", "3s")
    container = kept.record(sandbox)["container"]
    os.kill(kept.keepers()[0], signal.SIGKILL)
    assert eventually(lambda: engine.request("GET", f"/containers/{container}/json")[0] == 404, 40)
    assert eventually(lambda: kept.record(sandbox)["cause"] == "ttl", 10)


@pytest.mark.here
def test_a_create_that_is_killed_leaves_nothing_for_long(kept, engine):
    creating = kept.start("create", "--name", "gone")
    assert eventually(lambda: kept.keepers(), 20)
    creating.kill()
    creating.communicate()

    def settled():
        found = kept.known("-a")
        return found if all(each["state"] != "starting" for each in found.values()) else None

    assert eventually(lambda: settled() is not None, 20)
    living = [each for each in kept.known().values() if each["state"] == "running"]
    # It had been told of the sandbox, or the keeper found nobody to tell.
    assert len(living) + (not kept.keepers()) == 1


@pytest.mark.here
def test_no_state_directory_is_told(kept):
    done = kept("create", "--json", env={"HOME": None, "XDG_STATE_HOME": None})
    assert done.code == 6 and "state" in done.json["error"]["message"]


@pytest.mark.here
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_engine_that_stops_takes_its_sandboxes_along(kept, second_engine, number):
    made = kept("create", "--image", second_engine.image, "--pull", "never", env=second_engine.env)
    assert made.code == 0, made
    sandbox = made.out.strip()
    # It is found by what was written down, whatever the environment says now.
    assert kept("exec", sandbox, "/arguments", "ran").out == "ran\n"
    program = kept.start("exec", sandbox, "/arguments", "wait")
    time.sleep(1)
    second_engine.stop(number)
    assert program.wait(timeout=40) in (125, 137)
    program.communicate()
    assert eventually(lambda: not kept.keepers(), 30)
    done = kept("exec", sandbox, "/arguments", "ran")
    assert done.code == 127 and "ended" in done.err
    assert kept("rm", sandbox).code == 0
