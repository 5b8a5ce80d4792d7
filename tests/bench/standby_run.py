#!/usr/bin/env python3
"""How long one `sbx run x.py` from a standby sandbox takes, whole process, beside its peers in the same run, interleaved:

  interpreter   the host's own python3, or node, with the same file
  docker run    docker run --rm --network none

usage: standby_run.py [--rounds N] [--json] [python|javascript]
SBX names the binary, PYTHON and NODE the host's interpreters (no shims)
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

import peers

SBX = os.environ.get("SBX", "sbx")
BATCH = 8


class Language(NamedTuple):
    interpreter: str  # the host's
    file: str
    code: str
    container_command: tuple


LANGUAGES = {
    "python": Language(os.environ.get("PYTHON", sys.executable), "x.py", "print(1)\n", ("python3", "-c", "print(1)")),
    "javascript": Language(
        os.environ.get("NODE", "node"), "x.mjs", "console.log(1)\n", ("node", "-e", "console.log(1)")
    ),
}


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

    def __init__(self, language, folder, script, flags=()):
        self._language = language
        self._environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
        self._meta = folder / "record.json"
        self._script = script
        self._flags = flags
        self._left = 0

    def run(self):
        """Of the whole process."""
        self._take_one()
        return timed([SBX, "run", *self._flags, self._script], self._environment)

    def run_phases(self):
        """From the start of its first phase to its end."""
        self._take_one()
        begin = None
        with subprocess.Popen([SBX, "run", "--ndjson", *self._flags, self._script], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, env=self._environment) as process:
            for line in process.stdout:
                begin = begin or time.perf_counter()
                end = time.perf_counter()
        record = json.loads(line)
        if (record["path"], record["stdout"]) != ("standby", "1\n"):
            raise RuntimeError(record)
        return end - begin

    def _take_one(self):
        if self._left == 0:
            self._sbx("pool", "warm", *self._flags, "-n", str(BATCH), self._language)
            self._left = BATCH
            time.sleep(1)  # so that the interpreters are up
        self._left -= 1

    def check_path(self):
        """One run more, to see that they do come from standby."""
        self._sbx("pool", "warm", *self._flags, self._language)
        time.sleep(1)
        self._sbx("run", *self._flags, "--meta", str(self._meta), self._script)
        path = json.loads(self._meta.read_text())["path"]
        if path != "standby":
            raise RuntimeError(f"the runs were {path}")

    def close(self):
        self._sbx("pool", "drain")

    def _sbx(self, *arguments):
        subprocess.run([SBX, *arguments], check=True, stdout=subprocess.DEVNULL, env=self._environment)


def measure(name, rounds, folder):
    language = LANGUAGES[name]
    script = folder / language.file
    script.write_text(language.code)
    version = (pathlib.Path(__file__).resolve().parents[2] / "images" / "VERSION").read_text().strip()
    standby = StandbyRuns(name, folder, script)
    standby.check_path()
    docker = ["docker", "run", "--rm", "--network", "none", f"sbx/{name}:{version}", *language.container_command]
    runs = {
        "sbx run, standby": standby.run,
        "interpreter": lambda: timed([language.interpreter, script]),
        "docker run": lambda: timed(docker),
    }
    times = peers.measure(runs, rounds, lambda: time.sleep(0.15))  # the engine still removes the last one
    standby.close()
    return times


if __name__ == "__main__":
    arguments = peers.read_arguments(__doc__, rounds=40, languages=list(LANGUAGES))
    with tempfile.TemporaryDirectory() as directory:
        peers.show(measure(arguments.language, arguments.rounds, pathlib.Path(directory)), arguments.json)
