"""GET /metrics, as Prometheus' own parser reads it."""

from prometheus_client.parser import text_string_to_metric_families

from daemon import Daemon, eventually


class Samples:
    def __init__(self, text):
        self.families = list(text_string_to_metric_families(text))
        self.all = [sample for family in self.families for sample in family.samples]

    def value(self, name, **labels):
        return sum(sample.value for sample in self.all
                   if sample.name == name and labels.items() <= sample.labels.items())


def read(daemon):
    answer = daemon.get("/metrics", local=True)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return Samples(answer.body.decode())


def grown(before, after, name, **labels):
    return after.value(name, **labels) - before.value(name, **labels)


def test_every_family_has_a_help_and_a_type(daemon):
    samples = read(daemon)
    assert len(samples.families) > 15
    for family in samples.families:
        assert family.name.startswith("sbx_") and family.documentation and family.type != "unknown"
    names = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in samples.all]
    assert len(names) == len(set(names))
    assert samples.value("sbx_build_info", version=daemon.get("/v1/version").json["version"]) == 1


def test_executions_are_counted_by_language_and_outcome(daemon):
    before = read(daemon)
    daemon.run("print(1)")
    daemon.run("import sys; sys.exit(3)", language="py")
    daemon.run("import time; time.sleep(9)", limits={"wall_ms": 300})
    daemon.run("echo hi", language="bash")
    after = read(daemon)
    executions = {"name": "sbx_executions_total", "kind": "code"}
    assert grown(before, after, **executions, language="python", outcome="exited") == 2
    assert grown(before, after, **executions, language="python", outcome="timeout") == 1
    assert grown(before, after, **executions, language="bash", outcome="exited") == 1
    assert grown(before, after, "sbx_limits_hit_total", limit="wall_time") == 1
    for phase in ("queue", "prepare", "run", "total"):
        assert grown(before, after, "sbx_execution_seconds_count", kind="code", phase=phase) == 4, phase
    run, total = (grown(before, after, "sbx_execution_seconds_sum", phase=phase) for phase in ("run", "total"))
    assert 0.3 <= run <= total < 30
    assert grown(before, after, "sbx_pool_claimed_total") + grown(before, after, "sbx_pool_missed_total") == 4
    route = {"route": "/v1/executions", "method": "POST", "status": "200"}
    assert grown(before, after, "sbx_http_requests_total", **route) == 4
    assert grown(before, after, "sbx_http_request_seconds_count", route="/v1/executions") == 4
    assert grown(before, after, "sbx_http_bytes_total", direction="in") > 200
    assert grown(before, after, "sbx_http_bytes_total", direction="out") > 200
    assert grown(before, after, "sbx_engine_calls_total", operation="POST /containers/create") >= 1
    assert grown(before, after, "sbx_engine_call_seconds_count", operation="POST /containers/create") >= 1


def test_sandboxes_and_what_runs_in_them_are_counted(daemon):
    before = read(daemon)
    identity = daemon.sandbox()
    daemon.evaluate(identity, "x = 1")
    daemon.post(f"/v1/sandboxes/{identity}/processes", {"argv": ["true"]})
    running = read(daemon)
    assert grown(before, running, "sbx_sandboxes", state="running") == 1
    assert grown(before, running, "sbx_executions_total", kind="kernel", language="python", outcome="exited") == 1
    assert grown(before, running, "sbx_executions_total", kind="process", outcome="exited") == 1
    daemon.post(f"/v1/sandboxes/{identity}/pause")
    assert grown(before, read(daemon), "sbx_sandboxes", state="paused") == 1
    daemon.request("DELETE", f"/v1/sandboxes/{identity}")
    assert read(daemon).value("sbx_sandboxes") == before.value("sbx_sandboxes")


def test_nothing_that_a_caller_says_becomes_a_label(daemon):
    before = read(daemon)
    for number in range(20):
        daemon.get(f"/colour-{number}")
        daemon.get(f"/v1/executions/colour-{number}")
        daemon.run("", language=f"colour-{number}")
    after = read(daemon)
    assert "colour" not in daemon.get("/metrics").body.decode()
    assert grown(before, after, "sbx_http_requests_total", route="none", status="404") == 20
    assert grown(before, after, "sbx_http_requests_total", route="/v1/executions/{id}", status="404") == 20


def test_refusals_and_connections_are_counted(daemon):
    before = read(daemon)
    assert daemon.get("/health", Origin="http://evil.example").status == 403
    after = read(daemon)
    assert grown(before, after, "sbx_http_refused_total", cause="origin_refused") == 1
    assert after.value("sbx_http_connections") >= 1
    assert after.value("sbx_log_lines_dropped_total") >= 0


def test_lines_that_the_log_cannot_take_are_counted(own_daemon):
    for _ in range(300):
        own_daemon.get("/health")
    assert read(own_daemon).value("sbx_log_lines_dropped_total") > 0


def test_an_engine_that_does_not_answer_is_an_error(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, DOCKER_HOST="unix:///nowhere/docker.sock").start()
    assert daemon.get("/v1/ready").status == 503
    assert eventually(lambda: read(daemon).value("sbx_engine_errors_total", status="none") > 0)
    daemon.stop()


def test_a_key_is_needed_once_there_is_one(binary, tmp_path):
    daemon = Daemon(binary, tmp_path).start()
    assert daemon.get("/metrics").status == 200
    key = daemon.sbx("key", "create").stdout.strip()
    assert eventually(lambda: daemon.get("/metrics").status == 401, 5)
    assert daemon.get("/metrics", Authorization=f"Bearer {key}").status == 200
    assert key[:12] not in daemon.get("/metrics", local=True).body.decode()
    assert daemon.stop() == 0
