"""`sbx run` on Docker: what a program does in a sandbox that waited for it is what it does in one made for it."""

import json
import os
import subprocess
import sys
import time

import pytest
from node_table import NODE_PROGRAMS
from program_table import PROGRAMS
from standby_driver import TIMEOUT, Outcome
from test_programs import shown

SBX = os.environ.get("SBX")
BATCH = 12  # sandboxes that are warmed at a time


def run_in_sandbox(interpreter, program, folder, environment, *flags):
    variables = {**program.image_environment, **program.environment}
    words = [SBX, "run", "--quiet", "--timeout", "60s", "--file", f"{folder}:/work", *flags]
    for name, value in variables.items():
        words += ["-e", f"{name}={value}"]
    process = subprocess.Popen([*words, "--", interpreter, *program.arguments], env=environment, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    first = b""
    if program.signal:
        first = process.stdout.readline()
        time.sleep(0.3)  # the program goes on to the line where it waits
        process.send_signal(program.signal)
    stdout, stderr = process.communicate(program.stdin, timeout=TIMEOUT)
    return Outcome(first + stdout, stderr, process.returncode)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A state directory of this suite's own: no other run takes its sandboxes."""
    assert SBX and os.access(SBX, os.X_OK), "SBX must name the built binary"
    ours = {**os.environ, "XDG_STATE_HOME": str(tmp_path_factory.mktemp("state"))}
    yield ours
    subprocess.run([SBX, "pool", "drain", "-q"], env=ours, check=True, stdout=subprocess.DEVNULL)


def warm(language, environment):
    """At least one sandbox for the language waits."""
    status = subprocess.run([SBX, "pool", "status", "--json"], env=environment, check=True, capture_output=True).stdout
    if language not in [waiting["language"] for waiting in json.loads(status)]:
        words = [SBX, "pool", "warm", "-q", "-n", str(BATCH), language]
        subprocess.run(words, env=environment, check=True, stdout=sys.stderr)


def check_same(language, interpreter, program, work, environment, record):
    warm(language, environment)
    cold = run_in_sandbox(interpreter, program, work(), environment, "--no-pool")
    standby = run_in_sandbox(interpreter, program, work(), environment, "--meta", record)
    assert shown(standby) == shown(cold)
    assert b'"path": "standby"' in record.read_bytes()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_same_as_cold(program, work, environment, tmp_path):
    check_same("python", "python3", program, work, environment, tmp_path / "record.json")


@pytest.mark.parametrize("program", NODE_PROGRAMS, ids=lambda program: program.name)
def test_node_is_the_same_as_cold(program, node_work, environment, tmp_path):
    check_same("javascript", "node", program, node_work, environment, tmp_path / "record.json")
