#!/usr/bin/env python3
"""What the binary itself costs: its stripped size, and `sbx --help` as a whole process beside `/bin/true`.

usage: command.py [--rounds N] [--json]      SBX names the binary, a release build
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

SBX = os.environ.get("SBX", "sbx")


def milliseconds(command):
    begin = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - begin) * 1000


def stripped_size():
    with tempfile.TemporaryDirectory() as directory:
        copy = os.path.join(directory, "sbx")
        shutil.copy(shutil.which(SBX) or SBX, copy)
        subprocess.run(["strip", copy], check=True)
        return os.path.getsize(copy)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    times = {"sbx --help": [], "true": []}
    for _ in range(arguments.rounds):
        times["sbx --help"].append(milliseconds([SBX, "--help"]))
        times["true"].append(milliseconds(["/bin/true"]))
    row = {name: statistics.median(values) for name, values in times.items()}
    row["stripped_bytes"] = stripped_size()
    if arguments.json:
        print(json.dumps(row))
        return
    print(f"sbx --help      {row['sbx --help']:6.1f} ms (/bin/true {row['true']:.1f} ms)")
    print(f"stripped binary {row['stripped_bytes'] / 2**20:6.1f} MiB")


if __name__ == "__main__":
    main()
