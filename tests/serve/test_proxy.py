"""The dialect proxy: sessions that keep their variables, and code by itself."""

import signal
import time
import uuid

import pytest

from daemon import Daemon, eventually
from sessions import Sessions, reset, told

LOST = "The session's state was lost: its interpreter had ended\n"
ENDED = "The interpreter has ended: the session's variables are lost\n"
TIMED_OUT = "Execution timed out after 30 seconds\n"


@pytest.fixture(scope="module")
def proxy(compat):
    return Sessions(compat)


@pytest.fixture
def session(proxy):
    made = proxy.make()
    yield made
    made.close()


# ---- Sessions


def test_it_says_that_it_is_there(proxy):
    answer = proxy.request("GET", "/")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


def test_a_session_is_made_listed_and_closed(proxy):
    before = proxy.list()
    first, second = proxy.make(), proxy.make(keep_template=True)
    assert uuid.UUID(first.id).version == 4
    assert proxy.list() == [*before, first.id, second.id]
    answer = first.close()
    assert (answer.status, answer.json) == (200, {"status": "closed"})
    assert proxy.list() == [*before, second.id]
    second.close()


def test_a_session_needs_no_member_but_a_body(proxy):
    answer = proxy.request("POST", "/sessions", {})
    assert answer.status == 200
    proxy.session(answer.json["session_id"]).close()


@pytest.mark.parametrize("use", [lambda session: session.ask("1"), lambda session: session.close()])
@pytest.mark.parametrize("identity", [str(uuid.uuid4()), "x", "0" * 20, "%2e%2e"])
def test_what_is_no_session_is_not_found(proxy, use, identity):
    answer = use(proxy.session(identity))
    assert (answer.status, told(answer)) == (404, "Session not found")


def test_a_closed_session_is_not_found(proxy):
    session = proxy.make()
    assert session.close().status == 200
    for answer in (session.ask("1"), session.close()):
        assert (answer.status, told(answer)) == (404, "Session not found")


def test_a_session_that_ended_by_itself_is_not_found(proxy, engine):
    known = set(proxy.daemon.containers(engine))
    session = proxy.make()
    (container,) = [each for each in set(proxy.daemon.containers(engine)) - known
                    if engine.json(f"/containers/{each}/json")["Config"]["Labels"].get("sbx.standby") is None]
    engine.kill(container)
    assert eventually(lambda: session.ask("1").status == 404)
    assert session.id not in proxy.list()


def test_a_sandbox_of_another_dialect_is_no_session(proxy):
    name = str(uuid.uuid4())
    identity = proxy.daemon.sandbox(name=name)
    assert name not in proxy.list()
    assert proxy.session(name).ask("1").status == 404
    assert proxy.session(name).close().status == 404
    proxy.daemon.request("DELETE", f"/v1/sandboxes/{identity}")


def test_a_session_is_a_sandbox_of_this_dialect(proxy):
    session = proxy.make(lang="js", keep_template=True)
    (view,) = [each for each in proxy.daemon.get("/v1/sandboxes").json["sandboxes"] if each.get("name") == session.id]
    assert (view["dialect"], view["labels"]) == ("proxy", {"lang": "javascript", "keep_template": "true"})
    assert view["idle_ms"] == 3_600_000
    session.out("globalThis.x = 41")
    done = proxy.daemon.sbx("eval", session.id, "--lang", "javascript", "-c", "x + 1")
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr
    session.close()


def test_another_key_has_other_sessions(own_compat):
    keys = [own_compat.post("/v1/keys", {}, local=True).json["secret"] for _ in range(2)]
    one, two = (Sessions(own_compat, Authorization=f"Bearer {key}") for key in keys)
    session = one.make()
    assert (one.list(), two.list()) == ([session.id], [])
    theirs = two.session(session.id)
    assert theirs.ask("1").status == 404 and theirs.close().status == 404
    assert session.out("print(1)") == "1\n"
    assert own_compat.get("/compat/proxy/sessions").status == 401


