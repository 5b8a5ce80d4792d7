"""The dialect colima: sandboxes, files and commands in E2B's manner."""

import base64
import json
import signal
import subprocess
import sys
import threading
import time

import pytest

from colima import Colima, Sandbox, text_of
from daemon import eventually
from machine import Machine
from web_socket import Closed, Refused

HOME = "/home/user"

# What the server's document gives its users to read a stream by, with the names that it presupposes.
DOCUMENTS_CLIENT = """
import sys
sandbox_id, pid = sys.argv[1:]

import websocket
import json

ws = websocket.create_connection(
    f"ws://localhost:8000/sandboxes/{sandbox_id}/commands/stream/{pid}"
)

while True:
    msg = ws.recv()
    data = json.loads(msg)

    if data["type"] == "stdout":
        print(data["data"], end="")
    elif data["type"] == "stderr":
        print(data["data"], end="", file=sys.stderr)
    elif data["type"] == "exit":
        print(f"\\nProcess exited with code {data['code']}")
        break
    elif data["type"] == "error":
        print(f"Error: {data['message']}")
        break

ws.close()
"""


def told(answer):
    return answer.status, answer.json["detail"]


@pytest.fixture(scope="module")
def colima(compat):
    return Colima(compat)


@pytest.fixture(scope="module")
def shared_sandbox(colima):
    """For what leaves nothing behind."""
    sandbox = colima.make()
    yield sandbox
    sandbox.kill()


@pytest.fixture
def sandbox(colima):
    sandbox = colima.make()
    yield sandbox
    sandbox.kill()


# ---- sandboxes

def test_the_documents_sandbox(colima):
    made = colima.done("POST", "/sandboxes/", {"template": "python", "timeout": 600, "envs": {"DEBUG": "1"},
                                              "metadata": {"purpose": "test"}})
    sandbox = Sandbox(colima, made["sandbox_id"])
    started, ends = (time.strptime(made[name], "%Y-%m-%dT%H:%M:%S") for name in ("started_at", "end_at"))
    assert made["sandbox_id"].startswith("clm_") and len(made["sandbox_id"]) == 24
    assert (made["template_id"], made["state"], made["metadata"]) == ("python", "running", {"purpose": "test"})
    assert abs(time.mktime(ends) - time.mktime(started) - 600) <= 1
    assert abs(time.mktime(started) - time.mktime(time.gmtime())) < 60
    written = sandbox.write("/home/user/script.py", 'print("Hello, World!")')
    assert written == {"success": True, "path": "/home/user/script.py", "name": "script.py", "type": "file", "size": 22}
    assert sandbox.run("python script.py", timeout=30, cwd="/home/user") == {
        "stdout": "Hello, World!\n", "stderr": "", "exit_code": 0, "error": None}
    assert sandbox.out("echo $DEBUG") == "1\n"
    assert sandbox.done("GET", "") == made
    assert made in colima.done("GET", "/sandboxes/")
    assert sandbox.done("DELETE", "") == {"success": True, "sandbox_id": sandbox.id, "status": "killed"}
    assert told(sandbox.ask("GET", "")) == (404, f"Sandbox {sandbox.id} not found")
    assert told(sandbox.kill()) == (404, f"Sandbox {sandbox.id} not found")


def test_without_a_word_it_is_python_for_five_minutes(colima, shared_sandbox):
    shown = shared_sandbox.done("GET", "")
    assert (shown["template_id"], shown["metadata"]) == ("python", {})
    assert shared_sandbox.out("python -c 'import sys; print(sys.version_info[0])'; which python3") == "3\n/usr/bin/python3\n"


