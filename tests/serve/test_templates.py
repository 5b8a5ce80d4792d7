"""Templates over HTTP: the operator's, by name."""

import json

import pytest

from daemon import eventually
from registries import settings

SHOW = "import os; print(os.environ.get('MODE'), os.environ.get('EXTRA'), os.getcwd())"


@pytest.fixture
def template(daemon):
    """Writes a template into the folder of the daemon's user, for one test."""
    folder = daemon.home / ".config" / "sbx" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    written = []

    def write(name, text):
        written.append(folder / f"{name}.toml")
        written[-1].write_text(text)

    yield write
    for file in written:
        file.unlink(missing_ok=True)


@pytest.fixture
def make(daemon):
    """Makes sandboxes that a test does not leave behind."""
    made = []

    def one(**request):
        made.append(daemon.sandbox(**request))
        return made[-1]

    yield one
    for each in made:
        daemon.request("DELETE", f"/v1/sandboxes/{each}")


def show(daemon, sandbox, **options):
    return daemon.get(f"/v1/sandboxes/{sandbox}", **options).json


def run_in(daemon, sandbox, *argv):
    return daemon.post(f"/v1/sandboxes/{sandbox}/processes", {"argv": argv}).json


def test_what_a_template_says_is_told_without_what_may_be_secret(daemon, template):
    template("web", "language = 'python'\nworkdir = 'app'\nallow = ['example.org']\nlibraries = ['numpy']\n"
                    "preload = ['json']\nstart = 'serve --token=HUSH'\n[limits]\nmemory = '200m'\ntimeout = '5s'\n"
                    "cpus = 0.5\n[environment]\nTOKEN = 'HUSH'\n[labels]\nproject = 'demo'\n")
    shown = daemon.get("/v1/templates/web")
    assert shown.status == 200 and b"HUSH" not in shown.body
    assert shown.json == {
        "name": "web", "usable": True, "language": "python", "image": None, "directory": "app",
        "allow": ["example.org"], "full_network": False, "libraries": ["numpy"], "preload": ["json"],
        "limits": {"wall_ms": 5000, "cpu_ms": None, "memory_bytes": 200 << 20, "disk_bytes": None,
                   "output_bytes": None, "millicpus": 500, "pids": None},
        "env": ["TOKEN"], "labels": {"project": "demo"}, "starts": True,
    }
    template("other", "")
    listed = daemon.get("/v1/templates")
    assert [each["name"] for each in listed.json["templates"]] == ["librechat", "other", "python-data", "web"]
    assert listed.json["templates"][3] == shown.json
    assert b"HUSH" not in listed.body and str(daemon.home).encode() not in listed.body


def test_a_sandbox_is_as_its_template_says(daemon, template, make):
    template("t", "workdir = 'app'\n[limits]\nmemory = '256m'\npids = 40\n[environment]\nMODE = 'one'\n"
                  "[labels]\nproject = 'demo'\n")
    sandbox = make(template="t")
    shown = show(daemon, sandbox)
    assert (shown["limits"]["memory_bytes"] >> 20, shown["limits"]["pids"]) == (256, 40)
    assert shown["labels"] == {"project": "demo"}
    assert run_in(daemon, sandbox, "python3", "-c", SHOW)["stdout"] == "one None /work/app\n"
    assert daemon.evaluate(sandbox, SHOW).json["stdout"] == "one None /work/app\n"


def test_the_request_beats_the_template(daemon, template, make):
    template("t", "language = 'bash'\nworkdir = 'app'\nallow = ['a.example', 'b.example:22']\n[limits]\n"
                  "memory = '256m'\npids = 40\n[environment]\nMODE = 'one'\nEXTRA = 'two'\n[labels]\na = '1'\nb = '1'\n")
    sandbox = make(template="t", language="python", directory="/work/mine", allow=["c.example:1"],
                   limits={"memory_bytes": 200 << 20}, env={"MODE": "request"}, labels={"a": "2"})
    shown = show(daemon, sandbox)
    assert (shown["limits"]["memory_bytes"] >> 20, shown["limits"]["pids"]) == (200, 40)
    assert (shown["labels"], shown["allow"]) == ({"a": "2", "b": "1"}, ["c.example:1"])
    assert run_in(daemon, sandbox, "python3", "-c", SHOW)["stdout"] == "request two /work/mine\n"
    assert show(daemon, make(template="t"))["allow"] == ["a.example:80", "a.example:443", "b.example:22"]
    assert show(daemon, make(template="t", allow=[]))["allow"] == []


