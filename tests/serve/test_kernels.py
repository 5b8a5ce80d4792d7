"""/v1/sandboxes/ID/kernels: those that run, and starting them anew."""

import threading
import time

import pytest

from daemon import eventually


@pytest.fixture
def sandbox(daemon):
    identity = daemon.sandbox()
    yield identity
    daemon.request("DELETE", f"/v1/sandboxes/{identity}")


def kernels(daemon, sandbox):
    return daemon.get(f"/v1/sandboxes/{sandbox}/kernels").json["kernels"]


def test_kernels_are_listed_once_they_run(daemon, sandbox):
    assert kernels(daemon, sandbox) == []
    daemon.evaluate(sandbox, "x = 1")
    daemon.evaluate(sandbox, "x=1", language="bash", context="second")
    daemon.post(f"/v1/sandboxes/{sandbox}/processes", {"argv": ["sleep", "60"], "detach": True})
    found = kernels(daemon, sandbox)
    assert [(each["language"], each["context"], each["busy"]) for each in found] == [
        ("python", "default", False), ("bash", "second", False)]
    assert len({each["process"] for each in found}) == 2


def test_a_kernel_starts_anew_without_its_variables(daemon, sandbox):
    daemon.evaluate(sandbox, "x = 1")
    daemon.evaluate(sandbox, "y = 1", context="second")
    before = {each["context"]: each["process"] for each in kernels(daemon, sandbox)}
    assert daemon.post(f"/v1/sandboxes/{sandbox}/kernels/restart").status == 204
    after = {each["context"]: each["process"] for each in kernels(daemon, sandbox)}
    assert after["default"] != before["default"] and after["second"] == before["second"]
    assert daemon.evaluate(sandbox, "x").json["error"]["name"] == "NameError"
    assert daemon.evaluate(sandbox, "y", context="second").json["exit_code"] == 0


def test_what_runs_in_it_is_ended(daemon, sandbox):
    daemon.evaluate(sandbox, "import time")
    answers = []
    code = "while True:\n    try: time.sleep(60)\n    except KeyboardInterrupt: pass"
    thread = threading.Thread(target=lambda: answers.append(daemon.evaluate(sandbox, code).json))
    thread.start()
    assert eventually(lambda: kernels(daemon, sandbox)[0]["busy"])
    began = time.monotonic()
    assert daemon.post(f"/v1/sandboxes/{sandbox}/kernels/restart").status == 204
    assert time.monotonic() - began < 8
    thread.join(10)
    assert answers[0]["exit_code"] != 0
    assert daemon.evaluate(sandbox, "6 * 7").json["results"][0]["data"]["text/plain"] == "42"


def test_a_kernel_that_never_ran_is_started(daemon, sandbox):
    assert daemon.post(f"/v1/sandboxes/{sandbox}/kernels/restart", {"language": "bash"}).status == 204
    assert [each["language"] for each in kernels(daemon, sandbox)] == ["bash"]


def test_it_starts_anew_where_the_sandbox_says(daemon):
    sandbox = daemon.sandbox(env={"MODE": "one"}, directory="/work/app")
    assert daemon.post(f"/v1/sandboxes/{sandbox}/kernels/restart").status == 204
    shown = daemon.evaluate(sandbox, "import os; print(os.environ['MODE'], os.getcwd())").json
    assert shown["stdout"] == "one /work/app\n"
    daemon.request("DELETE", f"/v1/sandboxes/{sandbox}")


def test_what_is_no_kernel_is_refused(daemon, sandbox):
    base = f"/v1/sandboxes/{sandbox}/kernels/restart"
    assert daemon.post(base, {"language": "c"}).status == 404
    assert daemon.post(base, {"language": "no such"}).status == 400
    assert daemon.post(base, {"context": "a/b"}).status == 400
    assert daemon.get(f"/v1/sandboxes/{'0' * 32}/kernels").status == 404
