"""The dialect librechat: code over stored files."""

import base64
import concurrent.futures
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from daemon import Daemon, eventually
from librechat import BASE, KEY, LibreChat, form, new, old

ID = re.compile(r"^[A-Za-z0-9_-]{21}$")


# ---- Running code


def test_code_runs_and_is_told_of(chat):
    told = chat.run("print('ü' * 2); import sys; print('e', file=sys.stderr)")
    assert ID.match(told.pop("session_id"))
    assert 0 <= told.pop("wall_time") < 30000  # whole milliseconds
    assert told == {"stdout": "üü\n", "stderr": "e\n", "files": [], "code": 0, "exit_code": 0, "signal": None,
                    "status": None, "message": None}


@pytest.mark.parametrize("lang, code", [
    ("py", "import sys; print(sys.argv[1:])"), ("python3", "import sys; print(sys.argv[1:])"),
    ("js", "console.log(JSON.stringify(process.argv.slice(2)).replaceAll('\"', \"'\").replace(',', ', '))"),
    ("ts", "const a: string[] = process.argv.slice(2); console.log(\"['\" + a.join(\"', '\") + \"']\")"),
    ("bash", "printf \"['%s', '%s']\\n\" \"$@\""), ("sh", "printf \"['%s', '%s']\\n\" \"$@\""),
    ("c", '#include <stdio.h>\nint main(int c, char **v) { printf("[\'%s\', \'%s\']\\n", v[1], v[2]); }'),
    ("cpp", '#include <iostream>\nint main(int, char **v) { std::cout << "[\'" << v[1] << "\', \'" << v[2] << "\']\\n"; }'),
    ("java", 'public class Any { public static void main(String[] a) { System.out.println("[\'" + a[0] + "\', \'" + a[1] + "\']"); } }'),
    ("php", "<?php printf(\"['%s', '%s']\\n\", $argv[1], $argv[2]);"),
    ("rs", 'fn main() { let a: Vec<String> = std::env::args().collect(); println!("[\'{}\', \'{}\']", a[1], a[2]); }'),
    ("go", 'package main\nimport ("fmt"; "os")\nfunc main() { fmt.Printf("[\'%s\', \'%s\']\\n", os.Args[1], os.Args[2]) }'),
    ("d", 'import std.stdio; void main(string[] a) { writefln("[\'%s\', \'%s\']", a[1], a[2]); }'),
    ("f90", "program p\ncharacter(9) :: a, b\ncall get_command_argument(1, a)\ncall get_command_argument(2, b)\n"
            "print '(5A)', \"['\", trim(a), \"', '\", trim(b), \"']\"\nend"),
    ("r", "a <- commandArgs(TRUE); cat(sprintf(\"['%s', '%s']\\n\", a[1], a[2]))"),
    ("R", "a <- commandArgs(TRUE); cat(sprintf(\"['%s', '%s']\\n\", a[1], a[2]))"),
])
def test_every_language_of_the_clients_runs(chat, lang, code):
    assert chat.out(code, lang, args=["a b", "c"]) == "['a b', 'c']\n"


def test_one_argument_may_be_a_text(chat):
    assert chat.out("import sys; print(sys.argv[1:])", args="a b") == "['a b']\n"


def test_empty_code_runs(chat):
    assert chat.out("") == "" and chat.out("", "bash") == ""


@pytest.mark.parametrize("code, lang, status, number, words", [
    ("1/0", "py", "RE", 1, "ZeroDivisionError: division by zero\n"), ("exit(3)", "py", "RE", 3, ""),
    ("exit 3", "bash", "RE", 3, ""), ("int main() { return x; }", "c", "RE", 1, "undeclared"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "py", "SG", None, ""),
    ("b = b'x' * (2 << 30)", "py", None, None, "Memory"),
])
def test_what_code_does_wrong_is_200(chat, code, lang, status, number, words):
    told = chat.run(code, lang)
    assert words in told["stderr"] and told["code"] == number or words == "Memory", told
    assert told["status"] == status or words == "Memory"
    if status == "SG":
        assert told["signal"] == "SIGSEGV"


def test_the_time_limit_keeps_what_was_written(chat):
    told = chat.run("print(1, flush=True); open('kept.txt', 'w').write('x')\nwhile True: pass", timeout=1500)
    assert told["stdout"] == "1\n" and told["status"] == "TO" and told["code"] is None
    assert told["stderr"].endswith("Execution timed out after 1.5 seconds\n")
    assert [each["name"] for each in told["files"]] == ["kept.txt"]


def test_the_memory_limit_is_told_of(chat):
    told = chat.run("x = []\nwhile True: x.append(bytearray(1 << 20))")
    assert "Memory limit of 512 MB exceeded\n" in told["stderr"] or "MemoryError" in told["stderr"], told
    assert told["status"] in ("SG", "RE")


