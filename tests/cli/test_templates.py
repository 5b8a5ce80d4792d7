"""Sandboxes after a template."""

import time

import pytest

from registries import settings
from runner import eventually

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
SHOW = "import os, resource; print(os.environ.get('MODE'), os.environ.get('EXTRA'), os.getcwd())"


@pytest.fixture
def template(kept):
    """Writes a template under a name into the user's folder, and gives the file."""
    folder = kept.state.parent / "config" / "sbx" / "templates"
    folder.mkdir(parents=True)

    def write(name, text):
        (folder / f"{name}.toml").write_text(text)
        return folder / f"{name}.toml"

    return write


def limits_of(kept, sandbox):
    record = kept.record(sandbox)
    return record["limits"]["memory_bytes"] >> 20, record["limits"]["pids"], record["workdir"], record["labels"]


def test_a_sandbox_is_as_its_template_says(kept, template):
    file = template(
        "numbers",
        "workdir = 'app'\n[limits]\nmemory = '256m'\npids = 40\n[environment]\nMODE = 'one'\n[labels]\nproject = 'demo'\n",
    )
    for word in ("numbers", file):
        sandbox = kept.make("--template", word)
        assert limits_of(kept, sandbox) == (256, 40, "/work/app", {"project": "demo"})
        assert kept("exec", sandbox, "python3", "-c", SHOW).out == "one None /work/app\n"


def test_flags_beat_a_template_which_beats_the_settings(kept, template):
    template("t", "workdir = 'app'\n[limits]\nmemory = '256m'\n[environment]\nMODE = 'one'\nEXTRA = 'two'\n[labels]\na = '1'\n")
    settings = {"SBX_MEMORY": "128m", "SBX_PIDS": "30"}
    done = kept(
        "create", "--template", "t", "--workdir", "/work/mine", "-e", "MODE=flag", "--label", "a=2", env=settings
    )
    sandbox = done.out.strip()
    assert limits_of(kept, sandbox) == (256, 30, "/work/mine", {"a": "2"})
    assert kept("exec", sandbox, "python3", "-c", SHOW).out == "flag two /work/mine\n"
    sandbox = kept.make("--template", "t", "--memory", "200m")
    assert limits_of(kept, sandbox)[0] == 200


def test_its_command_runs_in_a_new_sandbox(kept, template):
    template("web", "start = 'echo \"$MODE\" > /work/started; exec sleep 600'\n[environment]\nMODE = 'one'\n")
    sandbox = kept.make("--template", "web")
    assert eventually(lambda: kept("exec", sandbox, "cat", "started").out == "one\n", 10)
    (process,) = kept.record(sandbox)["processes"]
    assert process["running"] and process["command"][:2] == ["sh", "-c"]


def test_a_command_that_cannot_start_leaves_no_sandbox(kept, template, second_engine):
    template("t", f"image = '{second_engine.image}'\nstart = 'true'\n")
    done = kept("create", "--template", "t", env=second_engine.env)
    assert done.code != 0 and kept.known("-a") == {}


def test_a_run_takes_language_image_and_limits(kept, template):
    template("shell", "language = 'bash'\nimage = 'debian:bookworm-slim'\n[limits]\nmemory = '100m'\ntimeout = '1s'\n")
    done = kept("run", "--json", "--template", "shell", "-c", "echo $BASH_VERSION; sleep 60")
    assert (done.code, done.json["reason"], done.json["image"]) == (124, "timeout", "debian:bookworm-slim")
    assert done.json["stdout"].startswith("5.")
    assert kept("run", "-c", "print(1)", env={"SBX_TEMPLATE": "shell"}).code != 0
    assert kept("run", "--template", "shell", "--lang", "python", "--image", "sbx/python:4", "-c", "print(1)").out == "1\n"


def test_what_was_warmed_after_a_template_serves_its_runs(kept, template):
    template("small", "[limits]\nmemory = '200m'\ndisk = '32m'\n[environment]\nMODE = 'one'\n")
    assert kept("pool", "warm", "--template", "small").code == 0
    assert kept("run", "--json", "-c", "1").json["path"] == "cold"
    done = kept("run", "--json", "--template", "small", "-c", SHOW)
    assert (done.json["path"], done.json["stdout"]) == ("standby", "one None /work\n")


def test_a_shell_that_is_new_takes_it(kept, template):
    template("t", "[environment]\nMODE = 'one'\n")
    done = kept("shell", "--template", "t", stdin=b"echo $MODE\nexit\n")
    assert b"one" in done.stdout, done
    assert kept("shell", "--template", "t", kept.make()).code == 125


