"""Requests that are wrong, and those that no route is for: as FastAPI and NestJS themselves answer them."""

import json

import pytest

from reference import JSON, answer_of, answers_of

FASTAPI = ["fastapi==0.165.0", "httpx==0.28.1"]
NEST = ["@nestjs/common@12.5.1", "@nestjs/core@12.5.1", "@nestjs/platform-fastify@12.5.0", "class-validator@0.15.1",
        "class-transformer@0.5.1", "reflect-metadata@0.2.2", "rxjs@7.8.2"]

BODIES = ["{}", "[1]", "null", '"text"', "5", '{"lang": 5}', '{"lang": null}', '{"lang": "klingon"}',
          '{"keep_template": "maybe"}', '{"keep_template": 2}', '{"keep_template": []}', '{"keep_template": null}',
          '{"code": 5}', '{"code": null}', '{"code": []}', '{"code": "", "libraries": "numpy"}',
          '{"code": "", "libraries": [1, "x", null]}', '{"code": "", "libraries": {"a": 1}}',
          '{"lang": [], "keep_template": {}, "libraries": 7}', '{"code": ""', "{", "[", '{"a" 1}']


def wrong_requests(*targets):
    return [["POST", target, JSON, body] for target in targets for body in BODIES]


@pytest.fixture(scope="module")
def languages(compat):
    document = compat.get("/compat/proxy/openapi.json").json
    return ",".join(document["components"]["schemas"]["LanguageName"]["enum"])


def without_wording_of_json(body):
    """Which byte is the wrong one, and in which words, is each parser's own."""
    if not body:
        return body
    said = json.loads(body)
    for error in said["detail"] if isinstance(said.get("detail"), list) else []:
        if error["type"] == "json_invalid":
            error["ctx"] = error["loc"] = None
    return said


def test_the_proxys_are_fastapis(compat, languages):
    requests = wrong_requests("/sessions", "/execute")
    requests += [["POST", "/execute", {"content-type": kind}, "code=1"]
                 for kind in ("text/plain", "application/x-www-form-urlencoded")]
    requests += [["POST", "/sessions", {}, None], ["POST", "/execute", JSON, ""], ["POST", "/execute", {}, None],
                 ["GET", "/nothing", {}, None], ["PUT", "/sessions", {}, None], ["GET", "/execute", {}, None],
                 ["GET", "/sessions/x", {}, None], ["GET", "/sessions/x/execute", {}, None],
                 ["GET", "/sessions/", {}, None], ["POST", "/execute/?a=1", JSON, "{}"], ["GET", "//", {}, None]]
    expected = answers_of(compat.binary, "fastapi_reference.py", FASTAPI, requests, "proxy", languages)
    compare(compat, "/compat/proxy", requests, expected)


def test_brainnets_are_fastapis(compat):
    bodies = ["{}", "[1]", "null", '"text"', '{"code": 5}', '{"code": null}', '{"code": "", "timeout": 0}',
              '{"code": "", "timeout": 601}', '{"code": "", "timeout": "x"}', '{"code": "", "timeout": 1.5}',
              '{"code": "", "timeout": null}', '{"code": "", "timeout": []}', '{"code": "", "debug_mode": "maybe"}',
              '{"code": "", "debug_mode": null}', '{"code": "", "input_data": [1]}', '{"code": "", "input_data": "x"}',
              '{"code": "", "processor_id": 5}', json.dumps({"code": "", "processor_id": "x" * 257}),
              '{"processor_id": [], "timeout": {}, "debug_mode": 7}', "{", '{"a" 1}']
    requests = [["POST", "/execute", JSON, body] for body in bodies]
    requests += [["POST", f"/execute?wait={wait}", JSON, '{"code": ""}']
                 for wait in ("x", "-1", "601", "nan", "inf", "")]
    requests += [["GET", f"/executions?{query}", {}, None]
                 for query in ("limit=0", "limit=101", "limit=x", "limit=-1", "limit=1.5", "offset=-1", "offset=",
                               "limit=x&offset=-5")]
    requests += [["GET", "/execution", {}, None], ["PUT", "/execution/x", {}, None], ["GET", "/executions/", {}, None],
                 ["GET", "/execute", {}, None], ["POST", "/execute", {}, None]]
    compare(compat, "/compat/brainnet", requests,
            answers_of(compat.binary, "fastapi_reference.py", FASTAPI, requests, "brainnet"))


def compare(compat, prefix, requests, expected):
    for request, (status, headers, body) in zip(requests, expected):
        if status == 200:
            continue  # nothing is wrong with it
        answer = answer_of(compat.port, prefix, request)
        assert answer[0] == status, (request, answer, body)
        assert without_wording_of_json(answer[2]) == without_wording_of_json(body), request
        assert answer[1].get("content-type") == headers.get("content-type"), request
        if status == 307:
            assert answer[1]["location"] == headers["location"].replace(
                "http://localhost", f"http://localhost:{compat.port}{prefix}")


def test_the_apps_are_nests(compat, languages):
    requests = wrong_requests("/sessions", "/sandbox/execute")
    requests += [["GET", "/nothing?a=1", {}, None], ["PUT", "/sessions", {}, None], ["GET", "/sessions/", {}, None],
                 ["POST", "/sandbox/execute", {"content-type": "application/xml"}, "<a/>"]]
    expected = answers_of(compat.binary, "nest_reference.mjs", NEST, requests, languages)
    for request, (status, headers, body) in zip(requests, expected):
        if status == 201:
            continue
        answer = answer_of(compat.port, "/compat/app", request)
        assert answer[0] == status, (request, answer, body)
        said = json.loads(body)
        ours = json.loads(answer[2])
        if ours["message"] == ["Validation failed (object is expected)"] and request[1] == "/sandbox/execute":
            continue  # what is missing is named there, of what is no object at all
        assert ours.pop("error") and (said.pop("error", None) or True)  # here it is always there
        assert ours == said, request
        assert answer[1]["content-type"] == headers["content-type"]
