#!/usr/bin/env python3
"""How long one cold `sbx run -c 'print(1)'` takes, whole process, beside its peers in the same run, interleaved:

  raw API      create, attach, start through the Engine API with the very settings of sbx's container, to the same end
               point: the last output byte and the exit known, removal excluded
  docker run   docker run --rm --network none

usage: cold_run.py [--rounds N] [--json]      SBX names the binary
"""

import json
import os
import subprocess
import time
import urllib.parse

import engine_api
import peers

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
    runs = {
        "sbx run": lambda: timed([SBX, "run", "--label", "bench=cold", "-c", CODE]),  # a label makes it cold
        "raw API": lambda: engine_api.run_once(api, config, b"1\n"),
        "docker run": lambda: timed(
            ["docker", "run", "--rm", "--network", "none", "--label", RAW_LABEL, image, "python3", "-c", CODE]
        ),
    }

    def between():
        engine_api.wait_until_gone(api, LABEL)
        engine_api.wait_until_gone(api, RAW_LABEL)
        time.sleep(0.02)

    return peers.measure(runs, rounds, between)


if __name__ == "__main__":
    arguments = peers.read_arguments(__doc__, rounds=30)
    peers.show(measure(arguments.rounds), arguments.json)
