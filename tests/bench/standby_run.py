#!/usr/bin/env python3
"""How long one `sbx run x.py` from a standby sandbox takes, whole process, beside its peers in the same run, interleaved:

  interpreter   the host's own python3 with the same file
  docker run    docker run --rm --network none

usage: standby_run.py [--rounds N] [--json]      SBX names the binary, PYTHON the host's interpreter (no shim)
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import peers

SBX = os.environ.get("SBX", "sbx")
PYTHON = os.environ.get("PYTHON", sys.executable)
BATCH = 8


def timed(command, environment=None):
    begin = time.perf_counter()
    output = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, check=True, env=environment
    ).stdout
    seconds = time.perf_counter() - begin
    if output != b"1\n":
        raise RuntimeError(f"unexpected output: {output!r}")
    return seconds


class StandbyRuns:
    """Warms a few at a time, outside of what is measured."""

    def __init__(self, folder, script):
        self._environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
        self._meta = folder / "record.json"
        self._script = script
        self._left = 0

    def run(self):
        if self._left == 0:
            self._sbx("pool", "warm", "-n", str(BATCH))
            self._left = BATCH
            time.sleep(1)  # so that the interpreters are up
        self._left -= 1
        return timed([SBX, "run", self._script], self._environment)

    def check_path(self):
        """One run more, to see that they do come from standby."""
        self._sbx("pool", "warm")
        self._sbx("run", "--meta", str(self._meta), self._script)
        path = json.loads(self._meta.read_text())["path"]
        if path != "standby":
            raise RuntimeError(f"the runs were {path}")

    def close(self):
        self._sbx("pool", "drain")

    def _sbx(self, *arguments):
        subprocess.run([SBX, *arguments], check=True, stdout=subprocess.DEVNULL, env=self._environment)


def measure(rounds, folder):
    script = folder / "x.py"
    script.write_text("print(1)\n")
    version = (pathlib.Path(__file__).resolve().parents[2] / "images" / "VERSION").read_text().strip()
    standby = StandbyRuns(folder, script)
    standby.check_path()
    docker = ["docker", "run", "--rm", "--network", "none", f"sbx/python:{version}", "python3", "-c", "print(1)"]
    runs = {
        "sbx run, standby": standby.run,
        "interpreter": lambda: timed([PYTHON, script]),
        "docker run": lambda: timed(docker),
    }
    times = peers.measure(runs, rounds, lambda: time.sleep(0.15))  # the engine still removes the last one
    standby.close()
    return times


if __name__ == "__main__":
    arguments = peers.read_arguments(__doc__, rounds=40)
    with tempfile.TemporaryDirectory() as directory:
        peers.show(measure(arguments.rounds, pathlib.Path(directory)), arguments.json)
