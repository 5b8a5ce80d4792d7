"""Which dialects a listener serves, and where: `--listen`, `--compat`, prefixes, the variables of other servers."""

import json
import os
import subprocess

import pytest

import shared_paths
from daemon import eventually
from machine import Machine
from registries import settings


def refused(binary, tmp_path, *arguments, **environment):
    done = subprocess.run([binary, "serve", *arguments], capture_output=True, text=True, timeout=30, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environment})
    assert done.returncode == 2, done
    return done.stderr


def test_without_a_word_only_the_native_api_is_served(daemon):
    assert daemon.get("/v1/version").status == 200
    answer = daemon.post("/sessions", {})
    assert answer.status == 404 and answer.json["error"]["code"] == "not_found"
    assert daemon.get("/compat/native/v1/version").status == 200
    assert daemon.get("/compat/app/").status == 404


def test_the_ports_of_the_servers_that_it_stands_for(binary, tmp_path):
    with Machine(binary, tmp_path, "--compat") as machine:
        assert eventually(lambda: machine.ask("http://127.0.0.1:3000/"), 20) == [200, '{"status":"ok"}']
        assert machine.ask("http://127.0.0.1:8000/v1/version")[0] == 200
        assert machine.ask("http://127.0.0.1:8000/sessions") == [200, '{"sessions":[]}']
        status, body = machine.ask("http://127.0.0.1:3000/v1/version")
        assert status == 404 and json.loads(body)["message"] == "Cannot GET /v1/version"


def test_variables_of_those_servers_move_the_port_and_the_address(binary, tmp_path):
    with Machine(binary, tmp_path, "--compat", PORT="8100", HOST="127.0.0.2") as machine:
        assert eventually(lambda: machine.ask("http://127.0.0.2:8100/health"), 20)[0] == 200
        assert machine.ask("http://127.0.0.1:8000/health") is None
        assert machine.ask("http://127.0.0.1:3000/")[0] == 200


@pytest.mark.parametrize("host", ["build-17", "10.99.99.99"])
def test_a_host_that_is_no_address_is_told_of_and_passed_over(binary, tmp_path, host):
    with Machine(binary, tmp_path, "--compat", CI_PORT="8200", HOST=host) as machine:
        assert eventually(lambda: machine.ask("http://127.0.0.1:8200/health"), 20)[0] == 200
        assert f"HOST={host} is no address of this machine: listening on 127.0.0.1" in machine.log.read_text()


def test_variables_mean_nothing_without_compat(binary, tmp_path):
    with Machine(binary, tmp_path, PORT="8100") as machine:
        assert eventually(lambda: machine.ask("http://127.0.0.1:8000/health"), 20)[0] == 200
        assert machine.ask("http://127.0.0.1:3000/") is None


def test_a_listener_can_be_for_some_alone(binary, tmp_path):
    socket = tmp_path / "own=socket"
    with Machine(binary, tmp_path, "--listen", "app=127.0.0.1:9000", "--listen", "proxy,native=127.0.0.1:9001",
                 "--listen", f"unix:{socket}") as machine:
        assert eventually(lambda: machine.ask("http://127.0.0.1:9001/health"), 20)[0] == 200
        assert machine.ask("http://127.0.0.1:9000/v1/version")[0] == 404
        assert machine.ask("http://127.0.0.1:9001/sessions")[0] == 200
        assert machine.ask("http://127.0.0.1:9001/compat/app/")[0] == 404
        assert machine.ask("http://localhost/v1/version", "--unix-socket", str(socket))[0] == 200
        assert machine.ask("http://localhost/sessions", "--unix-socket", str(socket))[0] == 404


