"""Programs that outlive the command that started them, sandboxes that stand still, keepers that are killed."""

import os
import signal
import time

import pytest

from runner import eventually


def start(box, *command):
    done = box("exec", "-d", "box", *command)
    assert done.code == 0, done
    return done.out.strip()


def kill_keeper(box):
    (keeper,) = box.keepers()
    os.kill(keeper, signal.SIGKILL)
    assert eventually(lambda: not box.keepers(), 5)


def test_a_program_in_the_background_runs_on(box):
    number = start(box, "sh", "-c", "sleep 1; echo done > /work/flag; sleep 600")
    assert number == "1"
    assert eventually(lambda: box("exec", "box", "cat", "flag").out == "done\n", 10)
    (process,) = box.record("box")["processes"]
    assert (process["process"], process["running"], process["exit_code"]) == (1, True, None)
    assert process["command"][0] == "sh"


def test_its_output_is_kept_and_shown(box):
    start(box, "sh", "-c", "echo out; echo err >&2")
    assert eventually(lambda: box("logs", "box").stdout == b"out\n", 5)
    done = box("logs", "box")
    assert (done.code, done.stdout, done.stderr) == (0, b"out\n", b"err\n")
    start(box, "echo", "second")
    assert eventually(lambda: box("logs", "box").out == "second\n", 5)
    assert box("logs", "box", "1").out == "out\n"


def test_only_the_end_of_much_output_is_kept(box):
    start(box, "sh", "-c", "head -c 1000000 /dev/zero; echo; echo last")
    assert box("wait", "box").code == 0
    done = box("logs", "box")
    assert done.stdout.endswith(b"last\n") and len(done.stdout) <= 64 << 10
    assert "no longer kept" in done.err


def test_logs_follow_to_the_end(box):
    start(box, "sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.3; done; exit 5")
    done = box("logs", "-f", "box")
    assert (done.code, done.stdout) == (0, b"1\n2\n3\n")


def test_wait_has_the_exit_code(box):
    start(box, "sh", "-c", "sleep 0.5; exit 9")
    start(box, "sh", "-c", "kill -9 $$")
    assert box("wait", "box", "1").code == 9
    assert box("wait", "box").code == 137
    assert box("wait", "--json", "box", "1").json["exit_code"] == 9
    assert box("wait", "box", "77").code == 127
    assert box("logs", "box", "77").code == 3
    assert box("logs", "box", "x").code == 2


def test_there_is_nothing_to_show_before_a_first_one(box):
    assert box("logs", "box").code == 3
    assert box("wait", "box").code == 127


@pytest.mark.parametrize("args, code", [(["-d", "box", "no-such-command"], 127), (["-d", "box"], 125), (["-dt", "box", "true"], 125)])
def test_what_cannot_be_started_says_so_at_once(box, args, code):
    done = box("exec", *args)
    assert done.code == code and done.err and done.stdout == b""


def test_stop_asks_what_is_in_the_background_too(box):
    start(box, "sh", "-c", "trap 'sleep 0.5; echo bye > /work/bye; cat /work/bye; exit 4' TERM; while :; do sleep 0.1; done")
    time.sleep(0.5)
    following = box.start("logs", "-f", "box")
    time.sleep(0.5)
    assert box("stop", "box").code == 0
    assert b"bye" in following.communicate(timeout=20)[0]


def test_a_paused_sandbox_stands_still(box):
    assert box("pause", "box").code == 0
    assert box.record("box")["state"] == "paused"
    done = box("exec", "box", "true")
    assert done.code == 125 and "paused" in done.err and "sbx resume box" in done.err
    assert box("pause", "box").code == 5
    assert box("resume", "box").code == 0
    assert box("exec", "box", "echo", "again").out == "again\n"
    assert box("resume", "box").code == 5


def test_a_paused_sandbox_can_be_ended(box):
    assert box("pause", "box").code == 0
    assert box("rm", "box").code == 0


def test_another_keeper_takes_a_sandbox_over(box):
    assert box("exec", "box", "sh", "-c", "echo here > file").code == 0
    number = start(box, "sh", "-c", "echo before; sleep 600")
    kill_keeper(box)
    assert box("exec", "box", "cat", "file").out == "here\n"
    assert len(box.keepers()) == 1
    assert box("logs", "box", number).out == "before\n"
    assert box.record("box")["processes"][0]["running"]
    assert box("extend", "box", "--ttl", "2h").code == 0


def test_a_keeper_that_took_over_is_as_good_as_the_first(box, engine):
    for _ in range(2):
        kill_keeper(box)
        data = os.urandom(3 << 20)
        assert box("exec", "box", "cat", stdin=data).stdout == data
    container = box.record("box")["container"]
    program = box.start("exec", "box", "sh", "-c", "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.1; done")
    assert program.stdout.readline() == b"up\n"
    assert box("stop", "box").code == 0
    out, _ = program.communicate(timeout=20)
    assert (out, program.returncode) == (b"bye\n", 3)
    assert box.record("box")["cause"] == "stopped"
    assert eventually(lambda: engine.request("GET", f"/containers/{container}/json")[0] == 404, 10)


def test_its_time_ends_one_that_was_taken_over(kept, engine):
    sandbox = kept.make("--ttl", "6s")
    kill_keeper(kept)
    assert kept("exec", sandbox, "true").code == 0
    container = kept.record(sandbox)["container"]
    assert eventually(lambda: engine.request("GET", f"/containers/{container}/json")[0] == 404, 20)
    assert eventually(lambda: kept.record(sandbox)["cause"] == "ttl", 5)


def test_commands_at_once_start_one_keeper_only(box):
    kill_keeper(box)
    running = [box.start("exec", "box", "echo", str(number)) for number in range(4)]
    codes = []
    for number, process in enumerate(running):
        out, err = process.communicate(timeout=60)
        codes.append((process.returncode, out, err))
    assert [code for code, _, _ in codes] == [0] * 4, codes
    assert len(box.keepers()) == 1


def test_a_sandbox_that_went_with_its_keeper_has_ended(box, engine):
    container = box.record("box")["container"]
    kill_keeper(box)
    engine.remove(container)
    time.sleep(0.5)
    done = box("exec", "box", "true")
    assert done.code == 127 and "ended (lost)" in done.err
    assert box.known("-a") and list(box.known("-a").values())[0]["cause"] == "lost"