def test_it_is_at_home_in_home_user(shared_sandbox):
    assert shared_sandbox.out("pwd; echo $HOME; cd; pwd; echo ~") == f"{HOME}\n" * 4
    assert shared_sandbox.out("python3 -c 'import os; print(os.getcwd(), os.path.expanduser(\"~\"))'") == f"{HOME} {HOME}\n"
    assert shared_sandbox.out("stat -fc %T . && touch x && rm x && id -u") == "tmpfs\n1000\n"
    assert shared_sandbox.out("pwd", cwd="/tmp") == "/tmp\n"
    assert shared_sandbox.out("mkdir -p sub && cd sub && pwd", cwd=".") == f"{HOME}/sub\n"


@pytest.mark.parametrize("template, command, said", [
    ("node", "node -p '6 * 7'", "42\n"), ("base", "echo $BASH_VERSION | cut -c1", "5\n"), ("ruby", "ruby -e 'puts 42'", "42\n"),
    ("python-data", "python -c 'import numpy; print(numpy.arange(3).sum())'", "3\n")])
def test_templates(colima, template, command, said):
    sandbox = colima.make(template=template)
    assert sandbox.done("GET", "")["template_id"] == template
    assert sandbox.out(f"{command}; pwd") == said + f"{HOME}\n"
    sandbox.kill()


def test_templates_of_the_operator_count_before_languages(own_compat):
    folder = own_compat.home / ".config" / "sbx" / "templates"
    folder.mkdir(parents=True)
    (folder / "python.toml").write_text('language = "python"\n[environment]\nFROM = "the operator"\n')
    sandbox = Colima(own_compat).make(envs={"OWN": "mine"})
    assert sandbox.out('echo "$FROM, $OWN"') == "the operator, mine\n"


def test_a_template_that_there_is_not(colima):
    assert told(colima.request("POST", "/sandboxes/", {"template": "cobol"})) == (404, "Template 'cobol' not found")
    assert told(colima.request("POST", "/sandboxes/", {"template": "../x"})) == (404, "Template '../x' not found")


def test_its_time_alone_ends_it(colima):
    sandbox = colima.make(timeout=2)
    assert sandbox.done("POST", "/timeout", {"timeout": 5})["timeout"] == 5
    time.sleep(2.5)
    assert sandbox.out("echo still here") == "still here\n"
    assert eventually(lambda: sandbox.ask("GET", "").status == 404, 10)
    assert told(sandbox.ask("POST", "/commands/run", {"cmd": "true"})) == (404, f"Sandbox {sandbox.id} not found")


def test_no_sandbox_lives_longer_than_a_day(colima, sandbox):
    set_ = sandbox.done("POST", "/timeout", {"timeout": 86000})
    assert (set_["success"], set_["sandbox_id"], set_["timeout"]) == (True, sandbox.id, 86000)
    time.sleep(1.1)
    assert sandbox.ask("POST", "/timeout", {"timeout": 86400}).status == 422
    assert sandbox.ask("POST", "/timeout", {"timeout": 0}).status == 422
    assert sandbox.ask("POST", "/timeout", {}).json["detail"][0]["loc"] == ["body", "timeout"]


@pytest.mark.parametrize("members, where, kind", [
    ({"timeout": 0}, ["body", "timeout"], "greater_than_equal"), ({"timeout": 86401}, ["body", "timeout"], "less_than_equal"),
    ({"timeout": "soon"}, ["body", "timeout"], "int_parsing"), ({"template": 5}, ["body", "template"], "string_type"),
    ({"envs": {"A B": "x"}}, ["body", "envs"], "value_error"), ({"envs": ["A"]}, ["body", "envs"], "dict_type"),
    ({"envs": {"A": 5}}, ["body", "envs", "A"], "string_type"),
    ({"metadata": {"k": "v" * 5000}}, ["body", "metadata"], "value_error")])
def test_wrong_members_are_named(colima, members, where, kind):
    answer = colima.request("POST", "/sandboxes/", members)
    assert answer.status == 422
    assert [(error["loc"], error["type"]) for error in answer.json["detail"]] == [(where, kind)]


def test_metadata_is_any_text(colima):
    metadata = {"für wen": "Ätna & Söhne\n\t„drei“", "": "", "weiß": "🦊"}
    sandbox = colima.make(metadata=metadata)
    assert sandbox.done("GET", "")["metadata"] == metadata
    sandbox.kill()


