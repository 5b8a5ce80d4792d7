"""Where the code comes from, and what becomes of its name, its arguments and its bytes."""

import os
import subprocess

import pytest

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}

HELLO = {
    "python": ("hello.py", "import sys\nprint('hello', *sys.argv[1:])\n"),
    "javascript": ("hello.js", "console.log('hello', ...process.argv.slice(2));\n"),
    "bash": ("hello.sh", 'echo hello "$@"\n'),
    "c": (
        "hello.c",
        "#include <stdio.h>\n"
        'int main(int, char **a) { printf("hello"); while (*++a) printf(" %s", *a); puts(""); }\n',
    ),
    "cpp": (
        "hello.cpp",
        "#include <iostream>\n"
        'int main(int, char **a) { std::cout << "hello"; while (*++a) std::cout << " " << *a; std::cout << "\\n"; }\n',
    ),
}


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("language", HELLO)
def test_a_files_extension_says_its_language(sbx, tmp_path, language):
    name, code = HELLO[language]
    write(tmp_path, name, code)
    done = sbx("run", name, "a", "b c", cwd=tmp_path)
    assert (done.code, done.stdout, done.stderr) == (0, b"hello a b c\n", b"")


@pytest.mark.parametrize("language", HELLO)
def test_code_can_be_an_argument(sbx, language):
    code = HELLO[language][1]
    if language == "javascript":  # as `node -e` has it, there is no script among the arguments
        code = code.replace("slice(2)", "slice(1)")
    done = sbx("run", "--lang", language, "-c", code, "a", "b c")
    assert (done.code, done.stdout, done.stderr) == (0, b"hello a b c\n", b"")


@pytest.mark.parametrize("language", HELLO)
def test_code_can_come_from_stdin(sbx, language):
    done = sbx("run", "--lang", language, "-", "a", "b c", stdin=HELLO[language][1].encode())
    assert (done.code, done.stdout, done.stderr) == (0, b"hello a b c\n", b"")


@pytest.mark.parametrize("alias, language", [("py", "python"), ("js", "javascript"), ("node", "javascript"),
                                             ("sh", "bash"), ("c++", "cpp")])  # fmt: skip
def test_languages_have_other_names(sbx, alias, language):
    done = sbx("run", "--lang", alias, "-c", HELLO[language][1])
    assert (done.code, done.stdout) == (0, b"hello\n")


def test_code_without_a_language_is_python(sbx):
    assert sbx("run", "-c", "print(1 + 1)").stdout == b"2\n"
    assert sbx("run", "-", stdin=b"print(1 + 1)").stdout == b"2\n"


def test_a_flag_beats_the_extension(sbx, tmp_path):
    write(tmp_path, "misnamed.py", "echo this is $BASH_VERSINFO\n")
    done = sbx("run", "--lang", "bash", "misnamed.py", cwd=tmp_path)
    assert (done.code, done.stdout) == (0, b"this is 5\n")


@pytest.mark.parametrize(
    "first, code",
    [
        ("#!/usr/bin/env python3", "print('hello')"),
        ("#!/usr/bin/python3 -u", "print('hello')"),
        ("#!/usr/bin/env node", "console.log('hello')"),
        ("#!/bin/bash", "echo hello"),
        ("#!/bin/sh", "echo hello"),
        ("#! /usr/bin/env python3\r", "print('hello')\r"),
    ],
)
def test_a_script_without_an_extension_goes_by_its_first_line(sbx, tmp_path, first, code):
    write(tmp_path, "script", f"{first}\n{code}\n")
    done = sbx("run", "script", cwd=tmp_path)
    assert (done.code, done.stdout, done.stderr) == (0, b"hello\n", b"")


