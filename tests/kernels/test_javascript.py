"""The JavaScript kernel: state, values, imports, errors, interrupts, channels."""

import time

import pytest

from kernel import KernelEnded


@pytest.mark.parametrize(
    "code, text",
    [
        ("1 + 1", "2"),
        ("'text'", "'text'"),
        ("let a = 1", None),
        ("undefined", None),
        ("null", "null"),
        ("", None),
        ("{ b: 1 }", "{ b: 1 }"),
        ("new Map([[1, { c: 2 }]])", "Map(1) { 1 => { c: 2 } }"),
        ("await new Promise((resolve) => setTimeout(resolve, 5, 'waited'))", "'waited'"),
        ("import fs, { readFileSync as read } from 'node:fs'\nfs.readFileSync === read", "true"),
        ("import * as path from 'path'; import 'os'\npath.sep", "'/'"),
        ("(await import('node:os')).EOL", "'\\n'"),
        ("const text = `import x from 'y' ${'import('}`; text", "\"import x from 'y' import(\""),
        ("/import 'x'/.test(\"import 'x'\") // import 'z'", "true"),
        ("require('node:path').basename('/a/b')", "'b'"),
        ("'🎈é漢'", "'🎈é漢'"),
    ],
)
def test_the_last_expression_is_the_result(node, code, text):
    answer = node.run(code)
    assert (answer.status, answer.text) == ("ok", text), answer


def test_declarations_stay_and_may_be_made_anew(node):
    node.run("let x = 1; const y = 2; class A {}; function f() { return x + y }")
    assert node.value("f()") == "3"
    node.run("let x = 10; const y = 20; class A { z = 1 }")
    assert node.value("[f(), new A().z]") == "[ 30, 1 ]"
    assert node.run("y = 5").error["name"] == "TypeError"


def test_plain_data_come_as_json_too(node):
    assert node.run("({ a: [1, null, 'x'] })").result["application/json"] == {"a": [1, None, "x"]}
    for code in ("({ f() {} })", "({ n: NaN })", "new Date(0)", "const loop = {}; loop.self = loop; loop", "1"):
        assert set(node.run(code).result) == {"text/plain"}, code


def test_display(node):
    answer = node.run("display(1); display({ 'text/html': '<b>' }, { raw: true, display_id: 'd' }); display.update('new', { display_id: 'd' })")
    assert answer.displays == [{"text/plain": "1"}, {"text/html": "<b>"}]
    assert answer.of("display_update")[0]["display_id"] == "d"
    node.run("class Chart { [Symbol.for('sbx.display')]() { return { 'image/png': new Uint8Array([1, 2]) } } }")
    assert node.run("new Chart()").result == {"image/png": "AQI="}


def test_typed_lines_are_asked_for_when_the_cell_reads(node):
    code = "const { createInterface } = await import('node:readline/promises')\n"
    code += "const rl = createInterface({ input: process.stdin, output: process.stdout })\n"
    code += "const name = await rl.question('name? '); rl.close(); name"
    answer = node.run_typed(code, "é 😀\n")
    assert (answer.text, answer.out) == ("'é 😀'", "name? "), answer
    code = "let all = ''; for await (const piece of process.stdin) all += piece; all"
    assert node.run_typed(code, "a\n", "b\n", "").text == "'a\\nb\\n'"
    assert not node.run_typed("1", "not asked for\n").of("input")


def test_an_interrupt_ends_the_waiting_for_input(node):
    request = node.send("execute", code="console.log('on'); for await (const piece of process.stdin);", asks=True)
    sent = []
    answer = node.answer(request, when_out=lambda text: sent or sent.append(node.interrupt()))
    assert answer.status == "interrupted"
    node.send_input(request, "too late\n")
    code = "const [first] = await require('node:events').once(process.stdin, 'data'); String(first)"
    assert node.run_typed(code, "in time\n").text == "'in time\\n'"


def test_output_is_the_programs(node):
    answer = node.run("console.log('out'); console.error('err'); process.stdout.write('raw'); 1")
    assert (answer.out, answer.err, answer.text) == ("out\nraw", "err\n", "1")
    assert len(node.run("console.log('x'.repeat(3_000_000))").out) == 3_000_001


def test_errors_have_the_programs_frames_only(node):
    node.run("function inner() {\n    throw new RangeError('no')\n}")
    error = node.run("const z = 1\ninner()").error
    assert (error["name"], error["value"]) == ("RangeError", "no")
    assert [(f["file"], f["line"], f["function"], f["source"]) for f in error["frames"]] == [
        ("<cell-2>", 2, "", "inner()"),
        ("<cell-1>", 2, "inner", "throw new RangeError('no')"),
    ]
    assert "kernel.mjs" not in error["traceback"] and "node:" not in error["traceback"]


@pytest.mark.parametrize(
    "code, name",
    [
        ("let = =", "SyntaxError"),
        ("nothing", "ReferenceError"),
        ("await 1; null.x", "TypeError"),
        ("throw 'text'", "String"),
        ("throw null", "object"),
        ("process.exit(3)", "ProcessExit"),
        ("function f() { f() }; f()", "RangeError"),
        ("await import('no-such-module-anywhere')", "Error"),
        ("'\0' +", "SyntaxError"),
    ],
)
def test_the_kernel_lives_on(node, code, name):
    answer = node.run(code)
    assert (answer.status, answer.error["name"]) == ("error", name), answer
    assert node.value("1 + 1") == "2"


