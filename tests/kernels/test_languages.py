"""What the kernels of languages share that are not on every machine: each runs in its image."""

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kernel import IN_IMAGES, ContainerKernel, KernelEnded

VERSION = (Path(__file__).parents[2] / "images" / "VERSION").read_text().strip()


@dataclass
class Cells:
    """The same in each language."""

    language: str
    assign: str  # x, 6 * 7
    x: str  # shows it
    shown: str  # as what
    redefine: str  # x, 43; says "on" and does so for ever
    silent: str  # shows nothing
    text: str  # an expression: é😀 "\ and an end of line
    text_shown: str
    streams: str  # é漢🎈 to stdout, err to stderr
    define: str  # a function that fails in its second line
    call: str  # that, in its second line
    error: tuple  # name, value, of that
    files: tuple  # of the frames: the call's, the failure's
    syntax: str  # what isn't the language
    syntax_name: str
    leave: str  # ends the cell with 3
    leave_name: str
    die: str  # ends the process with 4
    big: str  # 1 MB of x
    read: str  # an expression: all of stdin
    read_none: str  # what it shows at the end of file
    read_some: str  # what it shows of "zwö\n"
    variables: str  # a number n, 6, and a list many of 1000
    expected: dict  # type and length of them
    complete: tuple  # begun, a match, where that begins
    whole: list = field(default_factory=list)
    open: list = field(default_factory=list)
    wrong: list = field(default_factory=list)


