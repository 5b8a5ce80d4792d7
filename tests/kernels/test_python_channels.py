"""Channels: order, caps, interrupts, and cells that mean harm to them."""

import json
import os
import signal
import time

import pytest

from kernel import RUNNERS, KernelEnded


def test_all_that_was_printed_comes_before_done(python):
    code = "import os, sys, subprocess\nprint('a', end='')\nos.write(1, b'b')\nsubprocess.run(['echo', 'c'])\nprint('d', file=sys.stderr, end='')"
    for _ in range(20):
        answer = python.run(code)
        assert sorted(answer.out) == sorted("abc\n") and answer.err == "d"


def test_output_of_c_code_comes_before_done(python):
    assert python.run("import ctypes\nctypes.CDLL(None).printf(b'from C')\nNone").out == "from C"


def test_much_output_and_a_result(python):
    answer = python.run("print('x' * 5_000_000)\n'end'")
    assert len(answer.out) == 5_000_001 and answer.text == "'end'"


def test_output_comes_as_it_is_printed(python):
    seen = []
    request = python.send("execute", code="import time\nprint('first')\ntime.sleep(0.4)\nprint('second')")
    python.answer(request, when_out=lambda text: seen.append((text, time.monotonic())))
    assert seen[0][0].strip() == "first" and seen[-1][1] - seen[0][1] > 0.2


def test_stdin_is_the_callers_or_at_its_end(python):
    assert python.run("input()").error["name"] == "EOFError"
    answer = python.run("a, b = input('? '), input()\nimport sys\n(a, b, sys.stdin.read())", stdin="one\nzwö\nrest\n")
    assert (answer.text, answer.out) == ("('one', 'zwö', 'rest\\n')", "? ")
    assert python.run("!cat", stdin="for a child").out == "for a child"
    assert python.run("input()", stdin="").error["name"] == "EOFError"
    python.run("input()", stdin="x\nleft over\n")
    assert python.run("input()").error["name"] == "EOFError"


def test_typed_lines_are_asked_for_one_by_one(python):
    code = "import sys\na = input('name? ')\nb = sys.stdin.readline()\n(a, b)"
    answer = python.run_typed(code, "é 😀\n", "two\n", "not asked for\n")
    assert (answer.text, answer.out) == ("('é 😀', 'two\\n')", "name? ")
    assert python.typed == ["not asked for\n"] and len(answer.of("input")) == 2
    assert python.run_typed("[line for line in sys.stdin]", "a\n", "b\n", "").text == "['a\\n', 'b\\n']"
    assert python.run_typed("input()", "x" * 100_000 + "\n").text == repr("x" * 100_000)


def test_the_end_of_typed_input_ends_one_reading(python):
    code = "try: input()\nexcept EOFError: print('end')\ninput()"
    answer = python.run_typed(code, "", "more\n")
    assert (answer.out, answer.text) == ("end\n", "'more'")
    assert python.run("input()").error["name"] == "EOFError"


def test_what_is_typed_is_for_the_cell_alone(python):
    code = "import os, subprocess, threading, sys\nsubprocess.run(['cat'])\n!cat\nfound = []\n"
    code += "def read(): found.append(sys.stdin.readline())\nthread = threading.Thread(target=read)\n"
    code += "thread.start(); thread.join(); os.read(0, 9), found"
    answer = python.run_typed(code, "typed\n")
    assert answer.text == "(b'', [''])" and python.typed == ["typed\n"], answer


def test_an_interrupt_ends_the_waiting_for_input(python):
    request = python.send("execute", code="x = 1\nprint('on')\ninput()", asks=True)
    sent = []
    answer = python.answer(request, when_out=lambda text: sent or sent.append(python.interrupt()))
    assert (answer.status, answer.error["name"]) == ("interrupted", "KeyboardInterrupt")
    python.send_input(request, "too late\n")
    assert python.run_typed("x, input()", "in time\n").text == "(1, 'in time')"


def test_another_owners_request_ends_the_waiting_for_input(python):
    cell = python.send("execute", code="input()", asks=True)
    time.sleep(0.3)
    question = python.send("is_complete", code="")
    assert python.answer(cell).error["name"] == "EOFError"
    assert python.answer(question).status == "ok"