def test_paths_lead_on_by_their_final_slash(colima, sandbox):
    moved = colima.request("GET", "/sandboxes")
    assert (moved.status, moved.body) == (307, b"") and moved.headers["Location"].endswith("/compat/colima/sandboxes/")
    assert sandbox.ask("GET", "/commands").status == 307
    assert sandbox.ask("DELETE", "/files", path="x").headers["Location"].endswith("/files/?path=x")
    assert told(colima.request("GET", "/sandboxes/a/b/c")) == (404, "Not Found")
    wrong = colima.request("PUT", "/sandboxes/")
    assert told(wrong) == (405, "Method Not Allowed") and sorted(wrong.headers["Allow"].split(", ")) == ["GET", "POST"]


def test_sandboxes_are_the_callers_own_and_colimas_alone(compat, colima, sandbox):
    native = compat.post("/v1/sandboxes", {"name": "clm_native"})
    assert native.status == 201
    assert colima.request("GET", "/sandboxes/clm_native").status == 404
    shown = [each for each in compat.get("/v1/sandboxes").json["sandboxes"] if each["name"] == sandbox.id]
    assert shown[0]["dialect"] == "colima" and shown[0]["labels"]["template"] == "python"
    assert compat.request("DELETE", f"/v1/sandboxes/{native.json['id']}").status == 204


# ---- files

def test_files_of_any_bytes(sandbox):
    content = bytes(range(256)) * 3
    written = sandbox.write("deep/er/x.bin", base64.b64encode(content).decode(), encoding="base64")
    assert written["path"] == f"{HOME}/deep/er/x.bin" and written["size"] == len(content)
    read = sandbox.done("GET", "/files/read", path=f"{HOME}/deep/er/x.bin")
    assert read == {"path": f"{HOME}/deep/er/x.bin", "data": base64.b64encode(content).decode(), "encoding": "base64",
                    "size": len(content)}
    alone = sandbox.ask("GET", "/files/read", path="deep/er/x.bin", format="bytes")
    assert (alone.headers["Content-Type"], alone.body) == ("application/octet-stream", content)


def test_files_of_text(sandbox):
    sandbox.write("Übung Ω.txt", "zwölf Füchse 🦊\n")
    assert sandbox.done("GET", "/files/read", path="Übung Ω.txt") == {
        "path": f"{HOME}/Übung Ω.txt", "data": "zwölf Füchse 🦊\n", "size": len("zwölf Füchse 🦊\n".encode())}
    sandbox.write("Übung Ω.txt", "")
    assert sandbox.out("wc -c <'Übung Ω.txt'") == "0\n"


def test_a_file_of_forty_megabytes(sandbox):
    written = sandbox.write("/tmp/large", "x" * (40 << 20))
    assert written["size"] == 40 << 20
    assert sandbox.ask("GET", "/files/read", path="/tmp/large").status == 413
    assert sandbox.ask("GET", "/files/read", path="/tmp/large", format="bytes").body == b"x" * (40 << 20)


def test_lists_of_files(sandbox):
    sandbox.write("a/b/c", "1234")
    sandbox.out("ln -s nowhere link")
    entries = sandbox.done("GET", "/files/list")
    assert [(entry["name"], entry["path"], entry["type"]) for entry in entries] == [
        ("a", f"{HOME}/a", "dir"), ("link", f"{HOME}/link", "symlink")]
    deep = sandbox.done("GET", "/files/list", path=HOME, depth=3)
    assert [entry["path"] for entry in deep] == [f"{HOME}/{name}" for name in ("a", "a/b", "a/b/c", "link")]
    assert deep[2]["size"] == 4 and time.strptime(deep[2]["modified_at"], "%Y-%m-%dT%H:%M:%S")
    assert told(sandbox.ask("GET", "/files/list", path="/nowhere")) == (404, "File not found: /nowhere")
    assert sandbox.ask("GET", "/files/list", depth=33).status == 422


