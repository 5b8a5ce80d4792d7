#!/usr/bin/env python3
"""`sbx serve` under load, and what it takes of the machine. By name, all without one:

  rate         single-use executions a second, over as many connections as given, beside the raw Engine API with the very
               settings of sbx's container
  health       GET /health over 16 connections (wrk), beside a Beast loop with nothing behind it (target bench_beast_loop)
  stream       from a program's write to its event at the client
  memory       resident memory of the daemon for an idle sandbox, and for an idle connection
  flood        200 WebSockets to programs in 32 sandboxes of four keys, four of which write without end: failed requests,
               the time of GET /health, resident memory

usage: serve_load.py [NAME…] [--parallel N] [--json]      SBX names the binary, BEAST_LOOP that loop
"""

import argparse
import asyncio
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time

import websockets

import batch
import cold_run
import engine_api
import serve

BEAST_LOOP = os.environ.get("BEAST_LOOP", "build/dev/tests/bench/bench_beast_loop")
PIECES = 300


def resident(daemon):
    with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def rate(daemon, parallel):
    own = threading.local()

    def run():
        if not hasattr(own, "client"):
            own.client = daemon.client(True)
        record = own.client.ask("POST", "/v1/executions", {"code": cold_run.CODE})
        if record["stdout"] != "1\n":
            raise RuntimeError(f"unexpected output: {record}")

    api = engine_api.Connection()
    raw = batch.raw_runs(cold_run.settings_of_a_run(api))
    rates = {"sbx": [], "raw API": []}
    for _ in range(3):
        for name, way in (("sbx", run), ("raw API", raw)):
            rates[name].append(batch.in_parallel(way, 60, parallel))
            engine_api.wait_until_gone(api, cold_run.RAW_LABEL)
            time.sleep(3)  # the pool fills again: nothing of it is paid by the other
    figures = {name: round(statistics.median(values), 1) for name, values in rates.items()}
    return {**figures, "ratio": round(figures["sbx"] / figures["raw API"], 2)}


def requests_per_second(port, path):
    output = subprocess.run(["wrk", "-t1", "-c16", "-d4s", f"http://127.0.0.1:{port}{path}"], capture_output=True,
                            text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(output)
    return float(re.search(r"Requests/sec:\s*([\d.]+)", output)[1])


def health(daemon, _parallel):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    loop = subprocess.Popen([BEAST_LOOP, str(port)])
    time.sleep(0.2)
    try:
        rates = {"sbx": [], "Beast": []}
        for _ in range(3):
            rates["sbx"].append(requests_per_second(daemon.port, "/health"))
            rates["Beast"].append(requests_per_second(port, "/"))
    finally:
        loop.kill()
        loop.wait()
    figures = {name: round(statistics.median(values)) for name, values in rates.items()}
    return {**figures, "ratio": round(figures["sbx"] / figures["Beast"], 2)}


def stream(daemon, _parallel):
    code = f"import time\nfor _ in range({PIECES}):\n    time.sleep(0.005)\n    print(time.time_ns(), flush=True)"
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port)
    connection.request("POST", "/v1/executions", json.dumps({"code": code}),
                       {"Content-Type": "application/json", "Accept": "application/x-ndjson"})
    late = []
    for line in connection.getresponse():
        now = time.time_ns()
        event = json.loads(line)
        if event["type"] == "stdout":
            late += [(now - int(word)) / 1e6 for word in event["data"].split()]
    if len(late) != PIECES:
        raise RuntimeError(f"{len(late)} of {PIECES} pieces came")
    return serve.percentiles(late)


def memory(daemon, _parallel):
    client = daemon.client(True)
    client.ask("DELETE", "/v1/sandboxes/" + client.ask("POST", "/v1/sandboxes", {})["id"])  # what comes once
    before = resident(daemon)
    sandboxes = [client.ask("POST", "/v1/sandboxes", {})["id"] for _ in range(32)]
    time.sleep(1)
    with_sandboxes = resident(daemon)
    for sandbox in sandboxes:
        client.ask("DELETE", f"/v1/sandboxes/{sandbox}")
    before_connections = resident(daemon)
    connections = [daemon.client(number % 2 == 0) for number in range(500)]
    for connection in connections:
        connection.ask("GET", "/health")
    with_connections = resident(daemon)
    return {"KiB_per_sandbox": round((with_sandboxes - before) / 32 / 1024, 1),
            "KiB_per_connection": round((with_connections - before_connections) / len(connections) / 1024, 1)}