def test_its_command_runs_in_a_new_sandbox_once_the_files_are_there(daemon, template, make):
    template("web", "workdir = 'app'\nstart = 'echo \"$MODE\" $PWD > /work/started; exec cat /work/in'\n"
                    "[environment]\nMODE = 'one'\n")
    sandbox = make(template="web", files={"in": "there\n"})
    assert eventually(lambda: run_in(daemon, sandbox, "cat", "/work/started")["stdout"] == "one /work/app\n")
    (process,) = daemon.get(f"/v1/sandboxes/{sandbox}/processes").json["processes"]
    output = daemon.get(f"/v1/sandboxes/{sandbox}/processes/{process['process']}/output?follow=true")
    assert b"there" in output.body


def test_a_command_that_cannot_start_leaves_no_sandbox(daemon, template):
    template("t", "workdir = '/nowhere'\nstart = 'true'\n")
    answer = daemon.post("/v1/sandboxes", {"template": "t"})
    assert answer.status >= 400 and daemon.get("/v1/sandboxes").json["sandboxes"] == []


def test_a_run_takes_language_environment_directory_and_limits(daemon, template):
    template("shell", "language = 'bash'\nworkdir = 'app'\n[limits]\ntimeout = '1s'\n[environment]\nMODE = 'one'\n")
    code = "echo $BASH_VERSION $MODE $PWD; sleep 60"
    record = daemon.run(code, template="shell").json
    assert record["reason"] == "timeout" and record["stdout"].startswith("5.")
    assert record["stdout"].endswith(" one /work/app\n")
    assert daemon.run("print(1)", template="shell", language="python").json["stdout"] == "1\n"
    slow = daemon.run("sleep 2; echo $MODE", template="shell", limits={"wall_ms": 9000}, env={"MODE": "two"}).json
    assert (slow["reason"], slow["stdout"]) == ("exited", "two\n")
    events = daemon.post("/v1/executions", {"template": "shell", "code": code}, Accept="application/x-ndjson").lines
    assert [each["type"] for each in events] == ["start", "stdout", "end"] and events[-1]["reason"] == "timeout"


def test_a_run_after_a_template_takes_what_waits_for_it(own_daemon):
    folder = own_daemon.home / ".config" / "sbx" / "templates"
    folder.mkdir(parents=True)
    (folder / "small.toml").write_text("preload = ['json', 'decimal']\n[limits]\nmemory = '200m'\ndisk = '32m'\n"
                                       "[environment]\nMODE = 'one'\n")
    assert own_daemon.run(SHOW, template="small").json["path"] == "cold"
    code = "import sys; print('decimal' in sys.modules)\n" + SHOW

    def was_waited_for():  # one that is taken at once may not have imported its modules yet
        record = own_daemon.run(code, template="small").json
        return (record["path"], record["stdout"]) == ("pool", "True\none None /work\n")
    assert eventually(was_waited_for, 30)


def test_libraries_are_there(own_daemon):
    folder = own_daemon.home / ".config" / "sbx" / "templates"
    folder.mkdir(parents=True)
    (folder / "sums.toml").write_text("libraries = ['six']\n")
    own_daemon.environment.update(settings())
    own_daemon.restart()
    record = own_daemon.run("import six; print(six.__name__)", template="sums").json
    assert record.get("stdout") == "six\n", record
    sandbox = own_daemon.sandbox(template="sums", libraries=["idna"])
    shown = own_daemon.evaluate(sandbox, "import six, idna; print(six.__name__, idna.__name__)").json
    assert shown["stdout"] == "six idna\n", shown


def test_it_is_the_operators_word_whoever_names_it(own_daemon, engine):
    folder = own_daemon.home / ".config" / "sbx" / "templates"
    folder.mkdir(parents=True)
    (folder / "open.toml").write_text("network = 'full'\nimage = 'debian:bookworm-slim'\nlanguage = 'bash'\n")
    (folder / "big.toml").write_text("[limits]\nmemory = '8g'\n")
    (folder / "endless.toml").write_text("[limits]\ntimeout = 'none'\n")
    key = own_daemon.post("/v1/keys", {"max_sandboxes": 1}, local=True).json["secret"]

    def post(path, **request):
        return own_daemon.post(path, request, X_API_Key=key)
    assert post("/v1/sandboxes", image="debian:bookworm-slim").status == 403
    assert post("/v1/sandboxes", full_network=True).status == 403
    assert post("/v1/sandboxes", template="open", full_network=True).status == 403
    assert post("/v1/sandboxes", template="open", image="alpine").status == 403
    made = post("/v1/sandboxes", template="open")
    assert made.status == 201 and made.json["image"] == "debian:bookworm-slim"
    (container,) = [each for each in engine.json("/containers/json")
                    if each["Labels"].get("sbx.sandbox") == made.json["id"]]
    assert container["HostConfig"]["NetworkMode"] != "none"
    assert post("/v1/sandboxes", template="open").status == 429, "the key's own limit holds"
    links = "ls /sys/class/net | wc -l"
    assert int(post("/v1/executions", template="open", code=links).json["stdout"]) > 1
    assert int(post("/v1/executions", template="open", allow=[], code=links).json["stdout"]) == 1
    for name in ("big", "endless"):
        refused = post("/v1/executions", template=name, code="print(1)")
        assert refused.status == 400 and "limits." in refused.json["error"]["message"]
    smaller = {"memory_bytes": 128 << 20, "wall_ms": 5000}
    for name in ("big", "endless"):
        assert post("/v1/executions", template=name, code="print(1)", limits=smaller).json["stdout"] == "1\n"
    assert own_daemon.post("/v1/executions", {"template": "endless", "code": "print(1)"}, local=True).status == 200