def test_what_is_there_and_what_is_removed(sandbox):
    sandbox.write("a/b", "")
    assert sandbox.done("GET", "/files/exists", path="a/b") == {"path": f"{HOME}/a/b", "exists": True}
    assert sandbox.done("DELETE", "/files/", path="a") == {"success": True, "path": f"{HOME}/a"}
    assert sandbox.done("GET", "/files/exists", path="a/b") == {"path": f"{HOME}/a/b", "exists": False}
    assert told(sandbox.ask("DELETE", "/files/", path="a")) == (404, f"File not found: {HOME}/a")


def test_what_may_not_be_touched(sandbox):
    assert told(sandbox.ask("POST", "/files/write", {"path": "/etc/x", "data": ""})) in [
        (403, "Permission denied: /etc/x"), (403, "Permission denied: /etc")]
    assert told(sandbox.ask("GET", "/files/read", path="/etc/shadow")) == (403, "Permission denied: /etc/shadow")
    assert sandbox.ask("DELETE", "/files/", path="/usr/bin").status == 403
    assert sandbox.out("ls /usr/bin/bash") == "/usr/bin/bash\n"
    assert told(sandbox.ask("GET", "/files/read", path="nothing")) == (404, f"File not found: {HOME}/nothing")
    assert sandbox.ask("GET", "/files/read", path=HOME).status == 422
    assert sandbox.ask("POST", "/files/write", {"path": "/home", "data": "x"}).status in (403, 422)


@pytest.mark.parametrize("path", ["", "a\0b", "a\nb", "x" * 300, "y/" * 3000])
def test_paths_that_are_none(shared_sandbox, path):
    answer = shared_sandbox.ask("POST", "/files/write", {"path": path, "data": ""})
    assert answer.status == 422 and answer.json["detail"][0]["loc"] == ["body", "path"]


def test_dots_are_resolved_as_text(sandbox):
    assert sandbox.write("../user/./x/../y.txt", "z")["path"] == f"{HOME}/y.txt"
    assert sandbox.done("GET", "/files/read", path="../../../home/user/y.txt")["data"] == "z"


def test_links_lead_nowhere_that_the_name_does_not_say(sandbox):
    sandbox.out("ln -s /etc d && ln -s /etc/hostname f")
    assert sandbox.ask("POST", "/files/write", {"path": "d/x", "data": ""}).status in (403, 404, 422)


def test_a_full_sandbox_says_so(sandbox):
    sandbox.run("head -c 255M /dev/zero >fill")
    answer = sandbox.ask("POST", "/files/write", {"path": "more", "data": "x" * (8 << 20)})
    assert told(answer) == (500, "No space left in the sandbox")


# ---- commands

def test_the_streams_and_the_code(shared_sandbox):
    result = shared_sandbox.run("echo out; echo err >&2; exit 3")
    assert result == {"stdout": "out\n", "stderr": "err\n", "exit_code": 3, "error": None}
    assert shared_sandbox.run("kill -9 $$")["exit_code"] == 137
    assert shared_sandbox.out("echo $A$B", envs={"A": "1", "B": "2"}) == "12\n"
    assert shared_sandbox.out("cat | wc -c") == "0\n"
    assert shared_sandbox.out(r"printf 'a\377b'") == "a\ufffdb"


def test_a_command_whose_time_is_over(sandbox):
    begin = time.monotonic()
    answer = sandbox.ask("POST", "/commands/run", {"cmd": "sleep 77 & sleep 60", "timeout": 0.5})
    assert told(answer) == (408, "Command timed out after 0.5 seconds")
    assert time.monotonic() - begin < 10
    assert sandbox.sleeping() == 0


def test_a_directory_that_there_is_not(shared_sandbox):
    for where in ("run", "run/background"):
        answer = shared_sandbox.ask("POST", f"/commands/{where}", {"cmd": "true", "cwd": "/nowhere"})
        assert told(answer) == (404, "Directory not found: /nowhere")