def test_beyond_the_quota_there_is_no_session(own_compat):
    proxy = Sessions(own_compat)
    made = [proxy.make() for _ in range(16)]
    answer = proxy.request("POST", "/sessions", {})
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0
    made.pop().close()
    proxy.make()


# ---- What code comes to


@pytest.mark.parametrize(
    "code, expected",
    [
        ("print('Hello, World!')", ("Hello, World!\n", "", 0)),
        ("6 * 7", ("", "", 0)),
        ("import sys; print('out'); print('err', file=sys.stderr)", ("out\n", "err\n", 0)),
        ("import sys; sys.stdout.write('no end'); sys.exit(3)", ("no end", "", 3)),
        ("import sys; sys.exit()", ("", "", 0)),
        ("import sys; sys.exit('bye')", ("", "bye\n", 1)),
        ("import sys; sys.exit('3')", ("", "3\n", 1)),
        ("raise SystemExit(300)", ("", "", 44)),
        ("import sys; print(repr(sys.stdin.read()))", ("''\n", "", 0)),
        ("from IPython.display import display", None),
        ("", ("", "", 0)),
        ("print('é😀')", ("é😀\n", "", 0)),
    ],
)
def test_code_ends_as_a_script(session, proxy, code, expected):
    alone = proxy.once(code)
    result = session.run(code)
    assert list(result) == ["stdout", "stderr", "exit_code"] == list(alone)
    if expected:
        assert tuple(result.values()) == expected
        assert tuple(alone.values()) == expected
    else:
        assert (result["exit_code"], alone["exit_code"]) == (1, 1)


@pytest.mark.parametrize("code, last", [("print(undefined_variable)", "NameError: name 'undefined_variable' is not defined"),
                                        ("x = 1\ny = = 2", "SyntaxError: invalid syntax"),
                                        ("print(1)\n1/0", "ZeroDivisionError: division by zero")])
def test_an_exception_is_a_traceback(session, proxy, code, last):
    for result in (session.run(code), proxy.once(code)):
        assert result["exit_code"] == 1
        assert result["stderr"].splitlines()[-1] == last
        assert "sbx" not in result["stderr"] and "kernel" not in result["stderr"]


def test_variables_imports_and_functions_stay(session):
    session.out("import json\nx = [1]\ndef twice(n): return 2 * n")
    assert session.out("x.append(twice(21)); print(json.dumps(x))") == "[1, 42]\n"
    assert session.run("1/0")["exit_code"] == 1
    assert session.run("import sys; sys.exit(3)")["exit_code"] == 3
    assert session.out("print(x)") == "[1, 42]\n"


def test_files_stay(session):
    session.out("open('kept', 'w').write('text')")
    assert session.out("print(open('/work/kept').read())") == "text\n"


def test_what_is_displayed_is_dropped(session):
    assert session.out("class Rich:\n    def _repr_html_(self): return '<b>'\ndisplay(Rich())\nRich()") == ""


def test_bytes_that_are_no_text_are_replaced(session, proxy):
    code = "import sys; sys.stdout.buffer.write(b'a\\xffb')"
    assert session.out(code) == "a\ufffdb"
    assert proxy.once(code)["stdout"] == "a\ufffdb"


def test_long_output_is_cut(session, proxy):
    code = "import sys; sys.stdout.write('é' * 2**20); sys.stderr.write('y')"
    for result in (session.run(code), proxy.once(code)):
        assert result["stdout"] == "é" * 2**19 and result["exit_code"] == 0
        assert result["stderr"] == "y\nstdout truncated at 1048576 bytes\n"


def test_endless_output_is_ended(session, proxy):
    code = "while True: print('x' * 1000)"
    for result in (session.run(code), proxy.once(code)):
        assert result["exit_code"] == 153 and len(result["stdout"]) == 2**20
        assert result["stderr"].endswith("Output limit exceeded\n")
    assert session.out("print(1)") == "1\n"


