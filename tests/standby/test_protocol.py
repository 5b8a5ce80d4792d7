"""What the hook and the agent say to each other, and what happens when something is not as it should be."""

import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile

import pytest
from program_table import Program
from standby_driver import HOOK, Standby, encode_request, environment, finish, interpreter

PRINT = Program("print", ("-c", "print(1)"))


def status(standby):
    standby.process.wait(timeout=60)
    return standby.process.returncode


@pytest.fixture
def standby(work):
    folder = work()
    with Standby(folder, environment(folder)) as started:
        started.folder = folder
        yield started


def run(standby, *arguments, folder=None, program=PRINT, **more):
    argv, environ = ["python3", *arguments], environment(standby.folder, **more)
    answer = standby.claim(folder or standby.folder, argv, environ)
    return answer, *finish(standby.process, program)


def test_says_that_it_is_ready(standby):
    assert standby.ready == b"+"


def test_ends_quietly_when_nobody_claims(standby):
    standby.socket.close()
    assert status(standby) == 0
    assert standby.process.stderr.read() == b""


def test_ends_quietly_when_nobody_ever_listened(work):
    folder = work()
    with Standby(folder, environment(folder), hear=False) as standby:
        assert select.select([standby.socket], [], [], 60)[0]
        standby.socket.close()
        assert status(standby) == 0
        assert standby.process.stderr.read() == b""


def test_runs_the_program_when_nobody_hears_the_answer(standby):
    standby.send(encode_request(standby.folder, ["python3", "-c", "print(1)"], environment(standby.folder)))
    standby.socket.close()
    assert finish(standby.process, PRINT) == (b"1\n", b"", 0)


@pytest.mark.parametrize("bytes_", [
    b"5\0abc", b"x", b"\0", b"-1\0", b"99999999", b"1048577\0", b"3\0abc", b"2\0a\0", b"4\0/\0x\0", b"4\0/\0" b"9\0",
    b"8\0/\0" b"1\0a\0" b"1\0", b"10\0/\0" b"1\0a\0" b"1\0b\0", b"6\0/\0" b"0\0" b"0\0",
    b"13\0/\0" b"1\0a\0" b"1\0=a=b\0"])
def test_refuses_what_is_no_request(standby, bytes_):
    standby.send(bytes_)
    standby.socket.shutdown(1)
    assert standby.answer() == "!22"
    assert status(standby) == 127
    assert standby.process.stdout.read() + standby.process.stderr.read() == b""


def test_takes_a_request_in_pieces(standby):
    request = encode_request(standby.folder, ["python3", "-c", "print(1)"], environment(standby.folder))
    for position in range(len(request)):
        standby.send(request[position:position + 1])
    assert standby.answer() == "+"
    assert finish(standby.process, PRINT) == (b"1\n", b"", 0)


def test_takes_a_request_of_a_mebibyte(standby):
    code = "import os, sys; print(sum(map(len, sys.argv)), len(os.environ['X']))"
    arguments = ["x" * 100_000] * 9
    assert run(standby, "-c", code, *arguments, X="y" * 100_000) == ("+", b"900002 100000\n", b"", 0)


def test_says_that_there_is_no_folder(standby):
    assert standby.claim("/no/such", ["python3", "-c", ""], environment(standby.folder)) == "!2"
    assert status(standby) == 127


def test_says_that_there_is_no_program(standby):
    assert standby.claim("/", ["no-such-program"], environment(standby.folder)) == "-!2"
    assert status(standby) == 127


def test_runs_any_program_anew(standby):
    answer = standby.claim("/tmp", ["sh", "-c", "trap; pwd; echo $0 $1", "a", "b"], environment(standby.folder))
    assert (answer, *finish(standby.process, PRINT)) == ("-", b"/tmp\na b\n", b"", 0)


def test_runs_in_another_folder(standby, tmp_path):
    result = run(standby, "-c", "import os; print(os.getcwd())", folder=tmp_path)
    assert result == ("+", str(tmp_path).encode() + b"\n", b"", 0)


def test_ignored_signals_are_not_inherited(standby):
    line = "grep SigIgn /proc/self/status"
    ignored = subprocess.run(["sh", "-c", line], capture_output=True, env=environment(standby.folder))
    answer = standby.claim("/", ["sh", "-c", line], environment(standby.folder))
    assert (answer, *finish(standby.process, PRINT)) == ("-", ignored.stdout, b"", 0)


def test_a_user_site_folder_needs_a_new_interpreter(standby):
    code = "import site; print(site.USER_SITE)"
    env = environment(standby.folder)
    path = subprocess.run([interpreter(), "-c", code], capture_output=True, text=True, env=env).stdout.strip()
    os.makedirs(path)
    answer, stdout, _, _ = run(standby, "-c", "import sys; print(%r in sys.path)" % path)
    assert (answer, stdout) == ("-", b"True\n")


def test_another_path_needs_a_new_interpreter(standby):
    path = environment(standby.folder)["PATH"] + ":/opt"
    assert run(standby, "-c", "import os; print(os.environ['PATH'])", PATH=path) == ("-", path.encode() + b"\n", b"", 0)


def test_works_without_byte_code(work):
    folder = work()
    with Standby(folder, environment(folder), byte_code=None) as standby:
        standby.folder = folder
        assert standby.ready == b"+"
        assert run(standby, "-c", "print(1)") == ("+", b"1\n", b"", 0)


