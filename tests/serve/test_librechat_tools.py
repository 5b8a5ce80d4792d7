"""The dialect librechat: code that calls tools of the client's."""

import concurrent.futures
import threading
import time

import pytest

from daemon import eventually
from librechat import old

WEATHER = {"name": "get-weather", "description": "Tells \"it\" $(touch /mnt/data/no)",
           "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}}


def calls(stopped):
    assert stopped["status"] == "tool_call_required", stopped
    return [(each["name"], each["input"]) for each in stopped["tool_calls"]]


def test_code_stops_at_a_call_and_goes_on_with_its_result(chat):
    stopped = chat.program("print('before')\nr = await get_weather(city='SF')\nprint(r['t'])", [WEATHER])
    assert calls(stopped) == [("get-weather", {"city": "SF"})]
    assert stopped["tool_calls"][0]["id"] == "call_001" and stopped["partial_stdout"] == ""
    told = chat.go_on(stopped, {"t": 21})
    assert told == {"status": "completed", "session_id": stopped["session_id"], "stdout": "before\n21\n", "stderr": "",
                    "files": []}


def test_code_without_calls_comes_to_its_end(chat):
    told = chat.program("import json as j\nprint(json.dumps([1]), __name__)\nopen('a.txt', 'w').write('x')")
    assert told["status"] == "completed" and told["stdout"] == "[1] __main__\n"
    assert [each["name"] for each in told["files"]] == ["a.txt"]


def test_parallel_calls_take_one_trip(chat):
    stopped = chat.program("r = await asyncio.gather(*[add(x=i) for i in range(30)])\nprint(sum(r))", ["add"])
    assert [each["input"]["x"] for each in stopped["tool_calls"]] == list(range(30))
    assert [each["id"] for each in stopped["tool_calls"]] == [f"call_{i:03}" for i in range(1, 31)]
    assert chat.go_on(stopped, *range(30))["stdout"] == "435\n"


def test_calls_are_counted_over_the_whole_execution(chat):
    stopped = chat.program("for i in range(3): print(await add(x=i))", ["add"])
    for number in (1, 2, 3):
        assert stopped["tool_calls"][0]["id"] == f"call_{number:03}"
        stopped = chat.go_on(stopped, number * 10)
    assert stopped["stdout"] == "10\n20\n30\n"


def test_arguments_may_stand_in_order_and_none_is_left_out(chat):
    stopped = chat.program("await get_weather('SF', days=None)\nawait get_weather('LA', 3)", [WEATHER])
    assert calls(stopped) == [("get-weather", {"city": "SF"})]
    assert calls(chat.go_on(stopped, None)) == [("get-weather", {"city": "LA", "days": 3})]


def test_a_tool_that_fails_raises(chat):
    stopped = chat.program("try: await add(x=1)\nexcept Exception as e: print('no:', e)", ["add"])
    assert chat.go_on(stopped, RuntimeError("out of 'luck'"))["stdout"] == "no: out of 'luck'\n"


def test_an_exception_is_an_error_with_its_traceback(chat):
    told = chat.program("open('kept.txt', 'w').write('x')\ntext = '''a\n  b'''\n1/0")
    assert told["status"] == "error" and told["error"] == "Sandbox exited with code 1"
    assert "line 4" in told["stderr"] and told["stderr"].endswith("ZeroDivisionError: division by zero\n")
    assert [each["name"] for each in told["files"]] == ["kept.txt"]


def test_its_time_is_its_own(chat):
    stopped = chat.program("print(await add(x=1))", ["add"], timeout=1500)
    time.sleep(2.5)
    assert chat.go_on(stopped, 5)["stdout"] == "5\n"
    told = chat.program("while True: pass", timeout=1500)
    assert told["status"] == "error" and told["error"] == "Time limit exceeded"


def test_bash_calls_tools_too(chat):
    code = ": &\nwait \"$!\"\nset -eu\nr=$(get_weather '{\"city\": \"SF\"}')\necho \"$r\" | jq .t\n" \
           "add '{\"x\": 1}' & add '{\"x\": 2}' & wait\nif ! add '{}' 2>err; then cat err; fi"
    stopped = chat.program(code, [WEATHER, "add"], lang="bash")
    assert calls(stopped) == [("get-weather", {"city": "SF"})]
    stopped = chat.go_on(stopped, {"t": 21})
    assert sorted(each["input"]["x"] for each in stopped["tool_calls"]) == [1, 2]
    stopped = chat.go_on(stopped, *[each["input"]["x"] * 10 for each in stopped["tool_calls"]])
    assert calls(stopped) == [("add", {})]
    told = chat.go_on(stopped, RuntimeError("no luck"))
    assert told["status"] == "completed", told
    assert sorted(told["stdout"].split("\n")[1:3]) == ["10", "20"] and told["stdout"].endswith("no luck\n")
    assert told["stdout"].startswith("21\n")


def test_files_go_in_and_sessions_on(chat):
    session, file = chat.upload("abc", "a.txt")
    stopped = chat.program("text = open('a.txt').read()\nopen('b.txt', 'w').write(await up(t=text))", ["up"],
                           files=[old(file, session)])
    assert calls(stopped) == [("up", {"t": "abc"})]
    told = chat.go_on(stopped, "ABC")
    assert chat.read(told["session_id"], told["files"][0]["id"]) == b"ABC"
    again = chat.program("print(open('b.txt').read())", session_id=told["session_id"])
    assert again["stdout"] == "ABC\n" and again["session_id"] == told["session_id"]


@pytest.mark.parametrize("body, status", [
    ({"tools": []}, 400), ({"code": "1"}, 400), ({"code": "1", "tools": {}}, 400), ({"code": "1", "tools": [{}]}, 400),
    ({"code": "1", "tools": [{"name": f"t{i}"} for i in range(101)]}, 400),
    ({"code": "1", "tools": [{"name": "a-b"}, {"name": "a_b"}]}, 400), ({"code": "1", "tools": [], "lang": "js"}, 400),
    ({"continuation_token": "x", "tool_results": []}, 400), ({"continuation_token": "A" * 32}, 400),
    ({"continuation_token": "A" * 32, "tool_results": {}}, 400), ({"continuation_token": "A" * 32, "tool_results": []}, 404),
])
def test_wrong_requests(chat, body, status):
    answer = chat.request("POST", "/exec/programmatic", body)
    assert answer.status == status and isinstance(answer.json["error"], str), answer.body


def test_a_token_is_good_until_the_end(chat):
    stopped = chat.program("await add(x=1)", ["add"])
    wrong = {"continuation_token": stopped["continuation_token"],
             "tool_results": [{"call_id": "call_009", "result": 1}]}
    assert chat.request("POST", "/exec/programmatic", wrong).status == 400
    assert chat.go_on(stopped, 1)["status"] == "completed"
    used = {"continuation_token": stopped["continuation_token"], "tool_results": []}
    assert chat.request("POST", "/exec/programmatic", used).status == 404


def test_one_continuation_at_a_time(chat):
    stopped = chat.program("await add(x=1)\nimport time\ntime.sleep(3)", ["add"])
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(chat.go_on, stopped, 1)
        time.sleep(1)
        body = {"continuation_token": stopped["continuation_token"], "tool_results": []}
        assert chat.request("POST", "/exec/programmatic", body).status == 409
        assert first.result()["status"] == "completed"


def test_a_result_has_five_megabytes(chat):
    stopped = chat.program("print(len(await add(x=1)))", ["add"])
    call = stopped["tool_calls"][0]["id"]
    body = {"continuation_token": stopped["continuation_token"],
            "tool_results": [{"call_id": call, "result": "x" * (5 << 20)}]}
    assert chat.request("POST", "/exec/programmatic", body).status == 413
    assert chat.go_on(stopped, "x" * 4_000_000)["stdout"] == "4000000\n"


def test_code_cannot_call_what_the_client_does_not_have(chat):
    forged = "import os, json\nfor fd in range(3, 30):\n  try: os.write(fd, b'{\"id\":\"call_001\",\"name\":\"rm\",\"input\":{}}\\n')\n" \
             "  except OSError: pass\nimport time; time.sleep(5)"
    told = chat.program(forged, ["add"], timeout=8000)
    assert told["status"] in ("error", "completed")
    if told["status"] == "error":
        assert told["error"] in ("Sandbox requested an unregistered tool: rm", "Execution failed or timed out")


def test_a_request_can_be_cancelled(chat):
    def ask():
        return chat.request("POST", "/exec/programmatic", {"code": "import time; time.sleep(50)", "tools": []},
                            X_LibreChat_Code_Request_ID="r-1").json

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(ask)
        time.sleep(2)
        cancel = {"request_id": "r-1"}
        assert chat.request("POST", "/exec/programmatic/cancel", cancel).json == {"status": "cancelled"}
        told = running.result(15)
    assert told["status"] == "error" and told["error"] == "Execution failed or timed out"
    assert chat.request("POST", "/exec/programmatic/cancel", {"request_id": "never"}).status == 404


def test_a_cancellation_may_come_first(chat):
    assert chat.request("POST", "/exec/programmatic/cancel", {"request_id": "r-2"}).json == {"error": "not_found"}
    start = time.monotonic()
    told = chat.request("POST", "/exec/programmatic", {"code": "import time; time.sleep(50)", "tools": []},
                        X_LibreChat_Code_Request_ID="r-2").json
    assert told["error"] == "Execution failed or timed out" and time.monotonic() - start < 20


def test_one_that_waits_can_be_cancelled_and_is_ended_with_the_daemon(own_chat, engine):
    stopped = own_chat.request("POST", "/exec/programmatic", {"code": "await add(x=1)", "tools": [{"name": "add"}]},
                               X_LibreChat_Code_Request_ID="r-3").json
    assert own_chat.request("POST", "/exec/programmatic/cancel", {"request_id": "r-3"}).status == 200
    body = {"continuation_token": stopped["continuation_token"], "tool_results": []}
    assert eventually(lambda: own_chat.request("POST", "/exec/programmatic", body).status == 404, 10)
    own_chat.program("await add(x=1)", ["add"])
    start = time.monotonic()
    assert own_chat.daemon.stop() == 0
    assert time.monotonic() - start < 9


def test_many_wait_at_once(chat):
    gate = threading.Barrier(8)

    def use(number):
        stopped = chat.program(f"print(await add(x={number}))", ["add"])
        gate.wait(60)
        return chat.go_on(stopped, number * 2)["stdout"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(8))) == [f"{i * 2}\n" for i in range(8)]
