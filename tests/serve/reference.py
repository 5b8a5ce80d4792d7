"""What the frameworks themselves answer, whose habits the dialects keep: run in a sandbox, beside the daemon."""

import http.client
import json
import os
import pathlib
import subprocess

from registries import settings

INSIDE = pathlib.Path(__file__).parent / "inside"
JSON = {"content-type": "application/json"}


def answers_of(binary, program, libraries, requests, *arguments):
    """[status, headers, body] of each request, from a program of `inside`."""
    flags = [flag for library in libraries for flag in ("--with", library)]
    done = subprocess.run([binary, "run", "--direct", "--timeout", "5m", "--memory", "1g", "--pids", "300", *flags,
                           str(INSIDE / program), *arguments], input=json.dumps(requests),
                          env={**os.environ, **settings()}, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def answer_of(port, prefix, request):
    """The same from the daemon."""
    method, target, headers, body = request
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    connection.request(method, prefix + target, body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return [answer.status, {name.lower(): value for name, value in answer.headers.items()}, text]
