"""`sbx run` on Docker: what a program does in a sandbox that waited for it is what it does in one made for it."""

import os
import subprocess
import sys
import time

import pytest
from program_table import PROGRAMS
from standby_driver import TIMEOUT, Outcome
from test_programs import shown

SBX = os.environ.get("SBX")
BATCH = 12  # sandboxes that are warmed at a time


def run_in_sandbox(program, folder, environment, *flags):
    variables = {**program.image_environment, **program.environment}
    words = [SBX, "run", "--quiet", "--timeout", "60s", "--lang", "python", "--file", f"{folder}:/work", *flags]
    for name, value in variables.items():
        words += ["-e", f"{name}={value}"]
    process = subprocess.Popen([*words, "--", "python3", *program.arguments], env=environment, stdin=subprocess.PIPE,
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


@pytest.fixture
def warmed(environment):
    """At least one sandbox waits."""
    waiting = subprocess.run([SBX, "pool", "status", "-q"], env=environment, check=True, capture_output=True).stdout
    if not waiting:
        subprocess.run([SBX, "pool", "warm", "-q", "-n", str(BATCH)], env=environment, check=True, stdout=sys.stderr)
    return environment


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_same_as_cold(program, work, warmed, tmp_path):
    record = tmp_path / "record.json"
    cold = run_in_sandbox(program, work(), warmed, "--no-pool")
    standby = run_in_sandbox(program, work(), warmed, "--meta", record)
    assert shown(standby) == shown(cold)
    assert b'"path": "standby"' in record.read_bytes()
