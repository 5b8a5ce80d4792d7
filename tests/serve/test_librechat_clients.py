"""The dialect librechat, driven by LibreChat's own library in three generations, and as its host moves files."""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess

import pytest

from conftest import served
from daemon import eventually
from librechat import BASE, KEY

PROGRAM = pathlib.Path(__file__).parent / "inside" / "librechat_client.mjs"
KEPT = pathlib.Path(os.environ.get("SBX_TEST_DIRECTORY") or pathlib.Path.home() / ".cache" / "sbx-tests") / "librechat"
ID = re.compile(r"^[A-Za-z0-9_-]{21}$")

V2, V31, V39 = "2.4.20", "3.1.63", "3.9.2"
VERSIONS = [V2, V31, V39]
HOST = "host"
FETCH = "node-fetch@2.7.0"  # the host's, which the library uses without naming it
PACKAGES = {
    V2: [f"@librechat/agents@{V2}", FETCH, "@smithy/protocol-http@5.6.2", "@smithy/eventstream-codec@4.5.2",
         "@smithy/util-utf8@4.5.2", "@smithy/signature-v4@5.7.5", "@aws-crypto/sha256-js@5.2.0"],
    V31: [f"@librechat/agents@{V31}", FETCH],
    V39: [f"@librechat/agents@{V39}", FETCH],
    HOST: ["axios@1.21.1", "form-data@4.0.6", "jose@6.2.18"],
}


