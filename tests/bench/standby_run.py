#!/usr/bin/env python3
"""How long one `sbx run x.py` from a standby sandbox takes, whole process, beside its peers in the same run, interleaved:

  interpreter   the host's own python3 with the same file
  docker run    docker run --rm --network none

usage: standby_run.py [--rounds N] [--json]      SBX names the binary, PYTHON the host's interpreter (no shim)
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

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
    peers = {
        "sbx run, standby": standby.run,
        "interpreter": lambda: timed([PYTHON, script]),
        "docker run": lambda: timed(docker),
    }
    times = {name: [] for name in peers}
    for number in range(rounds + 1):
        for name, run in peers.items():
            seconds = run()
            time.sleep(0.15)  # the engine still removes the last one
            if number > 0:  # the first round warms caches
                times[name].append(seconds * 1000)
    standby.close()
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = measure(arguments.rounds, pathlib.Path(folder))
    medians = {name: statistics.median(values) for name, values in times.items()}
    if arguments.json:
        print(json.dumps({"median_ms": medians, "times_ms": times}))
        return
    print(f"{'':18}{'median ms':>11}{'min':>8}{'max':>8}{'sbx against it':>16}")
    for name, values in times.items():
        ratio = medians["sbx run, standby"] / medians[name]
        print(f"{name:18}{medians[name]:11.1f}{min(values):8.1f}{max(values):8.1f}{ratio:16.2f}")


if __name__ == "__main__":
    main()