def test_memory_and_output_have_their_limits(sandbox):
    result = sandbox.run("python3 -c 'b = bytearray(800 << 20)'")
    assert (result["exit_code"], result["error"]) == (137, "Memory limit of 512 MB exceeded")
    result = sandbox.run("head -c 3M /dev/zero | tr '\\0' x")
    assert len(result["stdout"]) == 1 << 20 and result["stderr"] == "stdout truncated at 1048576 bytes\n"
    result = sandbox.run("yes")
    assert (result["exit_code"], result["error"]) == (153, "Output limit exceeded")


@pytest.mark.parametrize("members, where", [({"cmd": 5}, "cmd"), ({}, "cmd"), ({"cmd": "x", "timeout": 0}, "timeout"),
                                            ({"cmd": "x", "timeout": "soon"}, "timeout"), ({"cmd": "x", "cwd": "a\0"}, "cwd"),
                                            ({"cmd": "x", "envs": {"=": ""}}, "envs"), ({"cmd": "x" * 200_000}, "cmd")])
def test_wrong_members_of_commands(shared_sandbox, members, where):
    answer = shared_sandbox.ask("POST", "/commands/run", members)
    assert answer.status == 422 and answer.json["detail"][0]["loc"] == ["body", where]


def test_many_at_once_are_served_at_once(shared_sandbox):
    done = []
    threads = [threading.Thread(target=lambda: done.append(shared_sandbox.out("sleep 1; echo x"))) for _ in range(8)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == ["x\n"] * 8 and time.monotonic() - begin < 6


def test_a_client_that_leaves_ends_its_command(sandbox):
    program = ("import socket, sys, time; s = socket.create_connection(('127.0.0.1', int(sys.argv[1])));"
               "b = b'{\"cmd\": \"sleep 71\"}';"
               "s.sendall(b'POST /compat/colima/sandboxes/' + sys.argv[2].encode() + b'/commands/run HTTP/1.1\\r\\nHost: localhost:'"
               " + sys.argv[1].encode() + b'\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n' % len(b) + b);"
               "time.sleep(1)")
    assert sandbox.sleeping() == 0
    subprocess.run([sys.executable, "-c", program, str(sandbox.of.daemon.port), sandbox.id], check=True, timeout=30)
    assert eventually(lambda: sandbox.sleeping() == 0, 10)


def test_commands_in_the_background(sandbox):
    pid = sandbox.start("echo begin; sleep 60; echo never")
    assert pid == 1
    listed = sandbox.done("GET", "/commands/")
    assert [(each["pid"], each["cmd"], each["state"]) for each in listed] == [(1, "echo begin; sleep 60; echo never", "running")]
    assert time.strptime(listed[0]["started_at"], "%Y-%m-%dT%H:%M:%S")
    assert sandbox.done("DELETE", "/commands/1") == {"success": True, "pid": 1}
    assert sandbox.done("GET", "/commands/") == []
    assert told(sandbox.ask("DELETE", "/commands/1")) == (404, "Process 1 not found")
    assert told(sandbox.ask("DELETE", "/commands/7")) == (404, "Process 7 not found")
    assert sandbox.ask("DELETE", "/commands/x").json["detail"][0]["loc"] == ["path", "pid"]
    assert sandbox.start("true") == 2
    assert sandbox.heard(1)[-1] == {"type": "exit", "code": 137}


def test_one_that_writes_without_end_can_be_killed(sandbox):
    pid = sandbox.start("yes")
    time.sleep(0.5)
    assert sandbox.done("DELETE", f"/commands/{pid}")["success"]
    assert sandbox.done("GET", "/commands/") == []


def test_the_time_of_one_in_the_background(sandbox):
    pid = sandbox.start("sleep 60", timeout=1)
    begin = time.monotonic()
    assert sandbox.heard(pid) == [{"type": "exit", "code": 124}]
    assert time.monotonic() - begin < 5
    endless = sandbox.start("sleep 61", timeout=None)
    assert [each["cmd"] for each in sandbox.done("GET", "/commands/")] == ["sleep 61"]
    sandbox.done("DELETE", f"/commands/{endless}")


def test_sixty_four_run_at_a_time(sandbox):
    for _ in range(64):
        sandbox.start("sleep 60", timeout=None)
    answer = sandbox.ask("POST", "/commands/run/background", {"cmd": "true"})
    assert answer.status == 429 and answer.headers["Retry-After"]


# ---- the stream

def test_what_is_written_is_pushed_at_once(sandbox):
    pid = sandbox.start("for i in 1 2 3; do echo $i; echo e$i >&2; sleep 0.3; done; exit 4")
    arrived = []
    with sandbox.stream(pid) as socket, pytest.raises(Closed) as closed:
        while True:
            arrived.append((time.monotonic(), json.loads(socket.recv())))
    messages = [message for _, message in arrived]
    assert (text_of(messages), text_of(messages, "stderr")) == ("1\n2\n3\n", "e1\ne2\ne3\n")
    assert messages[-1] == {"type": "exit", "code": 4} and closed.value.code == 1000
    assert arrived[-1][0] - arrived[0][0] > 0.5


def test_several_follow_one_and_each_gets_all(sandbox):
    pid = sandbox.start("sleep 0.5; for i in $(seq 2000); do echo line $i; done")
    heard = []
    threads = [threading.Thread(target=lambda: heard.append(sandbox.heard(pid))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = "".join(f"line {i}\n" for i in range(1, 2001))
    assert [text_of(messages) for messages in heard] == [expected] * 5


def test_who_comes_late_gets_what_is_kept_first(sandbox):
    pid = sandbox.start("echo early; sleep 3; echo late")
    with sandbox.stream(pid) as first:
        assert json.loads(first.recv())["data"] == "early\n"
        assert text_of(sandbox.heard(pid)) == "early\nlate\n"
        assert json.loads(first.recv())["data"] == "late\n"
    assert text_of(sandbox.heard(pid)) == "early\nlate\n"  # it has ended


def test_a_reader_that_leaves_ends_nothing(sandbox):
    pid = sandbox.start("for i in $(seq 100); do echo $i; sleep 0.05; done")
    for _ in range(3):
        with sandbox.stream(pid) as socket:
            socket.recv()
    assert text_of(sandbox.heard(pid)).endswith("99\n100\n")


def test_characters_are_whole(sandbox):
    sandbox.write("slow.py", "import os, time\nfor b in 'Füße 🦊'.encode() + b'\\xff\\n\\xf0\\x9f':\n"
                             "    os.write(1, bytes([b])); time.sleep(0.02)\n")
    assert text_of(sandbox.heard(sandbox.start("python slow.py"))) == "Füße 🦊\ufffd\n\ufffd"


def test_what_there_is_not_is_told_and_closed(colima, sandbox):
    assert sandbox.heard(7) == [{"type": "error", "message": "Process 7 not found"}]
    nowhere = Sandbox(colima, "clm_abc123")
    assert nowhere.heard(1) == [{"type": "error", "message": "Sandbox clm_abc123 not found"}]
    pid = sandbox.start("sleep 60")
    killer = threading.Timer(0.5, sandbox.kill)
    killer.start()
    assert sandbox.heard(pid) == [{"type": "error", "message": f"Sandbox {sandbox.id} not found"}]
    killer.join()


def test_a_stream_is_a_web_socket_and_nothing_else(sandbox):
    pid = sandbox.start("sleep 60")
    assert told(sandbox.ask("GET", f"/commands/stream/{pid}")) == (404, "Not Found")
    with pytest.raises(Refused) as refused:
        sandbox.stream(pid, origin="http://evil.example")
    assert refused.value.status == 403


def opens(sandbox, pid):
    try:
        sandbox.stream(pid).close()
    except Refused:
        return False
    return True


def test_sixteen_sockets_a_sandbox(sandbox):
    pid = sandbox.start("sleep 60")
    sockets = [sandbox.stream(pid) for _ in range(16)]
    with pytest.raises(Refused) as refused:
        sandbox.stream(pid)
    assert refused.value.status == 429
    for socket in sockets:
        socket.close()
    assert eventually(lambda: opens(sandbox, pid))


def test_a_stream_is_killed_with_its_command(sandbox):
    pid = sandbox.start("sleep 60")
    killer = threading.Timer(0.5, lambda: sandbox.done("DELETE", f"/commands/{pid}"))
    killer.start()
    assert sandbox.heard(pid) == [{"type": "exit", "code": 137}]
    killer.join()


# ---- a server's life

def test_ten_at_once_never_mix(colima):
    sandboxes = [None] * 10

    def use(number):
        sandboxes[number] = sandbox = colima.make(envs={"N": str(number)}, metadata={"n": str(number)})
        sandbox.write("n.txt", str(number))
        pid = sandbox.start("sleep 0.2; cat n.txt; echo $N")
        assert text_of(sandbox.heard(pid)) == f"{number}{number}\n"
        assert sandbox.out("cat n.txt; echo $N") == f"{number}{number}\n"

    threads = [threading.Thread(target=use, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shown = {each["sandbox_id"]: each["metadata"]["n"] for each in colima.done("GET", "/sandboxes/") if "n" in each["metadata"]}
    assert shown == {sandbox.id: str(number) for number, sandbox in enumerate(sandboxes)}
    for sandbox in sandboxes:
        sandbox.kill()


def test_sandboxes_survive_their_daemon(own_compat):
    colima = Colima(own_compat)
    sandbox = colima.make(metadata={"für": "später"})
    sandbox.write("kept", "still here")
    before = sandbox.done("GET", "")
    pid = sandbox.start("for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.5; done", timeout=30)
    own_compat.restart(signal.SIGKILL)
    assert sandbox.done("GET", "") == before
    assert sandbox.out("cat kept") == "still here"
    assert text_of(sandbox.heard(pid)).endswith("7\n8\n")


def test_with_keys_sandboxes_are_of_their_own(own_compat):
    key = own_compat.sbx("key", "create").stdout.strip()
    assert eventually(lambda: Colima(own_compat).request("GET", "/sandboxes/").status == 401)
    refused = Colima(own_compat).request("GET", "/sandboxes/")
    assert told(refused) == (401, "Not authenticated") and refused.headers["WWW-Authenticate"] == "Bearer"
    assert Colima(own_compat).done("GET", "/health") == {"status": "ok"}
    assert Colima(own_compat, X_API_Key=key).done("GET", "/sandboxes/") == []


def test_the_documents_client_runs_unchanged(binary, tmp_path):
    with Machine(binary, tmp_path, "--compat", "--remove-on-stop") as machine:
        base = "http://localhost:8000/sandboxes/"
        assert eventually(lambda: machine.ask("http://localhost:8000/health"), 20)[0] == 200
        kind = ["-X", "POST", "-H", "Content-Type: application/json", "-d"]
        made = json.loads(machine.ask(base, *kind, '{"template": "python"}')[1])["sandbox_id"]
        command = json.dumps({"cmd": "echo out; sleep 26; echo err >&2; exit 5"})
        pid = json.loads(machine.ask(f"{base}{made}/commands/run/background", *kind, command)[1])["pid"]
        done = subprocess.run(["nsenter", "-t", str(machine.process.pid), "-n", "/usr/bin/python3", "-c", DOCUMENTS_CLIENT,
                               made, str(pid)], capture_output=True, text=True, timeout=90, check=False)
        assert (done.stdout, done.stderr, done.returncode) == ("out\n\nProcess exited with code 5\n", "err\n", 0)
