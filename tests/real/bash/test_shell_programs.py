"""Shell scripts made of the usual utilities give the output they should."""

import pathlib

import pytest

HERE = pathlib.Path(__file__).parent
SCRIPTS = ["access_report", "archives", "jobs", "json_pipeline", "numbers", "patching"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_prints_what_it_should(sbx, name):
    sbx.expect((HERE / "expected" / f"{name}.txt").read_text(), HERE / "programs" / f"{name}.sh")


def test_a_script_takes_arguments_and_input_and_keeps_its_exit_code(sbx):
    sbx.expect("hello, WÖRLD\n" * 3 + "2 lines on stdin, the last is 'no newline'\n",
               HERE / "programs" / "options.sh", "-u", "-r", "3", "wörld",
               stdin=b"first\nno newline", exit_code=13)


def test_a_script_keeps_its_own_usage_error(sbx):
    done = sbx.run(HERE / "programs" / "options.sh", "-x")
    assert done.returncode == 64
    assert done.stdout == b""
    assert done.stderr.decode().splitlines()[-1] == "usage: options.sh [-u] [-r TIMES] NAME"