# ---- Languages

KERNELS = {
    "python": ("x = 41\ndef f(): return x + 1", "print(f())", "import sys; sys.exit(3)"),
    "javascript": ("let x = 41; function f() { return x + 1 }", "console.log(f())", "process.exit(3)"),
    "typescript": ("let x: number = 41; function f(): number { return x + 1 }", "console.log(f())", "process.exit(3)"),
    "bash": ("x=41; f() { echo $((x + 1)); }", "f", "exit 3"),
    "ruby": ("x = 41\ndef twice(n) = n * 2", "puts x + 1", "exit 3"),
    "php": ("$x = 41; function f($n) { return $n + 1; }", 'echo f($x), "\\n";', "exit(3);"),
    "lua": ("x = 41 function f() return x + 1 end", "print(f())", "os.exit(3)"),
    "r": ("x <- 41; f <- function() x + 1", 'cat(f(), "\\n", sep = "")', "quit(status = 3)"),
}


@pytest.mark.parametrize("lang", KERNELS)
def test_a_language_with_a_kernel_keeps_its_state(proxy, lang):
    define, use, leave = KERNELS[lang]
    session = proxy.make(lang=lang)
    session.out(define)
    assert session.out(use) == "42\n"
    assert session.run(leave) == {"stdout": "", "stderr": "", "exit_code": 3}
    assert session.out(use) == "42\n"
    session.close()


@pytest.mark.parametrize("lang, code, said", [("python", "6 * 7", ""), ("javascript", "6 * 7", ""), ("ruby", "6 * 7", ""),
                                              ("r", "6 * 7", ""), ("lua", "6 * 7", ""), ("php", "6 * 7;", "")])
def test_the_last_value_is_not_shown(proxy, lang, code, said):
    session = proxy.make(lang=lang)
    assert session.run(code)["stdout"] == said
    session.close()


PROGRAMS = {
    "c": ('#include <stdio.h>\nint main(void) { FILE *f = fopen("kept", "a+"); fputs("x", f); printf("%ld\\n", ftell(f)); return 3; }'),
    "c++": ('#include <fstream>\n#include <iostream>\nint main() { std::ofstream f("kept", std::ios::app); f << "x"; '
            'std::cout << f.tellp() << std::endl; return 3; }'),
    "perl": 'open(my $f, ">>", "kept"); print $f "x"; print tell($f), "\\n"; exit 3;',
    "go": ('package main\nimport ("fmt"; "os")\nfunc main() { f, _ := os.OpenFile("kept", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0644); '
           'f.WriteString("x"); s, _ := f.Stat(); fmt.Println(s.Size()); os.Exit(3) }'),
    "java": ('import java.nio.file.*;\nclass Counting { public static void main(String[] a) throws Exception { Path p = Path.of("kept"); '
             'Files.writeString(p, "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND); '
             'System.out.println(Files.size(p)); System.exit(3); } }'),
    "rust": ('use std::io::Write;\nfn main() { let mut f = std::fs::OpenOptions::new().create(true).append(true).open("kept").unwrap(); '
             'f.write_all(b"x").unwrap(); println!("{}", f.metadata().unwrap().len()); std::process::exit(3); }'),
}


@pytest.mark.parametrize("lang", PROGRAMS)
def test_a_language_without_a_kernel_keeps_its_files(proxy, lang):
    session = proxy.make(lang=lang)
    for count in (1, 2):
        assert session.run(PROGRAMS[lang]) == {"stdout": f"{count}\n", "stderr": "", "exit_code": 3}
    assert proxy.once(PROGRAMS[lang], lang=lang) == {"stdout": "1\n", "stderr": "", "exit_code": 3}
    session.close()


