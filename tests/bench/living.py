#!/usr/bin/env python3
"""A sandbox that stays beside a container of Docker's: `sbx exec` of `true` as a whole process beside `docker exec`, and
one large file copied in and out by `sbx cp` beside `docker cp`, with the client's peak memory. Each in the same run,
interleaved.

usage: living.py [--megabytes N] [--rounds N] [--json]      SBX names the binary
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time
import uuid

SBX = os.environ.get("SBX", "sbx")
IMAGE = "debian:bookworm-slim"


def timed(command):
    """Milliseconds and the client's peak resident MiB."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command}: exit {process.returncode}")
    return (time.perf_counter() - begin) * 1000, usage.ru_maxrss / 1024


def commands(folder, size, name):
    """{what: [ours, Docker's]}; both keep the files in memory, so that no disk is measured."""
    source = folder / "in"
    with open(source, "wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
    return {
        "exec true": [[SBX, "exec", name, "true"], ["docker", "exec", name, "true"]],
        "cp in": [[SBX, "cp", source, f"{name}:/work/in"], ["docker", "cp", "-q", source, f"{name}:/work/in"]],
        "cp out": [
            [SBX, "cp", f"{name}:/work/in", folder / "out"],
            ["docker", "cp", "-q", f"{name}:/work/in", folder / "out-docker"],
        ],
    }


def measure(size, rounds, name):
    results = {}
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        folder = pathlib.Path(directory)
        for what, both in commands(folder, size, name).items():
            samples = [[], []]
            for number in range(rounds + 1):
                for which, command in enumerate(both):
                    sample = timed(command)
                    if number > 0:  # the first warms caches
                        samples[which].append(sample)
            # Medians of the times, the worst of the memory.
            results[what] = [
                (statistics.median(ms for ms, _ in each), max(mib for _, mib in each)) for each in samples
            ]
        if (folder / "in").read_bytes() != (folder / "out").read_bytes():
            raise RuntimeError("what came out is not what went in")
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    size = arguments.megabytes << 20
    name = f"bench-{uuid.uuid4().hex[:8]}"
    limits = ["--memory", "2g", "--disk", "1g"]
    subprocess.run([SBX, "create", "-q", "--name", name, "--image", IMAGE, *limits], check=True, stdout=subprocess.DEVNULL)
    docker = ["docker", "run", "-d", "--rm", "--network", "none", "--name", name, "--tmpfs", "/work:size=1g"]
    subprocess.run([*docker, IMAGE, "sleep", "3600"], check=True, stdout=subprocess.DEVNULL)
    try:
        results = measure(size, arguments.rounds, name)
    finally:
        subprocess.run(["docker", "rm", "-f", name], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([SBX, "rm", name], check=True, stdout=subprocess.DEVNULL)
    if arguments.json:
        print(json.dumps(results))
        return
    print(f"{'':12}{'sbx ms':>9}{'docker ms':>11}{'ratio':>8}{'sbx MB/s':>10}{'docker MB/s':>13}{'sbx MiB':>9}{'docker MiB':>12}")
    for what, ((ours, our_memory), (theirs, their_memory)) in results.items():
        rates = [f"{size / ms / 1000:.0f}" if what != "exec true" else "-" for ms in (ours, theirs)]
        print(f"{what:12}{ours:9.1f}{theirs:11.1f}{ours / theirs:8.3f}{rates[0]:>10}{rates[1]:>13}"
              f"{our_memory:9.1f}{their_memory:12.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