class Caller:
    """Somebody with a key."""

    def __init__(self, daemon, key):
        self.daemon = daemon
        self.headers = {"X-API-Key": key, "Content-Type": "application/json"}

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port)
        connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text) if text else None

    def flood(self, sandbox, over, taken):
        """Reads what a program writes without end, as fast as it comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port)
        connection.request("POST", f"/v1/sandboxes/{sandbox}/processes",
                           json.dumps({"argv": ["sh", "-c", "yes 0123456789012345678901234567890123456789"]}),
                           {**self.headers, "Accept": "application/x-ndjson"})
        answer = connection.getresponse()
        while not over.is_set():
            piece = answer.read1(1 << 20)
            if not piece:
                break
            taken.append(len(piece))
        connection.close()


async def talk(daemon, key, sandbox, over, counts):
    """A WebSocket that says a line each second and wants it back."""
    url = f"ws://127.0.0.1:{daemon.port}/v1/sandboxes/{sandbox}/processes/attach"
    async with websockets.connect(url, extra_headers={"X-API-Key": key}) as web_socket:
        await web_socket.send(json.dumps({"argv": ["cat"]}))
        await web_socket.recv()
        counts["open"] += 1
        while not over.is_set():
            await web_socket.send(b"\x00hello\n")
            answer = await asyncio.wait_for(web_socket.recv(), 30)
            counts["echoed" if answer == b"\x01hello\n" else "wrong"] += 1
            await asyncio.sleep(1)


async def talk_to_all(daemon, places, over, counts):
    places = [places[number % len(places)] for number in range(200)]
    results = await asyncio.gather(*(talk(daemon, *place, over, counts) for place in places), return_exceptions=True)
    counts["wrong"] += sum(isinstance(result, Exception) for result in results)


def flood(daemon, _parallel):
    keys = [subprocess.run([serve.SBX, "key", "create", "--name", f"k{number}"], env=daemon.environment, check=True,
                           capture_output=True, text=True).stdout.strip() for number in range(4)]
    time.sleep(1.5)
    callers = [Caller(daemon, key) for key in keys]
    limits = {"memory_bytes": 128 << 20, "output_bytes": 64 << 20}
    places = []
    for number in range(32):
        caller = callers[number % 4]
        sandbox = caller.ask("POST", "/v1/sandboxes", {"language": "bash", "limits": limits})["id"]
        places.append((keys[number % 4], sandbox))
    over, counts, taken = threading.Event(), {"open": 0, "echoed": 0, "wrong": 0}, []
    sockets = threading.Thread(target=lambda: asyncio.run(talk_to_all(daemon, places, over, counts)))
    sockets.start()
    while counts["open"] < 200 and counts["wrong"] == 0:
        time.sleep(0.1)

    def flood_on(number):
        while not over.is_set():  # the limit of its output ends a program
            callers[number].flood(places[number][1], over, taken)

    floods = [threading.Thread(target=flood_on, args=(number,)) for number in range(4)]
    for thread in floods:
        thread.start()
    watcher, times, peak = daemon.client(False), [], 0
    begin = time.monotonic()
    while time.monotonic() < begin + 20:
        times.append(serve.timed(lambda: watcher.ask("GET", "/health")))
        peak = max(peak, resident(daemon))
        time.sleep(0.02)
    seconds = time.monotonic() - begin
    over.set()
    for thread in (*floods, sockets):
        thread.join()
    return {**serve.percentiles(times), "failed": counts["wrong"], "echoed": counts["echoed"],
            "flood_MB_per_s": round(sum(taken) / 1e6 / seconds), "resident_MiB": round(peak / (1 << 20), 1)}


MEASUREMENTS = {"rate": rate, "health": health, "stream": stream, "memory": memory, "flood": flood}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *MEASUREMENTS], metavar="NAME")
    parser.add_argument("--parallel", type=int, default=os.cpu_count())
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = {}
    for name in options.names or MEASUREMENTS:
        with tempfile.TemporaryDirectory() as home:
            daemon = serve.Daemon(home)
            try:
                figures[name] = MEASUREMENTS[name](daemon, options.parallel)
            finally:
                daemon.stop()
    if options.json:
        print(json.dumps({**figures, "load": os.getloadavg()}))
        return
    for name, values in figures.items():
        print(f"{name:10}" + "  ".join(f"{key} {value}" for key, value in values.items()))
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