def test_a_program_that_does_not_compile_is_told(proxy):
    session = proxy.make(lang="c")
    for result in (session.run("int main(void) { return nothing; }"), proxy.once("int main(void) { return nothing; }", lang="c")):
        assert result["exit_code"] == 1 and result["stdout"] == "" and "nothing" in result["stderr"]
    assert session.run("int main(void) { return 0; }")["exit_code"] == 0
    session.close()


def test_an_unknown_language_is_refused(proxy):
    for path in ("/sessions", "/execute"):
        answer = proxy.request("POST", path, {"code": "1", "lang": "klingon"})
        assert answer.status in (400, 422) and b"'python'" in answer.body


# ---- Time, death, turns


def test_code_that_takes_too_long_is_interrupted(proxy):
    polite, obstinate, program = proxy.make(), proxy.make(), proxy.make(lang="perl")
    polite.out("x = 1")
    obstinate.out("x = 1")
    threads = [
        polite.begin("import time\nprint('before', flush=True)\ntime.sleep(100)"),
        obstinate.begin("import time\nwhile True:\n    try: time.sleep(100)\n    except KeyboardInterrupt: pass"),
        program.begin("$SIG{TERM} = sub {}; sleep 100 while 1;"),
    ]
    alone = proxy.once("import time\nprint('before', flush=True)\ntime.sleep(100)")
    for thread in threads:
        thread.join(60)
    of_polite, of_obstinate, of_program = [thread.answers[0].json for thread in threads]
    assert (of_polite["stdout"], of_polite["exit_code"]) == ("before\n", 124)
    assert of_polite["stderr"].endswith("\n" + TIMED_OUT) and "KeyboardInterrupt" in of_polite["stderr"]
    assert polite.out("print(x)") == "1\n"
    assert of_obstinate == {"stdout": "", "stderr": ENDED + TIMED_OUT, "exit_code": 124}
    assert obstinate.run("print('x' in globals())") == {"stdout": "False\n", "stderr": LOST, "exit_code": 0}
    assert of_program == {"stdout": "", "stderr": TIMED_OUT, "exit_code": 124}
    assert alone == {"stdout": "before\n", "stderr": TIMED_OUT, "exit_code": 124}
    for session in (polite, obstinate, program):
        session.close()


@pytest.mark.parametrize(
    "code, exit_code, last",
    [
        ("import os; os._exit(7)", 7, ""),
        ("import os; os.kill(os.getpid(), 11)", 139, ""),
        ("x = b'x' * 2**30", 137, "Memory limit of 512 MB exceeded\n"),
    ],
)
def test_the_death_of_the_interpreter_is_told(session, code, exit_code, last):
    session.out("open('kept', 'w').write('1')\nx = 1")
    result = session.run(code)
    assert result == {"stdout": "", "stderr": ENDED + last, "exit_code": exit_code}
    assert session.run("print(open('kept').read(), 'x' in globals())") == {
        "stdout": "1 False\n", "stderr": LOST, "exit_code": 0}
    assert session.out("print(2)") == "2\n"


def test_an_interpreter_that_died_between_executions_is_told_of(session):
    session.out("import os, threading; threading.Timer(0.5, lambda: os._exit(3)).start()")
    time.sleep(1)
    result = session.run("import sys; print('mine', file=sys.stderr)")
    assert result == {"stdout": "", "stderr": LOST + "mine\n", "exit_code": 0}


def test_executions_take_turns(session):
    first = session.begin("import time\nx = 1\ntime.sleep(2)\nx = 2")
    assert eventually(lambda: first.is_alive())
    time.sleep(0.5)
    assert session.out("print(x)") == "2\n"
    first.join(10)


def test_whoever_waits_too_long_is_told_that_it_is_busy(proxy):
    sessions = [(proxy.make(), "import time; time.sleep(100)"), (proxy.make(lang="perl"), "sleep 100;")]
    waiting = []
    for session, code in sessions:
        session.begin(code)
        time.sleep(0.5)
        session.begin(code)
        time.sleep(0.5)
        waiting.append(session.begin(code))
    for thread in waiting:
        thread.join(90)  # thirty seconds, on a machine that does nothing else
        assert (thread.answers[0].status, told(thread.answers[0])) == (409, "Session is busy")
    for session, _ in sessions:
        assert session.close().status == 200


