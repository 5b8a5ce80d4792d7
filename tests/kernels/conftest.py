"""Fixtures of the kernel suite: kernels, each fresh, in a directory of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from kernel import BASH, NODE, PYTHON, RUNNERS, Kernel  # noqa: E402

HERE = Path(__file__).parent
PEER = Path(os.environ.get("SBX_KERNEL_PEER", HERE.parents[1] / "build" / "kernel-peer"))


def needs_peer(item):
    """Whether a test takes the interpreter with the libraries, which half a gigabyte has to be fetched for."""
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return "peer" in item.fixturenames or "ipython" in parameters


def pytest_collection_modifyitems(config, items):
    """Selects the long tests only when they are asked for."""
    if os.environ.get("SBX_FULL") == "1":
        return
    long = [item for item in items if needs_peer(item)]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def peer():
    """The interpreter that has IPython, Jupyter's kernel and the libraries."""
    subprocess.run([HERE / "make_peer", PEER], check=True)
    return PEER / "venv" / "bin" / "python"


@pytest.fixture
def started(tmp_path):
    """Starts kernels and ends them."""
    kernels = []

    def start(command, **environment):
        own = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        variables = {**own, "PYTHONDONTWRITEBYTECODE": "1", "MPLCONFIGDIR": "/tmp/sbx-mpl", **environment}
        kernels.append(Kernel(command, cwd=tmp_path, env=variables))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.close()


@pytest.fixture(params=["own", "ipython"])
def python(request, started):
    """A Python kernel, with its own shell and with IPython's."""
    if request.param == "own":
        return started(PYTHON, SBX_KERNEL_IPYTHON="0")
    return started([request.getfixturevalue("peer"), RUNNERS / "kernel.py"])


@pytest.fixture
def own(started):
    return started(PYTHON, SBX_KERNEL_IPYTHON="0")


@pytest.fixture(params=["own", "ipython"])
def plotting(request, peer, started):
    """A Python kernel where the libraries are, with either shell."""
    return started([peer, RUNNERS / "kernel.py"], SBX_KERNEL_IPYTHON="0" if request.param == "own" else "1")


@pytest.fixture
def node(started):
    return started(NODE)


@pytest.fixture
def bash(started):
    return started(BASH)
