"""Traces by OTLP/HTTP, as OpenTelemetry's own schema reads them."""

import http.server
import json
import threading
from types import SimpleNamespace

import pytest

from conftest import served
from daemon import eventually
from registries import settings

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


@pytest.fixture
def collector():
    bodies, heads = [], []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            heads.append(self.headers)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_address[1]}", bodies=bodies, heads=heads)
    server.shutdown()


@pytest.fixture
def traced(binary, engine, tmp_path, collector):
    yield from served(binary, engine, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
                      OTEL_EXPORTER_OTLP_HEADERS="x-tenant=one", OTEL_SERVICE_NAME="boxes")


def spans(collector):
    return [span for _, body in collector.bodies for of in json.loads(body)["resourceSpans"]
            for scope in of["scopeSpans"] for span in scope["spans"]]


def attributes(span):
    return {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}


def test_an_execution_is_a_trace_with_the_client_s_span_above_it(traced, collector):
    answer = traced.post("/v1/executions", {"code": "import sys; sys.exit(3)"}, traceparent=f"00-{TRACE}-{PARENT}-01")
    assert eventually(lambda: {"POST /v1/executions", "execution", "queue", "sandbox"} <=
                      {span["name"] for span in spans(collector) if span["traceId"] == TRACE})
    mine = {span["name"]: span for span in spans(collector) if span["traceId"] == TRACE}
    request, execution = mine["POST /v1/executions"], mine["execution"]
    assert (request["parentSpanId"], request["kind"]) == (PARENT, 2)
    assert execution["parentSpanId"] == request["spanId"]
    assert mine["queue"]["parentSpanId"] == mine["sandbox"]["parentSpanId"] == execution["spanId"]
    said = attributes(execution)
    assert said["sbx.execution_id"] == answer.json["execution_id"] and said["sbx.language"] == "python"
    assert (said["sbx.reason"], said["sbx.exit_code"], said["sbx.path"]) == ("exited", "3", answer.json["path"])
    assert attributes(request)["sbx.request_id"] == answer.headers["X-Request-Id"]
    assert int(request["startTimeUnixNano"]) <= int(mine["sandbox"]["startTimeUnixNano"])
    assert int(mine["sandbox"]["endTimeUnixNano"]) <= int(request["endTimeUnixNano"]) + 2_000_000
    assert {path for path, _ in collector.bodies} == {"/v1/traces"}
    assert collector.heads[0]["x-tenant"] == "one" and collector.heads[0]["Content-Type"] == "application/json"


def test_what_the_client_does_not_record_is_not_sent(traced, collector):
    traced.get("/v1/pool", traceparent=f"00-{TRACE}-{PARENT}-00")
    traced.get("/v1/pool")
    assert eventually(lambda: any(span["name"] == "GET /v1/pool" for span in spans(collector)))
    assert not [span for span in spans(collector) if span["traceId"] == TRACE]


def test_code_keys_and_addresses_are_in_no_span(traced, collector):
    traced.run("secret = 'hunter2'", env={"TOKEN": "hunter2"}, stdin="hunter2")
    traced.get("/v1/hunter2?x=hunter2")
    traced.get("/v1/version")
    assert eventually(lambda: any(span["name"] == "GET /v1/version" for span in spans(collector)))
    assert b"hunter2" not in b"".join(body for _, body in collector.bodies)


def test_what_is_left_is_sent_at_the_end(traced, collector):
    traced.get("/v1/version")
    assert traced.stop() == 0
    assert any(span["name"] == "GET /v1/version" for span in spans(collector))


def test_a_collector_that_is_away_costs_nothing(binary, engine, tmp_path):
    for daemon in served(binary, engine, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1"):
        assert daemon.run("print(1)").json["stdout"] == "1\n"
        assert eventually(lambda: '"traces_not_sent"' in daemon.log.read_text())
        assert daemon.run("print(2)").json["stdout"] == "2\n"


def test_the_official_schema_reads_it(traced, collector, tmp_path):
    traced.run("print(1)")
    assert eventually(lambda: len(spans(collector)) > 3)
    (tmp_path / "bodies.json").write_text(json.dumps([body.decode() for _, body in collector.bodies]))
    program = ("import json\n"
               "from google.protobuf import json_format\n"
               "from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest\n"
               "for body in json.load(open('bodies.json')):\n"
               "    request = json_format.Parse(body, ExportTraceServiceRequest())\n"
               "    for of in request.resource_spans:\n"
               "        print(of.resource.attributes[0].value.string_value)\n")
    (tmp_path / "read.py").write_text(program)
    traced.environment.update(settings())
    done = traced.sbx("run", "--direct", "--with", "opentelemetry-proto", "--file", f"{tmp_path}/bodies.json",
                      f"{tmp_path}/read.py")
    assert done.returncode == 0 and set(done.stdout.split()) == {"boxes"}, done
