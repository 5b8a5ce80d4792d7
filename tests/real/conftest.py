"""Real programs in real sandboxes: what the tests of this folder share."""

import contextlib
import fcntl
import os
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
IMAGES_VERSION = (HERE.parent.parent / "images" / "VERSION").read_text().strip()


class Sbx:
    """The binary under test, named by the environment variable SBX."""

    def __init__(self):
        self.path = os.environ["SBX"]

    def run(self, *arguments, cwd=HERE, stdin=b"", seconds=600):
        """Runs `sbx run ARGUMENTS...` and returns what came of it; stdout and stderr are bytes."""
        return subprocess.run([self.path, "run", *map(str, arguments)], cwd=cwd, input=stdin, capture_output=True,
                              timeout=seconds)

    def expect(self, expected, *arguments, exit_code=0, **how):
        """Runs a program and compares its output and exit code."""
        done = self.run(*arguments, **how)
        assert done.stdout.decode() == expected, done.stderr.decode()
        assert done.returncode == exit_code, done.stderr.decode()


@pytest.fixture(scope="session")
def sbx():
    return Sbx()


@pytest.fixture(scope="session")
def images_version():
    return IMAGES_VERSION


@pytest.fixture(scope="session")
def test_directory():
    """Where what the tests download stays from run to run."""
    directory = pathlib.Path(os.environ["SBX_TEST_DIRECTORY"])
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture(scope="session")
def one_at_a_time(test_directory):
    """`with one_at_a_time(name)`: several workers prepare a thing one after the other."""
    @contextlib.contextmanager
    def guard(name):
        with open(test_directory / f"{name}.guard", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    return guard


@pytest.fixture(scope="session")
def cpython_image(images_version, one_at_a_time):
    """Python's image with CPython's test suite; building it twice costs nothing, as the engine keeps its layers."""
    tag = f"sbx-test/cpython:{images_version}"
    command = f"source scripts/lib/setup.sh && build_image {tag} {HERE / 'cpython'} BASE=sbx/python:{images_version}"
    with one_at_a_time("cpython"):
        subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=HERE.parents[1], check=True)
    return tag
