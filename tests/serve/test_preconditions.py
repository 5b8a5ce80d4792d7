"""ETag, If-Match and If-None-Match (RFC 9110): what changes can be watched cheaply, and changed only as one knows it."""

import threading

import pytest

from daemon import eventually


@pytest.fixture
def sandbox(daemon):
    identity = daemon.sandbox()
    yield identity
    daemon.request("DELETE", f"/v1/sandboxes/{identity}")


def file_of(sandbox, name="a.txt"):
    return f"/v1/sandboxes/{sandbox}/files?path={name}"


def is_failed(answer):
    return answer.status == 412 and answer.json["error"]["code"] == "conflict" and answer.headers["ETag"]


def test_what_a_client_has_is_not_sent_again(daemon, sandbox):
    execution = daemon.run("1").json["execution_id"]
    for path in (f"/v1/sandboxes/{sandbox}", f"/v1/executions/{execution}", "/openapi.json", "/docs"):
        first = daemon.get(path)
        caching = "no-store" if path.startswith("/v1") else "no-cache"
        assert first.status == 200 and first.headers["Cache-Control"] == caching
        tag = first.headers["ETag"]
        for wanted in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = daemon.get(path, If_None_Match=wanted)
            assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag), (path, wanted)
            assert again.headers["Cache-Control"] == caching
            assert daemon.request("HEAD", path, If_None_Match=wanted).status == 304
        assert daemon.get(path, If_None_Match='"other"').body == first.body
        assert is_failed(daemon.get(path, If_Match='"other"'))
        wrong = daemon.get(path, If_None_Match="bare")
        assert wrong.status == 400 and "quotation marks" in wrong.json["error"]["message"]


def test_a_sandbox_has_another_tag_once_it_has_changed(daemon, sandbox):
    path = f"/v1/sandboxes/{sandbox}"
    tags = [daemon.get(path).headers["ETag"]]
    for action, body in (("extend", {"ttl_ms": 500000}), ("pause", {}), ("resume", {})):
        changed = daemon.post(f"{path}/{action}", body)
        assert changed.headers["ETag"] == daemon.get(path).headers["ETag"]
        tags.append(changed.headers["ETag"])
    assert len(set(tags[:3])) == 3 and tags[3] == tags[1]  # running again, as before the pause


def test_a_sandbox_is_changed_only_as_it_is_known(daemon):
    created = daemon.post("/v1/sandboxes", {})
    path, old = f"/v1/sandboxes/{created.json['id']}", created.headers["ETag"]
    new = daemon.post(f"{path}/extend", {"ttl_ms": 500000}, If_Match=old).headers["ETag"]
    assert is_failed(daemon.post(f"{path}/extend", {"ttl_ms": 600000}, If_Match=old))
    assert is_failed(daemon.post(f"{path}/pause", {}, If_Match=old))
    assert is_failed(daemon.request("DELETE", path, If_Match=old))
    assert daemon.get(path).headers["ETag"] == new
    assert daemon.request("DELETE", path, If_Match=f'"x", {new}').status == 204
    assert daemon.request("DELETE", path, If_Match=new).status == 404


def test_a_file_is_written_only_over_what_is_known(daemon, sandbox):
    path = file_of(sandbox)
    made = daemon.request("PUT", path, b"one", If_None_Match="*")
    assert made.status == 204
    assert is_failed(daemon.request("PUT", path, b"two", If_None_Match="*"))
    read = daemon.get(path)
    assert (read.body, read.headers["ETag"]) == (b"one", made.headers["ETag"])
    assert daemon.get(f"/v1/sandboxes/{sandbox}/files/stat?path=a.txt").headers["ETag"] == made.headers["ETag"]
    second = daemon.request("PUT", path, b"two", If_Match=made.headers["ETag"])
    assert second.status == 204 and second.headers["ETag"] != made.headers["ETag"]
    assert is_failed(daemon.request("PUT", path, b"three", If_Match=made.headers["ETag"]))
    assert daemon.get(path).body == b"two"
    assert is_failed(daemon.request("DELETE", path, If_Match=made.headers["ETag"]))
    assert daemon.request("DELETE", path, If_Match=second.headers["ETag"]).status == 204
    gone = daemon.request("PUT", path, b"four", If_Match=second.headers["ETag"])
    assert gone.status == 412 and daemon.get(path).status == 404


