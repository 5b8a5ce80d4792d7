"""Every language of the table, walked through what a program may do."""

import json
import os
import re
import subprocess

import pytest

from table import TABLE

SBX = os.environ["SBX"]
EACH = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)


@pytest.fixture
def run(tmp_path):
    """`run(row, code, ...)` writes the code to a file whose name is not ASCII and runs that."""

    def run(row, code, *flags, arguments=(), stdin=b""):
        name = f"prögram.{row.extension}"
        (tmp_path / name).write_text(code)
        return sbx("run", *flags, name, *arguments, cwd=tmp_path, stdin=stdin)

    return run


def sbx(*words, cwd=None, stdin=b""):
    done = subprocess.run([SBX, *words], cwd=cwd, input=stdin, capture_output=True, timeout=180)
    done.text = done.stderr.decode()
    return done


def listed():
    return json.loads(sbx("lang", "ls", "--json").stdout)


def test_the_table_has_every_language():
    assert [row.name for row in TABLE] == [language["name"] for language in listed()]


@EACH
def test_it_says_its_version(row):
    words = json.loads(sbx("lang", "show", row.name, "--json").stdout)["version"]
    done = sbx("run", "--lang", row.name, "--", *words)
    assert done.returncode == 0, done.text
    assert re.search(rb"\d+\.\d+", done.stdout + done.stderr)


@EACH
def test_code_without_a_file_says_hello(row):
    done = sbx("run", "--lang", row.alias, "-c", row.hello)
    assert (done.stdout, done.returncode) == (b"hello\n", 0), done.text
    assert done.text == ""


@EACH
def test_arguments_streams_and_exit_code_are_the_programs_own(row, run):
    arguments = ["größer als", "-x", "✓"] if row.takes_arguments else []
    stdin = "erste Zeile\nπ\n".encode()
    done = run(row, row.echo, arguments=arguments, stdin=stdin)
    expected = "".join(f"{argument}\n" for argument in arguments).encode() + stdin
    assert (done.stdout, done.returncode) == (expected, 3), done.text
    assert done.text == "aside\n"


@EACH
def test_the_source_is_unicode(row, run):
    done = run(row, row.hello.replace("hello", "grüße, 世界 🎈"))
    assert (done.stdout.decode(), done.returncode) == ("grüße, 世界 🎈\n", 0), done.text


@EACH
def test_a_failure_says_why(row, run):
    done = run(row, row.failure)
    assert done.returncode not in (0, 124, 125, 126, 127)
    assert "broken" in done.text


@EACH
def test_a_mistake_is_found_before_anything_runs(row, run):
    done = run(row, row.mistake, "--json")
    record = json.loads(done.stdout)
    assert (record["origin"], record["reason"]) == ("program", "exited")
    assert record["exit_code"] not in (0, None)
    compiled = json.loads(sbx("lang", "show", row.name, "--json").stdout)["compile"]
    assert record["phase"] == ("compile" if compiled else "run")
    assert not row.names_the_file or f"prögram.{row.extension}" in record["stderr"]


@EACH
def test_a_loop_ends_at_the_time_limit(row, run):
    done = run(row, row.loop, "--timeout", "2s")
    assert done.returncode == 124, done.text


@EACH
def test_memory_ends_at_its_limit(row, run):
    done = run(row, row.hoard)
    if row.hoard_ends:
        assert row.hoard_ends in done.text and done.returncode not in (0, 124, 125)
    else:
        assert done.returncode == 137, done.text
        assert "out of memory" in done.text


@EACH
def test_much_output_is_whole(row, run):
    done = run(row, row.flood)
    assert (len(done.stdout), done.stdout.count(b"\n"), done.returncode) == (50 << 20, 1 << 20, 0), done.text


@EACH
def test_a_second_file_is_found_beside_the_first(row, run, tmp_path):
    (tmp_path / row.second_file).write_text(row.helper)
    done = run(row, row.main, "--file", row.second_file)
    assert (done.stdout, done.returncode) == (b"helper\n", 0), done.text