def test_byte_code_of_another_version_is_not_taken(work, tmp_path):
    tag = subprocess.run([interpreter(), "-c", "import sys; print(sys.implementation.cache_tag)"], capture_output=True,
                         text=True).stdout.strip()
    (tmp_path / ("sitecustomize.%s.pyc" % tag)).write_bytes(b"\0" * 100)
    folder = work()
    with Standby(folder, environment(folder), byte_code=lambda: tmp_path) as standby:
        standby.folder = folder
        assert standby.ready == b"+"
        assert run(standby, "-c", "print(1)") == ("+", b"1\n", b"", 0)


@pytest.mark.parametrize("length", [40, 300, 16383, 100_000])
def test_the_placeholder_may_have_any_length(work, length):
    folder = work()
    with Standby(folder, environment(folder), length=length) as standby:
        standby.folder = folder
        assert standby.ready == b"+"
        code = "#" + "x" * (length - 12) + "\nprint(1)"
        assert len(code) < length
        assert run(standby, "-c", code) == ("+", b"1\n", b"", 0)


@pytest.mark.parametrize("alter", [
    ("CONFIG_BYTES = 1024", "CONFIG_BYTES = 8"), ("form = [bytes(16)", "form = [bytes(15)"),
    ("name[:61]", "name[1:61]"), ("/proc/self/mem", "/proc/self/no-mem")], ids=["lists", "pointer", "name", "memory"])
def test_an_unknown_interpreter_is_replaced(work, alter):
    folder = work()
    with Standby(folder, environment(folder), alter=alter) as standby:
        standby.folder = folder
        assert standby.ready == b"-"
        code = "import os; print(os.listdir('/proc/self/fd'))"
        assert run(standby, "-c", code) == ("-", b"['0', '1', '2', '3']\n", b"", 0)


def test_a_program_of_another_name_runs_anew(work):
    folder = work()
    with Standby(folder, environment(folder), argv0="python") as standby:
        standby.folder = folder
        code = "print(open('/proc/self/cmdline').read().split('\\0')[0])"
        assert run(standby, "-c", code) == ("-", b"python3\n", b"", 0)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_works_as_another_user():
    with Standby("/tmp", environment("/tmp"), uid=1000, executable="/usr/bin/python3") as standby:
        standby.folder = "/tmp"
        assert standby.ready == b"+"
        assert run(standby, "-c", "import os; print(os.getuid(), os.listdir('/proc/self/fd'))") == (
            "+", b"1000 ['0', '1', '2', '3']\n", b"", 0)


def test_is_small(work):
    folder = work()
    with Standby(folder, environment(folder), executable="/usr/bin/python3", byte_code=None) as standby:
        with open("/proc/%d/smaps_rollup" % standby.process.pid) as rollup:
            anonymous = [int(line.split()[1]) for line in rollup if line.startswith("Anonymous:")]
    assert anonymous[0] < 7 * 1024  # the agent has the rest of 8 MiB


def test_without_a_placeholder_it_does_nothing(tmp_path):
    shutil.copy(HOOK, tmp_path)
    result = subprocess.run([interpreter(), "-c", "import sys; print(sys.argv)"], env={"PYTHONPATH": str(tmp_path)},
                            capture_output=True)
    assert (result.stdout, result.stderr) == (b"['-c']\n", b"")


def test_a_broken_module_of_the_image_is_reported_alike(work, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.stderr.write('%r\\n' % sys.argv)\n1 / 0\n")
    folder = work()
    environ = environment(folder, PYTHONPATH=str(tmp_path))
    plain = subprocess.run([interpreter(), "-c", "import sys; print('sitecustomize' in sys.modules)"], env=environ,
                           capture_output=True)
    with Standby(folder, environ) as standby:
        standby.folder = folder
        answer = run(standby, "-c", "import sys; print('sitecustomize' in sys.modules)", PYTHONPATH=str(tmp_path))
    assert answer == ("+", plain.stdout, plain.stderr, plain.returncode)
    assert b"ZeroDivisionError" in plain.stderr


def test_a_folder_of_the_path_may_come_with_the_program(work, tmp_path):
    folder, late = work(), tmp_path / "late"
    with Standby(folder, environment(folder, PYTHONPATH=str(late))) as standby:
        standby.folder = folder
        late.mkdir()
        (late / "helper.py").write_text("print('found')\n")
        answer = run(standby, "-c", "import helper", PYTHONPATH=str(late))
    assert answer == ("-", b"found\n", b"", 0)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("names", [["sitecustomize"], ["usercustomize"], ["sitecustomize", "usercustomize"]],
                         ids="+".join)
def test_modules_of_the_image_run_with_the_programs_arguments(work, image_modules, names):
    for name in names:
        (image_modules / (name + ".py")).write_text("import sys\nprint(__name__, sys.argv, sys.path)\n")
    code = "import site, sys; print([n for n in sys.modules if 'custom' in n], site.execusercustomize.__module__)"
    environ = environment("/tmp", PYTHONPATH=str(image_modules))
    plain = subprocess.run(["/usr/bin/python3", "-c", code, "x"], cwd="/tmp", env=environ, user=1000, group=1000,
                           extra_groups=[], capture_output=True, check=True)
    with Standby("/tmp", environ, uid=1000, executable="/usr/bin/python3") as standby:
        standby.folder = "/tmp"
        answer = run(standby, "-c", code, "x", PYTHONPATH=str(image_modules))
    assert answer == ("+", plain.stdout, plain.stderr, 0)
    assert all(name.encode() in plain.stdout for name in names)


@pytest.fixture
def image_modules():
    """A folder that the program's user can read and not write."""
    with tempfile.TemporaryDirectory(prefix="sbx-modules-") as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)
