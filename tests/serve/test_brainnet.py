"""The dialect brainnet: Python code that is told of, known by its id, cancelled, remembered."""

import concurrent.futures
import datetime
import json
import signal
import time
import uuid

import pytest

from daemon import Daemon, eventually

BASE = "/compat/brainnet"
UNDER_WAY = {"status": "running", "output": "", "stderr": "", "error": None, "end_time": None, "execution_time": None}


class Brainnet:
    """The dialect of a daemon by its prefix."""

    def __init__(self, daemon):
        self.daemon = daemon

    def get(self, path, **options):
        return self.daemon.get(BASE + path, **options)

    def delete(self, identity, **options):
        return self.daemon.request("DELETE", f"{BASE}/execution/{identity}", **options)

    def ask(self, code, query="", **members):
        return self.daemon.post(f"{BASE}/execute{query}", {"code": code, **members}, timeout=120)

    def run(self, code, query="?wait=60", **members):
        answer = self.ask(code, query, **members)
        assert answer.status == 200, answer.body
        return answer.json

    def start(self, code, **members):
        """One that is under way."""
        told = self.run(code, "?wait=0", **members)
        assert told == {**told, **UNDER_WAY}
        return told["execution_id"]

    def result(self, identity):
        answer = self.get(f"/execution/{identity}")
        assert answer.status == 200, answer.body
        return answer.json

    def ended(self, identity, seconds=30):
        assert eventually(lambda: self.result(identity)["status"] != "running", seconds)
        return self.result(identity)


@pytest.fixture(scope="module")
def brainnet(compat):
    return Brainnet(compat)


@pytest.fixture
def own_brainnet(own_compat):
    return Brainnet(own_compat)


def time_of(text):
    assert text.endswith("Z")
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def details(answer):
    return answer.json["detail"]


# ---- The document's own requests


def test_it_says_what_it_is(brainnet):
    answer = brainnet.get("/")
    version = brainnet.daemon.get("/v1/version").json["version"]
    assert answer.json == {"message": "Brain_Net Sandbox API", "service": "sbx", "version": version, "status": "ok",
                           "docs": "/docs"}
    assert brainnet.get("/docs").status == 200


def test_the_documents_request_has_the_documents_result(brainnet):
    request = {"code": "print('Hello, World!')", "processor_id": "optional-processor-id",
               "input_data": {"key": "value"}, "timeout": 30, "debug_mode": True}
    answer = brainnet.daemon.post(BASE + "/execute", request)
    assert answer.status == 200
    told = brainnet.ended(answer.json["execution_id"])
    assert list(told)[:8] == ["execution_id", "status", "output", "error", "debug_info", "start_time", "end_time",
                              "execution_time"]
    assert (told["status"], told["output"], told["error"]) == ("completed", "Hello, World!\n", None)
    assert told["debug_info"]["variables_after"] == {} and told["debug_info"]["exceptions"] == []
    assert (told["stderr"], told["processor_id"]) == ("", "optional-processor-id")
    assert uuid.UUID(told["execution_id"]).version == 4
    took = (time_of(told["end_time"]) - time_of(told["start_time"])).total_seconds()
    assert abs(took - told["execution_time"]) < 0.0015


def test_the_documents_example_of_simple_code(brainnet):
    told = brainnet.run("result = 2 + 2\nprint(f\"Result: {result}\")", debug_mode=True)
    assert told["output"] == "Result: 4\n"
    assert told["debug_info"]["variables_after"] == {"result": "4"}
    identity = told["execution_id"]
    assert brainnet.result(identity) == told
    answer = brainnet.get(f"/debug/{identity}")
    assert answer.json == {"execution_id": identity, "status": "completed", "output": "Result: 4\n", "stderr": "",
                           "error": None, "debug_info": told["debug_info"], "detailed_trace": []}


# ---- What code comes to