def test_long_output_is_cut_between_characters(chat):
    told = chat.run("print('ü' * 200000)")
    assert told["status"] == "OL" and told["code"] == 0
    assert told["stdout"] == "ü" * 131072
    assert told["stderr"] == "stdout truncated at 262144 bytes\n"


def test_a_line_of_65340_bytes_is_whole(chat):
    assert chat.out("print('x' * 65340)") == "x" * 65340 + "\n"


def test_bytes_that_are_no_text_are_replaced(chat):
    assert chat.out("import sys; sys.stdout.buffer.write(b'a\\xffb')") == "a\ufffdb"


def test_a_child_in_the_background_keeps_nobody_waiting(chat):
    start = time.monotonic()
    assert chat.out("sleep 20 & echo done", "bash") == "done\n"
    assert time.monotonic() - start < 10


def test_r_has_what_models_are_told(chat):
    told = chat.run("suppressMessages({library(Cairo); library(ggplot2); library(dplyr); library(jsonlite)})\n"
                    "plot(1:3)\nprint(ggplot(data.frame(x = 1:3), aes(x, x)) + geom_point())\ncat(toJSON(1:2))", "r")
    assert told["stdout"] == "[1,2]" and [each["name"] for each in told["files"]] == ["plot_1.png", "plot_2.png"], told


@pytest.mark.parametrize("code, names", [
    ("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nplt.figure(); plt.plot([2]); 1/0", ["plot_1.png", "plot_2.png"]),
    ("import matplotlib\nmatplotlib.use('TkAgg')\nimport matplotlib.pyplot as plt\nplt.plot([1]); plt.savefig('own.png')", ["own.png"]),
    ("import pandas as pd\npd.Series([1, 2]).plot(title='数据')", ["plot_1.png"]),
    ("import seaborn as sns\nsns.lineplot(x=[1, 2], y=[1, 2])", ["plot_1.png"]),
    ("import plotly.graph_objects as go\ngo.Figure(go.Scatter(y=[1, 2])).show()", ["plot_1.html"]),
    ("import matplotlib.pyplot as plt\nplt.figure(); plt.close()", []),
])
def test_plots_are_files(chat, code, names):
    told = chat.run(code)
    assert [each["name"] for each in told["files"]] == names, told
    assert told["stdout"] == "" and ("1/0" in code or told["stderr"] == ""), told
    if names and names[0] == "plot_1.png":
        assert told["files"][0]["width"] > 100 and told["files"][0]["height"] > 100


def test_plots_of_python_from_bash_are_files(chat):
    told = chat.run("python3 -c 'import matplotlib.pyplot as plt; plt.plot([1]); plt.show()'", "bash")
    assert [each["name"] for each in told["files"]] == ["plot_1.png"] and told["stderr"] == ""


def test_there_is_no_network(chat):
    told = chat.run("import socket; socket.create_connection(('192.0.2.1', 80), 3)")
    assert told["status"] == "RE" and "OSError" in told["stderr"]


def test_inside_it_is_as_documented(chat):
    told = json.loads(chat.out(
        "import json, os, sys; print(json.dumps([os.getcwd(), os.listdir('.'), os.getuid(), __name__, os.environ['HOME'], "
        "'/mnt/data' in sys.path, os.access(os.environ['HOME'], os.W_OK), os.environ['MPLBACKEND'], "
        "sys.dont_write_bytecode, sys.stdout.encoding]))"))
    assert told[0] == "/mnt/data" and told[1] == [] and told[2] == 1000 and told[3] == "__main__"
    assert told[4] == "/tmp" and told[5] and told[6] and told[7].lower() == "agg" and told[8] and told[9] == "utf-8"


def test_bash_has_what_hosts_need(chat):
    assert chat.out("python3 - <<'PY'\nprint(6 * 7)\nPY\necho '{\"a\": 5}' | jq -c .a; echo $HOME; pwd", "bash") == \
        "42\n5\n/tmp\n/mnt/data\n"
    for tool in ("curl", "file", "unzip", "gawk", "sed", "grep"):
        assert chat.out(f"command -v {tool} >/dev/null && echo yes", "bash") == "yes\n"


@pytest.mark.parametrize("code", [
    "const fs = require('fs'); console.log(fs.existsSync('/mnt/data'), __dirname)",
    "import fs from 'fs'; console.log(fs.existsSync('/mnt/data'), __dirname)",
    "const fs = require('fs'); console.log(await Promise.resolve(fs.existsSync('/mnt/data')), __dirname)",
    "import fs from 'fs'; const p = require('path'); console.log(await Promise.resolve(fs.existsSync('/mnt/data')), __dirname)",
])
def test_javascript_may_mix_its_ways(chat, code):
    assert chat.out(code, "js") == "true /mnt/data\n"


