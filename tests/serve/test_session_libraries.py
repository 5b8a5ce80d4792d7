"""Libraries of sessions and of code by itself, from the real registries."""

import re
import signal
import time

import pytest

from conftest import served
from daemon import eventually
from registries import settings
from sessions import Sessions, reset, told

SIX = "import six; print(six.__name__)"


@pytest.fixture(scope="module")
def proxy(binary, engine, tmp_path_factory):
    for daemon in served(binary, engine, tmp_path_factory.mktemp("daemon"), "--compat", **settings()):
        yield Sessions(daemon)
        daemon.sbx("cache", "prune", "--all", "--yes")


@pytest.fixture
def session(proxy):
    made = proxy.make()
    yield made
    made.close()


def volumes(daemon, engine):
    """Those that libraries of its sessions come into."""
    found = engine.json("/volumes")["Volumes"] or []
    return [each["Name"] for each in found if (each["Labels"] or {}).get("sbx.growing") == daemon.instance]


def test_code_by_itself_has_its_libraries(proxy):
    assert proxy.once(SIX, libraries=["six"]) == {"stdout": "six\n", "stderr": "", "exit_code": 0}
    assert proxy.once(SIX)["exit_code"] == 1


def test_the_first_code_of_a_session_has_them(session):
    assert session.out(SIX, libraries=["six"]) == "six\n"
    assert session.out("print(six.PY3)") == "True\n"
    assert session.out(SIX, libraries=["six"]) == "six\n"


def test_they_come_into_a_session_that_lives(session):
    session.out("x = 1")
    assert session.run(SIX)["exit_code"] == 1
    assert session.out("import six; print(six.__name__, x)", libraries=["six"]) == "six 1\n"
    assert session.out("import idna; print(idna.__name__, six.__name__, x)", libraries=["idna"]) == "idna six 1\n"


def test_numbers(session):
    code = "import numpy as np\nprint(np.array([1,2,3]).mean())"
    assert session.out(code, libraries=["numpy"]) == "2.0\n"
    assert session.out('print("Previous imports are still available")\nprint(np.__name__)') == (
        "Previous imports are still available\nnumpy\n")


def test_they_outlive_the_interpreter_and_the_daemon(proxy, session):
    session.out(SIX, libraries=["six"])
    session.run("import os; os._exit(3)")
    assert session.run(SIX)["stdout"] == "six\n"
    proxy.daemon.restart(signal.SIGKILL)
    assert session.out(SIX, libraries=["six"]) == "six\n"
    assert session.out("import idna; print(1)", libraries=["idna"]) == "1\n"


def test_what_the_index_does_not_have_is_told(proxy, session):
    name = "no-such-library-anywhere-0308"
    for answer in (session.ask("1", libraries=[name]),
                   proxy.request("POST", "/execute", {"code": "1", "libraries": [name]})):
        assert answer.status == 400 and told(answer).startswith(f"library '{name}': ")
        assert "No matching distribution found" in told(answer)
    assert session.out("print(1)") == "1\n"


@pytest.mark.parametrize("libraries", [["x y"], ["--index-url=x"], [""], [1], "six", ["six"] * 101])
def test_what_is_no_library_is_refused(proxy, session, libraries):
    for answer in (session.ask("1", libraries=libraries),
                   proxy.request("POST", "/execute", {"code": "1", "libraries": libraries})):
        assert answer.status in (400, 422)


def test_null_is_no_library(proxy, session):
    assert session.out("print(1)", libraries=None) == "1\n"
    assert proxy.once("print(1)", libraries=None)["stdout"] == "1\n"


def test_a_language_without_an_index_has_none(proxy):
    session = proxy.make(lang="bash")
    assert session.ask("echo 1", libraries=["six"]).status == 400
    session.close()


@pytest.mark.parametrize("lang, library, before, code, said", [
    ("javascript", "is-number", "let x = 1", "console.log(require('is-number')(x))", "true\n"),
    ("typescript", "is-number", "let x = 1", "console.log(require('is-number')(x))", "true\n"),
])
def test_other_languages_have_theirs(proxy, lang, library, before, code, said):
    session = proxy.make(lang=lang)
    session.out(before)
    assert session.out(code, libraries=[library]) == said
    session.close()


def test_programs_have_theirs(proxy):
    session = proxy.make(lang="go")
    plain = 'package main\nimport "fmt"\nfunc main() { fmt.Println(1) }'
    code = 'package main\nimport ("fmt"; "github.com/google/uuid")\nfunc main() { fmt.Println(len(uuid.NewString())) }'
    assert session.out(plain) == "1\n"
    assert session.out(code, libraries=["github.com/google/uuid@v1.6.0"]) == "36\n"
    assert session.out(code) == "36\n"
    session.close()


def test_their_volume_goes_with_the_session(proxy, engine):
    before = set(volumes(proxy.daemon, engine))
    session = proxy.make()
    (volume,) = set(volumes(proxy.daemon, engine)) - before
    session.close()
    assert eventually(lambda: volume not in volumes(proxy.daemon, engine))


def test_a_session_that_is_closed_during_an_install_leaves_no_volume(proxy, engine):
    before = set(volumes(proxy.daemon, engine))
    session = proxy.make()
    installing = session.begin("1", libraries=["sympy"])
    time.sleep(0.5)
    assert session.close().status == 200
    installing.join(120)
    assert (installing.answers[0].status, told(installing.answers[0])) == (404, "Session not found")
    assert eventually(lambda: set(volumes(proxy.daemon, engine)) == before)


def test_whoever_has_gone_does_not_wait_for_an_install(proxy, session):
    def connections():
        text = proxy.daemon.get("/metrics").body.decode()
        return int(re.search(r"^sbx_http_connections (\d+)$", text, re.MULTILINE)[1])

    installing = session.begin("print(1)", libraries=["networkx"])
    time.sleep(0.3)
    for _ in range(5):
        reset(session.send("1", libraries=["networkx"]))
    assert eventually(lambda: connections() <= 2, 5)
    installing.join(120)
    assert installing.answers[0].json["stdout"] == "1\n"


def test_a_volume_of_a_session_that_ended_without_a_daemon_is_removed(own_compat, engine):
    proxy = Sessions(own_compat)
    proxy.make()
    (container,) = own_compat.containers(engine)
    own_compat.stop(signal.SIGKILL)
    engine.kill(container)
    own_compat.start()
    assert eventually(lambda: not volumes(own_compat, engine))