def test_without_debugging_there_is_none(brainnet):
    told = brainnet.run("x = 1\nimport sys\nprint('o')\nprint('e', file=sys.stderr)")
    assert (told["debug_info"], told["output"], told["stderr"]) == (None, "o\n", "e\n")
    assert brainnet.get(f"/debug/{told['execution_id']}").json["debug_info"] == {}


def test_streams_are_apart_where_it_is_debugged(brainnet):
    info = brainnet.run("import sys\nprint('o')\nprint('e', file=sys.stderr)", debug_mode=True)["debug_info"]
    assert (info["stdout"], info["stderr"], info["truncated"]) == ("o\n", "e\n", False)


def test_it_is_plain_python(brainnet):
    code = ("import os, sys\nassert __name__ == '__main__'\n"
            "print(sys.argv, sys.path[0], os.getcwd(), sys.stdin.read() == '', os.getuid(), os.listdir('/work'))")
    for debug in (False, True):
        told = brainnet.run(code, debug_mode=debug)
        assert told["output"] == "['main.py'] /work /work True 1000 ['main.py']\n", told


def test_input_data_is_a_variable(brainnet):
    data = {"key": "välue", "list": [1, 2.5, None, True, {"deep": []}]}
    assert brainnet.run("print(input_data == " + repr(data) + ")", input_data=data)["output"] == "True\n"
    assert brainnet.run("print(input_data)", input_data=None)["output"] == "{}\n"
    large = {"key": "x" * 500_000}
    assert brainnet.run("print(len(input_data['key']))", input_data=large)["output"] == "500000\n"


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("code, error", [
    ("x", "NameError: name 'x' is not defined"),
    ("if x\n  pass", "SyntaxError: expected ':'"),
    ("import sys\nsys.exit(3)", "The program ended with exit code 3"),
    ("import sys\nsys.exit(1)", "The program ended with exit code 1"),
    ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "The program ended by signal 11"),
    ("raise ValueError('one\\ntwo')", "ValueError: one\ntwo"),
    ("x = bytearray(2 << 30)\nfor i in range(0, len(x), 4096): x[i] = 1", "Memory limit of 512 MB exceeded"),
])
def test_a_bad_end_is_failed_and_says_why(brainnet, code, error, debug):
    told = brainnet.run(code, debug_mode=debug)
    assert told["status"] == "failed"
    assert told["error"].startswith(error), told


def test_an_exception_is_told_with_its_frames(brainnet):
    code = ("def f(x):\n    raise ValueError(x)\ntry:\n    1 / 0\n"
            "except ZeroDivisionError as e:\n    y = 1\n    f('no')\n")
    told = brainnet.run(code, debug_mode=True)
    first, last = told["debug_info"]["exceptions"]
    assert (first["type"], last["type"], last["message"]) == ("ZeroDivisionError", "ValueError", "no")
    assert last["frames"] == [
        {"file": "main.py", "line": 7, "function": "<module>", "source": "f('no')", "locals": {}},
        {"file": "main.py", "line": 2, "function": "f", "source": "raise ValueError(x)", "locals": {"x": "no"}}]
    assert last["traceback"] in told["stderr"] or last["traceback"].splitlines()[-1] in told["stderr"]
    assert told["debug_info"]["variables_after"]["y"] == "1"
    debug = brainnet.get(f"/debug/{told['execution_id']}").json
    assert debug["detailed_trace"] == last["frames"] and debug["error"] == "ValueError: no"
    assert "brainnet" not in told["stderr"]


def test_a_time_limit_ends_it(brainnet):
    told = brainnet.run("x = 1\nprint('begun', flush=True)\nimport time\ntime.sleep(60)", timeout=1, debug_mode=True)
    assert (told["status"], told["error"]) == ("timeout", "Execution timed out after 1 seconds")
    assert told["output"] == "begun\n" and 1 <= told["execution_time"] < 6
    assert (told["debug_info"]["variables_after"], told["debug_info"]["exceptions"]) == ({}, [])