@pytest.mark.parametrize("name, flags", [("script.py", ""), ("script", " --lang python")])
def test_a_script_can_name_sbx_as_its_interpreter(sbx, tmp_path, name, flags):
    (tmp_path / "sbx").symlink_to(sbx.binary)
    script = write(tmp_path, name, f"#!/usr/bin/env -S sbx run{flags}\nimport sys\nprint(sys.argv[1:])\n")
    script.chmod(0o755)
    env = sbx.environment({"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    done = subprocess.run([script, "--json", "-x"], env=env, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"['--json', '-x']\n", b"")


@pytest.mark.parametrize("name", ["script", "script.xyz"])
def test_a_script_of_unknown_language_is_refused_naming_the_flag(sbx, tmp_path, name):
    write(tmp_path, name, "hello\n")
    done = sbx("run", name, cwd=tmp_path, env=NO_ENGINE)
    assert done.code in (125, 127)
    assert name in done.err and "--lang" in done.err


def test_all_after_the_file_belongs_to_the_program(sbx, tmp_path):
    write(tmp_path, "show.py", "import sys; print(sys.argv[1:])")
    done = sbx("run", "show.py", "--json", "-c", "x", "--", "--timeout", "0", "-h", "", cwd=tmp_path)
    assert done.out == "['--json', '-c', 'x', '--', '--timeout', '0', '-h', '']\n"


def test_all_after_the_code_belongs_to_the_program(sbx):
    done = sbx("run", "-c", "import sys; print(sys.argv)", "--json", "--", "-c", "x")
    assert done.out == "['-c', '--json', '--', '-c', 'x']\n"


def test_a_command_of_the_image_keeps_its_arguments_exactly(sbx):
    done = sbx("run", "--lang", "bash", "--", "printf", "[%s]", "a b", "", "--json", "*", "$HOME", "--")
    assert done.out == "[a b][][--json][*][$HOME][--]"


@pytest.mark.parametrize(
    "name", ["with space.py", "naïve ☃.py", "-dash.py", "quote'\"$HOME.py", "new\nline.py", "a.b.py"]
)
def test_a_script_may_have_any_name_and_sees_it(sbx, tmp_path, name):
    write(tmp_path, name, "import sys; print(repr(sys.argv[0].split('/')[-1]))")
    done = sbx("run", f"./{name}", cwd=tmp_path)
    assert (done.code, done.out) == (0, repr(name) + "\n")


def test_tracebacks_show_the_scripts_own_name_and_line(sbx, tmp_path):
    write(tmp_path, "wörk it.py", "x = 1\nraise ValueError(x)\n")
    done = sbx("run", "wörk it.py", cwd=tmp_path)
    assert done.code == 1
    assert 'wörk it.py", line 2' in done.err


@pytest.mark.parametrize("name, code", [("brokén.c", "int main( {}\n"), ("brokén.cpp", "\nint main( {}\n")])
def test_compilers_show_the_sources_own_name_and_line(sbx, tmp_path, name, code):
    write(tmp_path, name, code)
    done = sbx("run", "--json", name, cwd=tmp_path)
    assert done.code == 1
    assert f"{name}:{code.count(chr(10))}:" in done.json["stderr"]
    assert (done.json["phase"], done.json["origin"], done.json["reason"]) == ("compile", "program", "exited")


def test_a_compilers_warnings_do_not_stop_the_run(sbx):
    done = sbx("run", "--lang", "c", "-c", '#warning careful\n#include <stdio.h>\nint main() { puts("ran"); }')
    assert (done.code, done.stdout) == (0, b"ran\n")


def test_a_directory_runs_its_entry_with_its_neighbours(sbx, tmp_path):
    project = tmp_path / "project"
    (project / "inner").mkdir(parents=True)
    write(project, "neighbour.py", "answer = 42\n")
    write(project, "inner/data.txt", "data\n")
    write(project, "main.py", "import neighbour; print(neighbour.answer, open('inner/data.txt').read(), end='')")
    done = sbx("run", "--entry", "main.py", "project", cwd=tmp_path)
    assert (done.code, done.stdout, done.stderr) == (0, b"42 data\n", b"")


def test_a_directory_without_an_entry_is_refused_naming_the_flag(sbx, tmp_path):
    (tmp_path / "project").mkdir()
    write(tmp_path, "project/other.py", "print(1)")
    done = sbx("run", "project", cwd=tmp_path, env=NO_ENGINE)
    assert done.code in (125, 127)
    assert "--entry" in done.err


def test_an_entry_that_is_not_there_is_refused(sbx, tmp_path):
    (tmp_path / "project").mkdir()
    done = sbx("run", "--entry", "none.py", "project", cwd=tmp_path, env=NO_ENGINE)
    assert done.code == 127
    assert "none.py" in done.err


def test_an_empty_script_does_nothing(sbx, tmp_path):
    write(tmp_path, "empty.py", "")
    done = sbx("run", "empty.py", cwd=tmp_path)
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    assert sbx("run", "-", stdin=b"").code == 0
    assert sbx("run", "-c", "").code == 0


def test_a_script_with_windows_line_ends_runs(sbx, tmp_path):
    write(tmp_path, "crlf.py", b"if True:\r\n    print('one')\r\nprint('two')\r\n")
    done = sbx("run", "crlf.py", cwd=tmp_path)
    assert (done.code, done.stdout) == (0, b"one\ntwo\n")


def test_a_script_with_a_nul_is_the_interpreters_business(sbx, tmp_path):
    write(tmp_path, "nul.py", b"print(len(open(__file__, 'rb').read()))\n#\0\n")
    done = sbx("run", "nul.py", cwd=tmp_path)
    assert (done.code, done.stdout) in ((0, b"43\n"), (1, b"")) and not done.words


def test_bytes_that_python_refuses_fail_in_its_own_words(sbx, tmp_path):
    write(tmp_path, "bytes.py", b"print('\xff\xfe')\n")
    done = sbx("run", "bytes.py", cwd=tmp_path)
    assert (done.code, done.stdout) == (1, b"")
    assert b"Error" in done.stderr and b"sbx:" not in done.stderr


def test_a_scripts_bytes_reach_the_interpreter_unchanged(sbx, tmp_path):
    write(tmp_path, "bytes.sh", b"printf '%s' '\xff\xfe\x80\r'\n")
    done = sbx("run", "bytes.sh", cwd=tmp_path)
    assert (done.code, done.stdout) == (0, b"\xff\xfe\x80\r")


def test_a_script_of_64_mib_runs(sbx, tmp_path):
    line = b"# " + b"x" * 61 + b"\n"
    write(tmp_path, "large.py", line * (1 << 20) + b"print('the end')\n")
    done = sbx("run", "large.py", cwd=tmp_path)
    assert (done.code, done.stdout, done.stderr) == (0, b"the end\n", b"")


def test_100_kb_of_arguments_arrive(sbx):
    args = [f"{number:09d}" for number in range(10_000)]
    done = sbx("run", "-c", "import sys; print(len(sys.argv) - 1, sum(map(len, sys.argv[1:])), sys.argv[-1])", *args)
    assert done.out == "10000 90000 000009999\n"
    done = sbx("run", "-c", "import sys; print(len(sys.argv[1]))", "x" * 100_000)
    assert done.out == "100000\n"


def test_100_kb_of_code_in_an_argument_run(sbx):
    done = sbx("run", "-c", "#" + "x" * 100_000 + "\nprint('the end')")
    assert (done.code, done.stdout) == (0, b"the end\n")


def test_arguments_may_be_any_bytes(sbx):
    done = sbx("run", "-c", "import os, sys; print(os.fsencode(sys.argv[1]))", b"\xff\xfe\x01\x7f \xc3")
    assert (done.code, done.out) == (0, repr(b"\xff\xfe\x01\x7f \xc3") + "\n")


def test_a_script_can_be_a_link_or_a_pipe(sbx, tmp_path):
    write(tmp_path, "real.py", "print('linked')")
    (tmp_path / "link.py").symlink_to("real.py")
    assert sbx("run", "link.py", cwd=tmp_path).stdout == b"linked\n"
    assert sbx.shell("sbx run --lang python <(echo 'print(\"piped\")')").stdout == b"piped\n"


def test_an_unreadable_script_is_refused(as_nobody, open_folder):
    write(open_folder, "secret.py", "print(1)").chmod(0o600)
    done = as_nobody("run", "secret.py", env=NO_ENGINE)
    assert done.returncode == 126
    assert b"secret.py" in done.stderr and b"ermission" in done.stderr


def test_a_script_that_is_a_device_is_refused(sbx):
    done = sbx("run", "--lang", "python", "/dev/zero", env=NO_ENGINE, timeout=20)
    assert done.code in (125, 126)
    assert "/dev/zero" in done.err


def test_two_sources_are_refused(sbx, tmp_path):
    write(tmp_path, "main.py", "print(1)")
    done = sbx("run", "--entry", "main.py", "-c", "1", cwd=tmp_path, env=NO_ENGINE)
    assert done.code == 125
    assert "--entry" in done.err


def test_a_nearly_right_file_is_suggested(sbx, tmp_path):
    (tmp_path / "analyse.py").write_text("")
    assert "did you mean analyse.py?" in sbx("run", "analyze.py", cwd=tmp_path, env=NO_ENGINE).err
    assert f"did you mean {tmp_path}/analyse.py?" in sbx("run", tmp_path / "analyze.py", env=NO_ENGINE).err


def test_only_a_plain_word_is_taken_for_a_command(sbx, tmp_path):
    assert "run -- ls" in sbx("run", "ls", cwd=tmp_path, env=NO_ENGINE).err
    assert "run -- " not in sbx("run", "missing.py", cwd=tmp_path, env=NO_ENGINE).err


@pytest.mark.parametrize("code", ["print(1)", "x = 1", "import os; os.listdir()"])
def test_code_where_a_file_belongs_is_told_of_its_flag(sbx, tmp_path, code):
    assert sbx("run", code, cwd=tmp_path).words[-1] == "  → sbx run -c CODE  runs code from the command line"


def test_an_entry_that_is_missing_is_told_with_its_directory(sbx, tmp_path):
    done = sbx("run", "--entry", "missing.py", ".", cwd=tmp_path, env=NO_ENGINE)
    assert done.code == 127
    assert "--entry" in done.err and "missing.py" in done.err and "run -- " not in done.err


def test_an_empty_command_is_refused_before_anything_is_made(sbx):
    done = sbx("run", "--", "", env=NO_ENGINE)
    assert done.code == 125
    assert "empty" in done.err


def test_the_name_of_a_coding_agent_is_answered_kindly(sbx, tmp_path):
    done = sbx("run", "claude", cwd=tmp_path, env=NO_ENGINE)
    assert done.code == 127
    assert "Docker" in done.err


def test_an_image_can_be_named(sbx):
    done = sbx("run", "--image", "debian:bookworm-slim", "--", "cat", "/etc/debian_version")
    assert done.code == 0
    assert done.out.startswith("12")


def test_code_runs_in_the_image_that_is_named(sbx):
    done = sbx("run", "--json", "--image", "sbx/cpp:4", "--lang", "bash", "-c", "command -v g++")
    assert (done.code, done.json["stdout"], done.json["image"]) == (0, "/usr/bin/g++\n", "sbx/cpp:4")


@pytest.mark.parametrize("policy", ["missing", "never"])
def test_a_pull_policy_leaves_a_local_image_alone(sbx, policy):
    assert sbx("run", "--pull", policy, "-c", "print(1)").stdout == b"1\n"


def test_an_unknown_pull_policy_is_refused(sbx):
    done = sbx("run", "--pull", "banana", "-c", "1", env=NO_ENGINE)
    assert done.code == 125
    assert "--pull" in done.err and "missing" in done.err