def test_uploaded_modules_can_be_imported(chat):
    session, module = chat.upload("def f(): return 5\n", "helper.py")
    assert chat.out("import helper; print(helper.f())", files=[old(module, session)]) == "5\n"
    session, module = chat.upload("exports.f = () => 5", "helper.js")
    assert chat.out("console.log(require('./helper').f())", "js", files=[old(module, session)]) == "5\n"


# ---- Files in and out


def test_a_conversation_of_newer_clients(chat):
    s1, f1 = chat.upload("a,b\n1,2\n", kind="user", id="u1")
    assert chat.get(f"/sessions/{s1}/objects/{f1}?kind=user&id=u1").json["originalFilename"] == "data.csv"
    told = chat.run("open('out.csv', 'w').write(open('data.csv').read().upper())", files=[new(f1, s1, "data.csv")])
    s2 = told["session_id"]
    made, kept = told["files"]
    f2 = made["id"]
    assert made == {"id": f2, "name": "out.csv", "path": "/mnt/data/out.csv", "session_id": s2, "storage_session_id": s2}
    assert kept == {"id": f1, "name": "data.csv", "path": "/mnt/data/data.csv", "session_id": s1,
                    "storage_session_id": s1, "inherited": True, "kind": "user", "resource_id": "u1"}
    assert chat.read(s2, f2, "?kind=user&id=u1") == b"A,B\n1,2\n"
    told = chat.run("open('out.csv', 'a').write('x')", files=[new(f1, s1, "data.csv"), new(f2, s2, "out.csv", resource_id=f2)])
    s3 = told["session_id"]
    changed, kept = told["files"]
    assert changed["modified_from"] == {"id": f2, "session_id": s2, "storage_session_id": s2}
    assert changed["id"] != f2 and changed["session_id"] == s3 and kept["id"] == f1
    assert chat.read(s3, changed["id"]) == b"A,B\n1,2\nx" and chat.read(s2, f2) == b"A,B\n1,2\n"


def test_a_conversation_of_older_clients(chat):
    s1, f1 = chat.upload("a,b\n")
    told = chat.run("open('out.txt', 'w').write(open('data.csv').read())", files=[old(f1, s1, "data.csv")])
    s2 = told["session_id"]
    assert [each["name"] for each in told["files"]] == ["out.txt"]
    assert chat.read(s2, told["files"][0]["id"]) == b"a,b\n"
    assert chat.read(s2, f1) == b"a,b\n"  # what was mounted is asked for there
    assert chat.names(s2) == {"out.txt": told["files"][0]["id"], "data.csv": f1}
    listed = {each["metadata"]["original-filename"]: each for each in chat.get(f"/files/{s2}?detail=full").json}
    assert listed["data.csv"]["name"] == f"{s2}/{f1}.csv" and listed["data.csv"]["session_id"] == s2
    assert re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", listed["data.csv"]["lastModified"])
    assert sorted(chat.get(f"/files/{s2}").json) == sorted(
        [f"{s2}/{f1}.csv", f"{s2}/{told['files'][0]['id']}.txt"])


def test_a_file_that_is_gone_is_told_of(chat):
    session, file = chat.upload("x", "a.txt")
    told = chat.run("import os; os.remove('a.txt')", files=[new(file, session, "a.txt")])
    assert told["deleted_files"] == ["a.txt"] and told["files"] == []
    assert "a.txt" not in chat.names(told["session_id"])
    assert chat.read(session, file) == b"x"


def test_touching_a_file_changes_nothing(chat):
    session, file = chat.upload("x", "a.txt")
    told = chat.run("text = open('a.txt').read(); open('a.txt', 'w').write(text)", files=[new(file, session)])
    assert [(each["id"], each.get("inherited")) for each in told["files"]] == [(file, True)]


def test_a_read_only_file_is_never_a_result(chat):
    session, file = chat.upload("x", "a.txt", read_only="true")
    assert chat.get(f"/sessions/{session}/objects/{file}").json["readOnly"] is True
    code = "import os\ntry: open('a.txt', 'w')\nexcept PermissionError: print('no')\n" \
           "os.rename('a.txt', 'b'); open('a.txt', 'w').write('other'); os.remove('b')"
    told = chat.run(code, files=[new(file, session)])
    assert told["stdout"] == "no\n"
    assert [each.get("inherited") for each in told["files"]] == [True]


def test_files_that_are_missing_stop_nothing(chat):
    session, file = chat.upload("x", "a.txt")
    other, _ = chat.upload("x", "b.txt")
    told = chat.run("import os; print(sorted(os.listdir('.')))", files=[
        old(file, session), old("A" * 21, session, "gone.csv"), old(file, other, "elsewhere"), {"id": "../x", "name": "n"},
        old(file, session, "../../tmp/evil"), old(file, session, "/etc/passwd"), old(file, session, "a\0b")])
    assert told["stdout"] == "['a.txt']\n" and told["code"] == 0
    assert told["missing_files"] == ["gone.csv", "elsewhere", "n", "../../tmp/evil", "/etc/passwd", "a\0b"]
    assert "File not available: gone.csv\n" in told["stderr"]