def test_large_output_is_cut_and_that_is_said(brainnet):
    told = brainnet.run("print('é' * 700_000)", debug_mode=True)
    assert told["output"] == "é" * 524_288 and told["status"] == "completed"
    assert told["stderr"] == "stdout truncated at 1048576 bytes\n"
    told = brainnet.run("import sys\nwhile True: sys.stdout.write('x' * 100000)")
    assert (told["status"], told["error"]) == ("failed", "Output limit exceeded")


def test_bytes_that_are_no_text_are_replaced(brainnet):
    assert brainnet.run("import sys\nsys.stdout.buffer.write(b'a\\xffb')")["output"] == "a\ufffdb"


# ---- What the code itself writes where its end is told


@pytest.mark.parametrize("written", [
    "b'garbage'", "b'{\"variables_after\": {\"x\": 1}}'", "b'[' * 100000", "b'\\xff\\xfe'", "b'{}' * 10",
    "b'x' * (3 << 20)",
])
def test_garbage_beside_the_report_is_no_report(brainnet, written):
    code = (f"import os, stat\nsaid = {written}\nfor fd in range(3, 64):\n    try:\n"
            "        if stat.S_ISSOCK(os.fstat(fd).st_mode):\n"
            "            while said: said = said[os.write(fd, said):]\n"
            "    except OSError: pass\nprint('on')")
    told = brainnet.run(code, debug_mode=True)
    assert (told["status"], told["output"]) == ("completed", "on\n")
    assert (told["debug_info"]["variables_after"], told["debug_info"]["exceptions"]) == ({}, [])


def test_a_report_of_its_own_is_taken_for_its_own(brainnet):
    code = ("import os, stat\nfor fd in range(3, 64):\n    try:\n        if stat.S_ISSOCK(os.fstat(fd).st_mode):\n"
            "            os.write(fd, b'{\"variables_after\": {\"forged\": \"1\"}}')\n            os._exit(0)\n"
            "    except OSError: pass\n")
    told = brainnet.run(code, debug_mode=True)
    assert told["debug_info"]["variables_after"] == {"forged": "1"}


def test_a_flood_of_reports_ends_as_a_flood_of_output_does(brainnet):
    code = ("import os, stat\nfor fd in range(3, 64):\n    try:\n        if stat.S_ISSOCK(os.fstat(fd).st_mode):\n"
            "            while True: os.write(fd, b'x' * 65536)\n    except OSError: pass\n")
    told = brainnet.run(code, debug_mode=True)
    assert (told["status"], told["error"]) == ("failed", "Output limit exceeded")


def test_a_large_report_fits(brainnet):
    told = brainnet.run("for i in range(500):\n    globals()[f'v{i}'] = 'ü' * 5000", debug_mode=True)
    assert told["debug_info"]["truncated"] and len(told["debug_info"]["variables_after"]) == 500


# ---- While it runs


def test_it_answers_after_two_seconds_with_running(brainnet):
    begin = time.monotonic()
    told = brainnet.run("import time\ntime.sleep(4)\nprint('done')", "")
    assert 1.9 < time.monotonic() - begin < 3.9
    assert told == {**told, **UNDER_WAY, "debug_info": None}
    assert brainnet.ended(told["execution_id"])["output"] == "done\n"


def test_a_client_that_goes_away_ends_nothing(brainnet):
    before = brainnet.get("/executions").json
    connection = brainnet.daemon.connect()
    connection.request("POST", BASE + "/execute?wait=60",
                       json.dumps({"code": "import time\ntime.sleep(2)\nprint('on')", "processor_id": "gone"}),
                       {"Content-Type": "application/json"})
    found = eventually(lambda: [one for one in brainnet.get("/executions").json if one["processor_id"] == "gone"
                                and one not in before])
    connection.close()
    assert brainnet.ended(found[0]["execution_id"])["output"] == "on\n"


