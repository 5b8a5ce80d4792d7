#!/usr/bin/env python3
"""Dialects of `sbx serve --compat` beside the library that the replaced proxy stands on, in the same run.

  session      one line of Python in a session: the proxy's, and llm-sandbox's own with the same image
  execute      POST /execute with print(1), single-use, while sandboxes wait

usage: dialects.py [--runs N] [--json]      SBX names the binary; needs llm-sandbox[docker] (PyPI)
"""

import argparse
import json
import tempfile

from llm_sandbox import SandboxSession

import serve

IMAGE = "sbx/python:4"
PEER_RUNS = 10  # each takes a second


def in_session(client, runs):
    path = f"/sessions/{client.ask('POST', '/sessions', {'lang': 'python'})['session_id']}"
    client.ask("POST", path + "/execute", {"code": "x = 1"})
    ask = client.prepared(path + "/execute", {"code": "print(x)"})
    times = [serve.timed(ask) for _ in range(runs)]
    client.ask("DELETE", path)
    return serve.percentiles(times)


def in_peers_session(runs):
    with SandboxSession(lang="python", image=IMAGE, keep_template=True, skip_environment_setup=True,
                        runtime_configs={"user": "root"}) as session:
        session.run("x = 1")
        return serve.percentiles([serve.timed(lambda: session.run("print(1)")) for _ in range(runs)])


def alone(client, runs):
    ask = client.prepared("/execute", {"code": "print(1)"})
    times = []
    while len(times) < runs:
        serve.wait_for_pool(client)
        times += [serve.timed(ask) for _ in range(serve.POOL // 2)]
    return serve.percentiles(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        daemon = serve.Daemon(home, "--compat")
        client = daemon.client(False)
        figures = {"session": in_session(client, options.runs), "execute": alone(client, options.runs)}
        daemon.stop()
    figures["llm-sandbox session"] = in_peers_session(PEER_RUNS)
    figures["session against it"] = {
        "times faster": round(figures["llm-sandbox session"]["p50_ms"] / figures["session"]["p50_ms"])}
    if options.json:
        print(json.dumps(figures))
        return
    for name, row in figures.items():
        print(f"{name:22}" + "  ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
