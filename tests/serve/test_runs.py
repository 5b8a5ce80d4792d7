"""`sbx runs`: what the daemon remembers, read from its store, whether it runs or not."""

import json

from daemon import Daemon, eventually


def listed(daemon, *arguments):
    done = daemon.sbx("runs", "ls", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run(daemon, code, **request):
    identity = daemon.run(code, **request).json["execution_id"]
    assert eventually(lambda: identity in [each["id"] for each in listed(daemon)])
    return identity


def test_runs_are_listed_newest_first(daemon):
    first, second = run(daemon, "print('one')"), run(daemon, "echo two; exit 3", language="bash")
    runs = listed(daemon)[:2]
    assert [each["id"] for each in runs] == [second, first]
    assert runs[0]["language"] == "bash" and runs[0]["exit_code"] == 3 and runs[0]["reason"] == "exited"
    assert runs[0]["state"] == "ended" and runs[0]["dialect"] == "native" and runs[0]["key"] is None
    assert runs[0]["created"] <= runs[0]["started"] <= runs[0]["ended"] and runs[0]["created"].endswith("Z")
    table = daemon.sbx("runs", "ls").stdout.splitlines()
    assert table[0].split() == ["RUN", "LANGUAGE", "STATE", "EXIT", "AGE", "TOOK"]
    assert table[1].split()[:4] == [second, "bash", "exited", "3"]
    assert daemon.sbx("runs", "ls", "-q", "-n", "1").stdout == second + "\n"
    assert listed(daemon, "-q", "--limit", "2") == [second, first]


def test_filters_choose(daemon):
    run(daemon, "print(1)")
    late = run(daemon, "import time; time.sleep(9)", limits={"wall_ms": 200})
    assert [each["id"] for each in listed(daemon, "--filter", "reason=timeout")] == [late]
    assert listed(daemon, "--filter", "language=python", "--filter", "state=running") == []
    assert {each["language"] for each in listed(daemon, "--filter", "language=python")} == {"python"}
    for wrong in (["--filter", "colour=red"], ["--filter", "state"], ["--limit", "0"], ["--limit", "x"]):
        done = daemon.sbx("runs", "ls", "--json", *wrong)
        assert done.returncode == 2 and "error" in json.loads(done.stdout), wrong


def test_one_is_shown_with_its_record(daemon):
    identity = run(daemon, "print('wörld')")
    shown = daemon.sbx("runs", "show", "--json", identity[:12])
    assert shown.returncode == 0
    description = json.loads(shown.stdout)
    assert description["id"] == identity and description["record"]["stdout"] == "wörld\n"
    assert json.loads(daemon.sbx("runs", "show", identity).stdout) == description


def test_what_is_not_there_is_not_found(daemon):
    run(daemon, "print(1)")
    run(daemon, "print(2)")
    missing = daemon.sbx("runs", "show", "--json", "zzzz")
    assert missing.returncode == 3 and json.loads(missing.stdout)["error"]["code"] == "not_found"
    assert daemon.sbx("runs", "show", "").returncode == 3
    assert daemon.sbx("runs", "show").returncode == 2
    assert daemon.sbx("runs").returncode == 2


def test_a_beginning_that_several_have_is_a_conflict(daemon):
    firsts = set()
    while True:
        first = run(daemon, "print(1)")[0]
        if first in firsts:
            break
        firsts.add(first)
    assert daemon.sbx("runs", "show", first).returncode == 5


def test_a_run_that_is_under_way_says_so(daemon):
    identity = daemon.run("import time; time.sleep(30)", detach=True).json["id"]
    assert eventually(lambda: [each["id"] for each in listed(daemon, "--filter", "state=running")] == [identity] or
                      [each["id"] for each in listed(daemon, "--filter", "state=queued")] == [identity])
    assert json.loads(daemon.sbx("runs", "show", "--json", identity).stdout)["record"] is None
    daemon.post(f"/v1/executions/{identity}/cancel")
    assert eventually(lambda: listed(daemon, "--filter", "state=cancelled"))


def test_they_are_there_without_a_daemon_and_without_an_engine(binary, tmp_path):
    daemon = Daemon(binary, tmp_path).start()
    identity = run(daemon, "print(1)")
    assert daemon.stop() == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / ".local/state/sbx/daemon").glob("store.db")}
    daemon.environment["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
    assert listed(daemon, "-q") == [identity]
    assert before == {path: path.stat().st_mtime_ns for path in before} and before


def test_where_no_daemon_ever_ran_there_are_none(binary, tmp_path):
    daemon = Daemon(binary, tmp_path)
    assert listed(daemon) == []
    assert daemon.sbx("runs", "ls").stdout == ""
    assert daemon.sbx("runs", "show", "1").returncode == 3
    assert not (tmp_path / ".local").exists()


def test_a_file_that_is_no_store_is_an_error(binary, tmp_path):
    daemon = Daemon(binary, tmp_path)
    folder = tmp_path / ".local/state/sbx/daemon"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "store.db").write_bytes(b"no store" * 1000)
    (folder / "store.db").chmod(0o600)
    done = daemon.sbx("runs", "ls", "--json")
    assert done.returncode == 6 and json.loads(done.stdout)["error"]["code"] == "unavailable"
