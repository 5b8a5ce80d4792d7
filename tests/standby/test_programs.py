"""A program cannot tell an interpreter that waited for it from one that was started for it."""

import re

import pytest
from program_table import PROGRAMS
from standby_driver import PlainRunner, StandbyRunner

ADDRESS = re.compile(rb"\b0x[0-9a-f]{6,}\b")
PROCESS = re.compile(rb"^\(node:\d+\)", re.MULTILINE)  # as a warning begins
RUNNERS = [StandbyRunner()]  # others have the same method, and say in `served` how only if they know


def shown(outcome):
    """What must be equal: everything but addresses and numbers of processes."""
    def text(data):
        return PROCESS.sub(b"(node:ID)", ADDRESS.sub(b"0xADDRESS", data)).decode("utf-8", "backslashreplace")

    return {"status": outcome.status, "stdout": text(outcome.stdout), "stderr": text(outcome.stderr)}


@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.name)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_same_as_plain(runner, program, work):
    expected = PlainRunner().run(program, work())
    outcome = runner.run(program, work())
    assert shown(outcome) == shown(expected)
    assert outcome.served in (None, "-" if program.anew else "+")