def test_the_last_of_one_name_counts(chat):
    one, first = chat.upload("1", "a.txt")
    two, second = chat.upload("2", "a.txt")
    assert chat.out("print(open('a.txt').read())", files=[old(first, one), old(second, two)]) == "2\n"


def test_what_cannot_stand_beside_another_is_missing(chat):
    session, file = chat.upload("1", "a.txt")
    told = chat.run("print(open('d/x').read())", files=[old(file, session, "d"), old(file, session, "d/x")])
    assert told["stdout"] == "1\n" and told["missing_files"] == ["d"]


def test_names_keep_their_folders_and_characters(chat):
    name = "skill/scripts/数据 übersicht.csv"
    session, file = chat.upload("x", name)
    assert chat.names(session) == {name: file}
    assert chat.out(f"print(open({name!r}).read())", files=[old(file, session)]) == "x\n"
    head = chat.get(f"/download/{session}/{file}").headers["Content-Disposition"]
    assert head == ("attachment; filename=\"__ _bersicht.csv\"; "
                    "filename*=UTF-8''%E6%95%B0%E6%8D%AE%20%C3%BCbersicht.csv")


def test_results_leave_out_what_nobody_wants(chat):
    told = chat.run("import os\n"
                    "for d in ('.cache', 'node_modules', '__pycache__', 'sub'): os.mkdir(d); open(d + '/x', 'w').write('1')\n"
                    "open('.hidden', 'w'); os.symlink('/etc/passwd', 'link'); os.mkfifo('pipe'); open('empty', 'w')")
    assert [each["name"] for each in told["files"]] == ["empty", "sub/x"]


def test_at_most_fifty_new_files(chat):
    told = chat.run("for i in range(60): open(f'{i:02}.txt', 'w').write(str(i))")
    assert [each["name"] for each in told["files"]] == [f"{i:02}.txt" for i in range(50)]
    assert "Files not kept, there are too many: 50.txt, 51.txt" in told["stderr"]


def test_a_flood_of_files_costs_a_program_nothing_else(chat):
    session, file = chat.upload("x", "input.txt")
    told = chat.run("import os\nfor i in range(20000): os.close(os.open(f'{i:05}', os.O_CREAT | os.O_WRONLY))\nprint('done')",
                    files=[new(file, session)])
    assert told["stdout"] == "done\n" and told["status"] is None, told["stderr"][-500:]
    assert len([each for each in told["files"] if "inherited" not in each]) == 50
    assert "deleted_files" not in told and told["files"][-1]["id"] == file
    assert told["stderr"].endswith(" more\n") and len(told["stderr"]) < 300


def test_a_file_that_is_too_large_is_told_of(chat):
    told = chat.run("open('big', 'wb').write(bytes(10485761)); open('fits', 'wb').write(bytes(10485760))")
    assert [each["name"] for each in told["files"]] == ["fits"]
    assert told["stderr"] == "File not kept, it has more than 10485760 bytes: big\n"


def test_256_files_are_mounted(chat):
    answer = chat.send("/upload/batch", [("file", str(i), f"sk/{i}.txt") for i in range(200)])
    assert answer.json["message"] == "success" and answer.json["succeeded"] == 200
    batch = [old(each["fileId"], answer.json["session_id"]) for each in answer.json["files"]]
    more = chat.send("/upload/batch", [("file", "x", f"more/{i}.txt") for i in range(60)]).json
    batch += [old(each["fileId"], more["session_id"]) for each in more["files"]]
    told = chat.run("import os; print(len(os.listdir('sk')), len(os.listdir('more')))", files=batch)
    assert told["stdout"] == "200 56\n"
    assert told["missing_files"] == [f"more/{i}.txt" for i in range(56, 60)]


# ---- Sessions


def test_a_session_that_is_named_goes_on_with_its_files(chat):
    first = chat.run("open('a.txt', 'w').write('1'); x = 5")
    session = first["session_id"]
    told = chat.run("print(open('a.txt').read()); print('x' in globals()); open('b.txt', 'w').write('2')",
                    session_id=session)
    assert told["session_id"] == session and told["stdout"] == "1\nFalse\n"
    assert sorted(chat.names(session)) == ["a.txt", "b.txt"]
    told = chat.run("import os; print(os.listdir('.'))", session_id=session, files=[])
    assert told["stdout"] == "[]\n" and told["session_id"] == session
    assert chat.run("cat a.txt b.txt", "bash", session_id=session)["stdout"] == "12"


@pytest.mark.parametrize("session", ["A" * 21, "no", "../x", ""])
def test_a_session_that_is_not_there_counts_as_none(chat, session):
    told = chat.run("print(1)", session_id=session)
    assert told["stdout"] == "1\n" and ID.match(told["session_id"]) and told["session_id"] != session