def test_one_that_runs_is_cancelled_at_once(brainnet):
    identity = brainnet.start("print('begun', flush=True)\nimport time\ntime.sleep(60)", debug_mode=True)
    time.sleep(1)
    begin = time.monotonic()
    answer = brainnet.delete(identity)
    assert answer.json == {"message": "Execution cancelled", "execution_id": identity, "status": "cancelled"}
    assert time.monotonic() - begin < 5
    told = brainnet.result(identity)
    assert (told["status"], told["error"], told["output"]) == ("cancelled", "Execution cancelled", "begun\n")
    assert told["debug_info"]["variables_after"] == {} and told["end_time"]
    again = brainnet.delete(identity)
    assert (again.status, again.json["message"]) == (200, "Execution already ended")


def test_one_that_has_ended_stays_as_it_is(brainnet):
    identity = brainnet.run("1")["execution_id"]
    answer = brainnet.delete(identity)
    assert answer.json == {"message": "Execution already ended", "execution_id": identity, "status": "completed"}
    assert brainnet.result(identity)["status"] == "completed"


def test_ten_at_once_do_not_mix(brainnet):
    def one(number):
        told = brainnet.run(f"import time\nmine = {number}\ntime.sleep(0.5)\nprint(mine, input_data['n'])",
                            input_data={"n": number}, debug_mode=number % 2 == 0)
        return told["output"]

    with concurrent.futures.ThreadPoolExecutor(10) as threads:
        assert list(threads.map(one, range(10))) == [f"{number} {number}\n" for number in range(10)]


# ---- Lists, strangers, errors


def test_lists_are_newest_first_and_counted(brainnet):
    made = [brainnet.run(f"print({n})")["execution_id"] for n in range(3)]
    answer = brainnet.get("/executions?limit=2")
    assert [one["execution_id"] for one in answer.json] == [made[2], made[1]]
    assert answer.json[0] == brainnet.result(made[2])
    total = int(answer.headers["X-Total-Count"])
    assert total >= 3
    assert brainnet.get("/executions?limit=1&offset=2").json[0]["execution_id"] == made[0]
    past = brainnet.get(f"/executions?offset={total}")
    assert (past.json, past.headers["X-Total-Count"]) == ([], str(total))


def test_executions_of_other_dialects_are_not_its(brainnet):
    brainnet.daemon.run("print(1)")
    identity = brainnet.daemon.get("/v1/executions?limit=1").json["executions"][0]["id"]
    dashed = str(uuid.UUID(identity))
    assert brainnet.get(f"/execution/{dashed}").status == 404
    mine = brainnet.run("print(1)")["execution_id"]
    assert brainnet.daemon.get("/v1/executions/" + mine.replace("-", "")).json["dialect"] == "brainnet"


@pytest.mark.parametrize("identity", [str(uuid.uuid4()), "x", "0" * 32, "%2e%2e", str(uuid.uuid4()) + "-"])
def test_what_is_no_execution_is_not_found(brainnet, identity):
    for answer in (brainnet.get(f"/execution/{identity}"), brainnet.get(f"/debug/{identity}"),
                   brainnet.delete(identity)):
        assert (answer.status, details(answer)) == (404, "Execution not found")


def test_what_another_key_made_is_not_there(own_brainnet):
    daemon = own_brainnet.daemon
    first, second = (daemon.sbx("key", "create", "--name", name).stdout.strip() for name in ("one", "two"))
    assert eventually(lambda: own_brainnet.get("/executions").status == 401)
    refused = own_brainnet.get("/executions")
    assert (details(refused), refused.headers["WWW-Authenticate"]) == ("Not authenticated", "Bearer")
    mine = daemon.post(BASE + "/execute?wait=30", {"code": "print(1)"}, X_API_Key=first).json["execution_id"]
    assert own_brainnet.get(f"/execution/{mine}", X_API_Key=first).status == 200
    assert own_brainnet.get(f"/execution/{mine}", X_API_Key=second).status == 404
    assert own_brainnet.delete(mine, X_API_Key=second).status == 404
    assert own_brainnet.get("/executions", X_API_Key=second).json == []
    assert own_brainnet.get("/health").json == {"status": "ok"}
    assert own_brainnet.get("/health", X_API_Key="sbx_wrong").json == {"status": "ok"}
    assert own_brainnet.get("/health", X_API_Key=first).json["stored_results"] == 1
    assert own_brainnet.get("/health", X_API_Key=second).json["stored_results"] == 0


