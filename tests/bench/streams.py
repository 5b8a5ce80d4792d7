#!/usr/bin/env python3
"""How fast a program's output and input pass through `sbx run`, and what memory the client takes meanwhile, beside
`docker run` in the same run. A rate counts what a large run takes beyond an empty one.

usage: streams.py [--megabytes N] [--rounds N] [--json]      SBX names the binary
"""

import argparse
import json
import os
import statistics
import subprocess
import time

SBX = os.environ.get("SBX", "sbx")
IMAGE = "debian:bookworm-slim"
SBX_RUN = [SBX, "run", "-q", "--max-output", "none", "--image", IMAGE, "--"]
DOCKER_RUN = ["docker", "run", "-i", "--rm", "--network", "none", IMAGE]


def timed(command, source, sink):
    """Seconds and the client's peak resident KiB."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdin=source, stdout=sink)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command}: exit {process.returncode}")
    return time.perf_counter() - begin, usage.ru_maxrss


def output(prefix, size):
    # A pipe, not a file: what most callers have.
    reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    result = timed(prefix + ["head", "-c", str(size), "/dev/zero"], subprocess.DEVNULL, reader.stdin)
    reader.stdin.close()
    reader.wait()
    return result


def stdin(prefix, size):
    writer = subprocess.Popen(["head", "-c", str(size), "/dev/zero"], stdout=subprocess.PIPE)
    result = timed(prefix + ["sh", "-c", "cat > /dev/null"], writer.stdout, subprocess.DEVNULL)
    writer.stdout.close()
    writer.wait()
    return result


def measure(size, rounds):
    table = {}
    for direction in (output, stdin):
        rates = {"sbx run": [], "docker run": []}
        resident = {"sbx run": 0, "docker run": 0}
        for _ in range(rounds):
            for name, prefix in (("sbx run", SBX_RUN), ("docker run", DOCKER_RUN)):
                empty, _ = direction(prefix, 0)
                seconds, peak = direction(prefix, size)
                rates[name].append(size / 1e6 / (seconds - empty))
                resident[name] = max(resident[name], peak)
        for name, values in rates.items():
            table[f"{direction.__name__}, {name}"] = {
                "mb_per_s": statistics.median(values),
                "peak_rss_mib": resident[name] / 1024,
            }
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    table = measure(arguments.megabytes * 1_000_000, arguments.rounds)
    if arguments.json:
        print(json.dumps(table))
        return
    print(f"{'':22}{'MB/s':>8}{'client peak RSS MiB':>22}")
    for name, row in table.items():
        print(f"{name:22}{row['mb_per_s']:8.0f}{row['peak_rss_mib']:22.1f}")


if __name__ == "__main__":
    main()
