"""The dialect app: proxy's sessions in another framework's manner."""

import pytest

from sessions import Sessions, told


@pytest.fixture(scope="module")
def app(daemon):
    return Sessions(daemon, "app")


def test_it_says_that_it_is_there(app):
    answer = app.request("GET", "/")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


def test_posts_answer_created(app):
    made = app.request("POST", "/sessions", {"lang": "python", "keep_template": False})
    assert made.status == 201 and made.json["status"] == "active"
    session = app.session(made.json["session_id"])
    done = session.ask("print('Hello, World!')")
    assert (done.status, done.json) == (201, {"stdout": "Hello, World!\n", "stderr": "", "exit_code": 0})
    ended = session.close()
    assert (ended.status, ended.json) == (200, {"status": "terminated"})
    assert (session.close().status, told(session.close())) == (404, "Session not found")


def test_nothing_at_all_is_an_empty_body(app):
    answer = app.request("POST", "/sessions")
    assert answer.status == 201
    app.session(answer.json["session_id"]).close()


@pytest.mark.parametrize("path", ["/sandbox/execute", "/execute"])
def test_code_runs_by_itself_at_both_places(app, path):
    answer = app.request("POST", path, {"code": 'print("Hello from App Server!")', "lang": "python"})
    assert (answer.status, answer.json) == (
        201, {"stdout": "Hello from App Server!\n", "stderr": "", "exit_code": 0})


def test_the_documents_broken_line_runs_as_sent(app):
    session = app.make()
    result = session.run("import numpy as np\\nprint(np.array([1,2,3]).mean())")
    assert result["exit_code"] == 1 and "SyntaxError" in result["stderr"]
    session.close()


def test_sessions_are_those_of_proxy_too(app):
    proxy = Sessions(app.daemon)
    session = app.make()
    assert session.id in app.list() and app.list() == proxy.list()
    there = proxy.session(session.id)
    session.out("x = 6 * 7")
    assert there.out("print(x)") == "42\n"
    made = proxy.make()
    assert app.session(made.id).close().json == {"status": "terminated"}
    assert there.close().json == {"status": "closed"}
    assert session.ask("1").status == 404