@pytest.mark.parametrize("members, location, kind", [
    ({}, ["body", "code"], "missing"),
    ({"code": 5}, ["body", "code"], "string_type"),
    ({"code": "", "processor_id": 5}, ["body", "processor_id"], "string_type"),
    ({"code": "", "processor_id": "x" * 257}, ["body", "processor_id"], "string_too_long"),
    ({"code": "", "input_data": [1]}, ["body", "input_data"], "dict_type"),
    ({"code": "", "timeout": 0}, ["body", "timeout"], "greater_than_equal"),
    ({"code": "", "timeout": 601}, ["body", "timeout"], "less_than_equal"),
    ({"code": "", "timeout": 1.5}, ["body", "timeout"], "int_from_float"),
    ({"code": "", "timeout": None}, ["body", "timeout"], "int_type"),
    ({"code": "", "debug_mode": "maybe"}, ["body", "debug_mode"], "bool_parsing"),
])
def test_wrong_members_are_named(brainnet, members, location, kind):
    answer = brainnet.daemon.post(BASE + "/execute", members)
    assert answer.status == 422
    assert [(one["loc"], one["type"]) for one in details(answer)] == [(location, kind)]


@pytest.mark.parametrize("query, location, kind", [
    ("/execute?wait=601", "wait", "less_than_equal"), ("/execute?wait=-1", "wait", "greater_than_equal"),
    ("/execute?wait=soon", "wait", "float_parsing"), ("/execute?wait=nan", "wait", "less_than_equal"),
    ("/executions?limit=0", "limit", "greater_than_equal"),
    ("/executions?limit=101", "limit", "less_than_equal"), ("/executions?offset=-1", "offset", "greater_than_equal"),
    ("/executions?limit=x", "limit", "int_parsing"),
])
def test_a_wrong_query_is_named(brainnet, query, location, kind):
    method = "POST" if "execute?" in query else "GET"
    answer = brainnet.daemon.request(method, BASE + query, {"code": "1"} if method == "POST" else None)
    assert answer.status == 422
    assert [(one["loc"], one["type"]) for one in details(answer)] == [(["query", location], kind)]


def test_lax_members_count_and_unknown_ones_do_not(brainnet):
    told = brainnet.run("print(1)", timeout="30", debug_mode="true", priority=5)
    assert told["status"] == "completed" and told["debug_info"]


@pytest.mark.parametrize("code", ["a\0b", "", "\ufeffprint(1)", "#" * 900_000])
def test_any_text_is_code(brainnet, code):
    told = brainnet.run(code)
    assert told["status"] == ("failed" if "\0" in code else "completed"), told


# ---- Settings, restarts


@pytest.fixture
def settled(binary, tmp_path):
    """A daemon with the variables of the document."""
    running = []

    def start(**environment):
        running.append(Daemon(binary, tmp_path, "--remove-on-stop", "--compat", **environment).start())
        return Brainnet(running[-1])

    yield start
    for daemon in running:
        assert daemon.stop() == 0, daemon.log.read_text()[-2000:]


