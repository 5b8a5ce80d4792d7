"""The `console` examples of README.md and docs/ do what they show.

Each command after `$ ` is run by bash in a directory that holds copies of tests/docs/files and docs/examples; the lines
up to the next command are what it must print, stdout and stderr together. A line of `…` stands for any lines.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parents[2]


def examples():
    """(name, command, expected output) of every command that is shown."""
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for block in re.findall(r"^```console\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL):
            for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
                yield pytest.param(command, output, id=f"{document.name}: {command}")


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """Ours, with the binary under test as `sbx` on PATH and a state directory of these examples' own."""
    directory = tmp_path_factory.mktemp("bin")
    (directory / "sbx").symlink_to(os.environ["SBX"])
    state = tmp_path_factory.mktemp("state")
    return {**os.environ, "PATH": f"{directory}:{os.environ['PATH']}", "XDG_STATE_HOME": str(state)}


@pytest.mark.parametrize("command, output", examples())
def test_an_example_prints_what_it_shows(environment, tmp_path, command, output):
    shutil.copytree(ROOT / "tests" / "docs" / "files", tmp_path, dirs_exist_ok=True)
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    pattern = re.escape(output).replace("…\n", "(?:.*\n)*")
    assert re.fullmatch(pattern, done.stdout), done.stdout