def test_an_uploads_session_counts_as_none(chat):
    session, _ = chat.upload("x", "a.txt")
    told = chat.run("import os; print(os.listdir('.'))", session_id=session)
    assert told["session_id"] != session and told["stdout"] == "[]\n"


def test_runs_of_one_session_take_turns(chat):
    session = chat.run("open('log', 'w')")["session_id"]
    code = "text = open('log').read(); import time; time.sleep(0.3); open('log', 'w').write(text + 'x')"
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: chat.run(code, session_id=session), range(4)))
    assert chat.run("cat log", "bash", session_id=session)["stdout"] == "xxxx"


def test_twelve_at_once_never_mix(chat):
    def use(number):
        session, file = chat.upload(str(number), "a.txt")
        told = chat.run("n = open('a.txt').read(); open('b.txt', 'w').write(n * 2); print(n)", files=[old(file, session)])
        return told["stdout"], chat.read(told["session_id"], told["files"][0]["id"])

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        told = list(pool.map(use, range(12)))
    assert told == [(f"{i}\n", (str(i) * 2).encode()) for i in range(12)]


def test_files_and_sessions_outlive_the_daemon(own_chat):
    session, file = own_chat.upload("x", "a.txt", kind="user", id="u")
    made = own_chat.run("open('b.txt', 'w').write('y')")
    own_chat.daemon.restart(signal.SIGKILL)
    assert own_chat.read(session, file) == b"x"
    told = own_chat.run("print(open('b.txt').read())", session_id=made["session_id"])
    assert told["session_id"] == made["session_id"] and told["stdout"] == "y\n"
    own_chat.daemon.restart()
    assert own_chat.read(session, file) == b"x"


def test_whoever_goes_away_ends_its_run(chat):
    connection = chat.daemon.connect()
    connection.request("POST", BASE + "/exec", json.dumps({"lang": "bash", "code": "sleep 25"}),
                       {"X-API-Key": KEY, "Content-Type": "application/json"})
    time.sleep(2)
    connection.sock.close()
    assert eventually(lambda: chat.daemon.get("/v1/executions?limit=1").json["executions"][0]["state"] == "cancelled", 10)


# ---- Uploads


def test_uploads_come_without_a_length(chat):
    content = bytes(range(256)) * 4000
    answer = chat.send("/upload", [("kind", "user"), ("file", content, "a.bin"), ("id", "u1")], chunked=True)
    assert answer.status == 200, answer.body
    made = json.loads(answer.body)
    assert chat.read(made["session_id"], made["files"][0]["fileId"]) == content
    listed = chat.get(f"/files/{made['session_id']}?detail=summary").json[0]
    assert listed["kind"] == "user" and listed["resource_id"] == "u1" and listed["size"] == len(content)


@pytest.mark.parametrize("said, kept", [("text/csv; charset=utf-8", "text/csv; charset=utf-8"), ("nonsense", "text/plain"),
                                        ("text/x\x7f", "text/plain"), ("text/" + "x" * 200, "text/plain"),
                                        ("application/octet-stream", "text/plain")])
def test_what_an_upload_says_of_its_type_is_believed_if_it_is_one(chat, said, kept):
    made = chat.send("/upload", [("file", "x", "a.txt", said)]).json
    answer = chat.get(f"/download/{made['session_id']}/{made['files'][0]['fileId']}")
    assert answer.status == 200 and answer.headers["Content-Type"] == kept


def test_an_empty_file_is_one(chat):
    session, file = chat.upload("", "empty.txt")
    assert chat.read(session, file) == b""


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", "a\tb", "", "a//b", "x" * 257])
def test_names_that_lead_elsewhere_are_refused(chat, name):
    answer = chat.send("/upload", [("file", "x", name)])
    assert answer.status == 400 and answer.json == {"error": "Invalid filename"}


def test_right_to_left_marks_are_characters(chat):
    session, file = chat.upload("x", "\u202etxt.exe")
    assert chat.names(session) == {"\u202etxt.exe": file}


def test_a_batch_tells_of_each_file(chat):
    answer = chat.send("/upload/batch", [("file", "1", "a/x.txt"), ("file", "2", "../x"), ("file", bytes(10485761), "big"),
                                         ("file", "4", "a/x.txt")])
    assert answer.status == 200
    told = answer.json
    assert told["message"] == "partial_success" and told["succeeded"] == 2 and told["failed"] == 2
    assert [(each["status"], each["filename"]) for each in told["files"]] == [
        ("success", "a/x.txt"), ("error", "../x"), ("error", "big"), ("success", "a/x.txt")]
    assert [each.get("error") for each in told["files"]] == [None, "Invalid filename", "File size limit exceeded", None]
    assert chat.names(told["session_id"]) == {"a/x.txt": told["files"][3]["fileId"]}
    assert chat.read(told["session_id"], told["files"][0]["fileId"]) == b"1"


