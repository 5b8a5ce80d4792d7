#!/usr/bin/env python3
"""Many short Python programs, so many at a time, beside peers in the same run: runs a second, to the last removal excluded.

  sbx batch          each in a sandbox of its own
  --reuse reset      in sandboxes that are wiped in between
  raw API            create, attach, start, to the end of the output, with the very settings of sbx's container
  docker run         docker run --rm --network none
  host               the host's own python3, started by this program without any sandbox

usage: batch.py [--jobs N] [--parallel N] [--rounds N] [--json]      SBX names the binary, PYTHON the host's python3
"""

import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time

import cold_run
import engine_api

SBX = os.environ.get("SBX", "sbx")
LABEL = "sbx.label.bench=batch"


def sbx_batch(path, jobs, parallel, *flags):
    begin = time.perf_counter()
    output = subprocess.run(
        [SBX, "batch", "-q", "-j", str(parallel), "--label", "bench=batch", *flags, path], capture_output=True, check=True
    ).stdout
    seconds = time.perf_counter() - begin
    results = [json.loads(line) for line in output.splitlines()]
    if len(results) != jobs or any(result["stdout"] != "1\n" for result in results):
        raise RuntimeError("unexpected results")
    return jobs / seconds


def in_parallel(run, jobs, parallel):
    begin = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        for _ in pool.map(lambda _: run(), range(jobs)):
            pass
    return jobs / (time.perf_counter() - begin)


def raw_runs(inspected):
    config = cold_run.raw_config(inspected)
    own = threading.local()

    def run():
        if not hasattr(own, "api"):
            own.api = engine_api.Connection()
        engine_api.run_once(own.api, config, b"1\n")

    return run


def docker_runs(image):
    command = ["docker", "run", "--rm", "--network", "none", "--label", cold_run.RAW_LABEL, image]
    return lambda: cold_run.timed([*command, "python3", "-c", cold_run.CODE])


def host_runs():
    command = [os.environ.get("PYTHON", "/usr/bin/python3"), "-c", cold_run.CODE]
    return lambda: cold_run.timed(command)


def measure(jobs, parallel, rounds):
    api = engine_api.Connection()
    inspected = cold_run.settings_of_a_run(api)
    engine_api.wait_until_gone(api, cold_run.LABEL)
    raw, docker = raw_runs(inspected), docker_runs(inspected["Config"]["Image"])
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("".join(json.dumps({"language": "python", "code": cold_run.CODE}) + "\n" for _ in range(jobs)))
        file.flush()
        ways = {
            "sbx batch": lambda: sbx_batch(file.name, jobs, parallel),
            "--reuse reset": lambda: sbx_batch(file.name, jobs, parallel, "--reuse", "reset"),
            "raw API": lambda: in_parallel(raw, jobs, parallel),
            "docker run": lambda: in_parallel(docker, jobs, parallel),
            "host": lambda: in_parallel(host_runs(), jobs, parallel),
        }
        rates = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                rates[name].append(way())
                for label in (LABEL, cold_run.RAW_LABEL):
                    engine_api.wait_until_gone(api, label)
    return rates


def show(rates, as_json):
    medians = {name: statistics.median(values) for name, values in rates.items()}
    if as_json:
        print(json.dumps({"runs_per_second": medians, "all": rates, "load": os.getloadavg()}))
        return
    ours = medians["sbx batch"]
    print(f"{'':18}{'runs/s':>9}{'min':>8}{'max':>8}{'sbx batch against it':>22}")
    for name, values in rates.items():
        print(f"{name:18}{medians[name]:9.1f}{min(values):8.1f}{max(values):8.1f}{ours / medians[name]:22.2f}")
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    show(measure(arguments.jobs, arguments.parallel, arguments.rounds), arguments.json)