def test_a_disk_that_does_not_fit_its_memory_is_refused_as_everywhere(daemon, template):
    template("wide", "[limits]\nmemory = '512m'\ndisk = '1g'\n")
    for path, request in (("/v1/sandboxes", {}), ("/v1/executions", {"code": "print(1)"})):
        refused = daemon.post(path, {**request, "template": "wide"})
        assert refused.status == 400 and "disk" in refused.json["error"]["message"], refused.body
        fits = daemon.post(path, {**request, "template": "wide", "limits": {"disk_bytes": 1 << 20}})
        assert fits.status in (200, 201), fits.body


@pytest.mark.parametrize("name", [
    "wev", "none", "../web", "web.toml", "./web", "/etc/passwd", "Dockerfile", "x.Dockerfile", ".", "..", "w b", "a\0b",
])
def test_what_is_none_is_not_found_and_never_a_path(daemon, template, name):
    template("web", "")
    (daemon.home / ".config" / "sbx" / "web.toml").write_text("")
    for path, request in (("/v1/sandboxes", {}), ("/v1/executions", {"code": "print(1)"})):
        answer = daemon.post(path, {**request, "template": name})
        assert answer.status == 404, answer.body
        assert str(daemon.home) not in answer.body.decode()
    if name == "wev":
        assert answer.json["error"]["hint"] == "did you mean web?"
        assert daemon.get("/v1/templates/wev").status == 404


def test_a_broken_one_is_told_without_its_place(daemon, template):
    template("bad", "[limits]\nmemroy = '1g'\n")
    template("worse", "[environment]\nTOKEN = 'HUSH\n")
    for name in ("bad", "worse"):
        answers = [daemon.get(f"/v1/templates/{name}"), daemon.post("/v1/sandboxes", {"template": name}),
                   daemon.run("print(1)", template=name)]
        for answer in answers:
            assert answer.status == 503 and name in answer.json["error"]["message"]
            assert str(daemon.home).encode() not in answer.body and b"HUSH" not in answer.body
    listed = {each["name"]: each["usable"] for each in daemon.get("/v1/templates").json["templates"]}
    assert listed == {"bad": False, "librechat": True, "python-data": True, "worse": False}
    events = [json.loads(line) for line in daemon.log.read_text().splitlines() if '"template_broken"' in line]
    assert any("templates/bad.toml:2" in event["why"] for event in events)
    template("bad", "[limits]\nmemory = '128m'\n")
    assert daemon.run("print(1)", template="bad").json["stdout"] == "1\n", "it is read anew"


def test_the_command_line_has_templates_of_its_own(daemon, template, tmp_path):
    template("t", "[environment]\nMODE = 'daemon'\n")
    folder = tmp_path / "sbx" / "templates"
    folder.mkdir(parents=True)
    (folder / "t.toml").write_text("[environment]\nMODE = 'client'\n[limits]\nmemory = '200m'\n")
    host = f"unix:{daemon.socket}"
    daemon.environment["XDG_CONFIG_HOME"] = str(tmp_path)
    try:
        done = daemon.sbx("run", "--host", host, "--template", "t", "-c", SHOW)
        assert done.stdout == "client None /work\n", done.stderr
        made = daemon.sbx("create", "--host", host, "--template", "t")
        assert made.returncode == 0, made.stderr
        shown = json.loads(daemon.sbx("inspect", "--host", host, "--json", made.stdout.strip()).stdout)
        assert json.dumps(shown).count(str(200 << 20)) == 1
        assert daemon.sbx("rm", "--host", host, made.stdout.strip()).returncode == 0
    finally:
        del daemon.environment["XDG_CONFIG_HOME"]
