"""Fixtures of the standby suite."""

import os
import shutil
import sys
import zipfile

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from standby_driver import NODE_PROGRAM_FILES, PROGRAMS  # noqa: E402


@pytest.fixture(scope="session")
def work(tmp_path_factory):
    """Makes the folder that programs run in anew: every runner finds the same files at the same place."""
    folder = tmp_path_factory.mktemp("standby") / "work"

    def make():
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(PROGRAMS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        os.symlink("folder/deep er/script.py", folder / "link.py")
        shutil.copy(folder / "arguments.py", os.fsencode(folder) + b"/\xff.py")
        with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
            archive.write(folder / "folder" / "__main__.py", "__main__.py")
        both = (folder / "hello.py").read_bytes() + b"\n" + (folder / "archive.zip").read_bytes()
        (folder / "archive behind.py").write_bytes(both)
        (folder / "empty.py").touch()
        return folder

    return make


@pytest.fixture(scope="session")
def node_work(tmp_path_factory):
    """The same for Node's programs."""
    folder = tmp_path_factory.mktemp("node") / "work"

    def make():
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(NODE_PROGRAM_FILES, folder)
        os.symlink("folder/../hello.mjs", folder / "link.mjs")
        return folder

    return make
