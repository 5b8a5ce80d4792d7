"""`/adjust-processor` of the dialect brainnet, before a backend that takes, refuses, delays, dies and comes back."""

import contextlib
import datetime
import http.server
import json
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
import uuid

import pytest

from conftest import served
from daemon import eventually

TOKEN = "bt-7c41d2"
# As its document has it, but for the port.
CURL = r"""
curl -X POST "http://localhost:8001/adjust-processor" \
  -H "Content-Type: application/json" \
  -d '{
    "processor_id": "processor-123",
    "adjustments": {
      "parameter_x": "new_value",
      "optimization": "enabled"
    },
    "reason": "Performance improvement based on execution results"
  }'
"""


class Backend:
    """Answers as `answer` says: a status and a text, or bytes; None is silence."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests = []
        self.answer = lambda request: (200, "{}")
        self.server = None
        self.released = threading.Event()

    def start(self, certificate=None):
        backend = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = {"path": self.path, "headers": dict(self.headers), "json": json.loads(body),
                           "time": time.monotonic()}
                backend.requests.append(request)
                answer = backend.answer(request)
                if answer is None:
                    backend.released.wait(60)
                elif isinstance(answer, bytes):
                    self.wfile.write(answer)
                else:
                    self.tell(*answer)

            def tell(self, status, text, **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        if self.server:
            self.released.set()
            self.server.shutdown()
            self.server.server_close()
            self.server = None
            self.released = threading.Event()

    def of(self, processor):
        return [request for request in list(self.requests) if request["json"]["processor_id"] == processor]


@pytest.fixture(scope="module")
def shared_backend():
    backend = Backend()
    yield backend
    backend.stop()


@pytest.fixture
def backend(shared_backend):
    """One that is there, and takes everything; all tests of the file have its address."""
    shared_backend.answer = lambda request: (200, "{}")
    shared_backend.start()
    yield shared_backend
    shared_backend.stop()


@pytest.fixture(scope="module")
def adjusting(binary, engine, tmp_path_factory, shared_backend):
    yield from served(binary, engine, tmp_path_factory.mktemp("adjusting"), "--compat",
                      BACKEND_URL=shared_backend.url + "/base/", BACKEND_TOKEN=TOKEN)


@pytest.fixture
def own_adjusting(binary, engine, tmp_path, shared_backend):
    """One that a test may stop and kill."""
    yield from served(binary, engine, tmp_path, "--compat", BACKEND_URL=shared_backend.url)


@pytest.fixture
def with_user(binary, engine, tmp_path, shared_backend):
    """One whose backend is shown a user and a password."""
    url = shared_backend.url.replace("://", "://agent:s3cret%21@")
    yield from served(binary, engine, tmp_path, "--compat", BACKEND_URL=url)


@pytest.fixture
def certificate(tmp_path):
    """One for 127.0.0.1 that signs itself, and its key."""
    path = tmp_path / "backend.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=backend",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", tmp_path / "only.pem"],
                   check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "only.pem").read_text())
    return path


@pytest.fixture
def trusting(binary, engine, tmp_path, shared_backend, certificate):
    """One whose machine trusts that certificate."""
    yield from served(binary, engine, tmp_path, "--compat", SSL_CERT_FILE=str(tmp_path / "only.pem"),
                      BACKEND_URL=shared_backend.url.replace("http:", "https:"))


@pytest.fixture
def without_compat(binary, engine, tmp_path):
    yield from served(binary, engine, tmp_path, BACKEND_URL="none")


def adjust(daemon, processor, adjustments=None, **members):
    return daemon.post("/adjust-processor", {"processor_id": processor, "adjustments": adjustments or {}, **members})


def kept(daemon, processor, **members):
    """The id of one that cannot be delivered now."""
    answer = adjust(daemon, processor, **members)
    assert answer.status == 502, answer.body
    return answer.json["adjustment_id"]


def report(daemon, identity):
    answer = daemon.get(f"/adjust-processor/{identity}")
    assert answer.status == 200, answer.body
    return answer.json


def name():
    return f"processor-{uuid.uuid4()}"


# ---- Delivered


def test_the_line_of_its_document(adjusting, backend):
    line = CURL.replace("localhost:8001", f"localhost:{adjusting.port}")
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30, check=True)
    answer = json.loads(done.stdout)
    identity = answer.pop("adjustment_id")
    assert answer == {"message": "Processor adjustment sent successfully", "status": "delivered", "backend_status": 200}
    (request,) = backend.of("processor-123")
    assert request["path"] == "/base/api/v1/processors/processor-123/adjust"
    assert request["json"] == {"processor_id": "processor-123",
                               "adjustments": {"parameter_x": "new_value", "optimization": "enabled"},
                               "reason": "Performance improvement based on execution results", "source": "sandbox"}
    assert request["headers"]["Idempotency-Key"] == identity
    assert request["headers"]["Authorization"] == f"Bearer {TOKEN}"
    assert request["headers"]["Content-Type"] == "application/json"
    told = report(adjusting, identity)
    created, delivered = (datetime.datetime.fromisoformat(told.pop(each)) for each in ("created", "delivered"))
    assert created.utcoffset() == datetime.timedelta() and created <= delivered
    assert told == {"adjustment_id": identity, "processor_id": "processor-123", "status": "delivered", "attempts": 1,
                    "last_error": None}


def test_adjustments_are_passed_on_whatever_is_in_them(adjusting, backend):
    adjustments = {"list": [1, 2.5, None, True, {"deep": [[]]}], "text": "ünïcödé \u0000 \"", "big": 2**63, "": {}}
    processor = "with / and ? and ü and %2F"
    assert adjust(adjusting, processor, adjustments).status == 200
    (request,) = backend.of(processor)
    assert request["json"]["adjustments"] == adjustments
    assert request["json"]["reason"] == ""
    assert request["path"] == ("/base/api/v1/processors/with%20%2F%20and%20%3F%20and%20%C3%BC%20and%20%252F/adjust")


def test_a_backend_that_fails_is_asked_three_times_while_the_client_waits(adjusting, backend):
    processor = name()
    backend.answer = lambda request: (200 if len(backend.of(processor)) == 3 else 503, "busy")
    answer = adjust(adjusting, processor)
    assert (answer.status, answer.json["status"]) == (200, "delivered")
    first, second, third = (request["time"] for request in backend.of(processor))
    assert 0.4 < second - first < 1.5 and 0.9 < third - second < 2.5
    assert report(adjusting, answer.json["adjustment_id"])["attempts"] == 3
    keys = {request["headers"]["Idempotency-Key"] for request in backend.of(processor)}
    assert keys == {answer.json["adjustment_id"]}


def test_ten_at_once_never_mix(adjusting, backend):
    processors = [name() for _ in range(10)]
    answers = {}
    threads = [threading.Thread(target=lambda each=each: answers.update({each: adjust(adjusting, each, {"n": each})}))
               for each in processors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for each in processors:
        (request,) = backend.of(each)
        assert request["json"]["adjustments"] == {"n": each}
        assert request["headers"]["Idempotency-Key"] == answers[each].json["adjustment_id"]


# ---- Refused


@pytest.mark.parametrize("status, text", [(404, '{"detail":"no such processor"}'), (422, "wrong"), (401, "who?")])
def test_what_the_backend_refuses_has_its_status_and_is_not_tried_again(adjusting, backend, status, text):
    processor = name()
    backend.answer = lambda request: (status, text)
    answer = adjust(adjusting, processor)
    assert answer.status == status
    assert answer.json == {"detail": f"Failed to send adjustment: the backend refused it: {text}"}
    time.sleep(3)
    (request,) = backend.of(processor)
    told = report(adjusting, request["headers"]["Idempotency-Key"])
    assert (told["status"], told["attempts"], told["delivered"]) == ("refused", 1, None)


def test_a_backend_s_words_are_cut(adjusting, backend):
    backend.answer = lambda request: (400, "ü" * 100_000)
    told = adjust(adjusting, name()).json["detail"]
    assert told == "Failed to send adjustment: the backend refused it: " + "ü" * 512


# ---- Kept


def test_what_cannot_be_delivered_is_kept_and_delivered_when_the_backend_is_back(adjusting, backend):
    backend.stop()
    processor = name()
    answer = adjust(adjusting, processor, {"x": 1})
    assert answer.status == 502
    identity = answer.json["adjustment_id"]
    assert answer.json["detail"] == (
        f"Failed to send adjustment: the backend at 127.0.0.1:{backend.port} cannot be reached (Connection refused); "
        f"it is kept as {identity} and tried again")
    told = report(adjusting, identity)
    assert (told["status"], told["attempts"], told["last_error"]) == ("pending", 3, "Connection refused")
    assert adjusting.get("/health").json["pending_adjustments"] == 1
    backend.start()
    assert eventually(lambda: report(adjusting, identity)["status"] == "delivered", 20)
    assert adjusting.get("/health").json["pending_adjustments"] == 0
    (request,) = backend.of(processor)
    assert request["headers"]["Idempotency-Key"] == identity and request["json"]["adjustments"] == {"x": 1}


@pytest.mark.parametrize("answer, reason", [
    ((500, "boom"), "it answered with status 500"),
    ((429, "later"), "it answered with status 429"),
    ((302, ""), "it answered with status 302"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "the answer is no HTTP: bad version"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "the connection was closed before the answer was whole"),
])
def test_what_is_no_answer_of_use_is_tried_again(adjusting, backend, answer, reason):
    backend.answer = lambda request: answer
    processor = name()
    told = adjust(adjusting, processor)
    assert told.status == 502 and f"({reason})" in told.json["detail"]
    backend.answer = lambda request: (204, "")
    assert eventually(lambda: report(adjusting, told.json["adjustment_id"])["status"] == "delivered", 20)


def test_redirections_are_not_followed(own_adjusting, backend):
    backend.answer = lambda request: b"HTTP/1.1 307 Elsewhere\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    processor = name()
    kept(own_adjusting, processor)
    assert {request["path"] for request in backend.of(processor)} == {f"/api/v1/processors/{processor}/adjust"}


def test_a_backend_that_hangs_has_five_seconds_each_time(own_adjusting, backend):
    backend.answer = lambda request: None
    begin = time.monotonic()
    answer = adjust(own_adjusting, name())
    assert 16 < time.monotonic() - begin < 25
    assert answer.status == 502 and "(no answer within 5 s)" in answer.json["detail"]


def test_those_of_one_processor_come_in_their_order(adjusting, backend):
    backend.stop()
    one, other = name(), name()
    ids = [kept(adjusting, one, adjustments={"n": n}) for n in range(3)]
    of_other = kept(adjusting, other)
    told = [report(adjusting, identity)["attempts"] for identity in ids]
    assert told[0] > 3 and told[1:] == [0, 0]
    backend.start()
    assert eventually(lambda: all(report(adjusting, each)["status"] == "delivered" for each in [*ids, of_other]), 30)
    assert [request["json"]["adjustments"]["n"] for request in backend.of(one)] == [0, 1, 2]


def test_a_new_one_takes_those_before_it_along(adjusting, backend):
    backend.stop()
    processor = name()
    first = kept(adjusting, processor, adjustments={"n": 0})
    backend.start()
    assert adjust(adjusting, processor, {"n": 1}).status == 200
    assert report(adjusting, first)["status"] == "delivered"
    assert [request["json"]["adjustments"]["n"] for request in backend.of(processor)] == [0, 1]


def test_one_that_is_refused_holds_up_nobody(adjusting, backend):
    backend.stop()
    processor = name()
    first = kept(adjusting, processor, adjustments={"n": 0})
    second = kept(adjusting, processor, adjustments={"n": 1})
    backend.answer = lambda request: (400 if request["json"]["adjustments"]["n"] == 0 else 200, "no")
    backend.start()
    assert eventually(lambda: report(adjusting, second)["status"] == "delivered", 20)
    told = report(adjusting, first)
    assert (told["status"], told["last_error"]) == ("refused", "no")


def test_what_is_kept_outlives_the_daemon(own_adjusting, backend):
    backend.stop()
    processor = name()
    ids = [kept(own_adjusting, processor, adjustments={"n": n}) for n in range(2)]
    own_adjusting.restart(signal.SIGKILL)
    assert report(own_adjusting, ids[0])["status"] == "pending"
    backend.start()
    assert eventually(lambda: report(own_adjusting, ids[1])["status"] == "delivered", 20)
    assert [request["headers"]["Idempotency-Key"] for request in backend.of(processor)] == ids


def test_what_was_under_way_when_the_daemon_was_killed_is_sent_again_as_the_same(own_adjusting, backend):
    backend.answer = lambda request: None
    processor = name()
    client = threading.Thread(target=lambda: suppressed(lambda: adjust(own_adjusting, processor)))
    client.start()
    assert eventually(lambda: backend.of(processor))
    own_adjusting.stop(signal.SIGKILL)
    client.join(10)
    backend.answer = lambda request: (200, "{}")
    own_adjusting.start()
    assert eventually(lambda: len(backend.of(processor)) == 2)
    (key,) = {request["headers"]["Idempotency-Key"] for request in backend.of(processor)}
    assert eventually(lambda: report(own_adjusting, key)["status"] == "delivered")


def put_into_store(daemon, count, age_s=0):
    """As if earlier daemons had kept them. @return their ids"""
    (path,) = daemon.home.rglob("store.db")
    ids = [str(uuid.uuid4()) for _ in range(count)]
    created = int((time.time() - age_s) * 1000)
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        store.executemany(
            "INSERT INTO adjustments (id, owner, processor, state, attempts, last_error, created, body) "
            "VALUES (?, '', 'many', 'pending', 0, '', ?, '{\"processor_id\":\"many\"}')",
            [(identity, created) for identity in ids])
    return ids


def test_when_ten_thousand_are_kept_no_more_are_accepted(own_adjusting, backend):
    backend.stop()
    own_adjusting.stop()
    put_into_store(own_adjusting, 10_000)
    own_adjusting.start()
    answer = adjust(own_adjusting, name())
    assert (answer.status, answer.json) == (507, {"detail": "10000 adjustments wait for the backend already"})
    assert "Retry-After" not in answer.headers
    backend.start()
    assert eventually(lambda: len(backend.of("many")) > 100, 20)
    assert adjust(own_adjusting, name()).status == 200


def test_what_is_a_week_old_is_given_up(own_adjusting, backend):
    own_adjusting.stop()
    week = 7 * 24 * 3600
    (old,) = put_into_store(own_adjusting, 1, week + 60)
    (young,) = put_into_store(own_adjusting, 1, week - 60)
    own_adjusting.start()
    assert eventually(lambda: report(own_adjusting, young)["status"] == "delivered")
    told = report(own_adjusting, old)
    assert (told["status"], told["attempts"]) == ("refused", 0)
    assert told["last_error"] == "it could not be delivered in time"
    (request,) = backend.of("many")[-1:]
    assert request["headers"]["Idempotency-Key"] == young
    lines = [json.loads(line) for line in own_adjusting.log.read_text().splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["event"] == "adjustment_given_up"]
    assert (line["level"], line["adjustment"]) == ("error", old)


def suppressed(work):
    try:
        work()
    except OSError:
        pass


def test_a_client_that_goes_away_changes_nothing(adjusting, backend):
    backend.stop()
    processor = name()
    body = json.dumps({"processor_id": processor, "adjustments": {}}).encode()
    with socket.create_connection(("127.0.0.1", adjusting.port)) as client:
        client.sendall(b"POST /adjust-processor HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: application/json\r\n"
                       b"Content-Length: %d\r\n\r\n%b" % (adjusting.port, len(body), body))
        time.sleep(0.2)
    backend.start()
    assert eventually(lambda: backend.of(processor), 20)


def test_a_daemon_that_stops_waits_for_what_is_under_way(own_adjusting, backend):
    backend.answer = lambda request: (time.sleep(1), (200, "{}"))[1]
    processor = name()
    client = threading.Thread(target=lambda: suppressed(lambda: adjust(own_adjusting, processor)))
    client.start()
    assert eventually(lambda: backend.of(processor))
    assert own_adjusting.stop() == 0
    client.join(10)
    own_adjusting.start()
    (key,) = {request["headers"]["Idempotency-Key"] for request in backend.of(processor)}
    assert report(own_adjusting, key)["status"] == "delivered"
    assert len(backend.of(processor)) == 1


def test_a_backend_over_tls_must_be_the_one_that_the_machine_trusts(trusting, certificate, backend):
    answer = adjust(trusting, name())  # it speaks no TLS yet
    assert answer.status == 502 and "(TLS: " in answer.json["detail"]
    backend.stop()
    backend.start(certificate)
    assert adjust(trusting, name()).status == 200
    assert eventually(lambda: report(trusting, answer.json["adjustment_id"])["status"] == "delivered", 20)


# ---- What is wrong with a request


@pytest.mark.parametrize("body, loc, kind", [
    ({"adjustments": {}}, ["body", "processor_id"], "missing"),
    ({"processor_id": "p"}, ["body", "adjustments"], "missing"),
    ({"processor_id": 7, "adjustments": {}}, ["body", "processor_id"], "string_type"),
    ({"processor_id": "", "adjustments": {}}, ["body", "processor_id"], "string_too_short"),
    ({"processor_id": "ü" * 257, "adjustments": {}}, ["body", "processor_id"], "string_too_long"),
    ({"processor_id": "a/../../admin", "adjustments": {}}, ["body", "processor_id"], "value_error"),
    ({"processor_id": "..", "adjustments": {}}, ["body", "processor_id"], "value_error"),
    ({"processor_id": "a\u0000b", "adjustments": {}}, ["body", "processor_id"], "value_error"),
    ({"processor_id": "p", "adjustments": [1]}, ["body", "adjustments"], "dict_type"),
    ({"processor_id": "p", "adjustments": None}, ["body", "adjustments"], "dict_type"),
    ({"processor_id": "p", "adjustments": {}, "reason": None}, ["body", "reason"], "string_type"),
])
def test_what_is_wrong_is_told(adjusting, backend, body, loc, kind):
    before = len(backend.requests)
    answer = adjusting.post("/adjust-processor", body)
    assert answer.status == 422
    (wrong,) = answer.json["detail"]
    assert (wrong["loc"], wrong["type"]) == (loc, kind)
    assert len(backend.requests) == before


def test_the_longest_id_is_taken(adjusting, backend):
    assert adjust(adjusting, "ü" * 256).status == 200
    assert adjust(adjusting, "...").status == 200


@pytest.mark.parametrize("identity", [str(uuid.uuid4()), "x", "%2e%2e"])
def test_what_is_not_known_is_not_found(adjusting, identity):
    answer = adjusting.get(f"/adjust-processor/{identity}")
    assert (answer.status, answer.json) == (404, {"detail": "Adjustment not found"})


def test_what_one_key_sent_is_not_there_for_another(own_adjusting, backend):
    keys = [own_adjusting.post("/v1/keys", {}, local=True).json["secret"] for _ in range(2)]
    answer = own_adjusting.post("/adjust-processor", {"processor_id": "p", "adjustments": {}}, X_API_Key=keys[0])
    assert answer.status == 200, answer.body
    path = f"/adjust-processor/{answer.json['adjustment_id']}"
    assert own_adjusting.get(path, X_API_Key=keys[0]).status == 200
    assert own_adjusting.get(path, X_API_Key=keys[1]).status == 404
    assert own_adjusting.get(path).status == 401


# ---- The operator's word


def test_secrets_are_shown_to_the_backend_alone(with_user, backend):
    processor = name()
    assert adjust(with_user, processor).status == 200
    (request,) = backend.of(processor)
    assert request["headers"]["Authorization"] == "Basic YWdlbnQ6czNjcmV0IQ=="
    backend.stop()
    answers = adjust(with_user, processor).body + with_user.get("/health").body
    assert b"s3cret" not in answers and b"czNjcmV0" not in answers
    log = with_user.log.read_text()
    assert "adjustment_kept" in log and "s3cret" not in log and "czNjcmV0" not in log


def test_the_log_has_neither_the_token_nor_the_backend_s_words(adjusting, backend):
    backend.answer = lambda request: (400, f"you showed {request['headers']['Authorization']}")
    assert adjust(adjusting, name()).status == 400
    log = adjusting.log.read_text()
    assert "adjustment_refused" in log and TOKEN not in log


@pytest.mark.parametrize("variables", [
    {"BACKEND_URL": "backend:8000/s3cret"}, {"BACKEND_URL": "http://u:s3cret@host:99999"},
    {"BACKEND_TOKEN": "s3cret two"}, {"BACKEND_URL": "http://u:s3cret@host", "BACKEND_TOKEN": "s3cret"}])
def test_what_names_no_backend_keeps_it_from_starting(binary, tmp_path, variables):
    done = subprocess.run([binary, "serve", "--compat", "--listen", f"unix:{tmp_path}/sock"], capture_output=True,
                          text=True, timeout=30, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **variables})
    assert done.returncode == 2
    assert "BACKEND_" in done.stderr and "s3cret" not in done.stderr


def test_without_compat_the_variables_mean_nothing(without_compat):
    assert without_compat.get("/health").status == 200