def test_errors_nobody_catches_are_told(node):
    node.run("setTimeout(() => { throw new Error('late') }, 20); Promise.reject(new Error('lost')); 1")
    answer = node.run("await new Promise((resolve) => setTimeout(resolve, 100)); 2")
    told = [m["value"] for m in node.late + answer.messages if m["type"] == "error"]
    assert sorted(told) in (["late"], ["late", "lost"]) and answer.text == "2" and answer.status == "ok"
    assert node.value("3") == "3"


@pytest.mark.parametrize("code", ["x = 2; console.log('on'); while (true);", "x = 2; console.log('on'); await new Promise(() => {})",
                                  "await 1; x = 2; console.log('on'); while (true);"])  # fmt: skip
def test_an_interrupt_stops_the_cell_and_keeps_the_variables(node, code):
    node.run("let x = 1")
    for _ in range(3):
        request, sent = node.send("execute", code=code), []
        answer = node.answer(request, when_out=lambda text: sent or sent.append(node.interrupt()))
        assert (answer.status, answer.error["name"]) == ("interrupted", "Interrupted")
        assert node.run("console.log('still'); x").out == "still\n"


def test_an_interrupt_when_idle_is_ignored(node):
    node.run("1")
    for _ in range(3):
        node.interrupt()
        time.sleep(0.02)
    assert node.value("2") == "2"


def test_a_cells_own_handler_gets_the_signal(node):
    code = "let got = 0; process.on('SIGINT', () => got++); process.kill(process.pid, 'SIGINT'); await new Promise((r) => setTimeout(r, 50)); got"
    assert node.value(code) == "1"
    node.interrupt()
    assert node.value("2") == "2"


def test_stdin_is_the_callers_or_at_its_end(node):
    code = "let all = ''; for await (const piece of process.stdin) all += piece; all"
    assert node.run(code, stdin="zwö\n").text == "'zwö\\n'"
    assert node.run(code).text == "''"


def test_channels_are_not_for_programs(node):
    code = "require('child_process').execSync('ls -l /proc/self/fd | grep -c pipe:').toString().trim()"
    assert node.value(code) == "'1'"  # to grep
    node.run("for (const n of [3, 4]) try { require('fs').closeSync(n) } catch {}")
    assert node.value("1") == "1"


def test_the_death_of_the_process_is_seen(node):
    request = node.send("execute", code="process.abort()")
    with pytest.raises(KernelEnded, match="ended with -6"):
        node.answer(request)


def test_big_results_are_cut_and_marked(node):
    (result,) = node.run("({ [Symbol.for('sbx.display')]: () => ({ 'text/plain': 'é'.repeat(3_000_000) }) })").of("result")
    assert result["truncated"] == ["text/plain"] and len(result["data"]["text/plain"].encode()) <= 1 << 20
    (shown,) = node.run("display({ 'text/html': 'x'.repeat(9_000_000) }, { raw: true })").of("display")
    assert (shown["data"], shown["truncated"]) == ({}, ["text/html"])
    assert node.run("display({ 'text/plain': 'a\\ud800b' }, { raw: true })").displays == [{"text/plain": "a\ufffdb"}]


def test_variables_and_completion(node):
    node.run("let number = 1; var rows = Array.from({ length: 1000 }, (_, i) => i); class Own {}; const own = new Own(); let text = 'x'.repeat(1000)")
    (snapshot,) = node.ask("variables").of("variables")
    found = {entry["name"]: entry for entry in snapshot["variables"]}
    assert set(found) == {"number", "rows", "Own", "own", "text"}
    assert found["number"] == {"name": "number", "type": "number", "repr": "1"}
    assert found["rows"]["length"] == 1000 and found["rows"]["truncated"] and found["own"]["type"] == "Own"
    for code, match, start in (("numb", "number", 0), ("'🎈' + rows.fla", "flat", 11), ("con", "console", 0)):
        (choice,) = node.ask("complete", code=code, cursor=len(code)).of("completions")
        assert match in choice["matches"] and (choice["start"], choice["end"]) == (start, len(code)), choice


@pytest.mark.parametrize("code, status", [("1", "complete"), ("f(", "incomplete"), ("`a", "incomplete"), ("if (x) {", "incomplete"),
                                          ("1 +* 2", "invalid"), ("await f()", "complete"), ("import a from 'b'", "complete")])  # fmt: skip
def test_a_prompt_learns_whether_more_is_to_come(node, code, status):
    (found,) = node.ask("is_complete", code=code).of("completeness")
    assert found["status"] == status


@pytest.mark.parametrize("line", [b"no json", b"[]", b'{"type":"nothing","id":"x"}', b'{"type":"execute","id":"x"}', b"\xff", b'{"type":"constructor"}'])
def test_what_is_no_request_is_told(node, line):
    node.send_line(line)
    answer = node.answer(None)
    assert (answer.error["name"], answer.status) == ("ProtocolError", "error")
    assert node.value("1") == "1"


def test_a_line_without_anything_is_nothing(node):
    node.late.clear()
    node.send_line(b"")
    node.send_line(b"")
    assert node.value("1") == "1"
    assert not node.late


def test_the_end(node):
    assert node.ask("shutdown").status == "ok"
    assert node.process.wait(10) == 0
