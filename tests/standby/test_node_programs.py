"""A program cannot tell a Node that waited for it from one that was started for it."""

import os
import signal
from pathlib import Path

import pytest
from node_table import NODE_PROGRAMS
from standby_driver import Outcome, Waiting, encode_request, environment, finish, placeholder, run_plain
from test_programs import shown

HOOK = Path(__file__).resolve().parents[2] / "runners" / "javascript" / "standby.cjs"
NODE = os.environ.get("SBX_STANDBY_NODE", "/usr/bin/node")


class NodeStandby(Waiting):
    def __init__(self, folder, env, hear=True):
        super().__init__(["node", str(HOOK), placeholder(16_383)], folder, env, hear, executable=NODE)


def run_standby(program, folder):
    with NodeStandby(folder, environment(folder, **program.image_environment)) as standby:
        assert standby.ready == b"+", "this Node cannot be claimed"
        served = standby.claim(folder, ["node", *program.arguments], environment(folder, **program.environment))
        return Outcome(*finish(standby.process, program), served)


@pytest.mark.parametrize("program", NODE_PROGRAMS, ids=lambda program: program.name)
def test_same_as_plain(program, node_work):
    expected = run_plain("node", NODE, program, node_work())
    outcome = run_standby(program, node_work())
    assert shown(outcome) == shown(expected)
    assert outcome.served == "+"


@pytest.fixture
def standby(node_work):
    folder = node_work()
    with NodeStandby(folder, environment(folder)) as started:
        started.folder = folder
        yield started


def test_ends_quietly_when_nobody_claims(standby):
    standby.socket.close()
    assert standby.process.wait(timeout=60) == 0
    assert standby.process.stderr.read() == b""


@pytest.mark.parametrize("bytes_", [
    b"5\0abc", b"x", b"\0", b"-1\0", b"99999999", b"1048577\0", b"3\0abc", b"2\0a\0", b"4\0/\0x\0", b"4\0/\0" b"9\0",
    b"8\0/\0" b"1\0a\0" b"1\0", b"10\0/\0" b"2\0a\0" b"b\0" b"1\0"])
def test_refuses_what_is_no_request(standby, bytes_):
    standby.send(bytes_)
    standby.socket.shutdown(1)
    assert standby.answer() == "!22"
    assert standby.process.wait(timeout=60) == 127
    assert standby.process.stdout.read() + standby.process.stderr.read() == b""


def test_says_that_there_is_no_such_directory(standby):
    assert standby.claim("/no/such", ["node", "hello.js"], environment(standby.folder)) == "!2"
    assert standby.process.wait(timeout=60) == 127


def test_takes_a_request_in_pieces(standby):
    request = encode_request(standby.folder, ["node", "-e", "console.log(1)"], environment(standby.folder))
    for position in range(len(request)):
        standby.send(request[position:position + 1])
    assert standby.answer() == "+"
    assert standby.process.communicate() == (b"1\n", b"")


@pytest.mark.parametrize("variables", [{"NODE_OPTIONS": "--no-warnings"}, {"NODE_OPTIONS": "--require ./hello.cjs"}])
def test_there_is_none_where_the_image_has_options(node_work, variables):
    folder = node_work()
    with NodeStandby(folder, environment(folder, **variables)) as standby:
        assert standby.ready == b""
        assert standby.process.wait(timeout=60) == 1


def test_an_abort_ends_by_its_signal(standby):
    answer = standby.claim(standby.folder, ["node", "exits.cjs", "abort"], environment(standby.folder))
    assert (answer, standby.process.wait(timeout=60)) == ("+", -signal.SIGABRT)


def test_is_small(standby):
    with open(f"/proc/{standby.process.pid}/smaps_rollup") as rollup:
        anonymous = [int(line.split()[1]) for line in rollup if line.startswith("Anonymous:")]
    assert anonymous[0] < 16 * 1024