def test_a_batch_of_failures_is_400(chat):
    answer = chat.send("/upload/batch", [("file", "2", "../x")])
    assert answer.status == 400 and answer.json["message"] == "error" and answer.json["failed"] == 1


def test_a_batch_has_200_files(chat):
    told = chat.send("/upload/batch", [("file", "x", f"{i}") for i in range(205)]).json
    assert told["succeeded"] == 200 and told["filesLimitReached"] is True and told["maxFiles"] == 200


def test_what_is_too_large_is_read_to_its_end_and_refused(chat):
    for chunked in (False, True):
        answer = chat.send("/upload", [("file", bytes(20 << 20), "big")], chunked)
        assert answer.status == 413 and json.loads(answer.body) == {"error": "File size limit exceeded"}


def test_what_is_no_upload_is_400(chat):
    assert chat.request("POST", "/upload", {"a": 1}).status == 400
    answer = chat.send("/upload", [("kind", "user")])
    assert answer.status == 400 and answer.json == {"error": "No file provided"}
    kind, body = form([("file", "x", "a")])
    assert chat.request("POST", "/upload", body[:-10], Content_Type=kind).status == 400


def test_an_upload_that_is_cut_leaves_nothing(own_chat):
    kind, body = form([("file", bytes(1 << 20), "a")])
    with socket.create_connection(("127.0.0.1", own_chat.daemon.port), 10) as client:
        head = (f"POST {BASE}/upload HTTP/1.1\r\nHost: 127.0.0.1:{own_chat.daemon.port}\r\nX-API-Key: {KEY}\r\n"
                f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n")
        client.sendall(head.encode() + body[:500_000])
        time.sleep(1)
    files = own_chat.daemon.home / ".local" / "state" / "sbx" / "daemon" / "files"
    assert eventually(lambda: [each.name for each in files.iterdir()] == ["runs"], 10), list(files.iterdir())


# ---- Downloads


def test_downloads_have_lengths_heads_and_parts(chat):
    session, file = chat.upload("0123456789", "a.txt")
    answer = chat.get(f"/download/{session}/{file}")
    assert answer.headers["Content-Length"] == "10" and "Transfer-Encoding" not in answer.headers
    assert answer.headers["Content-Type"] == "text/plain" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Connection"] == "close"
    head = chat.request("HEAD", f"/download/{session}/{file}")
    assert head.status == 200 and head.headers["Content-Length"] == "10" and head.body == b""
    part = chat.get(f"/download/{session}/{file}", Range="bytes=2-4")
    assert part.status == 206 and part.body == b"234" and part.headers["Content-Range"] == "bytes 2-4/10"


def test_a_removed_file_is_nowhere(chat):
    session, file = chat.upload("x", "a.txt")
    run = chat.run("1", files=[old(file, session)])["session_id"]
    answer = chat.request("DELETE", f"/files/{session}/{file}")
    assert answer.json == {"message": "File deleted successfully", "session_id": session, "fileId": file}
    for path in (f"/download/{session}/{file}", f"/download/{run}/{file}", f"/sessions/{session}/objects/{file}"):
        assert chat.get(path).json == {"error": "File not found"}
    assert chat.request("DELETE", f"/files/{session}/{file}").status == 404


@pytest.mark.parametrize("path", ["/files/x", "/files/" + "A" * 21, "/files/" + "0" * 36, "/download/x/y",
                                  "/sessions/x/objects/y", "/download/" + "A" * 21 + "/" + "B" * 21, "/nothing"])
def test_what_is_not_there_is_404(chat, path):
    answer = chat.get(path)
    assert answer.status == 404 and set(answer.json) == {"error"} and isinstance(answer.json["error"], str)


# ---- Requests


@pytest.mark.parametrize("path", ["/exec", "/v1/exec", "//exec", "/v1//exec/", "/exec/"])
def test_paths_may_have_v1_and_slashes(chat, path):
    answer = chat.request("POST", path, {"lang": "bash", "code": "echo 1"})
    assert answer.status == 200 and answer.json["stdout"] == "1\n" and answer.headers["Connection"] == "close"


@pytest.mark.parametrize("body", [{}, {"lang": "py"}, {"code": "1"}, {"lang": 1, "code": "1"}, {"lang": "py", "code": None},
                                  {"lang": "py", "code": "1", "files": "x"}, {"lang": "py", "code": "1", "args": 5},
                                  {"lang": "klingon", "code": ""}, {"lang": "perl", "code": ""}, [], "x", b"{", b""])
def test_a_wrong_shape_is_400(chat, body):
    answer = chat.request("POST", "/exec", body)
    assert answer.status == 400 and isinstance(answer.json["error"], str), answer.body


def test_an_unknown_language_is_named(chat):
    assert chat.ask("", "klingon").json == {"error": "Unsupported language: klingon"}


def test_members_of_old_clients_are_passed_over(chat):
    assert chat.out("print(1)", user_id="u", apiKey="x", LIBRECHAT_CODE_API_KEY="x", entity_id="e", timeout=None,
                    runtime_session_hint="v1:conversation:x") == "1\n"


def test_another_method_is_405(chat):
    answer = chat.get("/exec")
    assert answer.status == 405 and answer.headers["Allow"] == "POST" and answer.json == {"error": "Method not allowed"}


# ---- Who may


@pytest.mark.parametrize("headers", [{}, {"X_API_Key": "wrong"}, {"Authorization": "Bearer wrong"},
                                     {"Authorization": f"Basic {KEY}"}, {"X_API_Key": ""}])
def test_without_a_key_nobody_may(own_compat, headers):
    answer = own_compat.post(BASE + "/exec", {"lang": "py", "code": "1"}, **headers)
    assert answer.status == 401 and answer.json == {"error": "Unauthorized"}


def test_health_needs_no_key(compat):
    for path in ("/health", "/v1/health", "/v1/librechat/health"):
        assert compat.get(BASE + path).json["status"] == "ok"
    assert compat.get("/health").json["status"] == "ok"


def test_a_key_may_be_a_bearer_and_one_of_several(binary, engine, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop", "--compat", CI_API_KEY="one,two").start()
    for headers in ({"X_API_Key": "one"}, {"X-Api-Key": "two"}, {"Authorization": "Bearer two"}):
        assert LibreChat(daemon, **headers).out("print(1)") == "1\n"
    assert LibreChat(daemon, X_API_Key=KEY).ask("1").status == 401
    assert daemon.stop() == 0


def test_keys_of_the_daemon_are_principals_of_their_own(own_chat):
    key = own_chat.daemon.sbx("key", "create", "--name", "chat").stdout.strip()
    mine = LibreChat(own_chat.daemon, X_API_Key=key)
    assert eventually(lambda: mine.get("/v1/librechat/sessions").status == 200)
    session, file = mine.upload("x", "a.txt")
    assert mine.read(session, file) == b"x"
    assert own_chat.get(f"/download/{session}/{file}").status == 404
    assert own_chat.run("import os; print(os.listdir('.'))", files=[old(file, session, "a.txt")])["missing_files"] == ["a.txt"]
    assert own_chat.request("DELETE", f"/files/{session}/{file}").status == 404


def test_nobody_is_asked_where_the_operator_says_so(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop", "--compat", CI_AUTH="none").start()
    assert LibreChat(daemon, User_Agent="LibreChat/1.0").out("print(1)") == "1\n"
    assert daemon.stop() == 0


def signed(claims, secret=b"0123456789abcdef0123456789abcdef", **header):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    head = part({"alg": "HS256", "typ": "JWT", **header}) + b"." + part(claims)
    return (head + b"." + base64.urlsafe_b64encode(hmac.digest(secret, head, hashlib.sha256)).rstrip(b"=")).decode()


def token(subject, tenant="legacy", **more):
    now = int(time.time())
    return signed({"iss": "librechat", "aud": "codeapi", "sub": subject, "iat": now, "nbf": now, "exp": now + 240,
                   "jti": "j", "tenant_id": tenant, "role": "USER", "principal_source": "librechat_jwt",
                   "auth_context_hash": "h", **more})


def test_tokens_say_whose_files_they_are(binary, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop", "--compat",
                    CODEAPI_JWT_HS256_SECRET="0123456789abcdef0123456789abcdef").start()

    def of(subject, tenant="legacy"):
        return LibreChat(daemon, Authorization=f"Bearer {token(subject, tenant)}")

    ann, bob, eve = of("ann"), of("bob"), of("ann", "other")
    session, file = ann.upload("x", "a.txt", kind="user", id="u1")
    skill, script = ann.upload("y", "s.txt", kind="skill", id="s1", version="3")
    assert ann.read(session, file) == b"x"
    for other in (bob, eve):
        assert other.get(f"/download/{session}/{file}?kind=user&id=u1").status == 404
        assert other.run("1", files=[new(file, session, "a.txt")])["missing_files"] == ["a.txt"]
    assert bob.read(skill, script, "?kind=skill&id=s1&version=3") == b"y"
    assert bob.get(f"/download/{skill}/{script}?kind=skill&id=s1&version=4").status == 404
    assert bob.out("print(open('s.txt').read())", files=[
        new(script, skill, "s.txt", kind="skill", resource_id="s1", version=3)]) == "y\n"
    assert eve.get(f"/download/{skill}/{script}?kind=skill&id=s1&version=3").status == 404
    assert bob.request("DELETE", f"/files/{skill}/{script}").status == 404
    assert ann.request("DELETE", f"/files/{skill}/{script}").status == 200
    assert LibreChat(daemon, X_API_Key=KEY).ask("1").status == 401  # with tokens there is no usual key
    bad = LibreChat(daemon, Authorization=f"Bearer {token('ann', exp=int(time.time()) - 60)}")
    assert bad.ask("1").status == 401
    assert daemon.stop() == 0


@pytest.mark.parametrize("variable, value, words", [
    ("CI_BACKEND", "kubernetes", "CI_BACKEND"), ("CI_AUTH", "maybe", "CI_AUTH"),
    ("CI_MAX_MEMORY_MB", "much", "CI_MAX_MEMORY_MB"), ("CI_MAX_FILES_PER_RUN", "0", "CI_MAX_FILES_PER_RUN"),
    ("CODEAPI_JWT_PUBLIC_KEY", "no key", "CODEAPI_JWT_PUBLIC_KEY")])
def test_a_variable_that_is_wrong_keeps_it_from_starting(binary, tmp_path, variable, value, words):
    done = subprocess.run([binary, "serve", "--compat", "--listen", "127.0.0.1:0"], capture_output=True, text=True,
                          timeout=30, check=False, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), variable: value})
    assert done.returncode == 2 and words in done.stderr


@pytest.mark.parametrize("variables, words", [({}, "CI_API_KEY"), ({"CI_AUTH": "none"}, "CI_AUTH_ANYWHERE")])
def test_others_are_not_let_in_by_what_everybody_knows(binary, tmp_path, variables, words):
    done = subprocess.run([binary, "serve", "--compat", "--listen", "librechat=0.0.0.0:0"], capture_output=True, text=True,
                          timeout=30, check=False, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **variables})
    assert done.returncode != 0 and words in done.stderr


