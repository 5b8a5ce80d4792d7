"""Idempotency-Key: what was asked for twice is done once."""

import threading
import time
import uuid

from daemon import eventually


def key():
    return f'"{uuid.uuid4()}"'


def test_a_repeated_execution_runs_once(daemon):
    one = key()
    code = "import uuid; print(uuid.uuid4())"
    first = daemon.post("/v1/executions", {"code": code}, Idempotency_Key=one)
    again = daemon.post("/v1/executions", {"code": code}, Idempotency_Key=one)
    assert first.status == again.status == 200 and first.body == again.body
    assert first.headers["Idempotency-Replayed"] is None and again.headers["Idempotency-Replayed"] == "true"
    assert daemon.post("/v1/executions", {"code": code}, Idempotency_Key=key()).json["stdout"] != first.json["stdout"]


def test_a_repeated_sandbox_is_the_same(daemon):
    one = key()
    first = daemon.post("/v1/sandboxes", {"name": "once"}, Idempotency_Key=one)
    again = daemon.post("/v1/sandboxes", {"name": "once"}, Idempotency_Key=one)
    assert first.status == again.status == 201 and first.json["id"] == again.json["id"]
    assert again.headers["Location"] == f"/v1/sandboxes/{first.json['id']}"
    assert len(daemon.get("/v1/sandboxes").json["sandboxes"]) == 1
    daemon.request("DELETE", f"/v1/sandboxes/{first.json['id']}")


def test_a_key_of_another_request_is_refused(daemon):
    one = key()
    assert daemon.post("/v1/executions", {"code": "1"}, Idempotency_Key=one).status == 200
    assert daemon.post("/v1/executions", {"code": "2"}, Idempotency_Key=one).status == 422
    assert daemon.post("/v1/sandboxes", {}, Idempotency_Key=one).status == 422


def test_malformed_keys_and_streams_are_refused(daemon):
    for wrong in ("", '""', '"open', "k" * 256, "\xe9"):
        assert daemon.post("/v1/executions", {"code": "1"}, Idempotency_Key=wrong).status == 400, wrong
    streamed = daemon.post("/v1/executions", {"code": "1"}, Idempotency_Key=key(), Accept="application/x-ndjson")
    assert streamed.status == 400 and "stream" in streamed.json["error"]["message"]


def test_a_second_one_meanwhile_is_told_to_wait(daemon):
    one = key()
    request = {"code": "import time; time.sleep(2); print('done')"}
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(daemon.post("/v1/executions", request, Idempotency_Key=one)))
    thread.start()
    assert eventually(lambda: daemon.get("/v1/ready").json["executions"] == 1)
    meanwhile = daemon.post("/v1/executions", request, Idempotency_Key=one)
    assert meanwhile.status == 409 and meanwhile.headers["Retry-After"] == "1"
    thread.join()
    again = daemon.post("/v1/executions", request, Idempotency_Key=one)
    assert again.body == answers[0].body and again.json["stdout"] == "done\n"


def test_whoever_went_away_finds_the_answer_later(daemon):
    one = key()
    request = b'{"code": "import time; time.sleep(1.5); print(42)"}'
    connection = daemon.connect()
    connection.request("POST", "/v1/executions", request,
                       {"Content-Type": "application/json", "Idempotency-Key": one})
    assert eventually(lambda: daemon.get("/v1/ready").json["executions"] == 1)
    connection.close()

    def answer():
        again = daemon.post("/v1/executions", request, Idempotency_Key=one, Content_Type="application/json")
        return again if again.status != 409 else time.sleep(0.2)

    again = eventually(answer)
    assert again.status == 200 and again.json["stdout"] == "42\n" and again.headers["Idempotency-Replayed"] == "true"


def test_what_was_not_done_may_be_tried_again(daemon):
    one = key()
    assert daemon.post("/v1/executions", {"code": "1", "language": "klingon"}, Idempotency_Key=one).status == 400
    assert daemon.post("/v1/executions", {"code": "1"}, Idempotency_Key=one).status == 200


def test_a_detached_execution_is_begun_once(daemon):
    one = key()
    request = {"code": "print(1)", "detach": True}
    first = daemon.post("/v1/executions", request, Idempotency_Key=one)
    again = daemon.post("/v1/executions", request, Idempotency_Key=one)
    assert first.status == again.status == 202 and first.json["id"] == again.json["id"]
    assert again.headers["Location"] == first.headers["Location"]


def test_keys_are_their_callers_own_and_go_with_the_daemon(own_daemon):
    secrets = [own_daemon.sbx("key", "create").stdout.strip() for _ in range(2)]
    assert eventually(lambda: own_daemon.get("/v1/pool").status == 401)
    code = {"code": "import uuid; print(uuid.uuid4())"}
    said = [own_daemon.post("/v1/executions", code, Idempotency_Key="mine", X_API_Key=secret).json["stdout"]
            for secret in secrets]
    local = own_daemon.post("/v1/executions", code, Idempotency_Key="mine", local=True).json["stdout"]
    assert len({*said, local}) == 3
    own_daemon.restart()
    after = own_daemon.post("/v1/executions", code, Idempotency_Key="mine", local=True)
    assert after.status == 200 and after.json["stdout"] != local and after.headers["Idempotency-Replayed"] is None
