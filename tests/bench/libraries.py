#!/usr/bin/env python3
"""What a cached set of libraries costs a run: a cold `sbx run --with numpy -c 1` beside one without, interleaved, whole
processes; the first one, which installs, for comparison; and the size of the set.

usage: libraries.py [--rounds N] [--json]      SBX names the binary, a release build
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

SBX = os.environ.get("SBX", "sbx")
LIBRARY = "numpy"


def milliseconds(*flags, cache):
    begin = time.perf_counter()
    environment = {**os.environ, "XDG_CACHE_HOME": cache}
    subprocess.run([SBX, "run", *flags, "-c", "1"], stdin=subprocess.DEVNULL, env=environment, check=True)
    return (time.perf_counter() - begin) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        milliseconds(cache=cache)  # the agent's volume is verified
        first = milliseconds("--with", LIBRARY, cache=cache)
        pairs = [
            (milliseconds(cache=cache), milliseconds("--with", LIBRARY, cache=cache)) for _ in range(arguments.rounds)
        ]
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        listed = subprocess.run([SBX, "cache", "ls", "--json"], env=environment, capture_output=True, check=True)
        subprocess.run([SBX, "cache", "prune", "--all", "--yes"], env=environment, check=True)
    results = {
        "first_ms": round(first),
        "without_ms": round(statistics.median(pair[0] for pair in pairs), 1),
        "with_ms": round(statistics.median(pair[1] for pair in pairs), 1),
        "difference_ms": round(statistics.median(pair[1] - pair[0] for pair in pairs), 1),
        "set_mib": round(json.loads(listed.stdout)[0]["bytes"] / (1 << 20), 1),
        "load": os.getloadavg()[0],
    }
    print(json.dumps(results) if arguments.json else "\n".join(f"{name:14} {value}" for name, value in results.items()))


if __name__ == "__main__":
    main()
