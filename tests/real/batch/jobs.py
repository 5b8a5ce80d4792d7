"""What the tests of this folder share: jobs through `sbx batch`."""

import json
import os
import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS / "cli"), str(TESTS / "languages")]

from registries import settings  # noqa: E402


def environment():
    return {**os.environ, **settings()}


def batch(sbx, jobs, *flags, seconds=900):
    """The results by id, and the exit code."""
    text = "".join(json.dumps(job) + "\n" for job in jobs)
    words = [sbx.path, "batch", "-j", "2", *flags, "-"]
    done = subprocess.run(words, input=text.encode(), capture_output=True, timeout=seconds, env=environment())
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(jobs), done.stderr.decode()
    return {result["id"]: result for result in results}, done.returncode


def assert_passed(results):
    """All have passed; else says of each that has not why, and the end of what it wrote to stderr."""
    failed = [
        f"{name}: {each.get('error') or each['difference']}\n{each.get('stderr', '')[-2000:]}"
        for name, each in results.items()
        if not each.get("passed")
    ]
    assert not failed, "\n\n".join(failed)