def test_a_program_that_writes_a_file_changes_its_tag(daemon, sandbox):
    path = file_of(sandbox)
    tag = daemon.request("PUT", path, b"one").headers["ETag"]
    assert daemon.get(path, If_None_Match=tag).status == 304
    daemon.evaluate(sandbox, "open('/work/a.txt', 'w').write('two')")
    changed = daemon.get(path, If_None_Match=tag)
    assert changed.status == 200 and changed.body == b"two"
    assert is_failed(daemon.request("PUT", path, b"mine", If_Match=tag))


def test_the_tag_of_a_write_is_that_of_what_was_written(daemon, sandbox):
    path = file_of(sandbox)
    started = daemon.post(f"/v1/sandboxes/{sandbox}/processes", {"argv": ["python3", "-c", """
import os
open("ready", "w")
while not os.path.exists("a.txt"):
    pass
open("a.txt", "w").write("theirs")
"""], "detach": True})
    assert started.status == 202
    assert eventually(lambda: daemon.get(file_of(sandbox, "ready")).status == 200, 10)
    tag = daemon.request("PUT", path, b"ours").headers["ETag"]
    assert eventually(lambda: daemon.get(path).body == b"theirs", 10)
    assert is_failed(daemon.request("PUT", path, b"ours again", If_Match=tag))


def test_a_part_is_taken_only_of_what_is_known(daemon, sandbox):
    path = file_of(sandbox)
    tag = daemon.request("PUT", path, b"0123456789").headers["ETag"]
    part = daemon.get(path, Range="bytes=2-3", If_Range=tag)
    assert (part.status, part.body, part.headers["ETag"]) == (206, b"23", tag)
    whole = daemon.get(path, Range="bytes=2-3", If_Range='"other"')
    assert (whole.status, whole.body) == (200, b"0123456789")
    assert daemon.get(path, Range="bytes=2-3", If_None_Match=tag).status == 304


def test_of_many_who_know_the_same_one_writes(daemon, sandbox):
    path = file_of(sandbox)
    tag = daemon.request("PUT", path, b"0").headers["ETag"]
    answers = []

    def write(number):
        own = path.replace("path=", "path=/work/") if number % 2 else path  # another way to write the same
        answers.append((daemon.request("PUT", own, f"{number}".encode() * 10, If_Match=tag).status, number))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [number for status, number in answers if status == 204]
    assert len(winners) == 1, answers
    assert {status for status, _ in answers} <= {204, 409, 412}
    assert daemon.get(path).body == f"{winners[0]}".encode() * 10


def test_no_other_file_is_written_than_the_one_that_was_looked_at(daemon, sandbox):
    tag = daemon.request("PUT", file_of(sandbox), b"one").headers["ETag"]
    twice = daemon.request("PUT", file_of(sandbox) + "&path=b.txt", b"two", If_Match=tag)
    assert twice.status == 400 and "more than once" in twice.json["error"]["message"]
    assert daemon.get(file_of(sandbox, "b.txt")).status == 404


def test_the_document_tells_of_preconditions(daemon):
    paths = daemon.get("/openapi.json").json["paths"]
    put = paths["/v1/sandboxes/{id}/files"]["put"]
    assert {"If-Match", "If-None-Match"} <= {each["name"] for each in put["parameters"]} and "412" in put["responses"]
    assert {"304", "412"} <= set(paths["/v1/sandboxes/{id}"]["get"]["responses"])