# ---- Management


def test_sessions_are_listed_and_removed(own_chat):
    made = own_chat.run("open('a.txt', 'w').write('1')")["session_id"]
    listed = own_chat.get("/v1/librechat/sessions").json
    assert listed["total"] == 1
    one = listed["sessions"][0]
    assert one["session_id"] == made and one["files"] == 1 and one["language"] == "python" and one["container"] is False
    answer = own_chat.request("DELETE", f"/v1/librechat/sessions/{made}")
    assert answer.json == {"status": "deleted", "session_id": made, "success": True}
    assert own_chat.request("DELETE", f"/v1/librechat/sessions/{made}").status == 404
    assert own_chat.get(f"/files/{made}").status == 404
    assert own_chat.get("/v1/librechat/sessions").json == {"sessions": [], "total": 0}


def test_runs_have_the_servers_own_members(chat):
    answer = chat.request("POST", "/v1/librechat/runs", {"code": "print(1)", "timeout_seconds": 5})
    assert answer.status == 200 and answer.json["stdout"] == "1\n" and answer.json["language"] == "py"
    assert answer.json["run_id"]


def test_managed_files(chat):
    answer = chat.send("/v1/librechat/files", [("file", "abc", "a.txt")])
    assert answer.status == 200
    made = answer.json
    session, file = made["session_id"], made["file_id"]
    assert made["filename"] == "a.txt" and made["size"] == 3 and made["file"]["mime_type"] == "text/plain"
    more = chat.send("/v1/librechat/files", [("session_id", session), ("file", "x", "b.txt")]).json
    assert more["session_id"] == session
    listed = chat.get(f"/v1/librechat/files?session_id={session}").json
    assert [each["filename"] for each in listed["files"]] == ["a.txt", "b.txt"] and listed["total"] == 2
    ran = chat.request("POST", "/v1/librechat/runs", {"code": "print(open('a.txt').read())", "session_id": session,
                                                      "files": [file]})
    assert ran.json["stdout"] == "abc\n" and ran.json["session_id"] == session
    assert chat.get(f"/v1/librechat/files/{file}").body == b"abc"
    assert chat.request("DELETE", f"/v1/librechat/files/{file}").json == {
        "success": True, "message": "File deleted", "file_id": file}
    assert chat.get(f"/v1/librechat/files/{file}").status == 404
    assert chat.get("/v1/librechat/files").status == 400
    answer = chat.get("/v1/librechat/files?session_id=" + "A" * 21)
    assert answer.status == 404 and answer.json["detail"] == answer.json["error"]


def test_files_that_nobody_uses_go(binary, engine, tmp_path):
    daemon = Daemon(binary, tmp_path, "--remove-on-stop", "--compat", CI_FILE_STORAGE_PATH=str(tmp_path / "files")).start()
    chat = LibreChat(daemon)
    session, file = chat.upload("x", "a.txt")
    stored = tmp_path / "files" / daemon.instance
    assert (stored / file).read_bytes() == b"x"
    assert chat.request("DELETE", f"/files/{session}/{file}").status == 200
    assert not (stored / file).exists()
    assert daemon.stop() == 0