@pytest.mark.parametrize("arguments, words", [
    (["--listen", "apps=127.0.0.1:0"], ["there is no dialect 'apps'", "native, proxy, app, brainnet"]),
    (["--listen", "=127.0.0.1:0"], ["'=127.0.0.1:0' names no dialect"]),
    (["--listen", "app=nowhere"], ["'nowhere' is not HOST:PORT"]),
    (["--listen", "app=127.0.0.1:9000", "--listen", "proxy=127.0.0.1:9000"], ["127.0.0.1:9000' is named twice"]),
])
def test_what_is_no_listener_is_refused(binary, tmp_path, arguments, words):
    text = refused(binary, tmp_path, *arguments)
    assert all(word in text for word in words), text


def test_a_port_that_is_none_is_refused(binary, tmp_path):
    assert "PORT: 'http' is no port" in refused(binary, tmp_path, "--compat", PORT="http",
                                                XDG_RUNTIME_DIR=str(tmp_path))


def test_a_prefix_reaches_one_dialect_alone(compat):
    assert compat.get("/compat/app/").json == {"status": "ok"}
    assert compat.get("/compat/native/v1/version").status == 200
    assert compat.get("/compat/proxy/v1/version").json == {"detail": "Not Found"}
    assert compat.get("/compat/app/v1/version?a=1").json["message"] == "Cannot GET /v1/version?a=1"
    assert compat.get("/compat/none/").status == 404


def test_a_requests_own_keys_decide_whose_it_is(compat):
    assert set(compat.post("/execute", {"code": "print(1)"}).json) == {"stdout", "stderr", "exit_code"}
    told = compat.post("/execute?wait=60", {"code": "print(1)"}, timeout=90).json
    assert told["output"] == "1\n" and told["status"] == "completed"
    told = compat.post("/execute", {"code": "x = input_data['a']", "input_data": {"a": 1}, "debug_mode": True}, timeout=90).json
    assert told["execution_id"] and "output" in told
    assert compat.post("/execute", {"code": 5, "timeout": 1}).json["detail"][0]["loc"] == ["body", "code"]


def test_what_no_route_answers_reads_in_every_dialect(compat):
    body = compat.get("/nothing").json
    assert body == {"detail": "Not Found", "message": "Cannot GET /nothing", "error": "Not Found", "statusCode": 404}
    assert compat.get("/v1/nothing").json["error"]["code"] == "not_found"
    refusal = compat.request("PUT", "/sessions")
    assert refusal.status == 405 and sorted(refusal.headers["Allow"].split(", ")) == ["GET", "POST"]


def test_each_set_of_dialects_has_its_document_and_its_pages(compat):
    together = compat.get("/openapi.json").json
    assert {"/v1/executions", "/sessions", "/sandbox/execute"} <= set(together["paths"])
    alone = compat.get("/compat/app/openapi.json").json
    assert "/v1/executions" not in alone["paths"] and alone["servers"] == [{"url": "/compat/app"}]
    assert b'src="docs/start.js"' in compat.get("/compat/app/docs").body
    assert compat.get("/compat/app/docs/start.js").status == 200


def test_openapi_spec_validator_accepts_every_document(compat, tmp_path):
    for name in [*shared_paths.DIALECTS, ""]:
        (tmp_path / f"{name or 'all'}.json").write_bytes(
            compat.get(f"/compat/{name}/openapi.json" if name else "/openapi.json").body)
    program = "import json, glob, openapi_spec_validator as v; [v.validate(json.load(open(f))) for f in glob.glob('d/*.json')]"
    done = subprocess.run([compat.binary, "run", "--direct", "--with", "openapi-spec-validator==0.7.1", "-v", f"{tmp_path}:d",
                           "-c", program], env={**os.environ, **settings()}, capture_output=True, text=True, timeout=300,
                          check=False)
    assert (done.returncode, done.stderr) == (0, ""), done


def test_the_table_of_shared_paths_is_that_of_the_routes(compat):
    path = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "shared-paths.md")
    with open(path, encoding="utf-8") as file:
        assert file.read() == shared_paths.table(compat.port), "write it anew: tests/serve/shared_paths.py PORT"
