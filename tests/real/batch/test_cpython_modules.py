"""Modules of CPython's own test suite pass as jobs of `sbx batch`, each with the files it needs."""

import pathlib
import re
import subprocess

import pytest

from jobs import assert_passed, batch

LIST = pathlib.Path(__file__).parent / "cpython_modules.txt"
COUNT = 120
SUITE = "/usr/lib/python3.11/test"
# What every module needs of the package `test`.
SHARED = ["__init__.py", "support"]
CODE = """\
import os, unittest
assert os.getuid() == 1000
unittest.main("test.{}")
"""


def listed():
    """{module: the other files of the suite that it needs}"""
    lines = [line.split() for line in LIST.read_text().splitlines() if not line.startswith("#")]
    return {module: others for module, *others in lines}


def files_of(module, others):
    return [*SHARED, f"{module}.py", *others]


@pytest.fixture(scope="session")
def suite(sbx, cpython_image, tmp_path_factory):
    """A directory with the files of all modules in the list."""
    names = {name for module, others in listed().items() for name in files_of(module, others)}
    words = [sbx.path, "run", "--image", cpython_image, "--", "tar", "-c", "-C", SUITE, "--exclude=__pycache__", *names]
    done = subprocess.run(words, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    directory = tmp_path_factory.mktemp("suite")
    subprocess.run(["tar", "-x", "-C", directory], input=done.stdout, check=True)
    return directory


def has_passed(result):
    """unittest says OK, and that it ran more than it skipped."""
    said = re.search(r"^Ran (\d+) tests? in .*\n\nOK(?: \((.*)\))?\n\Z", result["stderr"], re.MULTILINE)
    skipped = re.search(r"skipped=(\d+)", said[2] or "") if said else None
    return bool(said) and int(said[1]) > (int(skipped[1]) if skipped else 0)


def test_modules_of_cpythons_suite_pass_as_jobs(sbx, suite):
    modules = listed()
    assert len(modules) == COUNT
    jobs = [
        {"id": module, "language": "python", "code": CODE.format(module), "expected_exit_code": 0,
         "files": [f"{suite / name}:test/{name}" for name in files_of(module, others)], "limits": {"timeout": "5m"}}
        for module, others in modules.items()
    ]  # fmt: skip
    results, code = batch(sbx, jobs)
    assert_passed(results)
    assert code == 0
    assert [(name, each["stderr"][-500:]) for name, each in results.items() if not has_passed(each)] == []
