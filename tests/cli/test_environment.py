"""What a program finds around it."""

import os

import pytest

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
SHOW = "import os, sys; print([os.environ.get(k) for k in sys.argv[1:]])"


def show(sbx, *flags, names, env=None, cwd=None):
    done = sbx("run", *flags, "-c", SHOW, *names, env=env, cwd=cwd)
    assert done.code == 0, done
    return eval(done.out)


@pytest.mark.parametrize("value", ["plain", "", "a=b=c", " spaces ", "new\nline", "naïve ☃", "$HOME `id`"])
def test_a_variable_keeps_its_value(sbx, value):
    assert show(sbx, "-e", f"NAME={value}", names=["NAME"]) == [value]


def test_a_variable_of_ours_is_passed_only_by_its_name(sbx):
    env = {"SECRET": "from outside", "OTHER": "other"}
    assert show(sbx, names=["SECRET", "OTHER"], env=env) == [None, None]
    assert show(sbx, "-e", "SECRET", names=["SECRET", "OTHER"], env=env) == ["from outside", None]
    assert show(sbx, "-e", "UNSET", names=["UNSET"]) == [None]


def test_nothing_of_ours_leaks_in(sbx):
    done = sbx("run", "--lang", "bash", "--", "env", env={"LEAK": "leak", "SBX_DEBUG": None})
    names = {line.split("=")[0] for line in done.out.splitlines()}
    assert "LEAK" not in names and not any(name.startswith(("SBX_", "XDG_", "DOCKER_")) for name in names)
    assert {"HOME", "USER", "LOGNAME", "PATH"} <= names


def test_variables_come_from_a_file(sbx, tmp_path):
    (tmp_path / "env").write_text("# a comment\nONE=1\n\nTWO=a b = c\nOURS\n")
    found = show(sbx, "--env-file", "env", names=["ONE", "TWO", "OURS"], env={"OURS": "ours"}, cwd=tmp_path)
    assert found == ["1", "a b = c", "ours"]


def test_a_flag_beats_the_file(sbx, tmp_path):
    (tmp_path / "env").write_text("ONE=file\n")
    assert show(sbx, "--env-file", "env", "-e", "ONE=flag", names=["ONE"], cwd=tmp_path) == ["flag"]


def test_a_missing_environment_file_is_refused(sbx, tmp_path):
    done = sbx("run", "--env-file", "missing", "-c", "1", cwd=tmp_path, env=NO_ENGINE)
    assert done.code in (125, 127)
    assert "missing" in done.err


@pytest.mark.parametrize("path, word", [(".", "directory"), ("/dev/zero", "1 MiB")])
def test_an_environment_file_that_is_none_is_refused(sbx, path, word):
    done = sbx("run", "--env-file", path, "-c", "1", env=NO_ENGINE, timeout=10)
    assert done.code == 125
    assert "--env-file" in done.err and word in done.err and "bug" not in done.err


def test_a_mark_at_the_start_of_an_environment_file_is_no_name(sbx, tmp_path):
    (tmp_path / "env").write_bytes(b"\xef\xbb\xbfONE=1\r\n")
    assert show(sbx, "--env-file", "env", names=["ONE"], cwd=tmp_path) == ["1"]


def test_a_nul_in_an_environment_file_is_named_by_its_line(sbx, tmp_path):
    (tmp_path / "env").write_bytes(b"ONE=1\nTWO=a\0b\n")
    done = sbx("run", "--env-file", "env", "-c", "1", cwd=tmp_path, env=NO_ENGINE)
    assert done.code == 125
    assert "env:2" in done.err and "NUL" in done.err


@pytest.mark.parametrize("variable", ["=x", "A B=1", "1A=1", "A-B=1", ""])
def test_a_name_that_is_none_is_refused(sbx, variable):
    done = sbx("run", "-e", variable, "-c", "1", env=NO_ENGINE)
    assert done.code == 125
    assert "-e" in done.err


def test_a_wrong_line_of_a_file_is_named_without_its_value(sbx, tmp_path):
    (tmp_path / "env").write_text("GOOD=1\nBAD NAME=secret\n")
    done = sbx("run", "--env-file", "env", "-c", "1", cwd=tmp_path, env=NO_ENGINE)
    assert done.code == 125
    assert "env:2" in done.err or "line 2" in done.err
    assert "secret" not in done.err


