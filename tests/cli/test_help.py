"""Help, manual pages and completion: complete, in step with each other, and there without an engine."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

BARE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock", "HOME": "/nonexistent", "XDG_CACHE_HOME": None,
        "XDG_CONFIG_HOME": None, "XDG_STATE_HOME": None, "XDG_RUNTIME_DIR": None}  # fmt: skip

# The flags of `run` that work, as the command line's document has them.
RUN_FLAGS = """
-c --lang --entry --template --image --pull --with --requirements --no-libraries --offline --upgrade --install-timeout --timeout --grace --memory --cpus --pids --disk --max-output --cpu-time --net --allow
--file --output --artifacts --workdir --all -v -e --env-file -t -T -i --json --ndjson --meta -q --timing --debug --label
--host --direct
""".split()
LATER_FLAGS = """
--name --keep --ttl --idle-timeout --isolation
""".split()
COMMANDS = ["run", "batch", "create", "exec", "eval", "shell", "repl", "cp", "files", "port", "logs", "wait", "ps", "ls", "stats",
            "inspect", "extend", "allow", "deny", "pause", "resume", "stop", "kill", "rm", "doctor", "image", "pool", "lang", "cache", "config", "key", "prune",
            "completion", "bench", "version", "runs", "daemon"]
LATER_COMMANDS = ["mcp"]


def flags_in(text):
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", text))


def manual(name):
    """The text of a page that was made with the binary."""
    page = Path(os.environ["SBX_MAN"]) / f"{name}.1"
    assert page.exists(), page
    return page


def plain(page):
    done = subprocess.run(
        ["man", "-l", page], capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "200"}
    )
    assert done.returncode == 0, done
    return re.sub(r".\x08", "", done.stdout.decode()).replace("‐", "-").replace("−", "-")


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["run", "--help"], ["run", "-h"], ["help"], ["help", "run"]])
def test_help_needs_no_engine_and_no_home(sbx, args):
    done = sbx(*args, env=BARE)
    assert (done.code, done.stderr) == (0, b"")
    assert "sbx run" in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_works_is_in_the_help_and_has_its_own(sbx, command):
    assert re.search(rf"^\s+{command}\b", sbx("--help", env=BARE).out, re.MULTILINE)
    done = sbx(command, "--help", env=BARE)
    assert (done.code, done.stderr) == (0, b"")
    assert "Usage" in done.out and f"sbx {command}" in done.out


@pytest.mark.parametrize("command", LATER_COMMANDS)
def test_a_command_that_does_not_work_yet_is_nowhere(sbx, command):
    assert not re.search(rf"^\s+{command}\b", sbx("--help", env=BARE).out, re.MULTILINE)
    assert sbx(command, env=BARE).code == 2


@pytest.mark.parametrize("flag", RUN_FLAGS)
def test_every_flag_of_run_is_in_the_help(sbx, flag):
    assert flag in flags_in(sbx("run", "--help", env=BARE).out)


@pytest.mark.parametrize("flag", LATER_FLAGS)
def test_a_flag_that_does_not_work_yet_is_not_offered(sbx, flag):
    assert flag not in flags_in(sbx("run", "--help", env=BARE).out)


def test_a_command_below_another_shows_its_own_examples_alone(sbx):
    for name in ("ls", "cat", "write", "mkdir", "mv", "rm", "stat", "watch"):
        examples = sbx("files", name, "--help", env=BARE).out.partition("Examples:\n")[2].split("\n")
        (line,) = [each.strip() for each in examples if each.strip().startswith("sbx ")]
        assert line.startswith(f"sbx files {name} ")


def test_help_shows_examples_and_defaults(sbx):
    text = sbx("run", "--help", env=BARE).out
    assert "Examples" in text and "sbx run " in text
    for default in ("10m", "512m", "128", "256m", "64m"):
        assert default in text


def test_help_after_the_script_belongs_to_the_program(sbx):
    assert sbx("run", "-c", "import sys; print(sys.argv[1:])", "--help").stdout == b"['--help']\n"


def test_help_follows_the_name_it_was_called_by(sbx, tmp_path):
    (tmp_path / "sandbox-runner").symlink_to(sbx.binary)
    done = subprocess.run(
        [tmp_path / "sandbox-runner", "--help"], env=sbx.environment(BARE), capture_output=True, timeout=20
    )
    assert b"sandbox-runner run" in done.stdout and b"sbx run" not in done.stdout


def test_help_fits_a_terminal(sbx):
    for command in COMMANDS:
        assert max(map(len, sbx(command, "--help", env=BARE).out.splitlines())) <= 100


def test_help_is_instant(sbx):
    """Milliseconds, the start of a process included; far above the goal, because machines differ."""
    times = []
    for _ in range(10):
        begin = time.monotonic()
        sbx("--help", env=BARE)
        times.append(time.monotonic() - begin)
    assert min(times) < 0.25


def test_help_stops_quietly_when_its_reader_leaves(sbx):
    done = sbx.shell(f"'{sbx.binary}' run --help | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}")
    assert done.stdout in (b"0\n", b"141\n") and done.stderr == b""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_of_the_help_is_in_the_manual(sbx, command):
    missing = flags_in(sbx(command, "--help", env=BARE).out) - flags_in(plain(manual(f"sbx-{command}")))
    assert not missing


def test_the_first_manual_page_names_every_command(sbx):
    text = plain(manual("sbx"))
    for command in COMMANDS:
        assert f"sbx-{command}" in text or f" {command} " in text


@pytest.mark.parametrize("name", ["sbx", *(f"sbx-{command}" for command in COMMANDS)])
def test_manual_pages_have_no_warnings(name):
    page = manual(name)
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True)
    assert done.stdout == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
@pytest.mark.parametrize("command", ["run", "image", "config"])
def test_every_long_flag_of_the_help_is_completed(sbx, shell, command):
    script = sbx("completion", shell, env=BARE).out
    for flag in flags_in(sbx(command, "--help", env=BARE).out):
        if flag.startswith("--"):
            assert flag in script or f"-l {flag[2:]}" in script or f"-l '{flag[2:]}'" in script, flag
