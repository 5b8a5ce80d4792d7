#!/usr/bin/env python3
"""How long one cold `sbx run -c 'print(1)'` takes, whole process, beside its peers in the same run, interleaved:

  raw API      create, attach, start through the Engine API with the very settings of sbx's container, to the same end
               point: the last output byte and the exit known, removal excluded
  docker run   docker run --rm --network none

usage: cold_run.py [--rounds N] [--json]      SBX names the binary
"""

import argparse
import json
import os
import statistics
import subprocess
import time
import urllib.parse

import engine_api

SBX = os.environ.get("SBX", "sbx")
CODE = "print(1)"
LABEL = "sbx.label.bench=cold"
RAW_LABEL = "sbx-bench"


def settings_of_a_run(api):
    """The container settings of sbx, read from a living run of its own."""
    run = subprocess.Popen(
        [SBX, "run", "--label", "bench=cold", "-c", "import time; time.sleep(60)"], stdin=subprocess.DEVNULL
    )
    filters = urllib.parse.quote(json.dumps({"label": [LABEL], "status": ["running"]}))
    deadline = time.monotonic() + 30
    while not (found := api.call("GET", f"/containers/json?filters={filters}")):
        if time.monotonic() > deadline:
            raise RuntimeError("sbx run did not start")
        time.sleep(0.05)
    inspected = api.call("GET", f"/containers/{found[0]['Id']}/json")
    run.kill()
    run.wait()
    return inspected


def raw_config(inspected):
    config = inspected["Config"]
    return {
        "Image": config["Image"],
        "User": "1000:1000",
        "Entrypoint": ["python3", "-c", CODE],
        "Hostname": config["Hostname"],
        "NetworkDisabled": config.get("NetworkDisabled", False),
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "Labels": {RAW_LABEL: "1"},
        "HostConfig": inspected["HostConfig"],
    }


def timed(command):
    begin = time.perf_counter()
    output = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
    seconds = time.perf_counter() - begin
    if output != b"1\n":
        raise RuntimeError(f"unexpected output: {output!r}")
    return seconds


def measure(rounds):
    api = engine_api.Connection()
    inspected = settings_of_a_run(api)
    image = inspected["Config"]["Image"]
    config = raw_config(inspected)
    peers = {
        "sbx run": lambda: timed([SBX, "run", "--no-pool", "-c", CODE]),
        "raw API": lambda: engine_api.run_once(api, config, b"1\n"),
        "docker run": lambda: timed(
            ["docker", "run", "--rm", "--network", "none", "--label", RAW_LABEL, image, "python3", "-c", CODE]
        ),
    }
    times = {name: [] for name in peers}
    for number in range(rounds + 1):
        for name, run in peers.items():
            seconds = run()
            engine_api.wait_until_gone(api, "sbx.instance")
            engine_api.wait_until_gone(api, RAW_LABEL)
            time.sleep(0.02)
            if number > 0:  # the first round warms caches
                times[name].append(seconds * 1000)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    times = measure(arguments.rounds)
    medians = {name: statistics.median(values) for name, values in times.items()}
    if arguments.json:
        print(json.dumps({"median_ms": medians, "times_ms": times}))
        return
    print(f"{'':12}{'median ms':>11}{'min':>8}{'max':>8}{'ratio to sbx':>14}")
    for name, values in times.items():
        ratio = medians["sbx run"] / medians[name]
        print(f"{name:12}{medians[name]:11.1f}{min(values):8.1f}{max(values):8.1f}{ratio:14.2f}")


if __name__ == "__main__":
    main()