def test_the_engine_never_sees_a_variable(started, living, engine):
    started("run", "-e", "TOKEN=hidden-value", "-c", "import time; time.sleep(30)")
    assert "hidden-value" not in str(engine.inspect(living()))


def test_debug_output_never_shows_values(sbx):
    done = sbx("run", "--debug", "-e", "TOKEN=hidden-value", "-c", "print('code-of-mine')", stdin=b"input-of-mine")
    assert (done.code, done.stdout) == (0, b"code-of-mine\n")
    assert b"/containers/create" in done.stderr
    for secret in (b"hidden-value", b"code-of-mine", b"input-of-mine"):
        assert secret not in done.stderr


def test_debug_can_come_from_the_environment(sbx):
    assert b"/containers/create" in sbx("run", "-c", "pass", env={"SBX_DEBUG": "1"}).stderr


def test_a_program_is_an_ordinary_user_at_home_in_its_work_directory(sbx):
    code = """
import getpass, os
print(os.getuid(), os.getgid(), os.getgroups(), getpass.getuser(), os.path.expanduser('~'))
"""
    assert sbx("run", "-c", code).out == "1000 1000 [] sandbox /work\n"


def test_a_program_has_no_rights_to_gain(sbx):
    done = sbx("run", "--lang", "bash", "--", "cat", "/proc/self/status")
    status = dict(line.split(":\t", 1) for line in done.out.splitlines() if ":\t" in line)
    assert [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")] == [0] * 4
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


@pytest.mark.parametrize("path", ["/x", "/etc/x", "/usr/bin/x", "/root/x", "/.sbx/x", "/run/sbx/x", "/var/tmp/x"])
def test_nothing_outside_of_work_and_tmp_can_be_written(sbx, path):
    done = sbx("run", "-c", f"open({path!r}, 'w')")
    assert done.code == 1


@pytest.mark.parametrize(
    "env, code, out",
    [
        ({"SBX_LANG": "bash"}, "echo $BASH_VERSINFO", b"5\n"),
        ({"SBX_LANG": "bash", "SBX_IMAGE": "sbx/cpp:4"}, "command -v g++", b"/usr/bin/g++\n"),
        ({"SBX_WORKDIR": "/tmp"}, "import os; print(os.getcwd())", b"/tmp\n"),
        ({"SBX_ENV": "A=b"}, "import os; print(os.environ['A'])", b"b\n"),
        ({"SBX_FILE": __file__}, "import os; print(os.listdir())", f"['{os.path.basename(__file__)}']\n".encode()),
        ({"SBX_NET": "full"}, "import socket; print(len(socket.if_nameindex()) > 1)", b"True\n"),
    ],
)
def test_every_flag_has_a_variable(sbx, env, code, out):
    assert sbx("run", "-c", code, env=env).stdout == out


def test_the_flags_of_the_answer_have_variables(sbx, tmp_path):
    assert sbx("run", "-c", "print(1)", env={"SBX_JSON": "1"}).json["stdout"] == "1\n"
    assert sbx("run", "-c", "print(1)", env={"SBX_NDJSON": "1"}).out.splitlines()[0].startswith('{"type":"start"')
    assert sbx("run", "--nope", env={"SBX_JSON": "1"}).json["error"]["code"] == "invalid_argument"
    sbx("run", "--nope", env={"SBX_META": str(tmp_path / "meta.json")})
    assert "--nope" in (tmp_path / "meta.json").read_text()


def test_each_run_is_a_sandbox_of_its_own(sbx):
    sbx("run", "-c", "open('/work/left', 'w'); open('/tmp/left', 'w')")
    assert sbx("run", "-c", "import os; print(os.listdir('/work'), os.listdir('/tmp'))").out == "[] []\n"


def test_our_labels_are_on_the_container(started, living, engine, session_label):
    started("run", "--label", "purpose=test", "-c", "import time; time.sleep(30)")
    labels = engine.inspect(living())["Config"]["Labels"]
    assert "test" in labels.values() and any(key.startswith("sbx.") for key in labels)


@pytest.mark.parametrize("label", ["=x", "a b=c", "key=" + "x" * 65])
def test_a_label_that_could_mislead_is_refused(sbx, label):
    done = sbx("run", "--label", label, "-c", "1", env=NO_ENGINE)
    assert done.code == 125
    assert "--label" in done.err