def test_an_interrupt_stops_the_cell_and_keeps_the_variables(python):
    python.run("x = 1")
    for code in ("x = 2; print('on')\nwhile True: pass", "import time\nx = 2; print('on')\ntime.sleep(60)",
                 "import asyncio\nx = 2; print('on')\nawait asyncio.sleep(60)", "x = 2; print('on')\n!sleep 60",
                 "import asyncio\nx = 2; print('on')\nasyncio.run(asyncio.sleep(60))"):  # fmt: skip
        request, sent = python.send("execute", code=code), []
        answer = python.answer(request, when_out=lambda text: sent or sent.append(python.interrupt()))
        if "!sleep" not in code:
            assert (answer.status, answer.error["name"]) == ("interrupted", "KeyboardInterrupt"), (code, answer)
            assert not [f for f in answer.error["frames"] if str(RUNNERS) in f["file"]]
        assert python.value("x") == "2"


def test_an_interrupt_when_idle_is_ignored(python):
    assert python.value("1") == "1"
    for _ in range(5):
        python.interrupt()
        time.sleep(0.02)
    assert python.value("2") == "2"


def test_an_interrupt_right_behind_a_request_is_for_it(python):
    python.value("1")
    for _ in range(20):
        request = python.send("execute", code="while True: pass")
        python.interrupt()
        assert python.answer(request, patience=20).status == "interrupted"


def test_interrupts_among_displays_break_no_line(python):
    code = "print('on')\nfor i in range(10**7):\n    display({'text/plain': 'x' * 3000}, raw=True)"
    for _ in range(5):
        request, sent = python.send("execute", code=code), []
        answer = python.answer(request, when_out=lambda text: sent or sent.append(python.interrupt()))
        assert answer.status == "interrupted"


def test_a_cell_may_catch_the_interrupt(python):
    code = "try:\n    print('on')\n    while True: pass\nexcept KeyboardInterrupt:\n    caught = True\ncaught"
    request, sent = python.send("execute", code=code), []
    answer = python.answer(request, when_out=lambda text: sent or sent.append(python.interrupt()))
    assert (answer.status, answer.text) == ("ok", "True")


def test_descriptors_3_and_4_are_not_the_cells(python):
    python.run("import os")
    for number in (3, 4):
        assert python.run(f"os.write({number}, b'garbage')").error["name"] == "OSError"
    python.run("f = open('/dev/null', 'w'); f.write('x'); f.close()\nfor n in range(3, 30):\n    try: os.close(n)\n    except OSError: pass")
    assert python.value("'alive'") == "'alive'"


def test_programs_of_a_cell_inherit_no_channel(python):
    code = "import subprocess\nsubprocess.run(['ls', '-l', '/proc/self/fd'], close_fds=False, stdout=-1, text=True).stdout"
    python.run("listing = " + code.replace("\n", "; ").replace("import subprocess; ", "__import__('subprocess')."
               ).replace(".subprocess.run", ".run"))  # fmt: skip
    numbers = python.value("sorted(int(line.split()[8]) for line in listing.splitlines() if '->' in line)")
    assert max(json.loads(numbers)) < 100, numbers


def test_a_forked_child_says_nothing_and_ends_with_the_cell(python):
    code = "import os\npid = os.fork()\nif pid:\n    status = os.waitpid(pid, 0)[1]\nelse:\n    print('child')\npid == 0"
    answer = python.run(code)
    assert (answer.text, len(answer.messages), answer.out) == ("False", 2, "child\n")
    assert python.value("status") == "0"
    answer = python.run(code.replace("print('child')", "display(1); 1 / 0"))
    assert len(answer.messages) == 2 and "ZeroDivisionError" in answer.err
    assert python.value("status >> 8") == "1"
    assert python.run(code.replace("print('child')", "import sys; sys.exit(7)")).status == "ok"
    assert python.value("status >> 8") == "7"


def test_threads_print_after_the_cell_and_display_for_it(python):
    code = "import threading, time\ndef late():\n    time.sleep(0.3)\n    print('late')\n    display('shown')\nthreading.Thread(target=late).start()"
    first = python.run(code)
    assert first.out == ""
    second = python.run("time.sleep(0.6)\n'second'")
    assert second.out == "late\n" and second.displays == []
    assert [(m["type"], m["id"]) for m in python.late] == [("display", first.done["id"])]


@pytest.mark.parametrize("code", ["import sys; sys.stdout.close()", "import os; os.close(1)", "import sys; sys.stdout = None",
                                  "import os; os.close(0); os.close(2)", "import sys; sys.stdin.close(); sys.stderr.close()"])  # fmt: skip
def test_a_cell_that_closes_its_streams_has_them_back(python, code):
    python.run(code)
    answer = python.run("import sys\nprint('out'); print('err', file=sys.stderr)\n!echo child")
    assert sorted(answer.out.split()) == ["child", "out"] and answer.err == "err\n"
    assert python.run("input()").error["name"] == "EOFError"


def test_the_death_of_the_process_is_seen(python):
    request = python.send("execute", code="import os; os._exit(9)")
    with pytest.raises(KernelEnded, match="ended with 9"):
        python.answer(request)