def installed(name):
    """The folder of these packages: fetched once, and kept from run to run."""
    folder = KEPT / name
    KEPT.mkdir(parents=True, exist_ok=True)
    wanted = json.dumps(PACKAGES[name])
    with open(KEPT / "guard", "w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        done = folder / "installed.json"
        if not done.exists() or done.read_text() != wanted:
            folder.mkdir(exist_ok=True)
            (folder / "package.json").write_text('{"private": true}')
            subprocess.run(["npm", "install", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund",
                            *PACKAGES[name]], cwd=folder, check=True, timeout=500)
            done.write_text(wanted)
    return folder


def key_of(version, key=KEY):
    """The options of the library's factories that carry a key."""
    return {"authHeaders": {"X-API-Key": key}} if version == V39 else {"apiKey": key}


class Client:
    """One version of the library and its host, in a process of its own."""

    def __init__(self, version, base, params=None, headers=None):
        self.version, self.base = version, base
        self.new = version == V39
        self.headers = {"X-API-Key": KEY} if headers is None else headers
        plain = {name: os.environ[name] for name in ("PATH", "HOME")}
        self.process = subprocess.Popen(["node", str(PROGRAM), str(installed(version)), str(installed(HOST))], env=plain,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=KEPT)
        self.tools = self.ask("load", base=base, params=key_of(version) if params is None else params)
        self.chats = 0

    def ask(self, do, **command):
        """What the command's answer is; an error there is one here."""
        self.process.stdin.write(json.dumps({"do": do, **command}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(20) == 0

    def call(self, name, inject=None, params=None, abort_after_ms=None, **args):
        """One call of a tool: what a model reads of it, and what the host gets."""
        said = self.ask("call", params=params, calls=[
            {"name": name, "args": args, "inject": inject or {}, "abortAfterMs": abort_after_ms}])
        return {**said["answers"][0], "asked": said["asked"], "requests": said["requests"]}

    def run(self, code, lang="py", files=(), params=None, **args):
        """@param files  what a graph injects; before 3.x the host gives it when it makes the tool"""
        if self.version == V2:
            return self.call("execute_code", params={**(params or {}), "files": list(files)}, lang=lang, code=code, **args)
        return self.call("execute_code", {"_injected_files": list(files)}, params, lang=lang, code=code, **args)

    def says(self, code, lang="py", **more):
        """The text for a model of a run that the library takes for none that failed."""
        told = self.run(code, lang, **more)
        assert not told["failed"], told
        return told["content"]

    def chat(self, files=()):
        """A conversation: a function that takes the code of a turn's calls and tells what became of them."""
        self.chats += 1
        state = {"chat": str(self.chats), "files": list(files), "session": None}

        def turn(*codes, lang="py"):
            if self.version == V2:
                return self.old_turn(state, codes, lang)
            calls = [{"name": "execute_code", "args": {"lang": lang, "code": code}} for code in codes]
            told = self.ask("turn", chat=state["chat"], calls=calls, files=state.pop("files", None) or None)
            state["known"] = told["files"]
            return told["answers"]

        turn.known = lambda: {each["name"]: each for each in state["known"]}
        return turn

    def old_turn(self, state, codes, lang):
        """Before 3.x it is the model that names the session whose files it wants."""
        more = {"session_id": state["session"]} if state["session"] else {}
        calls = [{"name": "execute_code", "args": {"lang": lang, "code": code, **more}} for code in codes]
        told = self.ask("call", calls=calls, params={"files": state["files"]})["answers"]
        named = re.search(r"session_id: (\S+)", told[-1]["content"])
        state["session"] = named[1] if named else state["session"]
        return told

    # ---- The host's requests

    def get(self, path, method="get", **more):
        return self.ask("ask", path=path, method=method, headers=self.headers, **more)

    def upload(self, text, name="data.csv", **fields):
        """A reference to it, as this generation writes them."""
        form = {"kind": "user", "id": "u1", **fields} if self.new else {"entity_id": "asst_1", **fields}
        told = self.ask("upload", path="/upload", headers={**self.headers, "User-Id": "u1"},
                        fields=list(form.items()), files=[{"name": name, "text": text}])
        assert told["status"] == 200 and told["chunked"] and told["data"]["message"] == "success", told
        file = {"id": told["data"]["files"][0]["fileId"], "name": name}
        if self.new:
            return {**file, "storage_session_id": told["data"]["storage_session_id"], "kind": form["kind"],
                    "resource_id": form["id"], **({"version": int(form["version"])} if "version" in form else {})}
        return {**file, "session_id": told["data"]["session_id"]}

    def path_of(self, file, session=None):
        """Where this generation asks for a file."""
        if not self.new:
            return f"/download/{session or file['session_id']}/{file['id']}"
        query = f"?kind={file.get('kind', 'user')}&id={file.get('resource_id', 'u1')}"
        return f"/download/{file['storage_session_id']}/{file['id']}{query}"

    def read(self, file, session=None):
        told = self.ask("download", path=self.path_of(file, session), headers=self.headers)
        assert told["status"] == 200, told
        return told["text"]

    def made(self, told):
        """The files that the host would fetch after a call, as name: text."""
        new = [each for each in told["artifact"].get("files", []) if not (self.new and each.get("inherited"))]
        return {each["name"]: self.read(each, told["artifact"]["session_id"]) for each in new}

    def is_there(self, file):
        """How the host asks whether it must upload a file again."""
        if self.new:
            answer = self.get(f"/sessions/{file['storage_session_id']}/objects/{file['id']}?kind=user&id=u1")
            return answer["status"] == 200 and bool(answer["data"]["lastModified"])
        answer = self.get(f"/files/{file['session_id']}?detail=summary")
        return answer["status"] == 200 and any(
            each["name"].startswith(f"{file['session_id']}/{file['id']}") and each["lastModified"] for each in answer["data"])


@contextlib.contextmanager
def serving(binary, engine, home, **variables):
    """A daemon with these variables."""
    yield from served(binary, engine, home, "--compat", **variables)


@contextlib.contextmanager
def clients(daemon, version, end="/v1", **how):
    client = Client(version, f"http://127.0.0.1:{daemon.port}{BASE}{end}", **how)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(scope="module")
def client_of(compat):
    """One process a version for all tests."""
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda version: stack.enter_context(clients(compat, version)))


@pytest.fixture(params=VERSIONS)
def client(request, client_of):
    return client_of(request.param)


@pytest.fixture(params=[V31, V39])
def caller(request, client_of):
    """Versions that know programmatic tool calling."""
    return client_of(request.param)


@pytest.fixture
def newest(client_of):
    return client_of(V39)


# ---- execute_code


def test_a_model_reads_what_was_printed(client):
    assert client.says("import sys; print('ü' * 2); print('e', file=sys.stderr)") == "stdout:\nüü\n\nstderr:\ne"
    assert client.says("print('a\\0b\\u202ec')") == "stdout:\na\0b\u202ec"
    assert client.says("1 + 1") == "stdout: Empty. Ensure you're writing output explicitly."
    assert client.says("import sys; print(sys.argv[1:])", args=["a b", "$HOME"]) == "stdout:\n['a b', '$HOME']"


@pytest.mark.parametrize("lang, code", [
    ("js", "import fs from 'fs'; const p = require('path'); console.log(await 5, fs.existsSync('/mnt/data'), p.sep)"),
    ("ts", "const a: number = 5; console.log(a, true, '/' as string)"), ("py", "print(5, 'true', '/')"),
])
def test_code_of_several_languages(client, lang, code):
    assert client.says(code, lang) == "stdout:\n5 true /"


def test_a_model_reads_what_it_did_wrong(client):
    text = client.says("print('before')\nopen('kept.txt', 'w').write('x')\n1 / 0")
    assert text.startswith("stdout:\nbefore\n\nstderr:\nTraceback") and "ZeroDivisionError: division by zero" in text
    assert "line 3" in text
    assert "SyntaxError" in client.says("print(")
    text = client.says("print(1, flush=True)\nwhile True: pass", params={**key_of(client.version), "timeout": 1500})
    assert text == "stdout:\n1\n\nstderr:\nExecution timed out after 1.5 seconds"


def test_a_file_is_made_and_fetched_by_the_host(client):
    told = client.run("import os; os.mkdir('sub'); open('sub/out ü.txt', 'w').write('héllo')")
    assert client.made(told) == {"sub/out ü.txt": "héllo"}
    assert ID.match(told["artifact"]["session_id"]) and ID.match(told["artifact"]["files"][0]["id"])
    if client.new:
        assert "Session files: 1 persisted file(s) are available in /mnt/data, including 0 image(s)." in told["content"]
    else:
        assert "- /mnt/data/sub/out ü.txt | File is already downloaded by the user" in told["content"]


def test_a_plot_is_an_image(client):
    told = client.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")
    assert told["artifact"]["files"][0]["name"] == "plot_1.png", told
    assert ("including 1 image(s)" if client.new else "plot_1.png | Image is already displayed") in told["content"]
    assert client.made(told)["plot_1.png"][1:4] == "PNG"


def test_an_uploaded_file_is_there(client):
    file = client.upload("a,b\n1,2\n", "dir/data ü.csv")
    assert client.is_there(file)
    told = client.run("print(open('dir/data ü.csv').read())\nopen('out.txt', 'w').write('x')", files=[file])
    assert told["content"].startswith("stdout:\na,b\n1,2\n"), told
    assert client.made(told) == {"out.txt": "x"}


def test_an_input_is_no_result(client):
    """It would be shown to the user, and fetched again, after each call."""
    told = client.run("print(open('data.csv').read())", files=[client.upload("a", "data.csv")])
    assert told["content"] == "stdout:\na" and client.made(told) == {}


def test_what_is_gone_stops_nothing(client):
    gone = {**client.upload("x"), "id": "A" * 21, "name": "gone.csv"}
    assert client.says("print(1)", files=[gone]) == "stdout:\n1\n\nstderr:\nFile not available: gone.csv"
    assert not client.is_there(gone)


def test_files_go_from_call_to_call(client):
    """The third call needs the upload still, and what the first one made."""
    turn = client.chat([client.upload("abc", "in.txt")])
    first, = turn("open('one.txt', 'w').write(open('in.txt').read() + '1')")
    assert client.made(first) == {"one.txt": "abc1"}
    second, = turn("open('two.txt', 'w').write(open('in.txt').read() + open('one.txt').read() + '2')")
    assert client.made(second) == {"two.txt": "abcabc12"}
    third, = turn("print(*[open(n).read() for n in ('in.txt', 'one.txt', 'two.txt')])")
    assert third["content"].startswith("stdout:\nabc abc1 abcabc12"), third


def test_twelve_calls_of_one_message(client):
    turn = client.chat([client.upload("in", "in.txt")])
    told = turn(*[f"text = open('in.txt').read(); print(text, {i}); open('{i}.txt', 'w').write(str({i}))"
                  for i in range(12)])
    for number, each in enumerate(told):
        assert each["content"].startswith(f"stdout:\nin {number}\n"), each
        assert client.made(each) == {f"{number}.txt": str(number)}
    if client.version != V2:
        after, = turn("import os; print(len(os.listdir('.')))")
        assert after["content"].startswith("stdout:\n13")


def test_a_changed_file_replaces_the_former(caller):
    turn = caller.chat([caller.upload("1", "a.txt")])
    first, = turn("open('a.txt', 'a').write('2')")
    assert caller.made(first) == {"a.txt": "12"}
    second, = turn("open('a.txt', 'a').write('3')")
    assert caller.made(second) == {"a.txt": "123"}
    assert caller.made(first) == {"a.txt": "12"}


def test_a_removed_file_is_forgotten(newest):
    turn = newest.chat([newest.upload("1", "a.txt"), newest.upload("2", "b.txt")])
    turn("import os; os.remove('a.txt')")
    assert set(turn.known()) == {"b.txt"}
    told, = turn("import os; print(os.listdir('.'))")
    assert told["content"] == "stdout:\n['b.txt']"


def test_skills_and_agents_files_are_mounted_with_their_owner(newest):
    skill = newest.upload("print('skill')", "sk/run.py", kind="skill", id="s1", version="3", read_only="true")
    agent = newest.upload("agent", "notes.txt", kind="agent", id="a1")
    turn = newest.chat([skill, agent])
    told, = turn("import runpy; runpy.run_path('sk/run.py'); print(open('notes.txt').read())")
    assert told["content"] == "stdout:\nskill\nagent"
    known = turn.known()
    assert known["sk/run.py"]["kind"] == "skill" and known["sk/run.py"]["version"] == 3
    assert known["sk/run.py"]["storage_session_id"] == skill["storage_session_id"]
    assert known["notes.txt"]["resource_id"] == "a1" and known["notes.txt"]["kind"] == "agent"


def test_an_injected_session_without_files_is_looked_up(client_of):
    """3.1 asks for the listing then, and the ids and names are out of it."""
    client = client_of(V31)
    told = client.run("open('a b.txt', 'w').write('x'); open('c', 'w').write('y')")
    session = told["artifact"]["session_id"]
    again = client.call("execute_code", {"session_id": session}, lang="py",
                        code="print(open('a b.txt').read(), open('c').read())")
    assert again["content"].startswith("stdout:\nx y")
    assert [each["method"] for each in again["requests"]] == ["GET", "POST"]


def test_the_library_reads_listings(caller):
    file = caller.upload("x", "dir/data ü.csv")
    scope = {"kind": "user", "id": "u1"} if caller.new else None
    session = file["storage_session_id" if caller.new else "session_id"]
    assert caller.ask("listing", session=session, key=KEY, scope=scope) == [file]


# ---- bash, and the search of tools


def test_bash_reads_writes_and_finds_files(newest):
    file = newest.upload('{"a": [1, 2]}', "in.json")
    told = newest.call("bash_tool", {"_injected_files": [file]},
                       command="jq -c '.a' in.json | tee out.json\npwd; echo \"$1\" >&2", args=["one two"])
    assert told["content"].startswith("stdout:\n[1,2]\n/mnt/data\n\nstderr:\none two\n"), told
    assert newest.made(told) == {"out.json": "[1,2]\n"}
    told = newest.call("bash_tool", command="echo before; exit 3")
    assert told["content"] == "stdout:\nbefore" and not told["failed"]


def cancelled(daemon):
    return {each["id"] for each in daemon.get("/v1/executions?limit=20").json["executions"] if each["state"] == "cancelled"}


def test_a_model_that_stops_ends_its_run(newest, compat):
    before = cancelled(compat)
    told = newest.call("bash_tool", command="sleep 25", abort_after_ms=1500)
    assert told["failed"]
    assert eventually(lambda: cancelled(compat) - before, 8)


def found(client, query, **args):
    told = client.call("tool_search", query=query, **args)
    assert not told["content"].startswith("Tool search failed"), told
    return json.loads(told["content"]), told["requests"]


def test_tools_are_searched_by_a_program(client_of):
    """From 3.9 on without a key: test_nobody_is_asked_where_the_operator_says_so."""
    client = client_of(V31)
    told, requests = found(client, "mail")
    assert [(each["name"], each["matched_in"]) for each in told["tools"]] == [
        ("send_mail_mcp_post", "name"), ("read_mail_mcp_post", "name"), ("draw_chart", "description")]
    assert told["total_searched"] == 3 and requests[0]["path"].endswith("/exec")
    assert found(client, "^draw_(chart|map)$", max_results=1)[0]["found"] == 1
    assert found(client, "to", fields=["parameters"])[0]["found"] == 3
    assert found(client, "nothing such")[0]["found"] == 0


# ---- Programmatic tool calling


def programmed(client, code, name="run_tools_with_code", **more):
    told = client.call(name, code=code, **more)
    assert not told["failed"], told
    return told


def test_code_calls_tools_in_several_trips(caller):
    told = programmed(caller, "print('before')\nw = await get_weather(city='SF')\nprint(w['celsius'])\n"
                              "n = w['days']\nfor i in range(3): n = await add(a=n, b=i)\nprint(n)")
    assert told["content"] == "stdout:\nbefore\n21\n4"
    assert [(each["name"], each["input"]) for each in told["asked"]] == [
        ("get-weather", {"city": "SF"}), ("add", {"a": 1, "b": 0}), ("add", {"a": 1, "b": 1}), ("add", {"a": 2, "b": 2})]
    assert len(told["requests"]) == 5


def test_thirty_parallel_calls_are_one_trip(caller):
    told = programmed(caller, "r = await asyncio.gather(*[add(a=i, b=1) for i in range(30)])\nprint(sum(r))")
    assert told["content"] == "stdout:\n465" and len(told["requests"]) == 2
    assert [each["input"]["a"] for each in told["asked"]] == list(range(30))


def test_twenty_trips_are_had_and_no_more(caller):
    code = "n = 0\nfor i in range({}): n = await add(a=n, b=1)\nprint(n)"
    assert programmed(caller, code.format(20))["content"] == "stdout:\n20"
    assert "Exceeded maximum round trips" in caller.call("run_tools_with_code", code=code.format(21))["content"]


def test_code_hears_of_a_tool_that_fails(caller):
    told = programmed(caller, "try: await break_down()\nexcept Exception as e: print('no:', e)\nprint(await add(a=1, b=2))")
    assert told["content"] == "stdout:\nno: the 'service' is away\n3"
    told = caller.call("run_tools_with_code", code="await break_down()")
    assert told["failed"] and "the 'service' is away" in told["content"]


def test_a_model_reads_the_traceback_of_its_program(caller):
    told = caller.call("run_tools_with_code", code="text = '''a\n  b'''\nprint(await add(a=1, b=2))\n1 / 0")
    assert told["failed"]
    exited = "Execution exited with code 1" if caller.new else "Sandbox exited with code 1"
    assert exited in told["content"] and "ZeroDivisionError: division by zero" in told["content"]
    assert "line 4" in told["content"]


@pytest.mark.parametrize("code, timeout, error, words", [
    ("while True: pass", 1500, "Time limit exceeded", "Execution exceeded the time limit."),
    ("x = []\nwhile True: x.append(b'x' * (1 << 25))", 60_000, "Out of memory", "Execution exceeded the memory limit."),
    ("while True: print('x' * 65536)", 60_000, "stdout length exceeded", "Execution output exceeded the size limit."),
])
def test_a_model_reads_which_limit_it_was(caller, code, timeout, error, words):
    """Newer ones know these texts alone, and put their own in their place."""
    told = caller.call("run_tools_with_code", code=f"await add(a=1, b=2)\n{code}", timeout=timeout,
                       params={"runTimeoutMs": timeout})
    assert told["failed"] and (words if caller.new else error) in told["content"], told["content"][:500]


def test_programs_have_files(caller):
    file = caller.upload("5", "n.txt")
    told = programmed(caller, "n = await add(a=int(open('n.txt').read()), b=1)\nopen('out.txt', 'w').write(str(n))",
                      inject={"_injected_files": [file]})
    assert caller.made(told) == {"out.txt": "6"}
    plain = caller.run("print(open('out.txt').read())", files=told["artifact"]["files"])
    assert plain["content"].startswith("stdout:\n6")


def test_a_conversation_mixes_its_tools(caller):
    """The graph's own node injects tools, files and the session."""
    def turn(name, **args):
        told = caller.ask("turn", chat="mixed", calls=[{"name": name, "args": args}])
        return told["answers"][0]["content"]

    assert turn("execute_code", lang="py", code="open('a.txt', 'w').write('5')").startswith("stdout: Empty.")
    code = "n = await add(a=int(open('a.txt').read()), b=2)\nprint(n)\nopen('b.txt', 'w').write(str(n))"
    assert turn("run_tools_with_code", code=code).startswith("stdout:\n7\n")
    assert turn("execute_code", lang="py", code="print(open('a.txt').read(), open('b.txt').read())").startswith("stdout:\n5 7")
    if caller.new:
        assert turn("bash_tool", command="cat a.txt b.txt").startswith("stdout:\n57")
        assert turn("run_tools_with_bash", code="add \"{\\\"a\\\": $(cat b.txt), \\\"b\\\": 1}\"").startswith("stdout:\n8")


def test_code_without_tools_takes_the_plain_way(newest):
    told = programmed(newest, "async def f(): return 5\nprint(await f())", tool_manifest=[])
    assert told["content"] == "stdout:\n5" and told["requests"][0]["path"].endswith("/exec")
    told = programmed(newest, "echo $((6 * 7))", "run_tools_with_bash", tool_manifest=[])
    assert told["content"] == "stdout:\n42"


def test_bash_calls_tools_in_several_trips(newest):
    told = programmed(newest, "set -eu\nw=$(get_weather '{\"city\": \"SF\"}')\necho \"$w\" | jq -c .celsius\n"
                              "n=$(add '{\"a\": 1, \"b\": 2}')\nadd \"{\\\"a\\\": $n, \\\"b\\\": 4}\" > sum.txt\ncat sum.txt",
                      "run_tools_with_bash")
    assert told["content"].startswith("stdout:\n21\n7\n"), told
    assert newest.made(told)["sum.txt"].strip() == "7"
    assert len(told["requests"]) == 4


def test_thirty_parallel_calls_of_bash_are_few_trips(newest):
    """One, unless this machine is so busy that its shells come late."""
    code = "for i in $(seq 30); do { r=$(add \"{\\\"a\\\": $i, \\\"b\\\": 1}\"); echo $r > /tmp/$i; } & done\nwait\n" \
           "cat /tmp/[0-9]* | sort -n | tr '\\n' ' '"
    told = programmed(newest, code, "run_tools_with_bash")
    assert " ".join(map(str, range(2, 32))) in told["content"]
    assert len(told["requests"]) <= 6


def test_bash_hears_of_a_tool_that_fails(newest):
    told = programmed(newest, "if ! break_down '{}' 2> err; then echo no; cat err; rm err; fi", "run_tools_with_bash")
    assert told["content"] == "stdout:\nno\nthe 'service' is away"
    told = newest.call("run_tools_with_bash", code="set -e\nadd '{\"a\": 1, \"b\": 1}'\nfalse\necho never")
    assert told["failed"] and "Execution exited with code 1" in told["content"] and "never" not in told["content"]


def test_a_stopped_program_is_cancelled(newest, compat):
    before = cancelled(compat)
    told = newest.call("run_tools_with_code", code="await add(a=1, b=2)\nimport time\ntime.sleep(30)", abort_after_ms=3000)
    assert told["failed"] and told["requests"][-1]["path"].endswith("/exec/programmatic/cancel")
    assert eventually(lambda: cancelled(compat) - before, 8)


# ---- The address, and who may


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("end", ["", "/v1/"])
def test_the_address_may_be_written_in_several_ways(compat, version, end):
    with clients(compat, version, end) as client:
        assert client.says("print(1)") == "stdout:\n1"
        assert client.is_there(client.upload("x"))
        if version != V2:
            assert programmed(client, "print(await add(a=1, b=2))")["content"] == "stdout:\n3"


def test_a_wrong_key_is_told_of(client):
    words = "Code execution is not authorized." if client.new else "HTTP error! status: 401"
    told = client.run("print(1)", params=key_of(client.version, "wrong"))
    assert told["failed"] and words in told["content"]


def test_newer_hosts_without_tokens_send_nothing(newest):
    told = newest.run("print(1)", params={"authHeaders": None})
    assert told["requests"][0]["key"] is None and "Code execution is not authorized." in told["content"]
    assert newest.call("tool_search", query="mail")["content"].startswith("Tool search failed: HTTP error! status: 401")


def test_a_key_may_come_as_a_bearer(newest):
    told = newest.run("print(1)", params={"authHeaders": {"Authorization": f"Bearer {KEY}"}})
    assert told["content"] == "stdout:\n1"


def test_tokens_of_jose(newest, binary, engine, tmp_path):
    keys, others = newest.ask("keys"), newest.ask("keys")
    ann, bob, forged = ({"jwt": {"key": key["private"], "subject": name}}
                        for key, name in ((keys, "ann"), (keys, "bob"), (others, "ann")))
    late = {"jwt": {**ann["jwt"], "seconds": -60}}
    with serving(binary, engine, tmp_path, CODEAPI_JWT_PUBLIC_KEY=keys["public"].replace("\n", "\\n"),
                 CODEAPI_JWT_PUBLIC_KEY_KID="lc-codeapi-2026-05") as daemon, \
            clients(daemon, V39, params=ann, headers={}) as client:
        assert client.get("/files/" + "A" * 21)["status"] == 401
        client.headers = {"Authorization": "Bearer " + client.ask("sign", **ann)}
        file = client.upload("x")
        told = client.run("print(open('data.csv').read()); open('o.txt', 'w').write('y')", files=[file])
        assert told["content"].startswith("stdout:\nx\n"), told
        assert client.made(told) == {"o.txt": "y"}
        assert programmed(client, "print(await add(a=1, b=2))")["content"] == "stdout:\n3"
        told = client.run("print(1)", files=[file], params=bob)
        assert "File not available: data.csv" in told["content"]
        for wrong in (forged, late, {"jwt": {**ann["jwt"], "kid": "another"}}, {"jwt": {**ann["jwt"], "seconds": 600}}):
            assert "not authorized" in client.run("print(1)", params=wrong)["content"], wrong
        client.headers = {"Authorization": "Bearer " + client.ask("sign", **bob)}
        assert not client.is_there(file)
        assert client.ask("download", path=client.path_of(file), headers=client.headers)["status"] == 404


def test_nobody_is_asked_where_the_operator_says_so(binary, engine, tmp_path):
    """Newer hosts without tokens send no header at all, and the search of tools never does."""
    with serving(binary, engine, tmp_path, CI_AUTH="none") as daemon, \
            clients(daemon, V39, params={}, headers={}) as client:
        told = client.run("print(open('data.csv').read()); open('o.txt', 'w').write('y')", files=[client.upload("x")])
        assert told["content"].startswith("stdout:\nx\n") and client.made(told) == {"o.txt": "y"}
        assert [(each["key"], each["token"]) for each in told["requests"]] == [(None, None)]
        assert programmed(client, "print(await add(a=1, b=2))")["content"] == "stdout:\n3"
        assert [each["name"] for each in found(client, "mail|chart")[0]["tools"]] == [
            "send_mail_mcp_post", "read_mail_mcp_post", "draw_chart"]
        assert client.call("bash_tool", command="echo 1")["content"] == "stdout:\n1"


# ---- The host


def test_a_long_run_follows_a_request_of_the_host(client):
    """The host's limit of 5 s stays on a connection that is kept, and ends the library's run on it: "socket hang up"."""
    assert client.get("/files/" + "A" * 21)["status"] == 404
    assert client.says("import time; time.sleep(6.5); print('done')") == "stdout:\ndone"


def test_a_batch_keeps_its_folders(client):
    names = ["sk/SKILL.md", "sk/scripts/run ü.py", "sk/empty.txt"]
    fields = [("kind", "skill"), ("id", "s1"), ("version", "1"), ("read_only", "true")] if client.new else [("entity_id", "a")]
    told = client.ask("upload", path="/upload/batch", fields=fields, headers=client.headers,
                      files=[{"name": name, "text": "" if "empty" in name else name} for name in names])
    assert told["status"] == 200 and told["chunked"], told
    data = told["data"]
    assert data["message"] == "success" and data["succeeded"] == 3 and data["failed"] == 0
    assert [(each["status"], each["filename"]) for each in data["files"]] == [("success", name) for name in names]
    session = data["storage_session_id" if client.new else "session_id"]
    owner = {"kind": "skill", "resource_id": "s1", "version": 1} if client.new else {}
    key = "storage_session_id" if client.new else "session_id"
    files = [{"id": each["fileId"], key: session, "name": each["filename"], **owner} for each in data["files"]]
    told = client.run("import os\nfor d, _, fs in os.walk('sk'):\n for f in fs: print(os.path.join(d, f), "
                      "os.path.getsize(os.path.join(d, f)))", files=files)
    assert sorted(told["content"].split("\n")[1:]) == ["sk/SKILL.md 11", "sk/empty.txt 0", "sk/scripts/run ü.py 20"]


def test_the_host_lists_and_looks_up(client):
    file = client.upload("abcdefgh", "dir/data ü.csv")
    session = file["storage_session_id" if client.new else "session_id"]
    listed, = client.get(f"/files/{session}?detail=full")["data"]
    assert listed["name"] == f"{session}/{file['id']}.csv" and listed["size"] == 8
    assert listed["metadata"]["original-filename"] == "dir/data ü.csv"
    assert client.get(f"/files/{session}")["data"] == [listed["name"]]
    looked = client.get(f"/sessions/{session}/objects/{file['id']}?kind=user&id=u1")["data"]
    assert looked["originalFilename"] == "dir/data ü.csv" and looked["size"] == 8 and looked["readOnly"] is False
    assert client.get("/files/" + "A" * 21)["status"] == 404


def test_five_megabytes_come_and_go(client):
    size = 5 << 20
    told = client.ask("upload", path="/upload", fields=[], files=[{"name": "big.bin", "bytes": size}], headers=client.headers)
    assert told["status"] == 200 and told["chunked"]
    file = {"id": told["data"]["files"][0]["fileId"], "session_id": told["data"]["session_id"],
            "storage_session_id": told["data"]["storage_session_id"]}
    got = client.ask("download", path=client.path_of(file), headers=client.headers)
    assert got["bytes"] == size and got["sha256"] == hashlib.sha256(b"0123456789abcdef" * (size // 16)).hexdigest()
    assert got["headers"]["content-length"] == str(size) and 'filename="big.bin"' in got["headers"]["content-disposition"]
    told = client.run(f"open('made.bin', 'wb').write(b'0123456789abcdef' * {size // 16})")
    made = told["artifact"]["files"][0]
    again = client.ask("download", path=client.path_of(made, told["artifact"]["session_id"]), headers=client.headers)
    assert again["sha256"] == got["sha256"]


def test_a_file_above_the_limit_is_refused_in_words(client):
    told = client.ask("upload", path="/upload", fields=[], files=[{"name": "big", "bytes": 20 << 20}], headers=client.headers)
    assert (told["status"], told["data"]) == (413, {"error": "File size limit exceeded"})


def test_the_host_removes_a_file(client):
    file = client.upload("x", "a.txt")
    path = f"/files/{file['storage_session_id' if client.new else 'session_id']}/{file['id']}"
    assert client.get(path, "delete")["data"]["message"] == "File deleted successfully"
    assert client.get(path, "delete")["status"] == 404
    assert client.ask("download", path=client.path_of(file), headers=client.headers)["status"] == 404
    assert "File not available: a.txt" in client.says("print(1)", files=[file])


def test_the_hosts_own_tools_use_bash(client):
    """They name the session, read stdout byte for byte, and wait 15 s."""
    def ask(code, **more):
        told = client.get("/exec", "post", data={"lang": "bash", "code": code, **more}, timeoutMs=15_000)
        assert told["status"] == 200, told
        return told["data"]

    first = ask("python3 - <<'PY'\nopen('/mnt/data/note.md', 'w').write('# ü\\n\\tend')\nPY")
    more = {"session_id": first["session_id"]}
    assert ask("cat '/mnt/data/note.md'", **more)["stdout"] == "# ü\n\tend"
    assert ask("sed -i 's/end/END/' note.md && cat note.md", **more)["stdout"].endswith("END")
    assert ask("cat note.md", **more)["stdout"].endswith("END")
