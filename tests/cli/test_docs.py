"""The snippets of docs/ci.md print what the page says."""

import os
import pathlib
import re
import subprocess

import pytest

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "ci.md"
SNIPPETS = re.findall(r"^```sh\n(.*?)^```\n```output\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_page_has_no_snippet_without_its_output():
    assert len(SNIPPETS) == PAGE.read_text().count("```sh\n") > 5


@pytest.mark.parametrize("script, expected", SNIPPETS)
def test_a_snippet_prints_what_the_page_says(script, expected, tmp_path):
    directory = tmp_path / "bin"
    directory.mkdir()
    (directory / "sbx").symlink_to(os.environ["SBX"])
    environment = os.environ | {"PATH": f"{directory}:{os.environ['PATH']}", "CI": "true"}
    work = tmp_path / "work"
    work.mkdir()
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=work,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (result.stdout, result.returncode) == (expected, 0), result.stderr
