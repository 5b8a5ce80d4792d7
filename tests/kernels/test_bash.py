"""The bash kernel: one shell for all cells, whatever they do to it."""

import time

import pytest

from kernel import KernelEnded


def test_variables_functions_and_the_directory_stay(bash, tmp_path):
    (tmp_path / "below").mkdir()
    bash.run("x=5; declare -A map=([a]=1); greet() { echo \"hello $1\"; }; cd below; shopt -s nullglob")
    assert bash.run("greet \"$x\"; echo ${map[a]}; pwd; echo *").out == f"hello 5\n1\n{tmp_path}/below\n\n"


@pytest.mark.parametrize("code, exit_code", [("true", 0), ("false", 1), ("(exit 4)", 4), ("exit 3", 3), ("exit 300", 44), ("false; exit", 1),
                                             ("f() { exit 7; echo no; }; while :; do f; echo no; done; echo no", 7),
                                             ("if", 2), ("no_such_command", 127), ("return 5", 5), ("set -e; false; true", 0), ("", 0)])  # fmt: skip
def test_the_status_is_the_last_commands(bash, code, exit_code):
    bash.run("x=kept")
    answer = bash.run(code)
    assert (answer.done["exit_code"], answer.status) == (exit_code, "error" if exit_code else "ok")
    assert "no\n" not in answer.out
    assert bash.run("echo $x; exit").out == "kept\n"
    assert bash.run("echo again").out == "again\n"


@pytest.mark.parametrize("code", ["break", "continue", "break 2", "set -e; false", "set -x; true", "trap 'echo t' DEBUG", "trap : INT", "IFS=x", "set -f -u"])
def test_what_a_cell_sets_does_not_break_the_kernel(bash, code):
    bash.run(code)
    bash.run("trap - DEBUG; set +f")
    assert bash.run("y='a  b'; echo \"$y\"").out == "a  b\n"
    assert bash.ask("variables").status == "ok"
    answer = bash.run("echo one")
    assert (answer.out, answer.err, answer.status) == ("one\n", "", "ok")


@pytest.mark.parametrize("text", ["é漢🎈", "tab\there", "back\\slash \\n \\u0041 \\\\", "quo\"te 'single' `tick`", "a/b", "\x01\x7f", "two\nlines\n"])
def test_code_arrives_as_it_is(bash, text):
    assert bash.run(f"cat <<'END'\n{text}\nEND").out == f"{text}\n"


def test_a_null_byte_is_refused(bash):
    answer = bash.run("echo a\0b")
    assert (answer.error["name"], answer.status) == ("ProtocolError", "error")


def test_stdin_is_the_callers_or_at_its_end(bash):
    assert bash.run("read a; cat; echo \"$a\"", stdin="one\ntwo\n").out == "two\none\n"
    assert bash.run("cat; echo end").out == "end\n"
    assert bash.run("read a; echo \"status $?\"").out == "status 1\n"


@pytest.mark.parametrize("code", ["x=2; echo on; while :; do :; done", "x=2; echo on; sleep 60; echo no", "g() { while :; do :; done; }; x=2; echo on; g",
                                  "x=2; echo on; ( while :; do :; done )", "x=2; echo on; read -r z < <(sleep 60)"])  # fmt: skip
def test_an_interrupt_stops_the_cell_and_keeps_the_variables(bash, code):
    bash.run("x=1")
    request, sent = bash.send("execute", code=code), []
    answer = bash.answer(request, when_out=lambda text: sent or sent.append(bash.interrupt()))
    assert (answer.status, answer.done["exit_code"], answer.out) == ("interrupted", 130, "on\n")
    assert bash.run("echo $x").out == "2\n"


def test_an_interrupt_when_idle_is_ignored(bash):
    bash.run("true")
    for _ in range(3):
        bash.interrupt()
        time.sleep(0.02)
    assert bash.run("true").status == "ok"


def test_channels_are_not_the_cells(bash):
    assert bash.run("echo garbage >&4").done["exit_code"] == 1
    assert bash.run("exec 3<&- 4>&-; echo fine").out == "fine\n"
    numbers = bash.run("for f in /proc/self/fd/*; do [[ -e $f ]] && echo ${f##*/}; done; ls /proc/self/fd").out
    assert bash.run("ls /proc/self/fd").out.split() == ["0", "1", "2", "3", "9"], numbers  # 3 is ls's own, 9 the cell


def test_variables_and_completion(bash):
    bash.run("name='a b'; list=(1 2 3); declare -i n=4; long=$(printf 'x%.0s' {1..300}); odd=$'a\\x01\\xff'")
    (snapshot,) = bash.ask("variables").of("variables")
    found = {entry["name"]: entry for entry in snapshot["variables"]}
    assert set(found) == {"name", "list", "n", "long", "odd"}
    assert found["name"] == {"name": "name", "type": "string", "repr": "a b", "length": 3}
    assert (found["list"]["type"], found["list"]["length"], found["n"]["type"]) == ("array", 3, "integer")
    assert found["long"]["truncated"] and len(found["long"]["repr"]) == 200
    for code, match in (("echo $na", "$name"), ("decl", "declare"), ("ls /et", "/etc")):
        (choice,) = bash.ask("complete", code=code, cursor=len(code)).of("completions")
        assert match in choice["matches"] and choice["end"] == len(code)


@pytest.mark.parametrize("code, status", [("echo a", "complete"), ("for x in y; do", "incomplete"), ("echo 'a", "incomplete"), ("fi", "invalid"), ("cat <<E", "incomplete")])
def test_a_prompt_learns_whether_more_is_to_come(bash, code, status):
    (found,) = bash.ask("is_complete", code=code).of("completeness")
    assert found["status"] == status


@pytest.mark.parametrize("line", [b"no json", b"[]", b"{}", b'{"type":"nothing","id":"x"}', b'{"type":"execute","id":"x"}'])
def test_what_is_no_request_is_told(bash, line):
    bash.send_line(line)
    answer = bash.answer(None)
    assert (answer.error["name"], answer.status) == ("ProtocolError", "error")
    assert bash.run("echo on").out == "on\n"


def test_a_line_without_anything_is_nothing(bash):
    bash.late.clear()
    bash.send_line(b"")
    bash.send_line(b"")
    assert bash.run("echo on").out == "on\n"
    assert not bash.late


def test_exec_ends_the_kernel(bash):
    request = bash.send("execute", code="exec bash -c 'exit 6'")
    with pytest.raises(KernelEnded, match="ended with 6"):
        bash.answer(request)


def test_the_end(bash):
    bash.close_requests()
    assert bash.process.wait(10) == 0