def test_what_programs_may_reach_is_as_it_says_unless_a_flag_says_else(kept, template):
    template("t", "allow = ['a.example', 'b.example:22']\n")

    def list_of(*flags):
        record = kept.record(kept.make("--template", "t", *flags))
        return record["network"], record["allow"]

    assert list_of() == ("allow", ["a.example:80", "a.example:443", "b.example:22"])
    assert list_of("--allow", "c.example:1") == ("allow", ["c.example:1"])
    assert list_of("--net", "none") == ("none", [])
    done = kept("run", "--template", "t", "-c", "import socket; print(socket.gethostbyname('a.example'))")
    assert done.out.startswith("127.")


@pytest.mark.parametrize(
    "text, blamed",
    [("\nimagge = 'x'", ":2: imagge"), ("[limits]\nmemory = '-1'", ":2: limits.memory"), ("x = [", ":1: ")],
)
@pytest.mark.parametrize("command", [("run", "-c", "1"), ("create",), ("pool", "warm")])
def test_what_is_wrong_in_it_is_told_with_its_line_and_nothing_is_made(kept, template, command, text, blamed):
    file = template("wrong", text)
    done = kept(*command[:1 + (command[0] == "pool")], "--template", "wrong", *command[1 + (command[0] == "pool"):],
                env=NO_ENGINE)  # fmt: skip
    assert done.code == (125 if command[0] == "run" else 2)
    assert f"{file}{blamed}" in done.err, done


def test_a_file_is_taken_in_place_of_a_template_of_ours(kept, template):
    template("python-data", "[limits]\nmemory = '200m'\n")
    done = kept("run", "--json", "--template", "python-data", "-c", "1")
    assert (done.code, done.json["image"]) == (0, "sbx/python:4")


def test_a_template_that_is_not_there_is_told_with_the_place_for_it(kept):
    done = kept("create", "--template", "nowhere", env=NO_ENGINE)
    assert done.code == 2 and "sbx/templates/nowhere.toml" in done.err
    assert "did you mean python-data?" in kept("create", "--template", "pythn-data", env=NO_ENGINE).err
    assert kept("run", "--template", "./nowhere.toml", "-c", "1", env=NO_ENGINE).code == 125


def test_a_template_brings_libraries_and_a_pool_imports_ahead_what_it_says(kept, tmp_path):
    kept.base.update(settings())
    (tmp_path / "six.toml").write_text('libraries = ["six==1.16.0"]\npreload = ["six", "json", "none_such"]\n')
    words = ["--template", tmp_path / "six.toml"]
    code = "import sys; print('six' in sys.modules, 'json' in sys.modules); import six; print(six.__version__)"
    cold = kept("run", "--json", *words, "-c", code, timeout=120).json
    assert (cold["path"], cold["stdout"]) == ("cold", "False False\n1.16.0\n")
    assert kept("pool", "warm", *words).code == 0
    time.sleep(3)  # a standby that is not ready yet starts another interpreter
    warm = kept("run", "--json", *words, "-c", code).json
    assert (warm["path"], warm["stdout"], warm["stderr"]) == ("standby", "True True\n1.16.0\n", "")
    assert kept("run", "--json", "--with", "six==1.16.0", "-c", code).json["path"] == "cold"


def test_a_dockerfile_of_ones_own_is_a_template(kept, engine, tmp_path):
    (tmp_path / "greeting").write_text("hello from the image\n")
    (tmp_path / "Dockerfile").write_text("FROM sbx/python:4\nCOPY greeting /opt/greeting\n")
    words = ["run", "--json", "--template", tmp_path / "Dockerfile", "-c", "print(open('/opt/greeting').read(), end='')"]
    first = kept(*words).json
    assert (first["exit_code"], first["stdout"]) == (0, "hello from the image\n"), first
    assert kept(*words).json["image"] == first["image"]  # nothing was built again
    (tmp_path / "greeting").write_text("changed\n")
    second = kept(*words).json
    assert second["stdout"] == "changed\n" and second["image"] != first["image"]
    kept.make("--name", "box", "--template", tmp_path / "Dockerfile")
    assert kept("exec", "box", "--", "cat", "/opt/greeting").out == "changed\n"
    kept.end_all()
    for image in (first["image"], second["image"]):
        assert eventually(lambda image=image: engine.request("DELETE", f"/images/{image}")[0] == 200, 10)


@pytest.mark.parametrize("line", ["USER nobody", 'ENTRYPOINT ["x"]', "VOLUME /data"])
def test_what_a_sandbox_cannot_honour_of_a_dockerfile_is_refused_by_its_line(kept, tmp_path, line):
    (tmp_path / "Dockerfile").write_text(f"FROM sbx/python:4\n{line}\n")
    done = kept("run", "--template", tmp_path / "Dockerfile", "-c", "1")
    assert (done.code, done.out) == (125, "")
    assert f"Dockerfile:2: {line.split()[0]} has no effect here" in done.err


def test_a_dockerfile_that_fails_says_why(kept, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM sbx/python:4\nRUN echo because >&2; exit 7\n")
    done = kept("run", "--template", tmp_path / "Dockerfile", "-c", "1")
    assert done.code == 125 and "7" in done.err