def test_code_of_a_client_that_goes_away_is_interrupted(session):
    session.out("x = 1")
    connection = session.send("import time\nx = 2\ntime.sleep(100)\nx = 3")
    time.sleep(1)
    reset(connection)
    begin = time.monotonic()
    assert session.out("print(x)") == "2\n"
    assert time.monotonic() - begin < 5


def test_code_whose_client_goes_away_before_its_turn_never_runs(session):
    first = session.begin("import time\nx = 1\ntime.sleep(2)")
    time.sleep(0.5)
    connection = session.send("x = 2")
    time.sleep(0.5)
    reset(connection)
    first.join(10)
    assert session.out("print(x)") == "1\n"


def test_a_program_of_a_client_that_goes_away_is_ended(proxy):
    session = proxy.make(lang="perl")
    connection = session.send("sleep 100;")
    time.sleep(1)
    reset(connection)
    begin = time.monotonic()
    assert session.out("print 1;") == "1"
    assert time.monotonic() - begin < 5
    session.close()


def test_a_session_that_is_closed_ends_what_runs_in_it(proxy):
    for lang, code in (("python", "import time; time.sleep(100)"), ("perl", "sleep 100;")):
        session = proxy.make(lang=lang)
        running = session.begin(code)
        time.sleep(1)
        assert session.close().status == 200
        running.join(10)
        assert (running.answers[0].status, told(running.answers[0])) == (404, "Session not found")


# ---- Restart


def test_sessions_outlive_the_daemon_with_their_variables(binary, engine, tmp_path):
    daemon = Daemon(binary, tmp_path, "--compat").start()
    proxy = Sessions(daemon)
    session, dead = proxy.make(), proxy.make()
    session.out("x = 6 * 7")
    dead.out("x = 1")
    for number in (signal.SIGTERM, signal.SIGKILL):
        daemon.restart(number)
        assert proxy.list() == [session.id, dead.id]
        assert session.out("print(x)") == "42\n"
    dead.out("import os, threading; threading.Timer(0.5, lambda: os._exit(3)).start()")
    daemon.stop()
    time.sleep(1)
    daemon.start()
    assert dead.run("print(1)") == {"stdout": "1\n", "stderr": LOST, "exit_code": 0}
    assert (session.close().status, dead.close().status) == (200, 200)
    assert daemon.stop() == 0
    assert eventually(lambda: not daemon.containers(engine))


# ---- Code by itself


def test_nothing_is_left_of_code_by_itself(proxy):
    before = proxy.list()
    assert proxy.once("open('kept', 'w').write('x'); x = 1")["exit_code"] == 0
    assert proxy.once("import os; print(os.listdir('/work'), 'x' in globals())")["stdout"] == "['main.py'] False\n"
    assert proxy.list() == before


@pytest.mark.parametrize("code, exit_code, errors", [("import os; os._exit(7)", 7, ""), ("import os; os.kill(os.getpid(), 11)", 139, ""),
                                                     ("x = b'x' * 2**30", 137, "Memory limit of 512 MB exceeded\n")])
def test_the_end_of_code_by_itself_is_told(proxy, code, exit_code, errors):
    assert proxy.once(code) == {"stdout": "", "stderr": errors, "exit_code": exit_code}


def test_code_by_itself_is_ended_with_its_client(proxy):
    connection = proxy.daemon.connect()
    body = b'{"code": "import time; time.sleep(100)"}'
    connection.request("POST", "/compat/proxy/execute", body, {"Content-Type": "application/json"})
    assert eventually(lambda: proxy.daemon.get("/v1/ready").json["executions"] == 1)
    reset(connection)
    assert eventually(lambda: proxy.daemon.get("/v1/ready").json["executions"] == 0)