TABLE = [
    Cells(
        language="typescript", assign="var x: number = 6 * 7", x="x", shown="42",
        redefine="x = 43; console.log('on'); while (true);", silent="undefined",
        text="'é😀 \"\\\\\\n' as string", text_shown="'é😀 \"\\\\\\n'",
        streams="console.log('é漢🎈'); console.error('err')",
        define="type N = number\n\nfunction failing(n: N): never {\n  throw new RangeError(`no ${n}`)\n}",
        call="interface Unused { a: 1 }\nfailing(2)", error=("RangeError", "no 2"),
        files=(("<cell-3>", 2), ("<cell-2>", 4)), syntax="let y: = 1", syntax_name="SyntaxError",
        leave="process.exit(3)", leave_name="ProcessExit", die="process.reallyExit(4)",
        big="process.stdout.write('x'.repeat(1_000_000))",
        read="let all: string = ''; for await (const piece of process.stdin) all += piece; all",
        read_none="''", read_some="'zwö\\n'", variables="let n: number = 6; let many: number[] = Array(1000).fill(0)",
        expected={"n": ("number", None), "many": ("Array", 1000)}, complete=("conso", "console", 0),
        whole=["1 as number", "await x", "{ a: 1 }"], open=["f(", "interface A {"], wrong=["let = 1 ="],
    ),
    Cells(
        language="ruby", assign="x = 6 * 7", x="x", shown="42", redefine='x = 43; puts "on"; loop {}', silent="nil",
        text='"é😀 \\"\\\\\\n"', text_shown='"é😀 \\"\\\\\\n"', streams='puts "é漢🎈"; warn "err"',
        define='def failing(n)\n  raise ArgumentError, "no #{n}"\nend', call="y = 1\nfailing(2)",
        error=("ArgumentError", "no 2"), files=(("<cell 3>", 2), ("<cell 2>", 2)), syntax="1 +* 2", syntax_name="SyntaxError",
        leave="exit 3", leave_name="SystemExit", die="exit! 4", big='print "x" * 1_000_000', read="$stdin.read",
        read_none='""', read_some='"zwö\\n"', variables="n = 6; many = [0] * 1000",
        expected={"n": ("Integer", None), "many": ("Array", 1000)}, complete=("y = String.ne", "new", 11),
        whole=["1", "class A; end"], open=["def f", "if x", "[1,", "<<A", '"a'], wrong=["1 +* 2", ")"],
    ),
    Cells(
        language="php", assign="$x = 6 * 7;", x="$x", shown="42", redefine='$x = 43; echo "on\n"; while (true);', silent="null",
        text="\"é😀 \\\"\\\\\\n\"", text_shown="'é😀 \"\\\\\n'", streams='echo "é漢🎈\n"; fwrite(STDERR, "err\n");',
        define='function failing($n) {\n  throw new RangeException("no $n");\n}', call="$y = 1;\nfailing(2);",
        error=("RangeException", "no 2"), files=(("cell://3", 2), ("cell://2", 2)), syntax="1 +* 2", syntax_name="ParseError",
        leave="exit(3);", leave_name="ProcessExit", die="pcntl_exec('/bin/sh', ['-c', 'exit 4']);",
        big='echo str_repeat("x", 1000000);', read="stream_get_contents(STDIN)", read_none="''", read_some="'zwö\n'",
        variables="$n = 6; $many = range(1, 1000);", expected={"n": ("int", None), "many": ("array", 1000)},
        complete=("echo str_rep", "str_replace", 5), whole=["$x", "echo 1;", "echo 1", "<?php echo 1 ?> 2"],
        open=["function f() {", "f(", "[1,", "'a", "<<<A", "/* a"], wrong=["1 +* 2", ")"],
    ),
    Cells(
        language="lua", assign="x = 6 * 7", x="x", shown="42", redefine='x = 43 print("on") while true do end', silent="nil",
        text='"é😀 \\"\\\\\\n"', text_shown='é😀 "\\\n', streams='print("é漢🎈") io.stderr:write("err\\n"); nil',
        define='function failing(n)\n  error("no " .. n)\nend', call="y = 1\nfailing(2)", error=("Error", "<cell 2>:2: no 2"),
        files=(("<cell 3>", 2), ("<cell 2>", 2)), syntax="1 +* 2", syntax_name="SyntaxError", leave="os.exit(3)",
        leave_name="ProcessExit", die='os.execute("kill -KILL $PPID")', big='io.write(("x"):rep(1000000)); nil',
        read='io.read("a")', read_none="", read_some="zwö\n", variables="n = 6 many = {} for i = 1, 1000 do many[i] = i end",
        expected={"n": ("integer", None), "many": ("table", 1000)}, complete=("x = string.re", "rep", 11),
        whole=["1", "x = 1", "{1}"], open=["function f()", "if x then", "{1,", "f(", "[[a", "1 +"], wrong=["1 +* 2", ")"],
    ),
    Cells(
        language="r", assign="x <- 6 * 7", x="x", shown="[1] 42", redefine='x <- 43; cat("on\\n"); while (TRUE) {}',
        silent="invisible(1)", text='"é😀 \\"\\\\\\n"', text_shown='[1] "é😀 \\"\\\\\\n"',
        streams='cat("é漢🎈\\n"); message("err")', define='failing <- function(n) {\n  stop("no ", n)\n}',
        call="y <- 1\nfailing(2)", error=("Error", "no 2"), files=(("<cell 3>", 2), ("<cell 2>", 2)), syntax="1 +* 2",
        syntax_name="SyntaxError", leave="quit(status = 3)", leave_name="ProcessExit",
        die="tools::pskill(Sys.getpid(), 9)", big='cat(strrep("x", 1000000))',
        read='paste0(readLines(file("stdin")), "\\n", collapse = "")', read_none='[1] "\\n"', read_some='[1] "zwö\\n"',
        variables="n <- 6; many <- 1:1000", expected={"n": ("numeric", 1), "many": ("integer", 1000)},
        complete=("y <- read.c", "read.csv", 5), whole=["1", "x <- 1"], open=["function() {", "c(1,", "'a", "1 +"],
        wrong=["1 +* 2", ")"],
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """A kernel of each language, which its tests share: all of them leave it well."""
    running = {}

    def kernel_of(language):
        if language not in running or running[language].process.poll() is not None:
            directory = tmp_path_factory.mktemp(language)
            os.chmod(directory, 0o777)
            running[language] = ContainerKernel(f"sbx/{language}:{VERSION}", IN_IMAGES[language], directory)
        return running[language]

    yield kernel_of
    for kernel in running.values():
        kernel.close()


@pytest.fixture(params=TABLE, ids=[cells.language for cells in TABLE])
def cells(request):
    return request.param


@pytest.fixture
def kernel(kernels, cells):
    return kernels(cells.language)


@pytest.fixture
def fresh(kernel, kernels, cells):
    """A kernel of this test's own: its cells are counted from 1."""
    kernel.close()
    return kernels(cells.language)


def test_state_stays_and_the_last_value_is_shown(kernel, cells):
    assert kernel.run(cells.assign).status == "ok"
    assert kernel.value(cells.x) == cells.shown
    assert kernel.value(cells.silent) is None
    assert kernel.value("") is None


def test_text_arrives_as_it_is(kernel, cells):
    assert kernel.value(cells.text) == cells.text_shown
    request = json.dumps({"type": "execute", "id": "raw", "code": cells.text}, ensure_ascii=False)
    kernel.send_line(request.replace("é", "é\x7f").encode())  # DEL needs no escape
    answer = kernel.answer("raw")
    assert answer.status == "ok" and "😀" in answer.text


def test_the_streams_are_the_programs(kernel, cells):
    answer = kernel.run(cells.streams)
    assert (answer.out, answer.err, answer.status) == ("é漢🎈\n", "err\n", "ok")
    answer = kernel.run(cells.big)
    assert (len(answer.out), set(answer.out)) == (1_000_000, {"x"})


def test_an_error_has_the_programs_frames_only(fresh, cells):
    fresh.run(cells.silent)
    fresh.run(cells.define)
    answer = fresh.run(cells.call)
    error = answer.error
    assert (answer.status, error["name"], error["value"]) == ("error", *cells.error)
    assert tuple((frame["file"], frame["line"]) for frame in error["frames"]) == cells.files, error
    assert "failing(2)" in error["frames"][0]["source"]
    assert cells.error[1] in error["traceback"] and "kernel" not in error["traceback"].lower(), error
    assert answer.out == answer.err == ""


def test_what_is_wrongly_written_is_told_with_its_line(fresh, cells):
    answer = fresh.run(f"\n{cells.syntax}")
    assert (answer.status, answer.error["name"]) == ("error", cells.syntax_name)
    assert answer.error["frames"][-1]["line"] == 2 and "kernel" not in answer.error["traceback"], answer.error
    assert fresh.run(cells.assign).status == "ok"


def test_an_interrupt_ends_the_cell_and_keeps_the_state(kernel, cells):
    for _ in range(2):
        kernel.run(cells.assign)
        request, sent = kernel.send("execute", code=cells.redefine), []
        answer = kernel.answer(request, when_out=lambda text: sent or sent.append(kernel.interrupt()))
        assert answer.status == "interrupted" and answer.error["name"] in ("KeyboardInterrupt", "Interrupted")
        assert kernel.value(cells.x) == cells.shown.replace("42", "43")


def test_an_interrupt_when_idle_is_ignored(kernel, cells):
    kernel.run(cells.assign)
    for _ in range(3):
        kernel.interrupt()
    time.sleep(0.3)
    assert kernel.value(cells.x) == cells.shown


def test_leaving_ends_the_cell_alone(kernel, cells):
    kernel.run(cells.assign)
    answer = kernel.run(cells.leave)
    assert (answer.status, answer.error["name"], answer.done["exit_code"]) == ("error", cells.leave_name, 3)
    answer = kernel.run(cells.syntax)
    assert answer.status == "error" and "exit_code" not in answer.done
    assert kernel.value(cells.x) == cells.shown


def test_the_death_of_the_process_is_seen(fresh, cells):
    fresh.run(cells.assign)
    with pytest.raises(KernelEnded, match="ended with (4|137)"):
        fresh.run(cells.die)


def test_stdin_is_the_callers_or_at_its_end(kernel, cells):
    assert kernel.value(cells.read) == cells.read_none
    assert kernel.run(cells.read, stdin="zwö\n").text == cells.read_some
    assert kernel.value(cells.read) == cells.read_none


def test_variables_are_listed(fresh, cells):
    fresh.run(cells.variables)
    answer = fresh.ask("variables")
    assert answer.status == "ok"
    (snapshot,) = answer.of("variables")
    found = {each["name"]: (each["type"], each.get("length")) for each in snapshot["variables"]}
    assert found == cells.expected and all(len(each["repr"]) <= 200 for each in snapshot["variables"])
    (many,) = [each for each in snapshot["variables"] if each["name"] == "many"]
    assert many["truncated"]


def test_completion(kernel, cells):
    code, match, start = cells.complete
    answer = kernel.ask("complete", code=code, cursor=len(code))
    (choice,) = answer.of("completions")
    assert answer.status == "ok" and match in choice["matches"] and (choice["start"], choice["end"]) == (start, len(code)), choice


def test_a_prompt_learns_whether_more_is_to_come(kernel, cells):
    found = {}
    for code in (*cells.whole, *cells.open, *cells.wrong):
        answer = kernel.ask("is_complete", code=code)
        assert answer.status == "ok"
        found[code] = answer.of("completeness")[0]["status"]
    expected = {"complete": cells.whole, "incomplete": cells.open, "invalid": cells.wrong}
    assert found == {code: status for status, codes in expected.items() for code in codes}


@pytest.mark.parametrize("line", [b"no json", b"[]", b'{"type":"nothing","id":"x"}', b'{"type":"execute","id":"x"}', b"\xff"])
def test_what_is_no_request_is_told(kernel, cells, line):
    kernel.send_line(line)
    answer = kernel.answer(None)
    assert (answer.error["name"], answer.status) == ("ProtocolError", "error")
    assert kernel.run(cells.assign).status == "ok"


def test_a_line_without_anything_is_nothing(kernel, cells):
    kernel.late.clear()
    kernel.send_line(b"")
    kernel.send_line(b"")
    assert kernel.run(cells.assign).status == "ok"
    assert not kernel.late


def test_the_end(fresh):
    assert fresh.ask("shutdown").status == "ok"
    assert fresh.process.wait(20) == 0


@pytest.mark.parametrize(
    "language, code",
    [("ruby", 'print "n? "; n = gets.chomp; [n, gets, gets]'), ("r", 'n <- readline("n? "); c(n, readline(), readline())')],
    ids=["ruby", "r"],
)
def test_lines_are_asked_for_when_the_cell_reads(kernels, language, code):
    answer = kernels(language).run_typed(code, "Zoë 😀\n", "two\n", "")
    assert "Zoë 😀" in answer.text and "two" in answer.text and answer.out == "n? ", answer
    assert len(answer.of("input")) == 3
    assert not kernels(language).run_typed("1", "not asked for\n").of("input")


@pytest.mark.parametrize("language, code, next_code, text", [("ruby", "gets", "gets.chomp", '"in time"'), ("r", "readline()", "readline()", '[1] "in time"')], ids=["ruby", "r"])
def test_an_interrupt_ends_the_waiting_for_a_line(kernels, language, code, next_code, text):
    kernel = kernels(language)
    request = kernel.send("execute", code=code, asks=True)
    kernel.typed = []
    while not any(b'"input"' in line for line in kernel._lines):
        kernel._read()
    kernel.interrupt()
    assert kernel.answer(request).status == "interrupted"
    kernel.send_input(request, "too late\n")
    assert kernel.run_typed(next_code, "in time\n").text == text


def test_figures_of_r_are_shown(kernels):
    answer = kernels("r").run("plot(1:3); hist(c(1, 2, 2)); 5")
    assert [list(data) for data in answer.displays] == [["image/png"], ["image/png"]] and answer.text == "[1] 5"
    assert not kernels("r").run("6").displays
    assert not kernels("r").run("png('own.png'); plot(1)").displays
    assert kernels("r").value("dev.off(); file.exists('own.png')") == "[1] TRUE"


def test_php_tells_what_it_cannot_do_twice(kernels):
    kernel = kernels("php")
    kernel.run("function once() { return 1; } class Only {}")
    for code in ("function once() {}", "class Only {}"):
        assert "once" in kernel.run(code).error["value"] or "Only" in kernel.run(code).error["value"]
    assert kernel.value("once()") == "1"
    assert kernel.run("<?php echo 1 + 1 ?> and text").out == "2 and text"


def test_lua_interrupts_what_catches_all(kernels):
    kernel = kernels("lua")
    code = 'print("on") while true do pcall(function() coroutine.wrap(function() while true do end end)() end) end'
    request, sent = kernel.send("execute", code=code), []
    answer = kernel.answer(request, when_out=lambda text: sent or sent.append(kernel.interrupt()))
    assert answer.status == "interrupted"
    assert kernel.value("local z = 3\nz * 2") == "6"