def test_a_fatal_signal_is_seen(python):
    request = python.send("execute", code="import ctypes; ctypes.string_at(0)")
    with pytest.raises(KernelEnded, match=f"ended with -{int(signal.SIGSEGV)}"):
        python.answer(request)


def test_a_cell_that_closes_everything_ends_the_kernel(python):
    request = python.send("execute", code="import os; os.closerange(3, 1000)")
    with pytest.raises(KernelEnded, match="ended with 70"):
        python.answer(request)


def test_the_end_of_requests_ends_the_kernel(python):
    python.run("import atexit\n_ = atexit.register(lambda: print('at exit'))")
    python.close_requests()
    assert python.process.wait(10) == 0
    assert python.process.stdout.read() == b"at exit\n"


def test_shutdown_is_answered(python):
    assert python.ask("shutdown").status == "ok"
    assert python.process.wait(10) == 0


@pytest.mark.parametrize("line", [b"no json", b"[]", b"{}", b'{"type":1}', b'{"type":"nothing","id":"x"}', b'{"type":"execute","id":"x"}',
                                  b'{"type":"execute","id":"x","code":5}', b'{"type":"execute","id":7,"code":"1"}', b"\xff\xfe", b"[" * 100_000])  # fmt: skip
def test_what_is_no_request_is_told(python, line):
    python.send_line(line)
    answer = python.answer(None)
    assert answer.error["name"] == "ProtocolError" and answer.status == "error"
    assert python.value("1") == "1"


def test_a_line_without_anything_is_nothing(python):
    python.late.clear()
    python.send_line(b"")
    python.send_line(b"")
    assert python.value("1") == "1"
    assert not python.late


def test_requests_are_answered_in_order(python):
    requests = [python.send("execute", code=f"{n}") for n in range(50)]
    assert [python.answer(request).text for request in requests] == [str(n) for n in range(50)]


def test_big_results_are_cut_and_marked(python):
    answer = python.run("class Big:\n    def __repr__(self): return 'é' * 5_000_000\nBig()")
    (result,) = answer.of("result")
    assert result["truncated"] == ["text/plain"] and len(json.dumps(result["data"], ensure_ascii=False).encode()) <= (1 << 20) + 50
    answer = python.run("display({'text/plain': 'small', 'text/html': 'x' * 9_000_000}, raw=True)")
    (shown,) = answer.of("display")
    assert shown["truncated"] == ["text/html"] and shown["data"] == {"text/plain": "small"}
    answer = python.run("for i in range(6):\n    display({'text/html': 'x' * 8_000_000}, raw=True)")
    assert [bool(shown["data"]) for shown in answer.of("display")] == [True] * 4 + [False] * 2
    answer = python.run("list(range(10**7))")
    assert answer.text.endswith("999,\n ...]")


def test_big_requests_pass(python):
    assert python.value(f"len('{'x' * 5_000_000}')") == "5000000"
    assert python.run("len(input())", stdin="y" * 3_000_000).text == "3000000"


def test_an_execution_has_its_own_results_only(python):
    assert python.run("display(1); display(2); 3").displays == [{"text/plain": "1"}, {"text/plain": "2"}]
    answer = python.run("4")
    assert answer.displays == [] and answer.text == "4"


def test_the_kernel_leaves_no_trace_in_the_environment(own):
    assert own.value("import os\n[name for name in os.environ if name.startswith('MPL') and name != 'MPLCONFIGDIR']") == "[]"
    assert own.value("import sys\n[place for place in sys.path if 'runners' in place]") == "[]"
    assert own.value("[name for name in globals() if not name.startswith('_')]") == "['os', 'sys']"


def test_a_kernel_in_a_zip_file_works(started, tmp_path):
    import zipfile

    from kernel import RUNNERS

    with zipfile.ZipFile(tmp_path / "kernel.zip", "w") as archive:
        archive.write(RUNNERS / "kernel.py", "__main__.py")
        for module in (RUNNERS / "python" / "sbx_kernel").glob("*.py"):
            archive.write(module, f"python/sbx_kernel/{module.name}")
    assert started(["/usr/bin/python3", tmp_path / "kernel.zip"]).value("6 * 7") == "42"


def test_the_kernel_starts_soon(own):
    begin = time.monotonic()
    own.value("1")
    assert time.monotonic() - begin < 2
    loaded = own.value("import sys\nsorted({'asyncio', 'IPython', 'matplotlib', 'inspect', 'subprocess', 'ast'} & set(sys.modules))")
    assert loaded in ("[]", "['ast']")
    assert os.path.exists(f"/proc/{own.process.pid}")
