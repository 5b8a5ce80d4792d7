#!/usr/bin/env python3
"""LibreChat's code interpreter of `sbx serve --compat`, beside Python on the host.

  exec      POST /exec with print(1), while sandboxes wait
  plot      POST /exec with a plot of a table, while sandboxes wait; the host's python3 doing the same in a process of its own
  transfer  a file of 10 MB uploaded and downloaded again, in MB a second of what was moved

usage: librechat.py [--runs N] [--json]      SBX names the binary; the host's python3 needs matplotlib and pandas
"""

import argparse
import json
import os
import subprocess
import tempfile
import time

import serve

KEY = "dev-ci-key"
MEGABYTES = 10
PLOT = """import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
table = pd.DataFrame({"x": np.arange(100), "y": np.random.rand(100).cumsum()})
table.plot(x="x", y="y")
plt.savefig("plot.png")
"""


class Chat:
    """Each request has a connection of its own: so the server wants it."""

    def __init__(self, daemon):
        self.daemon = daemon

    def ask(self, method, path, body=None, kind="application/json"):
        client = self.daemon.client(False)
        client.connection.request(method, path, body, {"X-API-Key": KEY, "Content-Type": kind})
        answer = client.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
        client.connection.close()
        return text

    def run(self, code, files):
        told = json.loads(self.ask("POST", "/exec", json.dumps({"lang": "py", "code": code})))
        if told["code"] != 0 or len(told["files"]) != files:
            raise RuntimeError(told)

    def transfer(self, content):
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
        body = head + content + b"\r\n--x--\r\n"
        made = json.loads(self.ask("POST", "/upload", body, "multipart/form-data; boundary=x"))
        if self.ask("GET", f"/download/{made['session_id']}/{made['files'][0]['fileId']}") != content:
            raise RuntimeError("another content came back")


def is_full(client):
    kinds = [kind for kind in client.ask("GET", "/v1/pool")["kinds"] if "librechat" in kind["image"]]
    return kinds and all(kind["ready"] >= kind["wanted"] for kind in kinds)


def while_pooled(client, run, runs):
    run()  # from here on sandboxes of this kind wait
    times = []
    while len(times) < runs:
        while not is_full(client):
            time.sleep(0.05)
        time.sleep(2)  # their interpreters import what programs will
        times.append(serve.timed(run))
    return serve.percentiles(times)


def on_host(folder):
    subprocess.run(["/usr/bin/python3", "-c", PLOT], cwd=folder, check=True, env={**os.environ, "MPLCONFIGDIR": folder})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    content = os.urandom(MEGABYTES * 1_000_000)
    with tempfile.TemporaryDirectory() as home:
        daemon = serve.Daemon(home, "--compat")
        client, chat = daemon.client(False), Chat(daemon)
        figures = {"exec": while_pooled(client, lambda: chat.run("print(1)", 0), options.runs),
                   "plot": while_pooled(client, lambda: chat.run(PLOT, 1), options.runs)}
        chat.transfer(content)
        start = time.monotonic()
        for _ in range(options.runs):
            chat.transfer(content)
        speed = 2 * MEGABYTES * options.runs / (time.monotonic() - start)
        daemon.stop()
    with tempfile.TemporaryDirectory() as folder:
        on_host(folder)
        figures["host's plot"] = serve.percentiles([serve.timed(lambda: on_host(folder)) for _ in range(options.runs)])
    figures["plot against it"] = {"ratio": round(figures["plot"]["p50_ms"] / figures["host's plot"]["p50_ms"], 2)}
    figures["transfer"] = {"MB/s": round(speed)}
    if options.json:
        print(json.dumps(figures))
        return
    for name, row in figures.items():
        print(f"{name:18}" + "  ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
