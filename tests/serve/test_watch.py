"""/v1/sandboxes/ID/files/watch: what changes in a directory."""

import pytest

from daemon import Stream, eventually


@pytest.fixture
def sandbox(daemon):
    identity = daemon.sandbox()
    yield identity
    daemon.request("DELETE", f"/v1/sandboxes/{identity}")


class Watch(Stream):
    def __init__(self, daemon, sandbox, query="", accept="application/x-ndjson"):
        super().__init__(daemon.connect(), f"/v1/sandboxes/{sandbox}/files/watch{query}", Accept=accept)

    def changes(self):
        return {(each["change"], each["path"]) for each in self.events if each["type"] == "change"}

    def sees(self, *wanted):
        return eventually(lambda: set(wanted) <= self.changes())


def put(daemon, sandbox, path, content=b"x"):
    assert daemon.request("PUT", f"/v1/sandboxes/{sandbox}/files?path={path}", content).status == 204


def test_changes_are_told_as_they_happen(daemon, sandbox):
    watch = Watch(daemon, sandbox)
    assert eventually(lambda: watch.events)
    assert watch.response.status == 200 and watch.events[0] == {"type": "start", "path": "/work"}
    daemon.evaluate(sandbox, "import os\nopen('/work/a', 'w').write('1')\nos.rename('/work/a', '/work/b')\nos.remove('/work/b')")
    assert watch.sees(("created", "a"), ("renamed", "b"), ("removed", "b")), watch.events
    daemon.evaluate(sandbox, "os.mkdir('/work/deep')\nopen('/work/deep/c', 'w').close()")
    assert watch.sees(("created", "deep")) and ("created", "deep/c") not in watch.changes()
    watch.close()


def test_directories_below_belong_to_it_when_asked_for(daemon, sandbox):
    watch = Watch(daemon, sandbox, "?recursive=true")
    assert eventually(lambda: watch.events)
    daemon.evaluate(sandbox, "import os, time\nos.makedirs('/work/x/y')\ntime.sleep(0.3)\nopen('/work/x/y/z', 'w').write('1')")
    assert watch.sees(("written", "x/y/z")), watch.events
    watch.close()


def test_server_sent_events_are_the_usual_form(daemon, sandbox):
    watch = Watch(daemon, sandbox, accept="*/*")
    assert watch.response.headers["Content-Type"] == "text/event-stream"
    assert eventually(lambda: b"event: start\n" in watch.lines)
    put(daemon, sandbox, "n")
    assert eventually(lambda: b"event: change\n" in watch.lines)
    watch.close()


def test_it_ends_when_the_directory_goes(daemon, sandbox):
    daemon.evaluate(sandbox, "import os\nos.mkdir('/work/d')")
    watch = Watch(daemon, sandbox, "?path=d")
    assert eventually(lambda: watch.events)
    daemon.evaluate(sandbox, "os.rmdir('/work/d')")
    assert eventually(lambda: not watch.thread.is_alive())
    assert watch.events[-1] == {"type": "end", "reason": "gone"}


def test_it_ends_with_its_sandbox(daemon):
    sandbox = daemon.sandbox()
    watch = Watch(daemon, sandbox)
    assert eventually(lambda: watch.events)
    daemon.request("DELETE", f"/v1/sandboxes/{sandbox}")
    assert eventually(lambda: not watch.thread.is_alive())
    assert watch.events[-1]["type"] == "end" and watch.events[-1]["reason"] == "failed", watch.events


def test_what_cannot_be_watched_is_refused(daemon, sandbox):
    base = f"/v1/sandboxes/{sandbox}/files/watch"
    assert daemon.get(f"{base}?path=none").status == 404
    assert daemon.get(f"{base}?path=/proc").status in (400, 403)
    assert daemon.get(f"{base}?recursive=maybe").status == 400
    assert daemon.get(f"/v1/sandboxes/{'0' * 32}/files/watch").status == 404


def test_clients_that_vanish_leave_nothing_behind(daemon, sandbox):
    for _ in range(40):  # more than a sandbox allows at a time
        watch = Watch(daemon, sandbox)
        assert eventually(lambda: watch.lines), watch.response.status  # noqa: B023
        watch.close()
    assert daemon.evaluate(sandbox, "1").json["exit_code"] == 0