def test_so_many_run_at_a_time_and_the_others_wait_their_turn(settled):
    brainnet = settled(MAX_CONCURRENT_EXECUTIONS="2", EXECUTION_TIMEOUT="5", LOG_LEVEL="WARNING")
    first, second = (brainnet.start("import time\ntime.sleep(60)", timeout=60) for _ in range(2))
    waiting = [brainnet.start(f"print({n})") for n in range(3)]
    time.sleep(1)
    health = brainnet.get("/health").json
    assert (health["active_executions"], health["queued_executions"], health["total_executions"]) == (2, 3, 5)
    assert health["configuration"] == {"execution_timeout": 5, "max_concurrent_executions": 2, "log_level": "WARNING"}
    assert all(brainnet.result(one)["status"] == "running" for one in waiting)
    cancelled = brainnet.delete(waiting[1]).json
    assert cancelled["message"] == "Execution cancelled"
    told = brainnet.result(waiting[1])
    assert (told["status"], told["output"]) == ("cancelled", "")
    brainnet.delete(first)
    assert [brainnet.ended(waiting[n])["output"] for n in (0, 2)] == ["0\n", "2\n"]
    assert brainnet.result(second)["status"] == "running"
    brainnet.delete(second)
    told = brainnet.run("import time\ntime.sleep(60)")
    assert told["error"] == "Execution timed out after 5 seconds"
    health = brainnet.get("/health").json
    assert {name: health[name] for name in ("completed", "failed", "timeout", "cancelled", "stored_results")} == {
        "completed": 2, "failed": 0, "timeout": 1, "cancelled": 3, "stored_results": 6}
    assert health["average_execution_time"] > 0 and time_of(health["timestamp"])
    assert '"level":"info"' not in brainnet.daemon.log.read_text()


def test_beyond_256_that_wait_they_are_refused(settled):
    brainnet = settled(MAX_CONCURRENT_EXECUTIONS="1")
    held = brainnet.start("import time\ntime.sleep(100)", timeout=100)
    assert eventually(lambda: brainnet.get("/health").json["active_executions"] == 1)
    for _ in range(256):
        brainnet.start("1")
    answer = brainnet.ask("1", "?wait=0")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
    assert details(answer) == "Too many executions wait for their turn"
    for one in brainnet.get("/executions?limit=100").json[:3]:
        assert one["status"] == "running"
    assert brainnet.delete(held).status == 200


def test_a_longer_time_limit_of_the_operators_may_be_asked_for(settled):
    brainnet = settled(EXECUTION_TIMEOUT="1200")
    assert brainnet.run("print(1)", timeout=1200)["output"] == "1\n"
    answer = brainnet.ask("1", timeout=1201)
    assert details(answer)[0]["ctx"] == {"le": 1200}


@pytest.mark.parametrize("name, value, words", [
    ("EXECUTION_TIMEOUT", "soon", "EXECUTION_TIMEOUT"), ("EXECUTION_TIMEOUT", "0", "EXECUTION_TIMEOUT"),
    ("MAX_CONCURRENT_EXECUTIONS", "33", "MAX_CONCURRENT_EXECUTIONS"),
    ("MAX_CONCURRENT_EXECUTIONS", "-1", "MAX_CONCURRENT_EXECUTIONS"),
])
def test_settings_that_mean_nothing_keep_it_from_starting(binary, tmp_path, name, value, words):
    daemon = Daemon(binary, tmp_path, "--compat", **{name: value})
    done = daemon.sbx("serve", "--listen", "127.0.0.1:0", "--compat")
    assert done.returncode == 2 and words in done.stderr


def test_a_level_that_there_is_not_is_told_of(settled):
    brainnet = settled(LOG_LEVEL="chatty")
    assert "LOG_LEVEL=chatty is no level: taking INFO" in brainnet.daemon.log.read_text()


def test_results_outlive_a_daemon_that_was_killed(own_brainnet):
    told = own_brainnet.run("x = 1\n1 / 0", debug_mode=True, processor_id="p")
    under_way = own_brainnet.start("import time\ntime.sleep(100)", timeout=100, debug_mode=True)
    time.sleep(1)
    own_brainnet.daemon.restart(signal.SIGKILL)
    assert own_brainnet.result(told["execution_id"]) == told
    lost = own_brainnet.result(under_way)
    assert (lost["status"], lost["error"]) == ("failed", "The execution was lost")
    assert lost["debug_info"]["variables_after"] == {}
    assert own_brainnet.delete(under_way).json["message"] == "Execution already ended"
    listed = own_brainnet.get("/executions").json
    assert [one["execution_id"] for one in listed] == [under_way, told["execution_id"]]
    assert own_brainnet.get("/health").json["stored_results"] == 2
